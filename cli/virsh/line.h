/* SPDX-License-Identifier: GPL-2.0-only */
/* A line from a terminal, with editing, history and completion of commands; from what is no
 * terminal, as it comes. */
#ifndef BERTH_CLI_VIRSH_LINE_H
#define BERTH_CLI_VIRSH_LINE_H

#define LINE_SIZE 4096

/* Words that begin as a line does: the `index`th, or NULL. */
typedef const char *(*line_complete)(const char *begin, unsigned int index);

/* NULL at the end of input. The line is valid until the next call. */
const char *line_read(const char *prompt, line_complete complete);

#endif
