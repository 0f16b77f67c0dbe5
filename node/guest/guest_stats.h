/* SPDX-License-Identifier: GPL-2.0-only */
/* Counters of a running guest: from its process, its control group, its taps and its images. */
#ifndef BERTH_NODE_GUEST_GUEST_STATS_H
#define BERTH_NODE_GUEST_GUEST_STATS_H

#include "node/guest/driver.h"
#include "node/guest/guest.h"

/* What the last answer points to. */
struct guest_stats {
	struct driver_vcpu_stats *vcpus;
	struct driver_disk_stats *disks;
	struct driver_nic_stats *nics;
	struct buf answer;
};

/* 0 or -errno. A process that does not answer soon costs its own counters, not an error. */
int guest_stats_read(
    struct guest *guest, struct guest_stats *stats, struct driver_stats *ret_stats);
void guest_stats_done(struct guest_stats *stats);

/* See driver_ops.devices. */
int guest_stats_devices(struct guest *guest, struct buf *ret_text);

#endif
