/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The acting side of a change, the service "config": puts the new configuration in force, waits for
 * the word that it is good, and puts the old one back if none comes or something fails. runsv
 * starts it again should it be killed; it goes on from what CHANGE_FOLDER says. It is down while
 * there is no change.
 */
#ifndef BERTH_CLI_CONFIG_WORKER_H
#define BERTH_CLI_CONFIG_WORKER_H

#include "cli/change.h"
#include "lib/buf.h"

/* See the change that is requested through to its end. An exit code. */
int config_worker_run(void);

/* Have runsv start it. With the lock held. 0 or -errno. */
int config_worker_wake(void);

/* Keep the new file on the config partition. 0 and what it is kept as, or -EIO and why not, in
 * `said`. */
int config_worker_keep(const struct change *change, struct buf *said);

#endif
