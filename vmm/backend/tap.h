/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One queue of a tap (Documentation/networking/tuntap.rst), given as a descriptor. Each packet has
 * the header of virtio 1.2, section 5.1.6, before it. A packet socket that carries the same serves
 * as well, without offloads.
 */
#ifndef BERTH_VMM_BACKEND_TAP_H
#define BERTH_VMM_BACKEND_TAP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "vmm/backend/ioctls.h"

#define TAP_HEADER 12
/* A header, an Ethernet header with a tag, and what segmentation offload makes of 64 KiB. */
#define TAP_PACKET_MAX (TAP_HEADER + 18 + 65535)

/* What the kernel may leave for the guest to do (TUNSETOFFLOAD). */
enum tap_offload {
	TAP_CSUM = 0x01,
	TAP_TSO4 = 0x02,
	TAP_TSO6 = 0x04,
	TAP_ECN = 0x08,
	TAP_UFO = 0x10,
	TAP_USO4 = 0x20,
	TAP_USO6 = 0x40
};

struct tap {
	int fd;
	bool is_tap;
	unsigned int can; /* offloads */
	const struct ioctls *ioctls;
};

/* `fd` is the tap's from now on, on failure too. 0, -EINVAL when its packets carry no header, or
 * another -errno. */
int tap_init(struct tap *tap, int fd, const struct ioctls *ioctls);
void tap_done(struct tap *tap);

/* Of the whole interface. 0 or -errno. */
int tap_set_offloads(const struct tap *tap, unsigned int offloads);
/* Whether the interface has its cable plugged in, as the node sees it. */
void tap_set_carrier(const struct tap *tap, bool up);
/* Of an interface with several queues: whether packets come to this one. */
int tap_set_attached(const struct tap *tap, bool attached);

/* One packet with its header; bytes or -errno, -EAGAIN when it is not the time. */
ssize_t tap_read(const struct tap *tap, void *packet, size_t size);
ssize_t tap_write(const struct tap *tap, const struct iovec *iov, unsigned int count);

#endif
