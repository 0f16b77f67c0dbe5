/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the daemon finds and keeps things; a test has its own. docs/berthd.md lists the files. */
#ifndef BERTH_NODE_GUEST_PATHS_H
#define BERTH_NODE_GUEST_PATHS_H

struct node_paths {
	const char *run;	/* "/run/berth" */
	const char *data;	/* "/data": the data volume, where it is mounted */
	const char *sys;	/* "/sys" */
	const char *proc;	/* "/proc" */
	const char *dev;	/* "/dev" */
	const char *cgroup;	/* "/sys/fs/cgroup/berth"; NULL: no groups, and no namespaces */
	const char *vmm;	/* the program that runs a guest */
	const char *guest_port; /* the script that holds a tap to its guest's addresses; or NULL */
};

#define NODE_PATH 512

#endif
