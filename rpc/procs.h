/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The procedures of libvirt's remote program, and the records they carry, as C: what
 * rpc/generate.py makes of rpc/procedures.txt.
 *
 * DOMAIN_GET_INFO there is RPC_DOMAIN_GET_INFO here, with struct rpc_domain_get_info_args and
 * struct rpc_domain_get_info_ret and their RPC_TYPE_DOMAIN_GET_INFO_ARGS and ..._RET; a record DOM
 * is struct rpc_dom and RPC_TYPE_DOM. names:s<9> is `names_count` and `names`.
 */
#ifndef BERTH_RPC_PROCS_H
#define BERTH_RPC_PROCS_H

#include "rpc/layout.h"
#include "rpc/param.h"

#include <rpc_records.h>

const struct rpc_layout *rpc_layout(enum rpc_type type);
const struct rpc_field *rpc_fields(const struct rpc_layout *layout);

/* NULL when there is no such procedure. */
const struct rpc_signature *rpc_signature(int32_t procedure);

/* What libvirt's library calls a procedure that changes something; NULL for others. */
const char *rpc_function(int32_t procedure);

#endif
