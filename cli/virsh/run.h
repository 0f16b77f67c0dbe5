/* SPDX-License-Identifier: GPL-2.0-only */
/* From words to the command that they are. */
#ifndef BERTH_CLI_VIRSH_RUN_H
#define BERTH_CLI_VIRSH_RUN_H

#include "cli/virsh/shell.h"

/* Run a line of commands with ";" between them, or one whose words the caller's shell has split.
 * True when the last was well. */
bool run_line(struct shell *shell, const char *line);
bool run_words(struct shell *shell, int count, char **words);

#endif
