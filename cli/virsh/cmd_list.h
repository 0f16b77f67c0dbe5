/* SPDX-License-Identifier: GPL-2.0-only */
/* `list`. */
#ifndef BERTH_CLI_VIRSH_CMD_LIST_H
#define BERTH_CLI_VIRSH_CMD_LIST_H

#include "cli/virsh/shell.h"

extern const struct option list_options[];

bool cmd_list(struct shell *shell);

/* Whether the next start of a guest goes on with a saved state. */
bool is_saved(struct shell *shell, const struct rpc_dom *dom);

#endif
