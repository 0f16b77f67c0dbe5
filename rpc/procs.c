/* SPDX-License-Identifier: GPL-2.0-only */
#include "rpc/procs.h"

#include <rpc_tables.h>

const struct rpc_layout *rpc_layout(enum rpc_type type)
{
	return &layouts[type];
}

const struct rpc_field *rpc_fields(const struct rpc_layout *layout)
{
	return &fields[layout->first];
}

const struct rpc_signature *rpc_signature(int32_t procedure)
{
	if (procedure < 0 || procedure >= RPC_PROCEDURE_END ||
	    !(signatures[procedure].flags & RPC_KNOWN))
		return NULL;
	return &signatures[procedure];
}

const char *rpc_function(int32_t procedure)
{
	return functions[procedure];
}
