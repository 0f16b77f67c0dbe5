/* SPDX-License-Identifier: GPL-2.0-only */
/* A guest's console on this terminal, until Ctrl+] or the guest's end. */
#ifndef BERTH_CLI_VIRSH_CONSOLE_H
#define BERTH_CLI_VIRSH_CONSOLE_H

#include "cli/virsh/shell.h"

bool console_attach(
    struct shell *shell, const struct rpc_dom *dom, const char *device, uint32_t flags);

#endif
