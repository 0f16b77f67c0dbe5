/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Virtio network device (virtio 1.2, section 5.1) on a tap: packets move in the kernel by vhost-net
 * where it is given, else here.
 */
#ifndef BERTH_VMM_DEVICES_VIRTIO_NET_H
#define BERTH_VMM_DEVICES_VIRTIO_NET_H

#include "lib/netaddr.h"
#include "vmm/backend/ioctls.h"
#include "vmm/devices/net_stats.h"
#include "vmm/virtio/virtio.h"

#define VIRTIO_NET_PAIRS_MAX 16

struct virtio_net_limit { /* bytes a second, bytes; 0: none */
	uint64_t average;
	uint64_t peak;
	uint64_t burst;
	uint64_t packets; /* a second */
};

struct virtio_net_config {
	const char *id;
	struct guest_mem *mem;
	struct loop *loop;
	struct netaddr_mac mac;
	unsigned int pairs;		/* of queues: 1 and up */
	int taps[VIRTIO_NET_PAIRS_MAX]; /* one a pair, with IFF_VNET_HDR; the device's from now on,
					   on failure too */
	int vhosts[VIRTIO_NET_PAIRS_MAX]; /* of /dev/vhost-net, or -1; likewise */
	uint16_t mtu;			  /* 0: not told */
	bool link_up;
	struct virtio_net_limit in; /* towards the guest; a limited device does without vhost */
	struct virtio_net_limit out;
	const struct ioctls *ioctls; /* NULL: the kernel */
};

int virtio_net_create(const struct virtio_net_config *config, struct virtio **ret_virtio);

void virtio_net_set_link(struct virtio *virtio, bool up);
/* -EOPNOTSUPP while vhost moves the packets. */
int virtio_net_set_limits(
    struct virtio *virtio, const struct virtio_net_limit *in, const struct virtio_net_limit *out);
/* The guest is somewhere else now: it is asked to tell its neighbours (GUEST_ANNOUNCE). */
void virtio_net_announce(struct virtio *virtio);
const struct virtio_net_stats *virtio_net_stats(const struct virtio *virtio);
bool virtio_net_uses_vhost(const struct virtio *virtio);

#endif
