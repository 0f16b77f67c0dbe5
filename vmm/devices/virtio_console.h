/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Virtio console with one port (virtio 1.2, section 5.3) between two queues and a chardev. Output
 * never waits: what nobody reads is in the chardev's ring.
 */
#ifndef BERTH_VMM_DEVICES_VIRTIO_CONSOLE_H
#define BERTH_VMM_DEVICES_VIRTIO_CONSOLE_H

#include "vmm/virtio/virtio.h"

struct chardev;

struct virtio_console_config {
	const char *id;
	struct guest_mem *mem;
	struct loop *loop;
	struct chardev *chardev; /* stays the caller's and outlives the device */
};

int virtio_console_create(const struct virtio_console_config *config, struct virtio **ret_virtio);

/* The size of the terminal that looks at it; 0 by 0: not known. */
void virtio_console_resize(struct virtio *virtio, uint16_t columns, uint16_t rows);

#endif
