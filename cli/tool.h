/* SPDX-License-Identifier: GPL-2.0-only */
/* Running the node's other programs, with arguments as they are. */
#ifndef BERTH_CLI_TOOL_H
#define BERTH_CLI_TOOL_H

#include "lib/buf.h"

/*
 * Run a program, its name and arguments ended by NULL, with this process's stdin, stdout and
 * stderr, in `folder` or where this process is. Its exit status, 128 + its signal, or -errno.
 */
int tool_run(const char *folder, ...) __attribute__((sentinel));

/* The same without input, for `seconds` at most, what it prints appended to `output`: its exit
 * status, or -errno as of proc_run(). */
int tool_read(struct buf *output, unsigned int seconds, ...) __attribute__((sentinel));

/* The last line of what a program printed: why it failed. Without its newline, in place. */
const char *tool_last_line(struct buf *output);

#endif
