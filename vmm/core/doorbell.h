/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest's write to an address that becomes a signal on a descriptor without an exit to user
 * space (KVM API, 4.59 KVM_IOEVENTFD). Where the hypervisor has none, or in a test, attach gives
 * -ENOSYS and the write arrives at the device's io_ops as any other.
 */
#ifndef BERTH_VMM_CORE_DOORBELL_H
#define BERTH_VMM_CORE_DOORBELL_H

#include <stdint.h>

struct doorbell {
	/* Any write of `length` bytes (0: of any length) at guest-physical `address` signals `fd`.
	 */
	int (*attach)(void *context, uint64_t address, unsigned int length, int fd);
	int (*detach)(void *context, uint64_t address, unsigned int length, int fd);
	void *context;
};

#endif
