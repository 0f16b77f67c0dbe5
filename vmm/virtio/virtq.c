/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rings are memory that other processors write to at any time. Each field of them is loaded
 * once, into a local that the compiler cannot load again, and what is checked is the local.
 */
#include "vmm/virtio/virtq.h"

#include <errno.h>
#include <string.h>

#define DESC_SIZE 16
#define DESC_NEXT 1
#define DESC_WRITE 2
#define DESC_INDIRECT 4
#define AVAIL_NO_INTERRUPT 1
#define USED_NO_NOTIFY 1
#define RING_HEAD 4 /* flags and index, before the entries of either ring */
#define AVAIL_ENTRY 2
#define USED_ENTRY 8

struct desc { /* 2.7.5 */
	uint64_t address;
	uint32_t length;
	uint16_t flags;
	uint16_t next;
};

/* A table of descriptors: the queue's or an indirect one. */
struct table {
	const uint8_t *host;
	uint32_t count;
};

static uint16_t load16(const uint8_t *at)
{
	return __atomic_load_n((const uint16_t *)(const void *)at, __ATOMIC_ACQUIRE);
}

static void store16(uint8_t *at, uint16_t value)
{
	__atomic_store_n((uint16_t *)(void *)at, value, __ATOMIC_RELEASE);
}

static uint16_t avail_index(const struct virtq *queue)
{
	return load16(queue->avail_host + 2);
}

/* Behind the entries: 2.7.6, 2.7.8. */
static uint16_t used_event(const struct virtq *queue)
{
	return load16(queue->avail_host + RING_HEAD + (size_t)AVAIL_ENTRY * queue->size);
}

static uint8_t *avail_event(const struct virtq *queue)
{
	return queue->used_host + RING_HEAD + (size_t)USED_ENTRY * queue->size;
}

int virtq_start(struct virtq *queue, struct guest_mem *mem, uint16_t size, uint64_t desc,
    uint64_t avail, uint64_t used, bool event_idx, bool indirect)
{
	uint64_t used_size = RING_HEAD + (uint64_t)USED_ENTRY * size + 2;

	*queue = (struct virtq){ .mem = mem,
		.size = size,
		.desc = desc,
		.avail = avail,
		.used = used,
		.event_idx = event_idx,
		.indirect = indirect };
	if (size == 0 || size > VIRTQ_SIZE_MAX || size & (size - 1))
		return -EINVAL;
	if (desc % 16 || avail % 2 || used % 4) /* 2.7, table of alignments */
		return -EINVAL;
	queue->desc_host = guest_mem_range(mem, desc, (uint64_t)DESC_SIZE * size, GUEST_READ);
	queue->avail_host = guest_mem_range(
	    mem, avail, RING_HEAD + (uint64_t)AVAIL_ENTRY * size + 2, GUEST_READ);
	queue->used_host = guest_mem_range(mem, used, used_size, GUEST_WRITE);
	if (!queue->desc_host || !queue->avail_host || !queue->used_host)
		return -EINVAL;
	queue->running = true;
	return 0;
}

void virtq_stop(struct virtq *queue)
{
	*queue = (struct virtq){ .mem = queue->mem };
}

bool virtq_is_taken(const struct virtq *queue, uint16_t head)
{
	return queue->taken[head / 64] >> (head % 64) & 1;
}

static void set_taken(struct virtq *queue, uint16_t head, bool taken)
{
	uint64_t bit = (uint64_t)1 << (head % 64);

	if (taken)
		queue->taken[head / 64] |= bit;
	else
		queue->taken[head / 64] &= ~bit;
	queue->in_flight += taken ? 1 : UINT32_MAX;
}

static struct desc fetch(const struct table *table, uint32_t index)
{
	struct desc desc;

	memcpy(&desc, table->host + (size_t)DESC_SIZE * index, sizeof(desc));
	/* From here on memory may have changed, so `desc` is not read from there again. */
	__asm__ volatile("" ::: "memory");
	return desc;
}

/* To the table that `desc` points at. */
static int enter_indirect(
    struct virtq *queue, const struct desc *desc, bool is_indirect, struct table *table)
{
	/* 2.7.5.3.1 */
	if (!queue->indirect || is_indirect || desc->flags & DESC_NEXT)
		return -EINVAL;
	if (desc->length == 0 || desc->length % DESC_SIZE)
		return -EINVAL;
	table->host = guest_mem_range(queue->mem, desc->address, desc->length, GUEST_READ);
	table->count = desc->length / DESC_SIZE;
	return table->host ? 0 : -EINVAL;
}

static int add_buffer(struct virtq *queue, const struct desc *desc, struct virtq_chain *chain)
{
	bool is_writable = desc->flags & DESC_WRITE;
	unsigned int count = chain->readable + chain->writable;
	void *host;

	if (count == VIRTQ_CHAIN_MAX || (!is_writable && chain->writable > 0))
		return -EINVAL;
	host = guest_mem_range(
	    queue->mem, desc->address, desc->length, is_writable ? GUEST_WRITE : GUEST_READ);
	if (!host)
		return -EINVAL;
	chain->iov[count] = (struct iovec){ host, desc->length };
	if (is_writable) {
		chain->writable++;
		chain->writable_bytes += desc->length;
	} else {
		chain->readable++;
		chain->readable_bytes += desc->length;
	}
	/* 2.7.5.3: no chain is longer than that. */
	return chain->readable_bytes + chain->writable_bytes > UINT32_MAX ? -EINVAL : 0;
}

static int walk(struct virtq *queue, struct virtq_chain *chain)
{
	struct table table = { queue->desc_host, queue->size };
	bool is_indirect = false;
	uint32_t index = chain->head;
	uint32_t steps = 0;

	chain->readable = 0;
	chain->writable = 0;
	chain->readable_bytes = 0;
	chain->writable_bytes = 0;
	for (;;) {
		struct desc desc;
		int result;

		/* More steps than entries: it goes in circles. */
		if (index >= table.count || steps++ == table.count)
			return -EINVAL;
		desc = fetch(&table, index);
		if (desc.flags & DESC_INDIRECT) {
			result = enter_indirect(queue, &desc, is_indirect, &table);
			if (result)
				return result;
			is_indirect = true;
			index = 0;
			steps = 0;
			continue;
		}
		result = add_buffer(queue, &desc, chain);
		if (result)
			return result;
		if (!(desc.flags & DESC_NEXT))
			return 0;
		index = desc.next;
	}
}

int virtq_pop(struct virtq *queue, struct virtq_chain *ret_chain)
{
	uint16_t waiting;
	int result;

	if (!queue->running)
		return 0;
	waiting = (uint16_t)(avail_index(queue) - queue->last_avail);
	if (waiting == 0)
		return 0;
	if (waiting > queue->size)
		return -EINVAL;
	ret_chain->head = load16(queue->avail_host + RING_HEAD +
				 (size_t)AVAIL_ENTRY * (queue->last_avail % queue->size));
	if (ret_chain->head >= queue->size || virtq_is_taken(queue, ret_chain->head))
		return -EINVAL;
	result = walk(queue, ret_chain);
	if (result)
		return result;
	set_taken(queue, ret_chain->head, true);
	queue->last_avail++;
	return 1;
}

int virtq_again(struct virtq *queue, uint16_t head, struct virtq_chain *ret_chain)
{
	if (!queue->running || head >= queue->size || !virtq_is_taken(queue, head))
		return -EINVAL;
	ret_chain->head = head;
	return walk(queue, ret_chain);
}

/* Where in the guest's memory a buffer lies: virtq_pop() made a pointer of that. */
static void mark(struct guest_mem *mem, const struct iovec *buffer)
{
	const struct guest_mem_region *regions;
	size_t count = guest_mem_regions(mem, &regions);
	const uint8_t *host = buffer->iov_base;

	for (size_t i = 0; i < count; i++)
		if (host >= regions[i].host && host < regions[i].host + regions[i].size)
			guest_mem_mark(mem, regions[i].gpa + (uint64_t)(host - regions[i].host),
			    buffer->iov_len);
}

void virtq_mark_written(struct virtq *queue, const struct virtq_chain *chain)
{
	if (!guest_mem_log(queue->mem, 0))
		return;
	for (unsigned int i = 0; i < chain->writable; i++)
		mark(queue->mem, &chain->iov[chain->readable + i]);
}

void virtq_push(struct virtq *queue, uint16_t head, uint32_t written)
{
	uint8_t *entry;
	uint32_t used[2] = { head, written };
	uint64_t place;

	if (!queue->running || head >= queue->size || !virtq_is_taken(queue, head))
		return;
	set_taken(queue, head, false);
	place = RING_HEAD + (uint64_t)USED_ENTRY * (queue->next_used % queue->size);
	entry = queue->used_host + place;
	memcpy(entry, used, sizeof(used));
	queue->next_used++;
	store16(queue->used_host + 2, queue->next_used);
	guest_mem_mark(queue->mem, queue->used, RING_HEAD);
	guest_mem_mark(queue->mem, queue->used + place, USED_ENTRY);
}

void virtq_unpop(struct virtq *queue, uint16_t head)
{
	if (!queue->running || head >= queue->size || !virtq_is_taken(queue, head))
		return;
	set_taken(queue, head, false);
	queue->last_avail--;
}

bool virtq_should_signal(struct virtq *queue)
{
	uint16_t before = queue->signalled;

	if (!queue->running || before == queue->next_used)
		return false;
	queue->signalled = queue->next_used;
	/* The used index is out before the driver's wish is read, or both could miss each other. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!queue->event_idx)
		return !(load16(queue->avail_host) & AVAIL_NO_INTERRUPT);
	return (uint16_t)(queue->next_used - used_event(queue) - 1) <
	       (uint16_t)(queue->next_used - before);
}

void virtq_resume_at_used(struct virtq *queue)
{
	if (!queue->running)
		return;
	queue->next_used = load16(queue->used_host + 2);
	queue->last_avail = queue->next_used;
	queue->signalled = queue->next_used;
	memset(queue->taken, 0, sizeof(queue->taken));
	queue->in_flight = 0;
}

bool virtq_want_notify(struct virtq *queue, bool wanted)
{
	if (!queue->running)
		return false;
	if (queue->event_idx) {
		/* An old event index keeps the driver silent. */
		if (!wanted)
			return false;
		store16(avail_event(queue), queue->last_avail);
		guest_mem_mark(
		    queue->mem, queue->used + RING_HEAD + (uint64_t)USED_ENTRY * queue->size, 2);
	} else {
		store16(queue->used_host, wanted ? 0 : USED_NO_NOTIFY);
		guest_mem_mark(queue->mem, queue->used, 2);
	}
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return wanted && !virtq_is_empty(queue);
}

bool virtq_is_empty(struct virtq *queue)
{
	return !queue->running || avail_index(queue) == queue->last_avail;
}

void virtq_save(const struct virtq *queue, struct state_writer *writer)
{
	state_put(writer, "last-avail", queue->last_avail);
	state_put(writer, "next-used", queue->next_used);
	state_put(writer, "signalled", queue->signalled);
	state_put_bytes(writer, "taken", queue->taken, (size_t)(queue->size + 7) / 8);
}

void virtq_load(struct virtq *queue, struct state_reader *reader)
{
	queue->last_avail = (uint16_t)state_get(reader, "last-avail", UINT16_MAX);
	queue->next_used = (uint16_t)state_get(reader, "next-used", UINT16_MAX);
	queue->signalled = (uint16_t)state_get(reader, "signalled", UINT16_MAX);
	memset(queue->taken, 0, sizeof(queue->taken));
	state_get_bytes(reader, "taken", queue->taken, (size_t)(queue->size + 7) / 8);
	queue->in_flight = 0;
	for (unsigned int i = 0; i < VIRTQ_SIZE_MAX / 64; i++)
		queue->in_flight += (uint32_t)__builtin_popcountll(queue->taken[i]);
	if (queue->size < 8 && queue->taken[0] >> queue->size)
		state_fail(reader, "a head in flight is beyond the queue of %u", queue->size);
	if ((uint16_t)(queue->last_avail - queue->next_used) != queue->in_flight)
		state_fail(reader, "%u heads in flight between used index %u and available %u",
		    queue->in_flight, queue->next_used, queue->last_avail);
}

/* Copy between `flat` and the buffers [first, first + count) from `offset` bytes on. */
static size_t copy(const struct iovec *iov, unsigned int count, uint64_t offset, void *into,
    const void *from, size_t length)
{
	size_t done = 0;

	for (unsigned int i = 0; i < count && done < length; i++) {
		size_t part;

		if (offset >= iov[i].iov_len) {
			offset -= iov[i].iov_len;
			continue;
		}
		part = iov[i].iov_len - (size_t)offset;
		if (part > length - done)
			part = length - done;
		if (into)
			memcpy((char *)into + done, (char *)iov[i].iov_base + offset, part);
		else
			memcpy((char *)iov[i].iov_base + offset, (const char *)from + done, part);
		done += part;
		offset = 0;
	}
	return done;
}

size_t virtq_chain_read(const struct virtq_chain *chain, uint64_t offset, void *to, size_t length)
{
	return copy(chain->iov, chain->readable, offset, to, NULL, length);
}

size_t virtq_chain_write(
    const struct virtq_chain *chain, uint64_t offset, const void *from, size_t length)
{
	return copy(chain->iov + chain->readable, chain->writable, offset, NULL, from, length);
}
