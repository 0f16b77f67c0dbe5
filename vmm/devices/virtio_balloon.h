/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Virtio memory balloon (virtio 1.2, section 5.5): inflating, deflating (on the guest running out
 * of memory as well), statistics, reporting of free pages. Pages that the guest gives away go back
 * to the node at once.
 */
#ifndef BERTH_VMM_DEVICES_VIRTIO_BALLOON_H
#define BERTH_VMM_DEVICES_VIRTIO_BALLOON_H

#include "vmm/virtio/virtio.h"

/* Tags of 5.5.6.3 and those that Linux has added since. */
enum virtio_balloon_tag {
	VIRTIO_BALLOON_SWAP_IN,
	VIRTIO_BALLOON_SWAP_OUT,
	VIRTIO_BALLOON_MAJOR_FAULTS,
	VIRTIO_BALLOON_MINOR_FAULTS,
	VIRTIO_BALLOON_FREE,
	VIRTIO_BALLOON_TOTAL,
	VIRTIO_BALLOON_AVAILABLE,
	VIRTIO_BALLOON_DISK_CACHES,
	VIRTIO_BALLOON_HUGETLB_DONE,
	VIRTIO_BALLOON_HUGETLB_FAILED,
	VIRTIO_BALLOON_TAGS
};

struct virtio_balloon_stats {
	uint64_t values[VIRTIO_BALLOON_TAGS];
	uint32_t known; /* a bit a tag that the guest has told */
	uint64_t time;	/* of loop_time() when it told them; 0: never */
};

struct virtio_balloon_config {
	const char *id;
	struct guest_mem *mem;
	struct loop *loop;
	unsigned int stats_seconds; /* how often the guest is asked for statistics; 0: never */
	/* The guest says that it has another size now; as often as it likes. NULL: nobody asks. */
	void (*changed)(void *context);
	void *context;
};

int virtio_balloon_create(const struct virtio_balloon_config *config, struct virtio **ret_virtio);

/* Ask the guest to shrink to `bytes`, or to grow again; it does so in its own time, if it does.
 * -ERANGE: more than its memory. */
int virtio_balloon_set_target(struct virtio *virtio, uint64_t bytes);
/* What the guest has left, in bytes: its memory less the balloon. */
uint64_t virtio_balloon_actual(const struct virtio *virtio);

void virtio_balloon_stats_period(struct virtio *virtio, unsigned int seconds);
const struct virtio_balloon_stats *virtio_balloon_stats(const struct virtio *virtio);

#endif
