/* SPDX-License-Identifier: GPL-2.0-only */
/* A control group (cgroup v2) for each guest: its share of the processors, its bounds, and the
 * sure way to end all that is in it. */
#ifndef BERTH_NODE_GUEST_CGROUP_H
#define BERTH_NODE_GUEST_CGROUP_H

#include <stdint.h>

#include "conf/model_guest.h"
#include "lib/buf.h"
#include "node/guest/paths.h"

/* The group that all guests' groups are in. 0 or -errno. Without a path for groups all of these do
 * nothing, successfully. */
int cgroup_init(const struct node_paths *paths);

/* Make a guest's group, or find it, and bound it as `guest` says; `ret_fd` is its folder, -1
 * without groups. -errno with one line in `why`. */
int cgroup_open(
    const struct node_paths *paths, const struct conf_guest *guest, struct buf *why, int *ret_fd);

/* Bound it anew. */
int cgroup_apply(const struct node_paths *paths, const struct conf_guest *guest, struct buf *why);

/* What all guests together may hold. 0 or -errno. */
int cgroup_bound(const struct node_paths *paths, uint64_t bytes);
/* What they hold of it and the kernel cannot take back, in bytes. */
uint64_t cgroup_held(const struct node_paths *paths);

/* Whether the kernel ended what was in it for want of memory. */
enum cgroup_short {
	CGROUP_SHORT_NO,
	CGROUP_SHORT_GUEST, /* it was at its own bound */
	CGROUP_SHORT_NODE,
};

enum cgroup_short cgroup_read_short(const struct node_paths *paths, const char *name);

/* Kill all that is in it. -ENOENT without a group. */
int cgroup_kill(const struct node_paths *paths, const char *name);
void cgroup_remove(const struct node_paths *paths, const char *name);

struct cgroup_use {
	uint64_t cpu, cpu_user, cpu_system; /* microseconds */
	uint64_t memory;		    /* bytes */
};

int cgroup_read_use(const struct node_paths *paths, const char *name, struct cgroup_use *ret_use);

#endif
