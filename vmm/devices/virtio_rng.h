/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Virtio entropy device (virtio 1.2, section 5.4). It reads from a descriptor without waiting, a
 * bounded number of bytes a request and a second.
 */
#ifndef BERTH_VMM_DEVICES_VIRTIO_RNG_H
#define BERTH_VMM_DEVICES_VIRTIO_RNG_H

#include "vmm/virtio/virtio.h"

struct virtio_rng_config {
	const char *id;
	struct guest_mem *mem;
	struct loop *loop;
	int fd; /* of /dev/urandom or the like; the device's from now on, on failure too */
	uint64_t bytes_per_second; /* 0: 1 MiB */
};

int virtio_rng_create(const struct virtio_rng_config *config, struct virtio **ret_virtio);

#endif
