/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a guest's process gives up before the first guest instruction. It holds every descriptor
 * that it will need by then; what is left afterwards is to work on those.
 *
 * sandbox_enter() is called once, while there is one thread: what threads are made later inherit
 * it. Each thread then closes the last door behind itself with seccomp_enter().
 */
#ifndef BERTH_VMM_SANDBOX_H
#define BERTH_VMM_SANDBOX_H

#include <sys/types.h>

#include "vmm/core/why.h"

/*
 * Namespaces of its own (mount, network, IPC, host name, cgroup), an empty root that cannot be
 * written, no supplementary groups, `uid` and `gid`, no capability, now or ever, no core dumps, no
 * tracing, and no file by any path (Landlock, where the kernel has it). Needs CAP_SYS_ADMIN,
 * CAP_SETUID, CAP_SETGID and CAP_SETPCAP. 0 or -errno with the step that failed.
 */
int sandbox_enter(uid_t uid, gid_t gid, struct why *ret_why);

#endif
