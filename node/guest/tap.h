/* SPDX-License-Identifier: GPL-2.0-only */
/* A guest's end of the network on the node: a tap that is a port of the network's bridge. It is
 * there for as long as somebody holds its descriptors: the guest's process. */
#ifndef BERTH_NODE_GUEST_TAP_H
#define BERTH_NODE_GUEST_TAP_H

#include <stdint.h>

#include "lib/buf.h"
#include "lib/netaddr.h"
#include "node/guest/paths.h"

#define TAP_NAME 16
#define TAP_QUEUES_MAX 16

struct tap_config {
	const char *network; /* for messages */
	const char *bridge;
	struct netaddr_mac mac; /* the guest's */
	unsigned int queues;
	uint64_t mtu; /* 0: the bridge's */
};

/* 0, with `queues` descriptors and the name that the kernel gave; or -errno with one line in `why`.
 */
int tap_open(const struct node_paths *paths, const struct tap_config *config, struct buf *why,
    int ret_fds[TAP_QUEUES_MAX], char ret_name[TAP_NAME]);

/* A bridge that was stopped and has come again is a new one, without the tap: it joins it. One that
 * is in a bridge, or whose bridge is not there, stays as it is. */
void tap_rejoin(const char *name, const char *bridge);

#endif
