/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/devices/virtio_rng.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "vmm/backend/rate.h"

#define QUEUE_SIZE 8
#define REQUEST_MAX 4096 /* bytes that one request gets; fewer than asked for is fine (5.4.6) */
#define DEFAULT_RATE (1u << 20)
#define RETRY 10000000 /* nanoseconds, when the source has nothing */

struct rng {
	struct virtio virtio; /* first */
	struct rate rate;
	struct loop_timer timer; /* when there may be bytes again */
	int fd;
};

/* Serve one request: 1, or 0 with the timer set when it has to wait, or -EINVAL. */
static int serve(struct rng *rng, const struct virtq_chain *chain)
{
	struct virtq *ring = &rng->virtio.queues[0].ring;
	uint64_t now = loop_time(rng->virtio.loop);
	uint8_t bytes[REQUEST_MAX];
	size_t length = sizeof(bytes);
	ssize_t got;

	if (chain->writable_bytes == 0)
		return -EINVAL;
	if (length > chain->writable_bytes)
		length = (size_t)chain->writable_bytes;
	if (!rate_take(&rng->rate, length, now)) {
		virtq_unpop(ring, chain->head);
		loop_timer_set(&rng->timer, rate_ready(&rng->rate, now));
		return 0;
	}
	got = read(rng->fd, bytes, length);
	if (got <= 0) {
		virtq_unpop(ring, chain->head);
		loop_timer_set(&rng->timer, now + RETRY);
		return 0;
	}
	virtq_chain_write(chain, 0, bytes, (size_t)got);
	virtq_push(ring, chain->head, (uint32_t)got);
	return 1;
}

static void rng_notify(struct virtio *virtio, unsigned int queue)
{
	struct rng *rng = (struct rng *)virtio;
	struct virtq *ring = &virtio->queues[queue].ring;
	struct virtq_chain chain;
	int result;

	if (rng->timer.deadline)
		return;
	do {
		while ((result = virtq_pop(ring, &chain)) == 1)
			if ((result = serve(rng, &chain)) != 1)
				break;
	} while (result == 0 && !rng->timer.deadline && virtq_want_notify(ring, true));
	virtio_signal(virtio, queue);
	if (result < 0)
		virtio_break(virtio, "a request for entropy is malformed");
}

static void timer_fired(void *context)
{
	struct rng *rng = context;

	virtio_notify(&rng->virtio, 0);
}

static void rng_reset(struct virtio *virtio)
{
	struct rng *rng = (struct rng *)virtio;

	loop_timer_cancel(&rng->timer);
}

/* What waits is looked at again after the resume. */
static bool rng_pause(struct virtio *virtio)
{
	rng_reset(virtio);
	return true;
}

static void rng_free(struct virtio *virtio)
{
	struct rng *rng = (struct rng *)virtio;

	loop_timer_cancel(&rng->timer);
	close(rng->fd);
	virtio_done(virtio);
	free(rng);
}

static const struct virtio_ops rng_ops = {
	.name = "virtio-rng",
	.kind = VIRTIO_ID_RNG,
	.queue_size = QUEUE_SIZE,
	.notify = rng_notify,
	.free = rng_free,
	.reset = rng_reset,
	.pause = rng_pause,
};

int virtio_rng_create(const struct virtio_rng_config *config, struct virtio **ret_virtio)
{
	struct rng *rng = calloc(1, sizeof(*rng));
	uint64_t rate = config->bytes_per_second ? config->bytes_per_second : DEFAULT_RATE;
	int flags = fcntl(config->fd, F_GETFL);
	int result = -ENOMEM;

	if (flags < 0 || fcntl(config->fd, F_SETFL, flags | O_NONBLOCK))
		result = -errno;
	else if (rng)
		result = virtio_init(
		    &rng->virtio, &rng_ops, config->id, 0, 1, config->mem, config->loop);
	if (result) {
		if (config->fd >= 0)
			close(config->fd);
		free(rng);
		return result;
	}
	rng->fd = config->fd;
	rate_init(&rng->rate, rate, 0, 0, loop_time(config->loop));
	loop_timer_init(&rng->timer, config->loop, timer_fired, rng);
	*ret_virtio = &rng->virtio;
	return 0;
}
