/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The free page reporting queue is the fourth for drivers that count only the queues that there are
 * (Linux up to 6.10), and the fifth for those that count as 5.5.2 does. Since hinting, whose queue
 * the fourth would be, is not offered, both are reporting queues here.
 */
#include "vmm/devices/virtio_balloon.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define QUEUE_SIZE 128
#define INFLATE 0
#define DEFLATE 1
#define STATS 2
#define QUEUES 5
#define F_STATS 1 /* 5.5.3 */
#define F_DEFLATE_ON_OOM 2
#define F_REPORTING 5
#define PAGE_SHIFT 12
/* What is done before others have their turn: a page costs a system call in the worst case. */
#define CHAINS_AT_ONCE 16
#define PAGES_A_CHAIN 4096
#define STAT_SIZE 10 /* tag and value, without padding (5.5.6.3) */
#define STATS_MAX 64
#define SECOND 1000000000ull

struct balloon_config {	 /* 5.5.4, little-endian as the machine is */
	uint32_t target; /* pages that the balloon should hold */
	uint32_t actual; /* and holds, as the driver says */
};

struct balloon {
	struct virtio virtio; /* first */
	struct balloon_config config;
	bool holds_stats; /* the driver's buffer, given back to ask for new ones */
	uint16_t stats_head;
	unsigned int seconds;
	void (*changed)(void *context);
	void *context;
	struct loop_timer timer;
	struct virtio_balloon_stats stats;
};

/* Pages that follow each other, given back at one stroke. */
struct run {
	uint64_t first;
	uint64_t end;
};

static uint64_t pages_of(const struct balloon *balloon)
{
	return guest_mem_size(balloon->virtio.mem) >> PAGE_SHIFT;
}

static void give_back(struct balloon *balloon, struct run *run)
{
	if (run->first < run->end)
		guest_mem_discard(balloon->virtio.mem, run->first << PAGE_SHIFT,
		    (run->end - run->first) << PAGE_SHIFT);
}

static void add_page(struct balloon *balloon, struct run *run, uint64_t page)
{
	if (run->first < run->end && page == run->end) {
		run->end++;
	} else if (run->first < run->end && page + 1 == run->first) {
		run->first--;
	} else {
		give_back(balloon, run);
		*run = (struct run){ page, page + 1 };
	}
}

/* Page numbers of 32 bits, 5.5.6: what is not RAM is skipped by guest_mem. */
static void inflate(struct balloon *balloon, const struct virtq_chain *chain)
{
	struct run run = { 0 };
	uint32_t pages[256];
	uint64_t offset = 0;
	size_t length;

	while (offset < PAGES_A_CHAIN * sizeof(pages[0]) &&
	       (length = virtq_chain_read(chain, offset, pages, sizeof(pages))) > 0) {
		for (size_t i = 0; i < length / sizeof(pages[0]); i++)
			add_page(balloon, &run, pages[i]);
		offset += length;
	}
	give_back(balloon, &run);
}

/* Each buffer is a stretch of memory that the guest has no use for (5.5.6.7). */
static void report(struct balloon *balloon, const struct virtq_chain *chain)
{
	const struct guest_mem_region *regions;
	size_t count = guest_mem_regions(balloon->virtio.mem, &regions);

	for (unsigned int i = 0; i < chain->writable; i++) {
		const struct iovec *buffer = &chain->iov[chain->readable + i];
		const uint8_t *host = buffer->iov_base;

		for (size_t j = 0; j < count; j++)
			if (host >= regions[j].host && host < regions[j].host + regions[j].size)
				guest_mem_discard(balloon->virtio.mem,
				    regions[j].gpa + (uint64_t)(host - regions[j].host),
				    buffer->iov_len);
	}
}

static void read_stats(struct balloon *balloon, const struct virtq_chain *chain)
{
	struct virtio_balloon_stats stats = { .time = loop_time(balloon->virtio.loop) };
	uint8_t entry[STAT_SIZE];

	for (uint64_t i = 0; i < STATS_MAX; i++) {
		uint16_t tag;
		uint64_t value;

		if (virtq_chain_read(chain, i * STAT_SIZE, entry, STAT_SIZE) < STAT_SIZE)
			break;
		memcpy(&tag, entry, sizeof(tag));
		memcpy(&value, entry + sizeof(tag), sizeof(value));
		if (tag >= VIRTIO_BALLOON_TAGS)
			continue;
		stats.values[tag] = value;
		stats.known |= 1u << tag;
	}
	/* The first buffer of a driver is empty in some. */
	if (stats.known)
		balloon->stats = stats;
}

/* Give the buffer back, which asks for new figures. */
static void ask_stats(struct balloon *balloon)
{
	if (!balloon->holds_stats)
		return;
	balloon->holds_stats = false;
	virtq_push(&balloon->virtio.queues[STATS].ring, balloon->stats_head, 0);
	virtio_signal(&balloon->virtio, STATS);
}

static void serve(struct balloon *balloon, unsigned int queue, const struct virtq_chain *chain)
{
	struct virtq *ring = &balloon->virtio.queues[queue].ring;

	if (queue == STATS) {
		ask_stats(balloon);
		read_stats(balloon, chain);
		balloon->holds_stats = true;
		balloon->stats_head = chain->head;
		return;
	}
	if (queue == INFLATE)
		inflate(balloon, chain);
	else if (queue != DEFLATE)
		report(balloon, chain);
	virtq_push(ring, chain->head, 0);
}

static void balloon_notify(struct virtio *virtio, unsigned int queue)
{
	struct balloon *balloon = (struct balloon *)virtio;
	struct virtq *ring = &virtio->queues[queue].ring;
	struct virtq_chain chain;
	unsigned int count = 0;
	int result = 0;

	do {
		while (count < CHAINS_AT_ONCE && (result = virtq_pop(ring, &chain)) == 1) {
			serve(balloon, queue, &chain);
			count++;
		}
	} while (result == 0 && count < CHAINS_AT_ONCE && virtq_want_notify(ring, true));
	virtio_signal(virtio, queue);
	if (result < 0)
		virtio_break(virtio, "a request to the balloon is malformed");
	else if (count == CHAINS_AT_ONCE)
		virtio_again(virtio, queue);
}

static void set_timer(struct balloon *balloon)
{
	loop_timer_cancel(&balloon->timer);
	if (balloon->seconds && virtio_is_live(&balloon->virtio))
		loop_timer_set(
		    &balloon->timer, loop_time(balloon->virtio.loop) + balloon->seconds * SECOND);
}

static void timer_fired(void *context)
{
	ask_stats(context);
	set_timer(context);
}

static int balloon_start(struct virtio *virtio)
{
	set_timer((struct balloon *)virtio);
	return 0;
}

/* The driver's balloon is empty again; what is wanted of it stays. */
static void balloon_reset(struct virtio *virtio)
{
	struct balloon *balloon = (struct balloon *)virtio;

	loop_timer_cancel(&balloon->timer);
	balloon->config.actual = 0;
	balloon->holds_stats = false;
	balloon->stats = (struct virtio_balloon_stats){ 0 };
}

static bool balloon_pause(struct virtio *virtio)
{
	loop_timer_cancel(&((struct balloon *)virtio)->timer);
	return true;
}

static void balloon_resume(struct virtio *virtio)
{
	set_timer((struct balloon *)virtio);
}

static void balloon_config_write(
    struct virtio *virtio, uint32_t offset, const void *data, uint32_t length)
{
	struct balloon *balloon = (struct balloon *)virtio;

	if (offset != offsetof(struct balloon_config, actual) ||
	    length != sizeof(balloon->config.actual))
		return;
	memcpy(&balloon->config.actual, data, length);
	if (balloon->changed)
		balloon->changed(balloon->context);
}

static void balloon_save(const struct virtio *virtio, struct state_writer *writer)
{
	const struct balloon *balloon = (const struct balloon *)virtio;

	state_put(writer, "target", balloon->config.target);
	state_put(writer, "actual", balloon->config.actual);
	state_put(writer, "holds-stats", balloon->holds_stats);
	state_put(writer, "stats-head", balloon->holds_stats ? balloon->stats_head : 0);
}

static void balloon_load(struct virtio *virtio, struct state_reader *reader)
{
	struct balloon *balloon = (struct balloon *)virtio;
	const struct virtq *ring = &virtio->queues[STATS].ring;

	balloon->config.target = (uint32_t)state_get(reader, "target", pages_of(balloon));
	balloon->config.actual = (uint32_t)state_get(reader, "actual", UINT32_MAX);
	balloon->holds_stats = state_get(reader, "holds-stats", 1);
	balloon->stats_head = (uint16_t)state_get(reader, "stats-head", VIRTQ_SIZE_MAX - 1);
	if (balloon->holds_stats && (!ring->running || balloon->stats_head >= ring->size ||
					!virtq_is_taken(ring, balloon->stats_head)))
		state_fail(reader, "the balloon of \"%s\" holds a buffer that is not in flight",
		    virtio->id);
}

static void balloon_free(struct virtio *virtio)
{
	struct balloon *balloon = (struct balloon *)virtio;

	loop_timer_cancel(&balloon->timer);
	virtio_done(virtio);
	free(balloon);
}

static const struct virtio_ops balloon_ops = {
	.name = "virtio-balloon",
	.kind = VIRTIO_ID_BALLOON,
	.queue_size = QUEUE_SIZE,
	.config = offsetof(struct balloon, config),
	.config_size = sizeof(struct balloon_config),
	.notify = balloon_notify,
	.free = balloon_free,
	.config_write = balloon_config_write,
	.start = balloon_start,
	.reset = balloon_reset,
	.pause = balloon_pause,
	.resume = balloon_resume,
	.save = balloon_save,
	.load = balloon_load,
};

int virtio_balloon_set_target(struct virtio *virtio, uint64_t bytes)
{
	struct balloon *balloon = (struct balloon *)virtio;
	uint64_t pages = pages_of(balloon) - (bytes >> PAGE_SHIFT);

	if (bytes > guest_mem_size(virtio->mem) || pages > UINT32_MAX)
		return -ERANGE;
	if (pages == balloon->config.target)
		return 0;
	balloon->config.target = (uint32_t)pages;
	virtio_config_changed(virtio);
	return 0;
}

uint64_t virtio_balloon_actual(const struct virtio *virtio)
{
	const struct balloon *balloon = (const struct balloon *)virtio;
	uint64_t pages = pages_of(balloon);

	return balloon->config.actual < pages ? (pages - balloon->config.actual) << PAGE_SHIFT : 0;
}

void virtio_balloon_stats_period(struct virtio *virtio, unsigned int seconds)
{
	struct balloon *balloon = (struct balloon *)virtio;

	balloon->seconds = seconds;
	set_timer(balloon);
}

const struct virtio_balloon_stats *virtio_balloon_stats(const struct virtio *virtio)
{
	return &((const struct balloon *)virtio)->stats;
}

int virtio_balloon_create(const struct virtio_balloon_config *config, struct virtio **ret_virtio)
{
	struct balloon *balloon = calloc(1, sizeof(*balloon));
	int result;

	if (!balloon)
		return -ENOMEM;
	result = virtio_init(&balloon->virtio, &balloon_ops, config->id,
	    1u << F_STATS | 1u << F_DEFLATE_ON_OOM | 1u << F_REPORTING, QUEUES, config->mem,
	    config->loop);
	if (result) {
		free(balloon);
		return result;
	}
	balloon->seconds = config->stats_seconds;
	balloon->changed = config->changed;
	balloon->context = config->context;
	loop_timer_init(&balloon->timer, config->loop, timer_fired, balloon);
	*ret_virtio = &balloon->virtio;
	return 0;
}
