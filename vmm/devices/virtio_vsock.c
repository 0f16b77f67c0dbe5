/* SPDX-License-Identifier: GPL-2.0-only */
/* Queues 0 and 1 are the kernel's, the queue of events is ours (virtio 1.2, section 5.10.2). */
#include "vmm/devices/virtio_vsock.h"

#include <errno.h>
#include <linux/vhost.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "vmm/devices/vhost.h"

#define QUEUE_LENGTH 128
#define QUEUES 3
#define EVENT_QUEUE 2
#define F_SEQPACKET ((uint64_t)1 << 1)
#define EVENT_TRANSPORT_RESET 0u /* 5.10.6.7 */

struct virtio_vsock {
	struct virtio virtio; /* first */
	struct vhost vhost;
	uint64_t cid;	/* the configuration, 5.10.4; little-endian as the machine is */
	bool reset_due; /* connections did not survive a load: the guest is to be told */
};

static struct virtio_vsock *vsock_of(const struct virtio *virtio)
{
	return (struct virtio_vsock *)(uintptr_t)virtio;
}

static int set_running(struct virtio_vsock *vsock, bool on)
{
	int running = on;
	int result = vhost_call(&vsock->vhost, VHOST_VSOCK_SET_RUNNING, &running);

	return result < 0 ? result : 0;
}

static void halt(struct virtio_vsock *vsock)
{
	if (!vsock->vhost.running)
		return;
	set_running(vsock, false);
	vhost_stop(&vsock->vhost);
}

static int run(struct virtio_vsock *vsock)
{
	const struct virtio_queue *queues = vsock->virtio.queues;
	int result;

	if (vsock->vhost.running || !queues[0].ring.running || !queues[1].ring.running)
		return 0;
	result = vhost_start(&vsock->vhost);
	if (result)
		return result;
	result = set_running(vsock, true);
	if (result)
		halt(vsock);
	return result;
}

/* 5.10.6.7: the guest closes its connections and reads its CID anew. */
static void tell_reset(struct virtio_vsock *vsock)
{
	struct virtq *ring = &vsock->virtio.queues[EVENT_QUEUE].ring;
	const uint32_t event = EVENT_TRANSPORT_RESET;
	struct virtq_chain chain;
	int result;

	if (!vsock->reset_due || !virtio_is_live(&vsock->virtio))
		return;
	result = virtq_pop(ring, &chain);
	if (result == 0) {
		/* The driver will give a buffer. */
		if (!virtq_want_notify(ring, true))
			return;
		result = virtq_pop(ring, &chain);
	}
	if (result <= 0 || chain.writable_bytes < sizeof(event)) {
		virtio_break(&vsock->virtio, "a buffer for events breaks the rules");
		return;
	}
	virtq_chain_write(&chain, 0, &event, sizeof(event));
	virtq_push(ring, chain.head, sizeof(event));
	vsock->reset_due = false;
	virtio_signal(&vsock->virtio, EVENT_QUEUE);
}

static void notify(struct virtio *virtio, unsigned int queue)
{
	if (queue == EVENT_QUEUE)
		tell_reset(vsock_of(virtio));
}

static int start(struct virtio *virtio)
{
	virtio->queues[0].external = true;
	virtio->queues[1].external = true;
	return run(vsock_of(virtio));
}

static bool stop(struct virtio *virtio)
{
	halt(vsock_of(virtio));
	return true;
}

static void reset(struct virtio *virtio)
{
	vsock_of(virtio)->reset_due = false;
}

static bool pause_device(struct virtio *virtio)
{
	halt(vsock_of(virtio));
	return true;
}

static void resume(struct virtio *virtio)
{
	struct virtio_vsock *vsock = vsock_of(virtio);

	if (!virtio->started)
		return;
	if (run(vsock))
		virtio_break(virtio, "the kernel does not take the rings back");
	tell_reset(vsock);
}

static void save(const struct virtio *virtio, struct state_writer *writer)
{
	state_put(writer, "reset-due", vsock_of(virtio)->reset_due);
}

static void load(struct virtio *virtio, struct state_reader *reader)
{
	/* What was connected is not any more, whatever was due before. */
	state_get(reader, "reset-due", 1);
	vsock_of(virtio)->reset_due = true;
}

static void free_device(struct virtio *virtio)
{
	struct virtio_vsock *vsock = vsock_of(virtio);

	halt(vsock);
	vhost_close(&vsock->vhost);
	virtio_done(virtio);
	free(vsock);
}

static const struct virtio_ops ops = {
	.name = "virtio-vsock",
	.kind = VIRTIO_ID_VSOCK,
	.queue_size = QUEUE_LENGTH,
	.config = offsetof(struct virtio_vsock, cid),
	.config_size = sizeof(uint64_t),
	.notify = notify,
	.free = free_device,
	.start = start,
	.stop = stop,
	.reset = reset,
	.pause = pause_device,
	.resume = resume,
	.save = save,
	.load = load,
};

int virtio_vsock_create(const struct virtio_vsock_config *config, struct virtio **ret_virtio)
{
	struct virtio_vsock *vsock = calloc(1, sizeof(*vsock));
	const struct ioctls *ioctls = config->ioctls ? config->ioctls : &ioctls_kernel;
	uint64_t cid = config->cid;
	int result;

	if (!vsock) {
		close(config->vhost);
		return -ENOMEM;
	}
	vsock->cid = cid;
	vsock->virtio.loop = config->loop;
	result = vhost_open(&vsock->vhost, &vsock->virtio, config->vhost, 0, 2, ioctls);
	if (!result) {
		result = vhost_call(&vsock->vhost, VHOST_VSOCK_SET_GUEST_CID, &cid);
		result = result < 0 ? result : 0;
	}
	if (!result)
		result = virtio_init(&vsock->virtio, &ops, config->id,
		    vsock->vhost.features & F_SEQPACKET, QUEUES, config->mem, config->loop);
	if (result) {
		vhost_close(&vsock->vhost);
		free(vsock);
		return result;
	}
	*ret_virtio = &vsock->virtio;
	return 0;
}
