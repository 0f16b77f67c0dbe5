/* SPDX-License-Identifier: GPL-2.0-only */
/* What a network device counts. */
#ifndef BERTH_VMM_DEVICES_NET_STATS_H
#define BERTH_VMM_DEVICES_NET_STATS_H

#include <stdint.h>

/* As the guest sees it. With vhost these count nothing: the tap's own counters do, which berthd
 * reads. */
struct virtio_net_stats {
	uint64_t rx_packets, rx_bytes, rx_drops;
	uint64_t tx_packets, tx_bytes, tx_drops;
};

#endif
