/* SPDX-License-Identifier: GPL-2.0-only */
/* What the driver fills in before DRIVER_OK (virtio 1.2, sections 2.2 and 2.6), for transports. */
#ifndef BERTH_VMM_VIRTIO_VIRTIO_REGISTERS_H
#define BERTH_VMM_VIRTIO_VIRTIO_REGISTERS_H

#include "vmm/virtio/virtio.h"

enum virtio_queue_register {
	VIRTIO_QUEUE_SIZE,
	VIRTIO_QUEUE_VECTOR,
	VIRTIO_QUEUE_ENABLE,
	VIRTIO_QUEUE_DESC,
	VIRTIO_QUEUE_DESC_HIGH,
	VIRTIO_QUEUE_DRIVER,
	VIRTIO_QUEUE_DRIVER_HIGH,
	VIRTIO_QUEUE_DEVICE,
	VIRTIO_QUEUE_DEVICE_HIGH
};

/* They take a value only when the driver may write it: features before FEATURES_OK, queues between
 * FEATURES_OK and DRIVER_OK and before they are enabled. */
void virtio_set_features(struct virtio *virtio, uint32_t word, uint32_t value);
void virtio_set_queue(
    struct virtio *virtio, unsigned int queue, enum virtio_queue_register which, uint32_t value);

#endif
