/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether the node is worth keeping up: what is looked at before the watchdog is fed.
 *
 * Only what a reset cures counts. A service that ends is started again by its supervisor, and shown
 * by `berth status`; one that stands still, or whose supervisor is gone, stays so.
 */
#ifndef BERTH_WATCHDOG_HEALTH_H
#define BERTH_WATCHDOG_HEALTH_H

#include <stdbool.h>
#include <stddef.h>

#define HEALTH_TEXT 160

/* What is remembered from one look to the next; begins as zeros. */
struct health {
	double switching_since; /* uptime at which a change was seen to switch; 0: none does */
	double runs_since;	/* uptime at which berthd was seen to run again */
	bool waits;		/* berthd waits for its next start */
};

/*
 * Look at the files below `root` (docs/run-files.md) at `uptime` seconds. berthd may stand still
 * for `patience` seconds. False with the reason.
 */
bool health_check(struct health *health, const char *root, double uptime, unsigned int patience,
    char why[HEALTH_TEXT]);

#endif
