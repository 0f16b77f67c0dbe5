/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/params.h"

static void print_value(const struct rpc_param *param)
{
	switch (param->type) {
	case RPC_PARAM_INT:
		shell_print("%d\n", param->value.i);
		break;
	case RPC_PARAM_UINT:
		shell_print("%u\n", param->value.u);
		break;
	case RPC_PARAM_LLONG:
		shell_print("%lld\n", (long long)param->value.l);
		break;
	case RPC_PARAM_ULLONG:
		shell_print("%llu\n", (unsigned long long)param->value.ul);
		break;
	case RPC_PARAM_DOUBLE:
		shell_print("%f\n", param->value.d);
		break;
	case RPC_PARAM_BOOLEAN:
		shell_print("%s\n", param->value.i ? "yes" : "no");
		break;
	default:
		shell_print("%s\n", param->value.s);
		break;
	}
}

void params_print(int width, const char *between, const struct rpc_param *params, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		shell_print("%-*s%s", width, params[i].field, between);
		print_value(&params[i]);
	}
}
