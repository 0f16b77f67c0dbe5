/* SPDX-License-Identifier: GPL-2.0-only */
/* Commands that print counters. */
#ifndef BERTH_CLI_VIRSH_CMD_STATS_H
#define BERTH_CLI_VIRSH_CMD_STATS_H

#include "cli/virsh/shell.h"

extern const struct option domblkstat_options[];
extern const struct option domblkinfo_options[];
extern const struct option domifstat_options[];
extern const struct option dommemstat_options[];
extern const struct option domstats_options[];

bool cmd_domblkstat(struct shell *shell);
bool cmd_domblkinfo(struct shell *shell);
bool cmd_domifstat(struct shell *shell);
bool cmd_dommemstat(struct shell *shell);
bool cmd_domstats(struct shell *shell);

#endif
