/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Message-signalled interrupts as a device sees them. hv/irqchip is behind this in the VMM, a
 * counter in a test. Calls come with the machine's lock held; signalling through the descriptor
 * needs no lock.
 */
#ifndef BERTH_VMM_CORE_MSI_H
#define BERTH_VMM_CORE_MSI_H

#include <stdint.h>

struct msi_message {
	uint64_t address;
	uint32_t data;
};

/* One interrupt of a device: an eventfd that, written to, delivers the message. */
struct msi_route {
	unsigned int gsi;
	int fd; /* owned by the sink */
};

struct msi_sink {
	/* A route that delivers nothing yet. 0, -ENOSPC or another -errno. */
	int (*open)(void *context, struct msi_route *ret_route);
	void (*close)(void *context, struct msi_route *route);
	/* What the route delivers from now on; NULL: nothing. What is signalled then stays counted
	 * in its descriptor, which is thus the pending bit. */
	int (*set)(void *context, struct msi_route *route, const struct msi_message *message);
	void *context;
};

#endif
