/* SPDX-License-Identifier: GPL-2.0-only */
#include "rpc/param.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NAME_SIZE 80 /* libvirt: VIR_TYPED_PARAM_FIELD_LENGTH */

__attribute__((format(printf, 3, 0))) static struct rpc_param *add(
    struct rpc_params *params, enum rpc_param_type type, const char *format, va_list arguments)
{
	char name[NAME_SIZE];
	struct rpc_param *param;

	if (params->failed)
		return NULL;
	if (params->count == params->room) {
		uint32_t room = params->room ? params->room * 2 : 16;
		struct rpc_param *items = rpc_memory_alloc(params->memory, room * sizeof(*items));

		if (!items) {
			params->failed = true;
			return NULL;
		}
		if (params->count)
			memcpy(items, params->items, params->count * sizeof(*items));
		params->items = items;
		params->room = room;
	}
	vsnprintf(name, sizeof(name), format, arguments);
	param = &params->items[params->count];
	param->type = type;
	param->field = rpc_memory_string(params->memory, name);
	if (!param->field) {
		params->failed = true;
		return NULL;
	}
	params->count++;
	return param;
}

#define ADD(kind, member, assigned)                                                                \
	va_list arguments;                                                                         \
	struct rpc_param *param;                                                                   \
                                                                                                   \
	va_start(arguments, format);                                                               \
	param = add(params, kind, format, arguments);                                              \
	va_end(arguments);                                                                         \
	if (param)                                                                                 \
	param->value.member = (assigned)

void rpc_params_int(struct rpc_params *params, int32_t value, const char *format, ...)
{
	ADD(RPC_PARAM_INT, i, value);
}

void rpc_params_uint(struct rpc_params *params, uint32_t value, const char *format, ...)
{
	ADD(RPC_PARAM_UINT, u, value);
}

void rpc_params_llong(struct rpc_params *params, int64_t value, const char *format, ...)
{
	ADD(RPC_PARAM_LLONG, l, value);
}

void rpc_params_ullong(struct rpc_params *params, uint64_t value, const char *format, ...)
{
	ADD(RPC_PARAM_ULLONG, ul, value);
}

void rpc_params_string(struct rpc_params *params, const char *value, const char *format, ...)
{
	const char *copy = rpc_memory_string(params->memory, value);

	if (!copy) {
		params->failed = true;
		return;
	}
	ADD(RPC_PARAM_STRING, s, copy);
}

const struct rpc_param *rpc_param_find(
    const struct rpc_param *params, uint32_t count, const char *field)
{
	for (uint32_t i = 0; i < count; i++)
		if (!strcmp(params[i].field, field))
			return &params[i];
	return NULL;
}

bool rpc_param_number(const struct rpc_param *param, int64_t *ret_value)
{
	if (!param)
		return false;
	switch (param->type) {
	case RPC_PARAM_INT:
	case RPC_PARAM_BOOLEAN:
		*ret_value = param->value.i;
		return true;
	case RPC_PARAM_UINT:
		*ret_value = param->value.u;
		return true;
	case RPC_PARAM_LLONG:
		*ret_value = param->value.l;
		return true;
	case RPC_PARAM_ULLONG:
		*ret_value = (int64_t)param->value.ul;
		return true;
	default:
		return false;
	}
}
