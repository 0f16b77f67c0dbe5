/* SPDX-License-Identifier: GPL-2.0-only */
/* A text in the user's editor: $VISUAL, $EDITOR, or vi. */
#ifndef BERTH_CLI_VIRSH_EDITOR_H
#define BERTH_CLI_VIRSH_EDITOR_H

#include "cli/virsh/shell.h"

/* What the user makes of `text`. False, and told, when the editor does not end well. */
bool editor_edit(const char *text, struct buf *ret_text);

/* A text of the node's that is read, edited and written. */
struct editor_job {
	/* As it is now, as long as the command runs; NULL, told by the connection. */
	const char *(*read)(struct shell *shell, const void *context);
	/* False, told by the connection. `relaxed`: without the check that the user turned off. */
	bool (*write)(struct shell *shell, const void *context, const char *text, bool relaxed);
	const void *context;
	bool relaxes; /* it has such a check */
	bool moves;   /* it changes by itself: pools tell what is free in them */
};

enum editor_outcome { EDITOR_FAILED, EDITOR_SAME, EDITOR_CHANGED };

/* Edit it until it is taken. What is not taken, or has been changed by somebody else meanwhile, is
 * asked about on a terminal: edited on, tried again, or thrown away. */
enum editor_outcome editor_change(struct shell *shell, const struct editor_job *job);

#endif
