/* SPDX-License-Identifier: GPL-2.0-only */
/* What stands for the kernel's tap and vhost drivers where a test wants to see or spoil what is
 * asked of them. It moves no packets. */
#ifndef BERTH_TESTS_KERNEL_TEST_H
#define BERTH_TESTS_KERNEL_TEST_H

/* Before the kernel's headers, which have names of ours as macros. */
#include "vmm/virtio/virtio.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <net/if.h>
#include <linux/if_tun.h>
#include <linux/vhost.h>

#include "vmm/backend/ioctls.h"

struct test_kernel {
	struct ioctls ioctls;
	unsigned int calls;
	unsigned int fail_at;  /* which call fails, from 1; 0: none */
	unsigned int fail_now; /* all of this request do; 0: none */
	uint64_t features;     /* of vhost */
	uint64_t set_features;
	bool is_tap;
	unsigned int refused; /* offloads that are unknown */
	unsigned int offloads;
	int carrier;
	unsigned int attached, detached;
	int backends[2];    /* of the last vhost that was told; -1: none */
	unsigned int rings; /* told of: kick descriptors */
	unsigned int bases; /* asked for */
	uint64_t memory;    /* bytes told of */
	uint64_t cid;
	int running;
};

static inline int kernel_tap(struct test_kernel *kernel, unsigned long request, void *argument)
{
	struct ifreq *interface = argument;

	if (!kernel->is_tap)
		return -ENOTTY;
	switch (request) {
	case TUNGETIFF:
		interface->ifr_flags = IFF_TAP | IFF_VNET_HDR | IFF_NO_PI;
		return 0;
	case TUNSETVNETHDRSZ:
		return *(int *)argument == 12 ? 0 : -EINVAL;
	case TUNSETOFFLOAD:
		if ((uintptr_t)argument & kernel->refused)
			return -EINVAL;
		kernel->offloads = (unsigned int)(uintptr_t)argument;
		return 0;
	case TUNSETCARRIER:
		kernel->carrier = *(int *)argument;
		return 0;
	case TUNSETQUEUE:
		kernel->attached += interface->ifr_flags == IFF_ATTACH_QUEUE;
		kernel->detached += interface->ifr_flags == IFF_DETACH_QUEUE;
		return 0;
	}
	return -ENOTTY;
}

static inline int kernel_vhost(struct test_kernel *kernel, unsigned long request, void *argument)
{
	const struct vhost_memory *memory = argument;
	const struct vhost_vring_file *file = argument;

	switch (request) {
	case VHOST_GET_FEATURES:
		*(uint64_t *)argument = kernel->features;
		break;
	case VHOST_SET_FEATURES:
		kernel->set_features = *(uint64_t *)argument;
		break;
	case VHOST_SET_MEM_TABLE:
		kernel->memory = 0;
		for (uint32_t i = 0; i < memory->nregions; i++)
			kernel->memory += memory->regions[i].memory_size;
		break;
	case VHOST_SET_VRING_KICK:
		kernel->rings++;
		break;
	case VHOST_GET_VRING_BASE:
		kernel->bases++;
		break;
	case VHOST_NET_SET_BACKEND:
		kernel->backends[file->index] = file->fd;
		break;
	case VHOST_VSOCK_SET_GUEST_CID:
		kernel->cid = *(uint64_t *)argument;
		break;
	case VHOST_VSOCK_SET_RUNNING:
		kernel->running = *(int *)argument;
		break;
	}
	return 0;
}

static inline int kernel_call(void *context, int fd, unsigned long request, void *argument)
{
	struct test_kernel *kernel = context;

	(void)fd;
	if (++kernel->calls == kernel->fail_at || (kernel->fail_now && kernel->fail_now == request))
		return -EIO;
	if (_IOC_TYPE(request) == 'T')
		return kernel_tap(kernel, request, argument);
	return kernel_vhost(kernel, request, argument);
}

static inline void kernel_init(struct test_kernel *kernel)
{
	*kernel = (struct test_kernel){ .ioctls = { kernel_call, kernel },
		.features = UINT64_MAX,
		.carrier = -1,
		.backends = { -1, -1 } };
}

#endif
