/* SPDX-License-Identifier: GPL-2.0-only */
/* Counters of a guest that runs, as node/guest/driver offers them. */
#ifndef BERTH_NODE_GUEST_DRIVER_STATS_H
#define BERTH_NODE_GUEST_DRIVER_STATS_H

#include <stdint.h>

struct driver_disk_stats {
	uint64_t read_requests, read_bytes, read_time; /* nanoseconds */
	uint64_t write_requests, write_bytes, write_time;
	uint64_t flush_requests, flush_time;
	uint64_t allocation, capacity, physical; /* bytes */
};

struct driver_nic_stats {
	uint64_t rx_bytes, rx_packets, rx_errors, rx_drops; /* as the guest sees it */
	uint64_t tx_bytes, tx_packets, tx_errors, tx_drops;
};

struct driver_stats {
	uint64_t cpu_time, cpu_user, cpu_system; /* nanoseconds */
	uint64_t memory;			 /* what the balloon leaves, bytes */
	uint64_t rss;				 /* bytes */
	uint64_t guest_free, guest_available, guest_usable, guest_caches; /* bytes; 0: unknown */
	uint64_t swap_in, swap_out, major_faults, minor_faults;
	uint64_t last_update; /* of the guest's own, seconds since 1970; 0: never */
	unsigned int vcpu_count;
	const struct driver_vcpu_stats {
		uint64_t time; /* nanoseconds */
		int cpu;       /* where it ran last */
	} * vcpus;
	unsigned int disk_count; /* in the order of driver_guest.disks */
	const struct driver_disk_stats *disks;
	unsigned int nic_count;
	const struct driver_nic_stats *nics;
};

#endif
