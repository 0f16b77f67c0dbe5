/* SPDX-License-Identifier: GPL-2.0-only */
/* Rights given up for good, by a process that begins as root. Each is 0 or -errno. */
#ifndef BERTH_LIB_CONFINE_H
#define BERTH_LIB_CONFINE_H

#include <sys/types.h>

/* Mounts, network, IPC, names and control groups of its own: what is mounted from here on nobody
 * else sees, and the network has no way out. What is open already stays what it is. */
int confine_apart(void);

/* After that: the root is an empty folder, read-only, and of the old one nothing is left. */
int confine_empty_root(void);

/* The same with the current folder, which is a mount. */
int confine_root(void);

/* Another user, without further groups, with no capabilities and no way to any. */
int confine_user(uid_t uid, gid_t gid);

/* Its memory is for no file, and for no other process of its user. */
int confine_memory(void);

#endif
