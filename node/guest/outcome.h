/* SPDX-License-Identifier: GPL-2.0-only */
/* How a guest's process ended: the one line that it wrote before (docs/vmm.md). */
#ifndef BERTH_NODE_GUEST_OUTCOME_H
#define BERTH_NODE_GUEST_OUTCOME_H

#include "lib/buf.h"

enum outcome {
	OUTCOME_POWEROFF,
	OUTCOME_REBOOT,
	OUTCOME_CRASH,	 /* with a text */
	OUTCOME_STOPPED, /* as it was told */
	OUTCOME_FAILED,	 /* the VMM could not go on; with a text */
	OUTCOME_KILLED,	 /* it wrote nothing */
};

/* `line` as read; what is no such line counts as killed. The text, made safe for a terminal, is
 * appended to `text`. */
enum outcome outcome_parse(const char *line, struct buf *text);

#endif
