/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Virtio block device (virtio 1.2, section 5.2). A write that finds no space is held, not failed:
 * the guest is to be paused, and the write goes on when it is resumed.
 */
#ifndef BERTH_VMM_DEVICES_VIRTIO_BLK_H
#define BERTH_VMM_DEVICES_VIRTIO_BLK_H

#include "vmm/backend/blk.h"
#include "vmm/virtio/virtio.h"

struct virtio_blk_limits { /* a second; 0: none */
	uint64_t read_bytes;
	uint64_t write_bytes;
	uint64_t reads;
	uint64_t writes;
};

struct virtio_blk_stats {
	uint64_t read_requests, read_bytes, read_time; /* nanoseconds, summed over requests */
	uint64_t write_requests, write_bytes, write_time;
	uint64_t flush_requests, flush_time;
	uint64_t discard_requests, errors;
};

struct virtio_blk_config {
	const char *id;
	const char *serial; /* 20 bytes at most count; NULL: none */
	struct guest_mem *mem;
	struct loop *loop;
	struct blk *blk; /* the device's from now on, on failure too */
	unsigned int queues;
	bool write_through; /* as it begins; the guest may choose (CONFIG_WCE) */
	struct virtio_blk_limits limits;
	/* A write found no space (-ENOSPC, -EDQUOT); called once until the device is resumed. */
	void (*no_space)(void *context, const char *id);
	void *context;
};

int virtio_blk_create(const struct virtio_blk_config *config, struct virtio **ret_virtio);

/* The image has another size now; the guest is told. */
void virtio_blk_resized(struct virtio *virtio);
void virtio_blk_set_limits(struct virtio *virtio, const struct virtio_blk_limits *limits);
const struct virtio_blk_stats *virtio_blk_stats(const struct virtio *virtio);

#endif
