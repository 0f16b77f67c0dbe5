/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the rings are made of is latched on DRIVER_OK, and there is no way to change it afterwards
 * but a reset. A reset takes as long as something is in flight; until then the driver sees a status
 * that is not zero.
 */
#include "vmm/virtio/virtio.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define DRAIN_INTERVAL 1000000 /* nanoseconds */
#define DRIVER_BITS (VIRTIO_BEGUN | VIRTIO_DRIVER_OK | VIRTIO_FEATURES_OK | VIRTIO_FAILED)
#define FEATURE(bit) ((uint64_t)1 << (bit))

static void reset_queue(struct virtio_queue *queue)
{
	uint64_t count;

	virtq_stop(&queue->ring);
	queue->size = queue->size_max;
	queue->vector = VIRTIO_NO_VECTOR;
	queue->enabled = false;
	queue->external = false;
	queue->desc = 0;
	queue->driver = 0;
	queue->device = 0;
	/* Notifications of the driver that was. */
	if (read(queue->notify_fd, &count, sizeof(count)) < 0)
		return;
}

static void unwatch(struct virtio *virtio)
{
	for (unsigned int i = 0; i < virtio->queue_count; i++) {
		loop_remove(virtio->queues[i].watch);
		virtio->queues[i].watch = NULL;
	}
}

static void kick(const struct virtio_queue *queue)
{
	uint64_t one = 1;

	/* It can only fail with the counter full, and then somebody is notified already. */
	if (write(queue->notify_fd, &one, sizeof(one)) < 0)
		return;
}

static void queue_notified(void *context, uint32_t events)
{
	struct virtio_queue *queue = context;
	uint64_t count;

	(void)events;
	if (read(queue->notify_fd, &count, sizeof(count)) < 0)
		return;
	if (virtio_is_live(queue->virtio) && queue->ring.running)
		queue->virtio->ops->notify(queue->virtio, queue->index);
}

/* Let the device run; queues are looked at once, for what was notified too early. */
static void activate(struct virtio *virtio)
{
	int result = virtio->ops->start ? virtio->ops->start(virtio) : 0;

	if (result) {
		virtio_break(virtio, "the device cannot start");
		return;
	}
	virtio->started = true;
	if (virtio->transport.live)
		virtio->transport.live(virtio->transport.context, true);
	for (unsigned int i = 0; i < virtio->queue_count; i++) {
		struct virtio_queue *queue = &virtio->queues[i];

		if (!queue->ring.running)
			continue;
		if (!queue->external && loop_add(virtio->loop, queue->notify_fd, EPOLLIN,
					    queue_notified, queue, &queue->watch)) {
			virtio_break(virtio, "a queue cannot be watched");
			return;
		}
		kick(queue);
	}
}

static int start_queue(struct virtio *virtio, struct virtio_queue *queue)
{
	return virtq_start(&queue->ring, virtio->mem, queue->size, queue->desc, queue->driver,
	    queue->device, virtio_has(virtio, VIRTIO_F_EVENT_IDX),
	    virtio_has(virtio, VIRTIO_F_INDIRECT));
}

static void start(struct virtio *virtio)
{
	for (unsigned int i = 0; i < virtio->queue_count; i++) {
		struct virtio_queue *queue = &virtio->queues[i];

		if (queue->enabled && start_queue(virtio, queue)) {
			virtio_break(virtio, "a queue's rings are misplaced");
			return;
		}
	}
	activate(virtio);
}

static void finish_reset(void *context)
{
	struct virtio *virtio = context;

	if (virtio->started && virtio->ops->stop && !virtio->ops->stop(virtio)) {
		loop_timer_set(&virtio->drain, loop_time(virtio->loop) + DRAIN_INTERVAL);
		return;
	}
	virtio->started = false;
	virtio->resetting = false;
	virtio->status = 0;
	virtio->wanted = 0;
	virtio->wants_more = false;
	virtio->negotiated = 0;
	virtio->broken = NULL;
	for (unsigned int i = 0; i < virtio->queue_count; i++)
		reset_queue(&virtio->queues[i]);
	if (virtio->ops->reset)
		virtio->ops->reset(virtio);
	if (virtio->transport.reset)
		virtio->transport.reset(virtio->transport.context);
}

void virtio_reset(struct virtio *virtio)
{
	if (virtio->resetting)
		return;
	unwatch(virtio);
	if (virtio->started && virtio->transport.live)
		virtio->transport.live(virtio->transport.context, false);
	virtio->resetting = true;
	finish_reset(virtio);
}

int virtio_init(struct virtio *virtio, const struct virtio_ops *ops, const char *id,
    uint64_t features, unsigned int queues, struct guest_mem *mem, struct loop *loop)
{
	int result = 0;

	if (queues > VIRTIO_QUEUES_MAX || ops->queue_size > VIRTQ_SIZE_MAX)
		return -EINVAL;
	*virtio = (struct virtio){ .ops = ops,
		.offered = features | FEATURE(VIRTIO_F_VERSION_1) | FEATURE(VIRTIO_F_EVENT_IDX) |
			   FEATURE(VIRTIO_F_INDIRECT),
		.queue_count = queues,
		.mem = mem,
		.loop = loop };
	strncat(virtio->id, id, DEVICE_ID_MAX);
	loop_timer_init(&virtio->drain, loop, finish_reset, virtio);
	for (unsigned int i = 0; i < queues; i++) {
		struct virtio_queue *queue = &virtio->queues[i];

		*queue = (struct virtio_queue){ .virtio = virtio, .index = i };
		queue->size_max = ops->queue_size;
		queue->notify_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (queue->notify_fd < 0 && !result)
			result = -errno;
		reset_queue(queue);
	}
	if (result)
		virtio_done(virtio);
	return result;
}

void virtio_done(struct virtio *virtio)
{
	unwatch(virtio);
	if (virtio->loop)
		loop_timer_cancel(&virtio->drain);
	for (unsigned int i = 0; i < virtio->queue_count; i++)
		if (virtio->queues[i].notify_fd >= 0)
			close(virtio->queues[i].notify_fd);
	virtio->queue_count = 0;
}

bool virtio_has(const struct virtio *virtio, unsigned int feature)
{
	return virtio->negotiated >> feature & 1;
}

bool virtio_is_live(const struct virtio *virtio)
{
	return (virtio->status & (VIRTIO_DRIVER_OK | VIRTIO_NEEDS_RESET)) == VIRTIO_DRIVER_OK &&
	       !virtio->paused && !virtio->resetting;
}

void virtio_signal(struct virtio *virtio, unsigned int queue)
{
	if (virtq_should_signal(&virtio->queues[queue].ring) && virtio->transport.raise_queue)
		virtio->transport.raise_queue(virtio->transport.context, queue);
}

void virtio_config_changed(struct virtio *virtio)
{
	virtio->generation++;
	if (virtio->status & VIRTIO_DRIVER_OK && virtio->transport.raise_config)
		virtio->transport.raise_config(virtio->transport.context);
}

void virtio_break(struct virtio *virtio, const char *why)
{
	if (virtio->broken)
		return;
	virtio->broken = why;
	virtio->status |= VIRTIO_NEEDS_RESET;
	/* 2.1.2: the interrupt is for a driver that has said DRIVER_OK. */
	if (virtio->status & VIRTIO_DRIVER_OK && virtio->transport.raise_config)
		virtio->transport.raise_config(virtio->transport.context);
}

/* 3.1.1, step 6: only what was offered, and never without VERSION_1. */
static bool accept_features(struct virtio *virtio)
{
	if (virtio->wants_more || virtio->wanted & ~virtio->offered ||
	    !(virtio->wanted & FEATURE(VIRTIO_F_VERSION_1)))
		return false;
	virtio->negotiated = virtio->wanted;
	return true;
}

void virtio_set_status(struct virtio *virtio, uint8_t status)
{
	uint8_t added = status & (uint8_t)~virtio->status & DRIVER_BITS;

	if (virtio->resetting)
		return;
	if (status == 0) {
		virtio_reset(virtio);
		return;
	}
	/* Bits are only ever added (2.1.1). */
	if (added & VIRTIO_FEATURES_OK && !accept_features(virtio))
		added &= (uint8_t)~VIRTIO_FEATURES_OK;
	if (!((virtio->status | added) & VIRTIO_FEATURES_OK))
		added &= (uint8_t)~VIRTIO_DRIVER_OK;
	virtio->status |= added;
	if (added & VIRTIO_DRIVER_OK)
		start(virtio);
}

void virtio_notify(struct virtio *virtio, unsigned int index)
{
	struct virtio_queue *queue;

	if (index >= virtio->queue_count)
		return;
	queue = &virtio->queues[index];
	if (!virtio_is_live(virtio) || !queue->ring.running)
		return;
	if (queue->external)
		kick(queue);
	else
		virtio->ops->notify(virtio, index);
}

void virtio_again(struct virtio *virtio, unsigned int index)
{
	kick(&virtio->queues[index]);
}

static void set_watching(struct virtio *virtio, bool watching)
{
	for (unsigned int i = 0; i < virtio->queue_count; i++)
		if (virtio->queues[i].watch)
			loop_change(virtio->queues[i].watch, watching ? EPOLLIN : 0);
}

bool virtio_pause(struct virtio *virtio)
{
	if (virtio->resetting)
		return false;
	virtio->paused = true;
	set_watching(virtio, false);
	return !virtio->ops->pause || virtio->ops->pause(virtio);
}

void virtio_resume(struct virtio *virtio)
{
	bool runs = virtio->status & VIRTIO_DRIVER_OK && !virtio->broken;

	virtio->paused = false;
	if (runs && !virtio->started)
		activate(virtio);
	set_watching(virtio, true);
	if (virtio->ops->resume)
		virtio->ops->resume(virtio);
	for (unsigned int i = 0; runs && i < virtio->queue_count; i++)
		if (virtio->queues[i].ring.running)
			kick(&virtio->queues[i]);
}

void virtio_save(const struct virtio *virtio, struct state_writer *writer)
{
	state_put(writer, "kind", virtio->ops->kind);
	state_put(writer, "status", virtio->status);
	state_put(writer, "wanted", virtio->wanted);
	state_put(writer, "wants-more", virtio->wants_more);
	state_put(writer, "negotiated", virtio->negotiated);
	state_put(writer, "generation", virtio->generation);
	for (unsigned int i = 0; i < virtio->queue_count; i++) {
		const struct virtio_queue *queue = &virtio->queues[i];

		state_put(writer, "queue-size", queue->size);
		state_put(writer, "queue-vector", queue->vector);
		state_put(writer, "queue-enabled", queue->enabled);
		state_put(writer, "queue-desc", queue->desc);
		state_put(writer, "queue-driver", queue->driver);
		state_put(writer, "queue-device", queue->device);
		state_put(writer, "queue-running", queue->ring.running);
		if (queue->ring.running)
			virtq_save(&queue->ring, writer);
	}
}

static void load_queue(
    struct virtio *virtio, struct virtio_queue *queue, struct state_reader *reader)
{
	bool running;

	queue->size = (uint16_t)state_get(reader, "queue-size", queue->size_max);
	queue->vector = (uint16_t)state_get(reader, "queue-vector", UINT16_MAX);
	queue->enabled = state_get(reader, "queue-enabled", 1);
	queue->desc = state_get(reader, "queue-desc", UINT64_MAX);
	queue->driver = state_get(reader, "queue-driver", UINT64_MAX);
	queue->device = state_get(reader, "queue-device", UINT64_MAX);
	running = state_get(reader, "queue-running", 1);
	if (!running || reader->error)
		return;
	if (!queue->enabled || !(virtio->status & VIRTIO_DRIVER_OK) || start_queue(virtio, queue)) {
		state_fail(
		    reader, "queue %u of \"%s\" cannot run where it is", queue->index, virtio->id);
		return;
	}
	virtq_load(&queue->ring, reader);
}

void virtio_load(struct virtio *virtio, struct state_reader *reader)
{
	uint64_t kind = state_get(reader, "kind", UINT32_MAX);
	uint8_t needs = VIRTIO_FEATURES_OK;

	virtio->status = (uint8_t)state_get(reader, "status", DRIVER_BITS | VIRTIO_NEEDS_RESET);
	virtio->wanted = state_get(reader, "wanted", UINT64_MAX);
	virtio->wants_more = state_get(reader, "wants-more", 1);
	virtio->negotiated = state_get(reader, "negotiated", UINT64_MAX);
	virtio->generation = (uint8_t)state_get(reader, "generation", UINT8_MAX);
	if (kind != virtio->ops->kind)
		state_fail(reader, "\"%s\" was another kind of device", virtio->id);
	if (virtio->negotiated & ~virtio->offered ||
	    (virtio->status & needs) !=
		(virtio->negotiated & FEATURE(VIRTIO_F_VERSION_1) ? needs : 0) ||
	    (virtio->status & VIRTIO_DRIVER_OK && !(virtio->status & needs)))
		state_fail(reader, "\"%s\" had features that it has not here: 0x%llx of 0x%llx",
		    virtio->id, (unsigned long long)virtio->negotiated,
		    (unsigned long long)virtio->offered);
	if (virtio->status & VIRTIO_NEEDS_RESET)
		virtio->broken = "it was broken when its state was saved";
	for (unsigned int i = 0; i < virtio->queue_count; i++)
		load_queue(virtio, &virtio->queues[i], reader);
}

void virtio_save_device(const struct virtio *virtio, struct state_writer *writer)
{
	state_begin(writer, virtio->ops->name, virtio->id, 1);
	if (virtio->ops->save)
		virtio->ops->save(virtio, writer);
	state_end(writer);
}

int virtio_load_device(struct virtio *virtio, struct state_reader *reader)
{
	state_enter(reader, virtio->ops->name, virtio->id, 1);
	if (virtio->ops->load)
		virtio->ops->load(virtio, reader);
	return state_leave(reader);
}
