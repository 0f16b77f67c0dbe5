/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/devices/vhost.h"

#include <errno.h>
#include <linux/vhost.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* What virtio offers for every device. */
#define NEEDED                                                                                     \
	((uint64_t)1 << VIRTIO_F_INDIRECT | (uint64_t)1 << VIRTIO_F_EVENT_IDX |                    \
	    (uint64_t)1 << VIRTIO_F_VERSION_1)

int vhost_call(const struct vhost *vhost, unsigned long request, void *argument)
{
	return vhost->ioctls->call(vhost->ioctls->context, vhost->fd, request, argument);
}

static void ring_failed(void *context, uint32_t events)
{
	struct vhost *vhost = context;
	uint64_t count;

	(void)events;
	if (read(vhost->error, &count, sizeof(count)) == (ssize_t)sizeof(count))
		virtio_break(vhost->virtio, "a ring that the kernel serves breaks the rules");
}

static int own(struct vhost *vhost)
{
	int result = vhost_call(vhost, VHOST_SET_OWNER, NULL);

	if (result >= 0)
		result = vhost_call(vhost, VHOST_GET_FEATURES, &vhost->features);
	if (result < 0)
		return result;
	if ((vhost->features & NEEDED) != NEEDED)
		return -ENOTSUP;
	vhost->error = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (vhost->error < 0)
		return -errno;
	return loop_add(
	    vhost->virtio->loop, vhost->error, EPOLLIN, ring_failed, vhost, &vhost->watch);
}

int vhost_open(struct vhost *vhost, struct virtio *virtio, int fd, unsigned int first,
    unsigned int count, const struct ioctls *ioctls)
{
	int result;

	*vhost = (struct vhost){ .virtio = virtio,
		.ioctls = ioctls,
		.fd = fd,
		.error = -1,
		.first = first,
		.count = count };
	result = own(vhost);
	if (result)
		vhost_close(vhost);
	return result;
}

void vhost_close(struct vhost *vhost)
{
	if (vhost->fd < 0)
		return;
	loop_remove(vhost->watch);
	if (vhost->error >= 0)
		close(vhost->error);
	close(vhost->fd);
	*vhost = (struct vhost){ .fd = -1, .error = -1 };
}

/* Guest-physical to this process's addresses: RAM only. */
static int set_memory(const struct vhost *vhost)
{
	const struct guest_mem_region *regions;
	size_t count = guest_mem_regions(vhost->virtio->mem, &regions);
	struct vhost_memory *table = calloc(1, sizeof(*table) + count * sizeof(table->regions[0]));
	int result;

	if (!table)
		return -ENOMEM;
	table->nregions = (uint32_t)count;
	for (size_t i = 0; i < count; i++) {
		table->regions[i].guest_phys_addr = regions[i].gpa;
		table->regions[i].memory_size = regions[i].size;
		table->regions[i].userspace_addr = (uintptr_t)regions[i].host;
	}
	result = vhost_call(vhost, VHOST_SET_MEM_TABLE, table);
	free(table);
	return result < 0 ? result : 0;
}

static int call_fd(const struct virtio_queue *queue)
{
	const struct virtio_transport *transport = &queue->virtio->transport;

	/* Without a vector the driver looks by itself. */
	return transport->queue_fd ? transport->queue_fd(transport->context, queue->index) : -1;
}

static int set_ring(const struct vhost *vhost, unsigned int index)
{
	struct virtio_queue *queue = &vhost->virtio->queues[vhost->first + index];
	const struct virtq *ring = &queue->ring;
	struct vhost_vring_state size = { index, ring->size };
	struct vhost_vring_state base = { index, ring->last_avail };
	struct vhost_vring_addr place = { .index = index,
		.desc_user_addr = (uintptr_t)ring->desc_host,
		.avail_user_addr = (uintptr_t)ring->avail_host,
		.used_user_addr = (uintptr_t)ring->used_host };
	int interrupt = call_fd(queue);
	struct vhost_vring_file call = { index, interrupt < 0 ? VHOST_FILE_UNBIND : interrupt };
	struct vhost_vring_file error = { index, vhost->error };
	struct vhost_vring_file kick = { index, queue->notify_fd };
	const struct {
		unsigned long request;
		void *argument;
	} steps[] = {
		{ VHOST_SET_VRING_NUM, &size },
		{ VHOST_SET_VRING_BASE, &base },
		{ VHOST_SET_VRING_ADDR, &place },
		{ VHOST_SET_VRING_CALL, &call },
		{ VHOST_SET_VRING_ERR, &error },
		{ VHOST_SET_VRING_KICK, &kick },
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		int result = vhost_call(vhost, steps[i].request, steps[i].argument);

		if (result < 0)
			return result;
	}
	return 0;
}

int vhost_start(struct vhost *vhost)
{
	uint64_t features = vhost->virtio->negotiated & vhost->features;
	int result = vhost_call(vhost, VHOST_SET_FEATURES, &features);

	if (result >= 0)
		result = set_memory(vhost);
	for (unsigned int i = 0; i < vhost->count && result >= 0; i++)
		result = set_ring(vhost, i);
	if (result < 0)
		return result;
	vhost->running = true;
	return 0;
}

void vhost_stop(struct vhost *vhost)
{
	if (!vhost->running)
		return;
	vhost->running = false;
	for (unsigned int i = 0; i < vhost->count; i++) {
		struct virtq *ring = &vhost->virtio->queues[vhost->first + i].ring;
		struct vhost_vring_state base = { i, 0 };

		if (!ring->running)
			continue;
		/* Asking also makes the kernel let go of the ring. What it had taken and not given
		 * back is taken again. */
		vhost_call(vhost, VHOST_GET_VRING_BASE, &base);
		virtq_resume_at_used(ring);
	}
}
