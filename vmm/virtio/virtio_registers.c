/* SPDX-License-Identifier: GPL-2.0-only */
/* Who may write what when is decided here, not in the transport. */
#include "vmm/virtio/virtio_registers.h"

void virtio_set_features(struct virtio *virtio, uint32_t word, uint32_t value)
{
	unsigned int shift = word == 0 ? 0 : 32;

	if (virtio->status & VIRTIO_FEATURES_OK)
		return;
	if (word > 1) {
		virtio->wants_more |= value != 0;
		return;
	}
	virtio->wanted &= ~((uint64_t)UINT32_MAX << shift);
	virtio->wanted |= (uint64_t)value << shift;
}

static void set_low(uint64_t *address, uint32_t value)
{
	*address = (*address & ~(uint64_t)UINT32_MAX) | value;
}

static void set_high(uint64_t *address, uint32_t value)
{
	*address = (*address & UINT32_MAX) | (uint64_t)value << 32;
}

void virtio_set_queue(
    struct virtio *virtio, unsigned int index, enum virtio_queue_register which, uint32_t value)
{
	struct virtio_queue *queue;

	if (index >= virtio->queue_count || virtio->status & VIRTIO_DRIVER_OK)
		return;
	queue = &virtio->queues[index];
	if (which == VIRTIO_QUEUE_VECTOR) {
		queue->vector = (uint16_t)value;
		return;
	}
	if (!(virtio->status & VIRTIO_FEATURES_OK) || queue->enabled)
		return;
	switch (which) {
	case VIRTIO_QUEUE_SIZE:
		if (value > 0 && value <= queue->size_max && !(value & (value - 1)))
			queue->size = (uint16_t)value;
		break;
	case VIRTIO_QUEUE_VECTOR:
		break;
	case VIRTIO_QUEUE_ENABLE:
		queue->enabled = value == 1;
		break;
	case VIRTIO_QUEUE_DESC:
		set_low(&queue->desc, value);
		break;
	case VIRTIO_QUEUE_DESC_HIGH:
		set_high(&queue->desc, value);
		break;
	case VIRTIO_QUEUE_DRIVER:
		set_low(&queue->driver, value);
		break;
	case VIRTIO_QUEUE_DRIVER_HIGH:
		set_high(&queue->driver, value);
		break;
	case VIRTIO_QUEUE_DEVICE:
		set_low(&queue->device, value);
		break;
	case VIRTIO_QUEUE_DEVICE_HIGH:
		set_high(&queue->device, value);
		break;
	}
}
