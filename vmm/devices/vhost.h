/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Queues of a virtio device that the kernel serves (vhost): it reads and writes the rings, is woken
 * by the driver's doorbell and interrupts the guest, all without this process. What a device does
 * with it beyond rings (a tap, a CID) is the device's.
 */
#ifndef BERTH_VMM_DEVICES_VHOST_H
#define BERTH_VMM_DEVICES_VHOST_H

#include "vmm/backend/ioctls.h"
#include "vmm/virtio/virtio.h"

struct vhost {
	struct virtio *virtio;
	const struct ioctls *ioctls;
	int fd;
	int error; /* eventfd: a ring broke the rules */
	struct loop_watch *watch;
	uint64_t features;  /* that the kernel can */
	unsigned int first; /* of the device's queues */
	unsigned int count;
	bool running;
};

/* `fd` is the vhost's from now on, on failure too; this process becomes its owner. 0, -ENOTSUP when
 * it lacks what every device offers, or another -errno. */
int vhost_open(struct vhost *vhost, struct virtio *virtio, int fd, unsigned int first,
    unsigned int count, const struct ioctls *ioctls);
void vhost_close(struct vhost *vhost); /* also one that was never opened, but zeroed, with fd -1 */

/* Tell the kernel of features, memory and rings, from where they are; they run when the device has
 * set the backend. 0 or -errno. */
int vhost_start(struct vhost *vhost);
/* The device has taken the backend away: find out where the rings are. */
void vhost_stop(struct vhost *vhost);

int vhost_call(const struct vhost *vhost, unsigned long request, void *argument);

#endif
