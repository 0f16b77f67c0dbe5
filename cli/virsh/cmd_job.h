/* SPDX-License-Identifier: GPL-2.0-only */
/* What takes long with a guest: how it is waited for, seen and given up; `dump`, `screenshot`. */
#ifndef BERTH_CLI_VIRSH_CMD_JOB_H
#define BERTH_CLI_VIRSH_CMD_JOB_H

#include "cli/virsh/shell.h"

extern const struct option domjobabort_options[];
extern const struct option domjobinfo_options[];
extern const struct option dump_options[];
extern const struct option screenshot_options[];

bool cmd_domjobabort(struct shell *shell);
bool cmd_domjobinfo(struct shell *shell);
bool cmd_dump(struct shell *shell);
bool cmd_screenshot(struct shell *shell);

/* Call what makes a job of `dom`: with option "verbose" its progress goes to stderr under `label`,
 * and an interrupt gives it up. */
bool job_call(struct shell *shell, const struct rpc_dom *dom, const char *label, int32_t procedure,
    const void *arguments);

/* The path of option `option` as the node has to be told it: absolute. False with the fault told.
 */
bool job_path(struct shell *shell, const char *option, char path[4096]);

#endif
