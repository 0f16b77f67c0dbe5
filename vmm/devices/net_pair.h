/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two queues of a network device between the guest and one queue of a tap, without vhost. A packet
 * that finds no buffer waits here, those behind it in the tap, which drops what is too much:
 * nothing blocks.
 */
#ifndef BERTH_VMM_DEVICES_NET_PAIR_H
#define BERTH_VMM_DEVICES_NET_PAIR_H

#include "vmm/backend/rate.h"
#include "vmm/backend/tap.h"
#include "vmm/devices/net_stats.h"
#include "vmm/virtio/virtio.h"

/* What the pairs of a device have in common. */
struct net_shared {
	struct virtio *virtio;
	struct rate in; /* towards the guest, bytes */
	struct rate out;
	struct rate in_packets;
	struct rate out_packets;
	struct virtio_net_stats stats;
	bool link_up;
};

struct net_pair {
	struct net_shared *shared;
	unsigned int rx; /* of the device's queues */
	unsigned int tx;
	struct tap tap;
	struct loop_watch *watch;
	struct loop_timer in_timer; /* until the limit lets the next packet pass */
	struct loop_timer out_timer;
	struct loop_call more; /* to send */
	uint8_t *packet;       /* TAP_PACKET_MAX */
	size_t length;	       /* of one that waits for buffers; 0: none */
	bool running;
	bool rx_waits; /* for buffers */
	bool tx_waits; /* for the tap */
};

/* `fd` of a tap is the pair's from now on, on failure too. */
int net_pair_init(struct net_pair *pair, struct net_shared *shared, unsigned int index, int fd,
    const struct ioctls *ioctls);
void net_pair_done(struct net_pair *pair); /* also one that is zeroed, with a tap of -1 */

/* 0 or -errno; running it already is no error. */
int net_pair_start(struct net_pair *pair);
/* A packet that waits stays, for a later start; forget it with net_pair_drop(). */
void net_pair_stop(struct net_pair *pair);
void net_pair_drop(struct net_pair *pair);

/* The driver's notifications; also after limits or link have changed. */
void net_pair_receive(struct net_pair *pair);
void net_pair_send(struct net_pair *pair);

#endif
