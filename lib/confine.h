/* SPDX-License-Identifier: GPL-2.0-only */
/* Rights given up for good, by a process that begins as root. Each is 0 or -errno. */
#ifndef BERTH_LIB_CONFINE_H
#define BERTH_LIB_CONFINE_H

#include <sys/types.h>

/* The current folder, which is a mount in a namespace of the process's own, becomes the root, and
 * of the old one nothing is left. */
int confine_root(void);

/* Another user, without further groups, with no capabilities and no way to any. */
int confine_user(uid_t uid, gid_t gid);

#endif
