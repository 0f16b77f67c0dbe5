/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The driver's side of a virtqueue, for tests. Rings of QUEUE_SIZE entries lie from RINGS on, a
 * page apart each; buffers are the test's business, from BUFFERS on.
 */
#ifndef BERTH_TESTS_RING_TEST_H
#define BERTH_TESTS_RING_TEST_H

#include "tests/unit/vmm_test.h"
#include "vmm/core/guest_mem.h"

#define QUEUE_SIZE 16
#define RAM_SIZE (4u << 20)
#define RINGS 0x10000ull
#define RINGS_STEP 0x3000ull
#define BUFFERS 0x200000ull

enum { NEXT = 1, WRITE = 2, INDIRECT = 4 };

static inline uint64_t ring_desc(unsigned int queue)
{
	return RINGS + RINGS_STEP * queue;
}

static inline uint64_t ring_avail(unsigned int queue)
{
	return ring_desc(queue) + 0x1000;
}

static inline uint64_t ring_used(unsigned int queue)
{
	return ring_desc(queue) + 0x2000;
}

static inline void put_mem(struct guest_mem *mem, uint64_t gpa, uint64_t value, size_t size)
{
	assert_int_equal(guest_mem_write(mem, gpa, &value, size), 0);
}

static inline uint64_t get_mem(struct guest_mem *mem, uint64_t gpa, size_t size)
{
	uint64_t value = 0;

	assert_int_equal(guest_mem_read(mem, gpa, &value, size), 0);
	return value;
}

static inline void put_desc_at(struct guest_mem *mem, uint64_t table, unsigned int index,
    uint64_t address, uint32_t length, uint16_t flags, uint16_t next)
{
	put_mem(mem, table + 16 * index, address, 8);
	put_mem(mem, table + 16 * index + 8, length, 4);
	put_mem(mem, table + 16 * index + 12, flags, 2);
	put_mem(mem, table + 16 * index + 14, next, 2);
}

static inline void put_desc(struct guest_mem *mem, unsigned int queue, unsigned int index,
    uint64_t address, uint32_t length, uint16_t flags, uint16_t next)
{
	put_desc_at(mem, ring_desc(queue), index, address, length, flags, next);
}

/* Make a head available. */
static inline void offer_head(struct guest_mem *mem, unsigned int queue, uint16_t head)
{
	uint16_t index = (uint16_t)get_mem(mem, ring_avail(queue) + 2, 2);

	put_mem(mem, ring_avail(queue) + 4 + 2 * (index % QUEUE_SIZE), head, 2);
	put_mem(mem, ring_avail(queue) + 2, (uint16_t)(index + 1), 2);
}

static inline uint16_t used_index(struct guest_mem *mem, unsigned int queue)
{
	return (uint16_t)get_mem(mem, ring_used(queue) + 2, 2);
}

/* The length in the used entry `index`, whose head must be `head`. */
static inline uint32_t used_length(
    struct guest_mem *mem, unsigned int queue, uint16_t index, uint16_t head)
{
	uint64_t entry = ring_used(queue) + 4 + 8 * (index % QUEUE_SIZE);

	assert_int_equal(get_mem(mem, entry, 4), head);
	return (uint32_t)get_mem(mem, entry + 4, 4);
}

#endif
