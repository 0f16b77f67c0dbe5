/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests come from a pool as large as the queues, so that taking one never needs memory. A head
 * stays taken in its queue until its request has ended; then only its buffers are the driver's
 * again.
 */
#include "vmm/devices/virtio_blk.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/backend/rate.h"
#include "vmm/devices/blk_command.h"

#define QUEUE_SIZE 128
/* A header, a status, and as much as a chain holds between them. */
#define SEGMENTS_MAX (VIRTQ_CHAIN_MAX - 2)
#define QUEUES_MAX 16

struct blk_config { /* 5.2.4, little-endian as the machine is */
	uint64_t capacity;
	uint32_t size_max;
	uint32_t seg_max;
	uint16_t cylinders;
	uint8_t heads;
	uint8_t sectors;
	uint32_t blk_size;
	uint8_t physical_block_exp;
	uint8_t alignment_offset;
	uint16_t min_io_size;
	uint32_t opt_io_size;
	uint8_t writeback;
	uint8_t unused;
	uint16_t num_queues;
	uint32_t max_discard_sectors;
	uint32_t max_discard_seg;
	uint32_t discard_sector_alignment;
	uint32_t max_write_zeroes_sectors;
	uint32_t max_write_zeroes_seg;
	uint8_t write_zeroes_may_unmap;
	uint8_t unused1[3];
} __attribute__((packed));

struct virtio_blk;

struct request {
	struct blk_request blk;
	struct virtio_blk *device;
	unsigned int queue;
	uint64_t began;
	struct request *next; /* free, or held */
	struct blk_command command;
};

struct virtio_blk {
	struct virtio virtio; /* first */
	struct blk *blk;
	struct blk_config config;
	uint8_t serial[BLK_SERIAL_SIZE];
	bool initial_writeback;
	struct rate read_bytes, write_bytes, reads, writes;
	struct loop_timer throttled;
	struct loop_call again; /* a queue was left before it was empty */
	uint32_t left;		/* a bit a queue: look at it again */
	uint32_t touched;	/* a bit a queue: something was pushed */
	struct request *pool;
	unsigned int pool_size;
	unsigned int pool_used; /* from its start; what lies behind was never touched */
	struct request *free;
	struct request *held; /* they found no space */
	bool no_space;	      /* nothing new begins */
	bool probing;	      /* one of the held was tried again; the others wait for how it ends */
	bool stopped;
	bool loaded; /* heads of the queues are in flight that no request here knows */
	struct virtio_blk_stats stats;
	void (*tell_no_space)(void *context, const char *id);
	void *tell_context;
};

static struct virtio_blk *blk_of(const struct virtio *virtio)
{
	return (struct virtio_blk *)(uintptr_t)virtio;
}

/* Where the guest negotiated neither, writes are durable one by one (5.2.5.2 with 5.2.6.2). */
static bool writes_back(const struct virtio_blk *device)
{
	uint64_t features = device->virtio.negotiated;

	if (features & BLK_F_CONFIG_WCE)
		return device->config.writeback;
	return features & BLK_F_FLUSH ? device->initial_writeback : false;
}

/* A request to be used, which stays in the list until it is; NULL when all are in use. */
static struct request *next_free(struct virtio_blk *device)
{
	if (!device->free && device->pool_used < device->pool_size) {
		device->free = &device->pool[device->pool_used++];
		device->free->device = device;
	}
	return device->free;
}

static void give_back(struct request *request)
{
	request->next = request->device->free;
	request->device->free = request;
}

/* End a request: the status is its last writable byte. */
static void end(struct request *request, uint8_t status)
{
	struct virtio_blk *device = request->device;
	const struct virtq_chain *chain = &request->command.chain;
	const struct iovec *last = &chain->iov[chain->readable + chain->writable - 1];
	bool has_data = request->command.type == BLK_T_IN || request->command.type == BLK_T_GET_ID;
	uint64_t written = has_data ? chain->writable_bytes : 1;

	((uint8_t *)last->iov_base)[last->iov_len - 1] = status;
	/* What the kernel wrote since the pages were marked first. */
	if (has_data)
		virtq_mark_written(&device->virtio.queues[request->queue].ring, chain);
	virtq_push(&device->virtio.queues[request->queue].ring, chain->head, (uint32_t)written);
	device->touched |= 1u << request->queue;
	if (status != BLK_S_OK)
		device->stats.errors++;
	give_back(request);
}

static void signal_touched(struct virtio_blk *device)
{
	uint32_t touched = device->touched;

	device->touched = 0;
	for (unsigned int queue = 0; touched; queue++, touched >>= 1)
		if (touched & 1)
			virtio_signal(&device->virtio, queue);
}

static void count(struct request *request)
{
	struct virtio_blk_stats *stats = &request->device->stats;
	uint64_t took = loop_time(request->device->virtio.loop) - request->began;

	switch (request->command.type) {
	case BLK_T_IN:
		stats->read_requests++;
		stats->read_bytes += request->command.data;
		stats->read_time += took;
		break;
	case BLK_T_OUT:
		stats->write_requests++;
		stats->write_bytes += request->command.data;
		stats->write_time += took;
		break;
	case BLK_T_FLUSH:
		stats->flush_requests++;
		stats->flush_time += took;
		break;
	default:
		stats->discard_requests++;
	}
}

static void hold(struct request *request)
{
	struct virtio_blk *device = request->device;

	request->next = device->held;
	device->held = request;
	if (device->no_space && !device->probing)
		return;
	device->no_space = true;
	device->probing = false;
	if (device->tell_no_space)
		device->tell_no_space(device->tell_context, device->virtio.id);
}

static void begin(struct request *request);

/* There is room again: begin what was held, and look at the queues. */
static void release_held(struct virtio_blk *device)
{
	struct request *request = device->held;

	device->held = NULL;
	device->no_space = false;
	device->probing = false;
	while (request) {
		struct request *next = request->next;

		begin(request);
		request = next;
	}
	device->left = (1u << device->virtio.queue_count) - 1;
	loop_post(device->virtio.loop, &device->again);
	device->blk->ops->kick(device->blk);
}

static void backend_done(struct blk_request *blk, int result)
{
	struct request *request = blk->context;
	struct virtio_blk *device = request->device;

	if ((result == -ENOSPC || result == -EDQUOT) && blk->op != BLK_READ) {
		hold(request);
		return;
	}
	if (!result)
		count(request);
	end(request, result ? BLK_S_IOERR : BLK_S_OK);
	if (device->probing)
		release_held(device);
}

static void backend_ended(void *context)
{
	signal_touched(context);
}

static void begin(struct request *request)
{
	struct virtio_blk *device = request->device;
	const struct blk_disk disk = {
		.features = device->virtio.negotiated,
		.capacity = device->config.capacity,
		.read_only = device->blk->read_only,
		.writes_back = writes_back(device),
		.serial = device->serial,
	};
	uint8_t status;

	request->began = loop_time(device->virtio.loop);
	if (!blk_command_begin(&request->command, &disk, &request->blk, &status)) {
		end(request, status);
		return;
	}
	request->blk.done = backend_done;
	request->blk.context = request;
	device->blk->ops->submit(device->blk, &request->blk);
}

/* When a request may begin by the limits: 0 now, and then it is paid for. */
static uint64_t wait_for(struct virtio_blk *device, const struct request *request)
{
	bool is_read = request->command.type == BLK_T_IN;
	struct rate *bytes = is_read ? &device->read_bytes : &device->write_bytes;
	struct rate *requests = is_read ? &device->reads : &device->writes;
	uint64_t now = loop_time(device->virtio.loop);
	uint64_t bytes_ready;
	uint64_t requests_ready;

	if (request->command.type != BLK_T_IN && request->command.type != BLK_T_OUT)
		return 0;
	bytes_ready = rate_is_limited(bytes) ? rate_ready(bytes, now) : 0;
	requests_ready = rate_is_limited(requests) ? rate_ready(requests, now) : 0;
	if (bytes_ready > now || requests_ready > now)
		return bytes_ready > requests_ready ? bytes_ready : requests_ready;
	rate_take(bytes,
	    is_read ? request->command.chain.writable_bytes : request->command.chain.readable_bytes,
	    now);
	rate_take(requests, 1, now);
	return 0;
}

/* Take and begin one request. False when there is none, or not now. */
static bool serve_one(struct virtio_blk *device, unsigned int queue)
{
	struct virtq *ring = &device->virtio.queues[queue].ring;
	struct request *request = next_free(device);
	uint64_t ready;
	int taken;

	/* The pool is as large as the rings together; an empty one means that all are taken. */
	if (!request)
		return false;
	taken = virtq_pop(ring, &request->command.chain);
	if (taken == 0)
		return false;
	request->queue = queue;
	if (taken < 0 || !blk_command_read(&request->command)) {
		virtio_break(&device->virtio, taken < 0 ? "a chain breaks the rules"
							: "a request has no place for its status");
		return false;
	}
	ready = wait_for(device, request);
	if (ready) {
		virtq_unpop(ring, request->command.chain.head);
		device->left |= 1u << queue;
		loop_timer_set(&device->throttled, ready);
		return false;
	}
	device->free = request->next;
	begin(request);
	return true;
}

static bool may_run(const struct virtio_blk *device)
{
	return virtio_is_live(&device->virtio) && !device->stopped && !device->no_space;
}

static void notify(struct virtio *virtio, unsigned int queue)
{
	struct virtio_blk *device = blk_of(virtio);
	struct virtq *ring = &virtio->queues[queue].ring;
	unsigned int budget = 2 * QUEUE_SIZE;

	device->left &= ~(1u << queue);
	virtq_want_notify(ring, false);
	do {
		while (budget && may_run(device) && serve_one(device, queue))
			budget--;
	} while (budget && may_run(device) && !(device->left & 1u << queue) &&
		 virtq_want_notify(ring, true));
	if (!budget && may_run(device)) {
		/* Others wait for the loop as well. */
		device->left |= 1u << queue;
		loop_post(virtio->loop, &device->again);
	}
	device->blk->ops->kick(device->blk);
	signal_touched(device);
}

static void serve_left(void *context)
{
	struct virtio_blk *device = context;
	uint32_t left = device->left;

	for (unsigned int queue = 0; left && may_run(device); queue++, left >>= 1)
		if (left & 1)
			notify(&device->virtio, queue);
}

static bool is_quiet(const struct virtio_blk *device)
{
	return device->blk->ops->in_flight(device->blk) == 0;
}

static void drop_held(struct virtio_blk *device)
{
	while (device->held) {
		struct request *request = device->held;

		device->held = request->next;
		give_back(request);
	}
	device->no_space = false;
	device->probing = false;
}

static int start(struct virtio *virtio)
{
	struct virtio_blk *device = blk_of(virtio);

	device->stopped = false;
	return 0;
}

static bool stop(struct virtio *virtio)
{
	struct virtio_blk *device = blk_of(virtio);

	device->stopped = true;
	loop_timer_cancel(&device->throttled);
	if (!is_quiet(device))
		return false;
	drop_held(device);
	device->left = 0;
	return true;
}

static void reset(struct virtio *virtio)
{
	struct virtio_blk *device = blk_of(virtio);

	device->config.writeback = device->initial_writeback;
	device->left = 0;
	device->loaded = false;
	device->touched = 0;
	loop_timer_cancel(&device->throttled);
}

static bool pause_device(struct virtio *virtio)
{
	struct virtio_blk *device = blk_of(virtio);

	loop_timer_cancel(&device->throttled);
	return is_quiet(device);
}

/* Try one of those that found no space again: a file system that is full takes its time to say so,
 * and there may be a hundred of them. */
static void probe_held(struct virtio_blk *device)
{
	struct request *request = device->held;

	if (!request || device->probing)
		return;
	device->held = request->next;
	device->probing = true;
	begin(request);
}

/* After a load: heads that are in flight are those that were held when the state was saved. */
static void begin_loaded(struct virtio_blk *device)
{
	device->loaded = false;
	for (unsigned int i = 0; i < device->virtio.queue_count; i++) {
		struct virtq *ring = &device->virtio.queues[i].ring;

		for (uint16_t head = 0; head < ring->size; head++) {
			struct request *request = next_free(device);

			if (!virtq_is_taken(ring, head))
				continue;
			if (!request || virtq_again(ring, head, &request->command.chain) ||
			    !blk_command_read(&request->command)) {
				virtio_break(&device->virtio,
				    "a request of the saved state breaks the rules");
				return;
			}
			device->free = request->next;
			request->queue = i;
			begin(request);
		}
	}
}

static void resume(struct virtio *virtio)
{
	struct virtio_blk *device = blk_of(virtio);

	if (device->loaded)
		begin_loaded(device);
	probe_held(device);
	device->blk->ops->kick(device->blk);
	signal_touched(device);
}

static void save(const struct virtio *virtio, struct state_writer *writer)
{
	const struct virtio_blk *device = blk_of(virtio);

	state_put(writer, "writeback", device->config.writeback);
	state_put(writer, "capacity", device->config.capacity);
}

static void load(struct virtio *virtio, struct state_reader *reader)
{
	struct virtio_blk *device = blk_of(virtio);

	device->config.writeback = (uint8_t)state_get(reader, "writeback", 1);
	if (state_get(reader, "capacity", UINT64_MAX) != device->config.capacity)
		state_fail(reader, "disk %s has another size now", virtio->id);
	device->loaded = true;
}

static void free_device(struct virtio *virtio)
{
	struct virtio_blk *device = blk_of(virtio);

	loop_timer_cancel(&device->throttled);
	loop_unpost(virtio->loop, &device->again);
	if (device->blk && !is_quiet(device))
		return; /* the kernel still writes into the guest's memory by these requests */
	virtio_done(virtio);
	if (device->blk)
		device->blk->ops->free(device->blk);
	free(device->pool);
	free(device);
}

/* 5.2.4: the cache mode is all that a driver may write. */
static void config_write(struct virtio *virtio, uint32_t offset, const void *data, uint32_t length)
{
	struct virtio_blk *device = blk_of(virtio);
	const size_t at = offsetof(struct blk_config, writeback);

	if (offset > at || at - offset >= length || !(virtio->negotiated & BLK_F_CONFIG_WCE))
		return;
	device->config.writeback = ((const uint8_t *)data)[at - offset] & 1;
}

static const struct virtio_ops ops = {
	.name = "virtio-blk",
	.kind = VIRTIO_ID_BLOCK,
	.queue_size = QUEUE_SIZE,
	.config = offsetof(struct virtio_blk, config),
	.config_size = sizeof(struct blk_config),
	.notify = notify,
	.free = free_device,
	.config_write = config_write,
	.start = start,
	.stop = stop,
	.reset = reset,
	.pause = pause_device,
	.resume = resume,
	.save = save,
	.load = load,
};

static void fill_config(struct virtio_blk *device, unsigned int queues)
{
	uint32_t block = device->blk->block_size;

	device->config = (struct blk_config){
		.capacity = device->blk->ops->size(device->blk) / BLK_SECTOR,
		.seg_max = SEGMENTS_MAX,
		.blk_size = block,
		.min_io_size = 1,
		.writeback = device->initial_writeback,
		.num_queues = (uint16_t)queues,
		.max_discard_sectors = BLK_RANGE_SECTORS_MAX,
		.max_discard_seg = 1,
		.discard_sector_alignment = block / BLK_SECTOR,
		.max_write_zeroes_sectors = BLK_RANGE_SECTORS_MAX,
		.max_write_zeroes_seg = 1,
		.write_zeroes_may_unmap = 1,
	};
	if (block == BLK_SECTOR) {
		/* Most disks have 4 KiB below their 512 bytes, and file systems do. */
		device->config.physical_block_exp = 3;
		device->config.min_io_size = 8;
	}
}

static uint64_t features_of(const struct virtio_blk *device, unsigned int queues)
{
	uint64_t features = BLK_F_SEG_MAX | BLK_F_BLK_SIZE | BLK_F_FLUSH | BLK_F_TOPOLOGY |
			    BLK_F_CONFIG_WCE;

	if (queues > 1)
		features |= BLK_F_MQ;
	if (device->blk->read_only)
		features |= BLK_F_RO;
	if (device->blk->can_discard)
		features |= BLK_F_DISCARD;
	if (device->blk->can_write_zeroes)
		features |= BLK_F_WRITE_ZEROES;
	return features;
}

static int fill_pool(struct virtio_blk *device, unsigned int queues)
{
	/* Large and zero: pages come as they are used, and the last one given back is used first.
	 */
	device->pool_size = queues * QUEUE_SIZE;
	device->pool = calloc(device->pool_size, sizeof(*device->pool));
	return device->pool ? 0 : -ENOMEM;
}

int virtio_blk_create(const struct virtio_blk_config *config, struct virtio **ret_virtio)
{
	struct virtio_blk *device = calloc(1, sizeof(*device));
	unsigned int queues = config->queues;
	int result;

	if (!device) {
		config->blk->ops->free(config->blk);
		return -ENOMEM;
	}
	device->blk = config->blk;
	device->blk->ended = backend_ended;
	device->blk->context = device;
	device->initial_writeback = !config->write_through;
	device->tell_no_space = config->no_space;
	device->tell_context = config->context;
	device->again = (struct loop_call){ .run = serve_left, .context = device };
	loop_timer_init(&device->throttled, config->loop, serve_left, device);
	if (config->serial)
		memcpy(device->serial, config->serial, strnlen(config->serial, BLK_SERIAL_SIZE));
	if (queues < 1 || queues > QUEUES_MAX)
		queues = queues ? QUEUES_MAX : 1;
	result = virtio_init(&device->virtio, &ops, config->id, features_of(device, queues), queues,
	    config->mem, config->loop);
	if (!result)
		result = fill_pool(device, queues);
	if (result) {
		config->blk->ops->free(config->blk);
		virtio_done(&device->virtio);
		free(device->pool);
		free(device);
		return result;
	}
	fill_config(device, queues);
	virtio_blk_set_limits(&device->virtio, &config->limits);
	*ret_virtio = &device->virtio;
	return 0;
}

void virtio_blk_resized(struct virtio *virtio)
{
	struct virtio_blk *device = blk_of(virtio);

	device->config.capacity = device->blk->ops->size(device->blk) / BLK_SECTOR;
	virtio_config_changed(virtio);
}

void virtio_blk_set_limits(struct virtio *virtio, const struct virtio_blk_limits *limits)
{
	struct virtio_blk *device = blk_of(virtio);
	uint64_t now = loop_time(virtio->loop);

	rate_init(&device->read_bytes, limits->read_bytes, 0, 0, now);
	rate_init(&device->write_bytes, limits->write_bytes, 0, 0, now);
	rate_init(&device->reads, limits->reads, 0, 0, now);
	rate_init(&device->writes, limits->writes, 0, 0, now);
	loop_post(virtio->loop, &device->again);
}

const struct virtio_blk_stats *virtio_blk_stats(const struct virtio *virtio)
{
	return &blk_of(virtio)->stats;
}
