/* SPDX-License-Identifier: GPL-2.0-only */
/* Parameters of a procedure's answer, a line each. */
#ifndef BERTH_CLI_VIRSH_PARAMS_H
#define BERTH_CLI_VIRSH_PARAMS_H

#include "cli/virsh/shell.h"

/* Names as wide as `width`, and `between` them and their values. */
void params_print(int width, const char *between, const struct rpc_param *params, uint32_t count);

#endif
