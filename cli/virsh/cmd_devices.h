/* SPDX-License-Identifier: GPL-2.0-only */
/* Commands that tell of a guest's devices out of its XML. */
#ifndef BERTH_CLI_VIRSH_CMD_DEVICES_H
#define BERTH_CLI_VIRSH_CMD_DEVICES_H

#include "cli/virsh/shell.h"

extern const struct option domblklist_options[];
extern const struct option domiflist_options[];
extern const struct option domifaddr_options[];
extern const struct option domdisplay_options[];

bool cmd_domblklist(struct shell *shell);
bool cmd_domiflist(struct shell *shell);
bool cmd_domifaddr(struct shell *shell);
bool cmd_domdisplay(struct shell *shell);
bool cmd_vncdisplay(struct shell *shell);
bool cmd_ttyconsole(struct shell *shell);

#endif
