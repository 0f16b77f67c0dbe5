/* SPDX-License-Identifier: GPL-2.0-only */
/* Virtio socket device (virtio 1.2, section 5.10): the kernel's vhost-vsock moves the packets. */
#ifndef BERTH_VMM_DEVICES_VIRTIO_VSOCK_H
#define BERTH_VMM_DEVICES_VIRTIO_VSOCK_H

#include "vmm/backend/ioctls.h"
#include "vmm/virtio/virtio.h"

struct virtio_vsock_config {
	const char *id;
	struct guest_mem *mem;
	struct loop *loop;
	int vhost;    /* of /dev/vhost-vsock; the device's from now on, on failure too */
	uint64_t cid; /* of the guest: 3 and up */
	const struct ioctls *ioctls; /* NULL: the kernel */
};

int virtio_vsock_create(const struct virtio_vsock_config *config, struct virtio **ret_virtio);

#endif
