/* SPDX-License-Identifier: GPL-2.0-only */
/* Which system calls a thread may still make: the rows of a lib/callfilter, a list a kind of
 * thread. */
#ifndef BERTH_VMM_SECCOMP_H
#define BERTH_VMM_SECCOMP_H

#include <stdbool.h>

#include "vmm/core/why.h"

enum seccomp_thread {
	SECCOMP_VCPU, /* KVM_RUN and what a device does on an exit */
	SECCOMP_IO,   /* the devices' loop */
	SECCOMP_MAIN, /* the control socket */
};

/* Of the calling thread, for good. Needs no_new_privs. 0 or -errno. */
int seccomp_enter(enum seccomp_thread thread, struct why *ret_why);

/* Whether a row speaks of that call of that kind of thread. */
bool seccomp_lists(enum seccomp_thread thread, long call);

#endif
