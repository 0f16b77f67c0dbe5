/* SPDX-License-Identifier: GPL-2.0-only */
/* What a driver asks of a network device on its control queue (virtio 1.2, section 5.1.6.5). */
#ifndef BERTH_VMM_DEVICES_NET_CONTROL_H
#define BERTH_VMM_DEVICES_NET_CONTROL_H

#include "vmm/virtio/virtio.h"

#define NET_CONTROL_OK 0
#define NET_CONTROL_ERR 1

enum net_control_kind {
	NET_CONTROL_FILTER, /* receive modes, MAC table, VLANs: valid, nothing to do */
	NET_CONTROL_MAC,
	NET_CONTROL_ANNOUNCED,
	NET_CONTROL_PAIRS,
	NET_CONTROL_OFFLOADS
};

struct net_control {
	enum net_control_kind kind;
	uint8_t mac[6];
	uint64_t value; /* number of pairs; offloads as feature bits */
};

/* Understand one command. False: no such command, not negotiated, or of another length. */
bool net_control_parse(
    const struct virtio *virtio, const struct virtq_chain *chain, struct net_control *ret_control);

#endif
