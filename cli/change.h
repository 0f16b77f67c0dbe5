/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A change of the configuration that is under way: what /run/berth/apply says (docs/run-files.md).
 * There is one at most; whoever begins or ends it holds the lock. The caller of `berth config
 * apply` only asks; config_worker acts, so that the change does not depend on who asked for it.
 */
#ifndef BERTH_CLI_CHANGE_H
#define BERTH_CLI_CHANGE_H

#include <stdbool.h>

#include "cli/node_files.h"

#define CHANGE_FOLDER "/run/berth/apply"

enum change_phase {
	CHANGE_NONE,
	CHANGE_REQUESTED, /* everything is prepared; nothing of the node has changed */
	CHANGE_SWITCHING, /* the node is between the two */
	CHANGE_PENDING,	  /* the new configuration is in force, and waits to be confirmed */
	CHANGE_UNDOING,	  /* the old one is being put back */
};

struct change {
	enum change_phase phase;
	char id[NODE_LINE];
	char origin[NODE_LINE];
	char why[NODE_LINE]; /* CHANGE_UNDOING */
	unsigned int within; /* seconds to confirm in */
	unsigned int left;   /* of them; CHANGE_PENDING */
	bool confirmed;	     /* it needs no further word */
	bool unkept;	     /* of networks' states only: the text is the same */
};

/* Seconds since the kernel started. */
double change_uptime(void);

void change_read(struct change *ret_change);

/* Go to a phase. `why` is for CHANGE_UNDOING, NULL for others. 0 or -errno. */
int change_set_phase(enum change_phase phase, const char *why);

/* Have the time for confirming begin now. */
int change_start_clock(unsigned int within);

/* How the change ended: "confirmed", "reverted" or "failed", and why; then the change is no more.
 */
int change_end(const struct change *change, const char *word, const char *why);

/* How the last change ended; false when there was none since the node started. */
struct change_outcome {
	char word[NODE_LINE];
	char why[NODE_LINE];
	char id[NODE_LINE];
	char origin[NODE_LINE];
};
bool change_outcome(struct change_outcome *ret_outcome);

/* Wait some seconds at most for the lock. A descriptor to close, or -errno; -EAGAIN: it is held. */
int change_lock(void);

/* What one line says of a change: who made it, where it stands, what to type. */
void change_describe(const struct change *change, struct buf *buf);

#endif
