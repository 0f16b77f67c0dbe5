/* SPDX-License-Identifier: GPL-2.0-only */
/* Typed parameters: values with names, in lists that both ends build and search. */
#ifndef BERTH_RPC_PARAM_H
#define BERTH_RPC_PARAM_H

#include <stdbool.h>
#include <stdint.h>

#include "rpc/memory.h"

enum rpc_param_type {
	RPC_PARAM_INT = 1,
	RPC_PARAM_UINT,
	RPC_PARAM_LLONG,
	RPC_PARAM_ULLONG,
	RPC_PARAM_DOUBLE,
	RPC_PARAM_BOOLEAN,
	RPC_PARAM_STRING,
};

struct rpc_param {
	const char *field;
	int32_t type; /* enum rpc_param_type */
	union {
		int32_t i; /* boolean too */
		uint32_t u;
		int64_t l;
		uint64_t ul;
		double d;
		const char *s;
	} value;
};

/* A list that grows in a memory. A failed allocation is remembered: ask `failed` at the end. */
struct rpc_params {
	struct rpc_memory *memory;
	struct rpc_param *items;
	uint32_t count;
	uint32_t room;
	bool failed;
};

void rpc_params_int(struct rpc_params *params, int32_t value, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void rpc_params_uint(struct rpc_params *params, uint32_t value, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void rpc_params_llong(struct rpc_params *params, int64_t value, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void rpc_params_ullong(struct rpc_params *params, uint64_t value, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void rpc_params_string(struct rpc_params *params, const char *value, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The parameter of this name, or NULL. */
const struct rpc_param *rpc_param_find(
    const struct rpc_param *params, uint32_t count, const char *field);

/* A whole number of any type; false when it is none. */
bool rpc_param_number(const struct rpc_param *param, int64_t *ret_value);

#endif
