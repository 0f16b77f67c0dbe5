/* SPDX-License-Identifier: GPL-2.0-only */
/* Each way in which a driver can break the rules of a ring is a test of its own. */
#include "vmm/virtio/virtq.h"

#include "tests/unit/virtio_test.h"

struct fixture {
	struct guest_mem *mem;
	struct virtq queue;
	struct virtq_chain chain;
};

static int start(struct fixture *fixture, uint16_t size, bool event_idx)
{
	return virtq_start(&fixture->queue, fixture->mem, size, ring_desc(0), ring_avail(0),
	    ring_used(0), event_idx, true);
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_int_equal(
	    guest_mem_create(RAM_SIZE, &(struct guest_mem_options){ 0 }, &fixture->mem), 0);
	assert_int_equal(start(fixture, QUEUE_SIZE, false), 0);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	guest_mem_free(fixture->mem);
	free(fixture);
	return 0;
}

static int pop(struct fixture *fixture)
{
	return virtq_pop(&fixture->queue, &fixture->chain);
}

/* `head` is offered and refused; nothing of it counts as taken. */
static void refused(struct fixture *fixture, uint16_t head)
{
	offer_head(fixture->mem, 0, head);
	assert_int_equal(pop(fixture), -EINVAL);
	assert_int_equal(fixture->queue.in_flight, 0);
	assert_int_equal(fixture->queue.last_avail, 0);
}

static void test_chain(void **state)
{
	struct fixture *fixture = *state;
	char text[8] = "";

	assert_int_equal(pop(fixture), 0);
	put_desc(fixture->mem, 0, 3, BUFFERS, 2, NEXT, 7);
	put_desc(fixture->mem, 0, 7, BUFFERS + 100, 3, NEXT, 1);
	put_desc(fixture->mem, 0, 1, BUFFERS + 200, 4, NEXT | WRITE, 0);
	put_desc(fixture->mem, 0, 0, BUFFERS + 300, 5, WRITE, 9);
	guest_mem_write(fixture->mem, BUFFERS, "ab", 2);
	guest_mem_write(fixture->mem, BUFFERS + 100, "cde", 3);
	offer_head(fixture->mem, 0, 3);
	assert_false(virtq_is_empty(&fixture->queue));
	assert_int_equal(pop(fixture), 1);
	assert_int_equal(fixture->chain.head, 3);
	assert_int_equal(fixture->chain.readable, 2);
	assert_int_equal(fixture->chain.writable, 2);
	assert_int_equal(fixture->chain.readable_bytes, 5);
	assert_int_equal(fixture->chain.writable_bytes, 9);
	assert_int_equal(virtq_chain_read(&fixture->chain, 1, text, 8), 4);
	assert_string_equal(text, "bcde");
	assert_int_equal(virtq_chain_read(&fixture->chain, 5, text, 8), 0);
	assert_int_equal(virtq_chain_write(&fixture->chain, 3, "XYZ", 3), 3);
	assert_int_equal(virtq_chain_write(&fixture->chain, 7, "XYZ", 3), 2);
	assert_int_equal(get_mem(fixture->mem, BUFFERS + 203, 1), 'X');
	assert_int_equal(get_mem(fixture->mem, BUFFERS + 300, 2), 'Y' | 'Z' << 8);
	assert_int_equal(fixture->queue.in_flight, 1);
	assert_int_equal(pop(fixture), 0);
	virtq_push(&fixture->queue, 3, 9);
	assert_int_equal(used_index(fixture->mem, 0), 1);
	assert_int_equal(used_length(fixture->mem, 0, 0, 3), 9);
	assert_int_equal(fixture->queue.in_flight, 0);
	assert_true(virtq_is_empty(&fixture->queue));
}

static void test_indirect(void **state)
{
	struct fixture *fixture = *state;

	put_desc_at(fixture->mem, BUFFERS + 8, 0, BUFFERS + 0x1000, 16, NEXT, 2);
	put_desc_at(fixture->mem, BUFFERS + 8, 2, BUFFERS + 0x2000, 512, NEXT | WRITE, 1);
	put_desc_at(fixture->mem, BUFFERS + 8, 1, BUFFERS + 0x3000, 1, WRITE, 0);
	/* An ordinary one first, then the table, whose direction bit says nothing (2.7.5.3.2). */
	put_desc(fixture->mem, 0, 0, BUFFERS + 0x800, 4, NEXT, 5);
	put_desc(fixture->mem, 0, 5, BUFFERS + 8, 48, INDIRECT | WRITE, 0);
	offer_head(fixture->mem, 0, 0);
	assert_int_equal(pop(fixture), 1);
	assert_int_equal(fixture->chain.readable, 2);
	assert_int_equal(fixture->chain.writable, 2);
	assert_int_equal(fixture->chain.readable_bytes, 20);
	assert_int_equal(fixture->chain.writable_bytes, 513);
}

static void test_unpop(void **state)
{
	struct fixture *fixture = *state;

	put_desc(fixture->mem, 0, 2, BUFFERS, 8, 0, 0);
	offer_head(fixture->mem, 0, 2);
	assert_int_equal(pop(fixture), 1);
	virtq_unpop(&fixture->queue, 2);
	assert_int_equal(fixture->queue.in_flight, 0);
	virtq_unpop(&fixture->queue, 2);
	assert_int_equal(pop(fixture), 1);
	assert_int_equal(fixture->chain.head, 2);
}

static void test_wraps(void **state)
{
	struct fixture *fixture = *state;

	for (unsigned int i = 0; i < 70000; i++) {
		uint16_t head = (uint16_t)(i * 7 % QUEUE_SIZE);

		put_desc(fixture->mem, 0, head, BUFFERS, 8, WRITE, 0);
		offer_head(fixture->mem, 0, head);
		assert_int_equal(pop(fixture), 1);
		assert_int_equal(fixture->chain.head, head);
		virtq_push(&fixture->queue, head, i);
		assert_int_equal(used_length(fixture->mem, 0, (uint16_t)i, head), i);
	}
	assert_int_equal(used_index(fixture->mem, 0), 70000 % 65536);
}

static void test_start_refuses(void **state)
{
	struct fixture *fixture = *state;
	struct virtq queue;
	static const struct {
		uint16_t size;
		uint64_t desc, avail, used;
	} cases[] = {
		{ 0, 0x1000, 0x2000, 0x3000 },
		{ 3, 0x1000, 0x2000, 0x3000 },
		{ 2048, 0x1000, 0x20000, 0x30000 },
		{ 16, 0x1008, 0x2000, 0x3000 },
		{ 16, 0x1000, 0x2001, 0x3000 },
		{ 16, 0x1000, 0x2000, 0x3002 },
		{ 16, RAM_SIZE - 0xf0, 0x2000, 0x3000 },
		{ 16, 0x1000, RAM_SIZE - 36, 0x3000 },
		{ 16, 0x1000, 0x2000, RAM_SIZE - 132 },
		{ 16, UINT64_MAX - 15, 0x2000, 0x3000 },
		{ 16, 0x1000, UINT64_MAX - 1, 0x3000 },
		{ 16, 0x1000, 0x2000, UINT64_MAX - 3 },
		{ 16, MEMMAP_MMIO32, 0x2000, 0x3000 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(virtq_start(&queue, fixture->mem, cases[i].size, cases[i].desc,
				     cases[i].avail, cases[i].used, false, false),
		    -EINVAL);
		assert_false(queue.running);
		assert_int_equal(virtq_pop(&queue, &fixture->chain), 0);
	}
	/* The last bytes of RAM will do. */
	assert_int_equal(virtq_start(&queue, fixture->mem, 16, RAM_SIZE - 0x100, RAM_SIZE - 0x126,
			     RAM_SIZE - 0x200, false, false),
	    0);
	assert_int_equal(virtq_start(&queue, fixture->mem, 1, 0x1000, 0x2000, 0x3000, 0, 0), 0);
	assert_int_equal(
	    virtq_start(&queue, fixture->mem, 1024, 0x10000, 0x20000, 0x30000, 0, 0), 0);
}

static void test_stopped(void **state)
{
	struct fixture *fixture = *state;

	put_desc(fixture->mem, 0, 0, BUFFERS, 8, 0, 0);
	offer_head(fixture->mem, 0, 0);
	assert_int_equal(pop(fixture), 1);
	virtq_stop(&fixture->queue);
	assert_int_equal(pop(fixture), 0);
	virtq_push(&fixture->queue, 0, 8);
	assert_int_equal(used_index(fixture->mem, 0), 0);
	assert_false(virtq_should_signal(&fixture->queue));
	assert_false(virtq_want_notify(&fixture->queue, true));
	assert_true(virtq_is_empty(&fixture->queue));
}

static void test_head_out_of_range(void **state)
{
	refused(*state, QUEUE_SIZE);
}

static void test_head_far_out_of_range(void **state)
{
	refused(*state, 0xffff);
}

static void test_next_out_of_range(void **state)
{
	struct fixture *fixture = *state;

	put_desc(fixture->mem, 0, 0, BUFFERS, 8, NEXT, QUEUE_SIZE);
	refused(fixture, 0);
}

static void test_loop_of_one(void **state)
{
	struct fixture *fixture = *state;

	put_desc(fixture->mem, 0, 4, BUFFERS, 8, NEXT, 4);
	refused(fixture, 4);
}

static void test_loop_of_all(void **state)
{
	struct fixture *fixture = *state;

	for (unsigned int i = 0; i < QUEUE_SIZE; i++)
		put_desc(fixture->mem, 0, i, BUFFERS, 8, NEXT, (i + 1) % QUEUE_SIZE);
	refused(fixture, 0);
}

static void test_loop_in_indirect(void **state)
{
	struct fixture *fixture = *state;

	put_desc_at(fixture->mem, BUFFERS, 0, BUFFERS + 0x1000, 8, NEXT, 1);
	put_desc_at(fixture->mem, BUFFERS, 1, BUFFERS + 0x1000, 8, NEXT, 0);
	put_desc(fixture->mem, 0, 0, BUFFERS, 32, INDIRECT, 0);
	refused(fixture, 0);
}

/* The same head made available again while its buffers are in use. */
static void test_head_in_flight(void **state)
{
	struct fixture *fixture = *state;

	put_desc(fixture->mem, 0, 0, BUFFERS, 8, WRITE, 0);
	offer_head(fixture->mem, 0, 0);
	offer_head(fixture->mem, 0, 0);
	assert_int_equal(pop(fixture), 1);
	assert_int_equal(pop(fixture), -EINVAL);
	assert_int_equal(fixture->queue.in_flight, 1);
}

/* A head that is not in flight cannot be completed. */
static void test_push_twice(void **state)
{
	struct fixture *fixture = *state;

	put_desc(fixture->mem, 0, 0, BUFFERS, 8, WRITE, 0);
	offer_head(fixture->mem, 0, 0);
	assert_int_equal(pop(fixture), 1);
	virtq_push(&fixture->queue, 0, 8);
	virtq_push(&fixture->queue, 0, 8);
	virtq_push(&fixture->queue, 500, 8);
	assert_int_equal(used_index(fixture->mem, 0), 1);
	assert_int_equal(fixture->queue.in_flight, 0);
}

static void test_buffer_outside_ram(void **state)
{
	struct fixture *fixture = *state;

	put_desc(fixture->mem, 0, 0, RAM_SIZE, 8, WRITE, 0);
	refused(fixture, 0);
}

static void test_buffer_across_the_end_of_ram(void **state)
{
	struct fixture *fixture = *state;

	put_desc(fixture->mem, 0, 0, RAM_SIZE - 8, 9, 0, 0);
	refused(fixture, 0);
}

static void test_buffer_wraps_around(void **state)
{
	struct fixture *fixture = *state;

	put_desc(fixture->mem, 0, 0, UINT64_MAX - 3, 8, 0, 0);
	refused(fixture, 0);
}

/* No device may be made to do DMA into another. */
static void test_buffer_in_a_device(void **state)
{
	struct fixture *fixture = *state;

	put_desc(fixture->mem, 0, 0, SLOT1, 8, WRITE, 0);
	refused(fixture, 0);
}

static void test_buffer_of_no_length(void **state)
{
	struct fixture *fixture = *state;

	put_desc(fixture->mem, 0, 0, BUFFERS, 0, 0, 0);
	refused(fixture, 0);
}

static void test_readable_after_writable(void **state)
{
	struct fixture *fixture = *state;

	put_desc(fixture->mem, 0, 0, BUFFERS, 8, WRITE | NEXT, 1);
	put_desc(fixture->mem, 0, 1, BUFFERS, 8, 0, 0);
	refused(fixture, 0);
}

static void test_indirect_in_indirect(void **state)
{
	struct fixture *fixture = *state;

	put_desc_at(fixture->mem, BUFFERS, 0, BUFFERS + 0x1000, 16, INDIRECT, 0);
	put_desc_at(fixture->mem, BUFFERS + 0x1000, 0, BUFFERS, 8, 0, 0);
	put_desc(fixture->mem, 0, 0, BUFFERS, 16, INDIRECT, 0);
	refused(fixture, 0);
}

static void test_indirect_with_next(void **state)
{
	struct fixture *fixture = *state;

	put_desc_at(fixture->mem, BUFFERS, 0, BUFFERS + 0x1000, 16, 0, 0);
	put_desc(fixture->mem, 0, 0, BUFFERS, 16, INDIRECT | NEXT, 1);
	put_desc(fixture->mem, 0, 1, BUFFERS, 16, 0, 0);
	refused(fixture, 0);
}

static void test_indirect_not_negotiated(void **state)
{
	struct fixture *fixture = *state;

	put_desc_at(fixture->mem, BUFFERS, 0, BUFFERS + 0x1000, 16, 0, 0);
	put_desc(fixture->mem, 0, 0, BUFFERS, 16, INDIRECT, 0);
	fixture->queue.indirect = false;
	refused(fixture, 0);
}

static void test_indirect_of_odd_length(void **state)
{
	struct fixture *fixture = *state;

	put_desc_at(fixture->mem, BUFFERS, 0, BUFFERS + 0x1000, 16, 0, 0);
	put_desc(fixture->mem, 0, 0, BUFFERS, 24, INDIRECT, 0);
	refused(fixture, 0);
}

static void test_indirect_of_no_length(void **state)
{
	struct fixture *fixture = *state;

	put_desc(fixture->mem, 0, 0, BUFFERS, 0, INDIRECT, 0);
	refused(fixture, 0);
}

static void test_indirect_outside_ram(void **state)
{
	struct fixture *fixture = *state;

	put_desc(fixture->mem, 0, 0, RAM_SIZE - 16, 32, INDIRECT, 0);
	refused(fixture, 0);
}

static void test_indirect_next_out_of_range(void **state)
{
	struct fixture *fixture = *state;

	/* In range of the queue, not of the table. */
	put_desc_at(fixture->mem, BUFFERS, 0, BUFFERS + 0x1000, 16, NEXT, 1);
	put_desc_at(fixture->mem, BUFFERS, 1, BUFFERS + 0x1000, 16, 0, 0);
	put_desc(fixture->mem, 0, 0, BUFFERS, 16, INDIRECT, 0);
	refused(fixture, 0);
}

static void test_too_many_buffers(void **state)
{
	struct fixture *fixture = *state;

	for (unsigned int i = 0; i < VIRTQ_CHAIN_MAX + 1; i++)
		put_desc_at(fixture->mem, BUFFERS, i, BUFFERS + 0x10000, 8, NEXT, i + 1);
	put_desc_at(fixture->mem, BUFFERS, VIRTQ_CHAIN_MAX, BUFFERS + 0x10000, 8, 0, 0);
	put_desc(fixture->mem, 0, 0, BUFFERS, (VIRTQ_CHAIN_MAX + 1) * 16, INDIRECT, 0);
	refused(fixture, 0);
	/* One less is taken. */
	put_desc_at(fixture->mem, BUFFERS, VIRTQ_CHAIN_MAX - 1, BUFFERS + 0x10000, 8, 0, 0);
	assert_int_equal(pop(fixture), 1);
	assert_int_equal(fixture->chain.readable, VIRTQ_CHAIN_MAX);
}

/* Each buffer is in RAM, all of them together are 4 GiB and more. */
static void test_huge_total_length(void **state)
{
	struct fixture *fixture = *state;
	struct guest_mem *mem;
	struct virtq queue;

	assert_int_equal(guest_mem_create(1ull << 30, &(struct guest_mem_options){ 0 }, &mem), 0);
	assert_int_equal(virtq_start(&queue, mem, QUEUE_SIZE, ring_desc(0), ring_avail(0),
			     ring_used(0), false, false),
	    0);
	for (unsigned int i = 0; i < 5; i++)
		put_desc(mem, 0, i, 0x1000, 0x3f000000, i < 4 ? NEXT : 0, (uint16_t)(i + 1));
	offer_head(mem, 0, 0);
	assert_int_equal(virtq_pop(&queue, &fixture->chain), -EINVAL);
	put_desc(mem, 0, 3, 0x1000, 0x3f000000, 0, 0);
	assert_int_equal(virtq_pop(&queue, &fixture->chain), 1);
	assert_true(fixture->chain.readable_bytes == 4ull * 0x3f000000);
	guest_mem_free(mem);
}

static void test_available_index_runs_ahead(void **state)
{
	struct fixture *fixture = *state;

	put_desc(fixture->mem, 0, 0, BUFFERS, 8, 0, 0);
	put_mem(fixture->mem, ring_avail(0) + 2, QUEUE_SIZE + 1, 2);
	assert_int_equal(pop(fixture), -EINVAL);
}

static void test_available_index_goes_back(void **state)
{
	struct fixture *fixture = *state;

	put_desc(fixture->mem, 0, 0, BUFFERS, 8, 0, 0);
	offer_head(fixture->mem, 0, 0);
	assert_int_equal(pop(fixture), 1);
	put_mem(fixture->mem, ring_avail(0) + 2, 0, 2);
	assert_int_equal(pop(fixture), -EINVAL);
}

/* What was vetted is what is used: the driver changing descriptors afterwards changes nothing. */
static void test_descriptors_are_copied(void **state)
{
	struct fixture *fixture = *state;
	void *base;

	put_desc(fixture->mem, 0, 0, BUFFERS, 8, 0, 0);
	offer_head(fixture->mem, 0, 0);
	assert_int_equal(pop(fixture), 1);
	base = fixture->chain.iov[0].iov_base;
	put_desc(fixture->mem, 0, 0, UINT64_MAX - 64, UINT32_MAX, WRITE, 0xffff);
	put_mem(fixture->mem, ring_avail(0) + 4, 0xffff, 2);
	assert_ptr_equal(fixture->chain.iov[0].iov_base, base);
	assert_int_equal(fixture->chain.iov[0].iov_len, 8);
	virtq_push(&fixture->queue, fixture->chain.head, 0);
	assert_int_equal(used_length(fixture->mem, 0, 0, 0), 0);
}

static void complete(struct fixture *fixture, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		put_desc(fixture->mem, 0, 0, BUFFERS, 8, WRITE, 0);
		offer_head(fixture->mem, 0, 0);
		assert_int_equal(pop(fixture), 1);
		virtq_push(&fixture->queue, 0, 8);
	}
}

static void test_signal_by_flag(void **state)
{
	struct fixture *fixture = *state;

	complete(fixture, 1);
	assert_true(virtq_should_signal(&fixture->queue));
	assert_false(virtq_should_signal(&fixture->queue));
	put_mem(fixture->mem, ring_avail(0), 1, 2);
	complete(fixture, 1);
	assert_false(virtq_should_signal(&fixture->queue));
	assert_false(virtq_want_notify(&fixture->queue, false));
	assert_int_equal(get_mem(fixture->mem, ring_used(0), 2), 1);
	assert_false(virtq_want_notify(&fixture->queue, true));
	assert_int_equal(get_mem(fixture->mem, ring_used(0), 2), 0);
	offer_head(fixture->mem, 0, 0);
	assert_true(virtq_want_notify(&fixture->queue, true));
}

static void test_signal_by_event_index(void **state)
{
	struct fixture *fixture = *state;
	uint64_t used_event = ring_avail(0) + 4 + 2 * QUEUE_SIZE;
	uint64_t avail_event = ring_used(0) + 4 + 8 * QUEUE_SIZE;

	assert_int_equal(start(fixture, QUEUE_SIZE, true), 0);
	put_mem(fixture->mem, ring_avail(0), 1, 2); /* means nothing then (2.7.7.1) */
	complete(fixture, 1);
	assert_true(virtq_should_signal(&fixture->queue));
	put_mem(fixture->mem, used_event, 3, 2);
	complete(fixture, 2);
	assert_false(virtq_should_signal(&fixture->queue));
	complete(fixture, 1);
	assert_true(virtq_should_signal(&fixture->queue));
	put_mem(fixture->mem, used_event, 5, 2);
	complete(fixture, 5);
	assert_true(virtq_should_signal(&fixture->queue));
	complete(fixture, 5);
	assert_false(virtq_should_signal(&fixture->queue));
	assert_false(virtq_want_notify(&fixture->queue, false));
	assert_int_equal(get_mem(fixture->mem, avail_event, 2), 0);
	assert_false(virtq_want_notify(&fixture->queue, true));
	assert_int_equal(get_mem(fixture->mem, avail_event, 2), 14);
	offer_head(fixture->mem, 0, 0);
	assert_true(virtq_want_notify(&fixture->queue, true));
}

static void test_dirty_pages(void **state)
{
	struct fixture *fixture = *state;
	uint64_t *log;

	put_desc(fixture->mem, 0, 0, BUFFERS + 0x5ff0, 0x20, WRITE, 0);
	offer_head(fixture->mem, 0, 0);
	assert_int_equal(guest_mem_log_start(fixture->mem), 0);
	assert_int_equal(pop(fixture), 1);
	log = guest_mem_log(fixture->mem, 0);
	assert_true(log[(BUFFERS >> 12) / 64] == 3ull << 5);
	log[(BUFFERS >> 12) / 64] = 0;
	virtq_push(&fixture->queue, 0, 8);
	assert_true(log[0] == 1ull << (ring_used(0) >> 12));
}

static int load(struct fixture *fixture, struct virtq *into, const struct buf *out)
{
	struct state_reader reader;

	assert_int_equal(virtq_start(into, fixture->mem, QUEUE_SIZE, ring_desc(0), ring_avail(0),
			     ring_used(0), false, true),
	    0);
	state_open(&reader, buf_text(out), out->length);
	state_enter(&reader, "ring", "", 1);
	virtq_load(into, &reader);
	return state_leave(&reader);
}

static void test_state(void **state)
{
	struct fixture *fixture = *state;
	struct virtq other;
	struct buf out = BUF_INIT;
	struct state_writer writer = { .out = &out };

	complete(fixture, 3);
	put_desc(fixture->mem, 0, 9, BUFFERS, 8, WRITE, 0);
	offer_head(fixture->mem, 0, 9);
	assert_int_equal(pop(fixture), 1);
	state_begin(&writer, "ring", "", 1);
	virtq_save(&fixture->queue, &writer);
	state_end(&writer);
	assert_int_equal(load(fixture, &other, &out), 0);
	assert_memory_equal(&other, &fixture->queue, sizeof(other));
	virtq_push(&other, 9, 1);
	assert_int_equal(used_length(fixture->mem, 0, 3, 9), 1);
	/* Heads in flight and the two indices must agree. */
	buf_cut(&out, 0);
	state_begin(&writer, "ring", "", 1);
	fixture->queue.last_avail++;
	virtq_save(&fixture->queue, &writer);
	state_end(&writer);
	assert_int_equal(load(fixture, &other, &out), -EINVAL);
	buf_done(&out);
}

/* Noise in all of the rings: whatever comes out lies in RAM, and nothing is taken twice. */
static void test_noise(void **state)
{
	struct fixture *fixture = *state;
	const struct guest_mem_region *region;
	uint32_t seed = 27;

	assert_int_equal(guest_mem_regions(fixture->mem, &region), 1);
	for (int i = 0; i < 10000; i++) {
		uint32_t noise = test_random(&seed);
		int result;

		put_desc(fixture->mem, 0, noise % QUEUE_SIZE, test_random(&seed) % (RAM_SIZE * 2),
		    test_random(&seed) % 0x2000, noise >> 8 & 7, noise >> 16 & 31);
		if (noise & 0x1000)
			offer_head(fixture->mem, 0, test_random(&seed) % (QUEUE_SIZE + 1));
		if (noise % 67 == 0)
			put_mem(fixture->mem, ring_avail(0) + 2, test_random(&seed), 2);
		result = pop(fixture);
		assert_true(result <= 1);
		if (result != 1) {
			if (result < 0)
				start(fixture, QUEUE_SIZE, noise & 1);
			continue;
		}
		for (unsigned int j = 0; j < fixture->chain.readable + fixture->chain.writable;
		     j++) {
			const uint8_t *base = fixture->chain.iov[j].iov_base;

			assert_true(base >= region->host && base + fixture->chain.iov[j].iov_len <=
								region->host + region->size);
		}
		if (noise & 0x100000)
			virtq_push(&fixture->queue, fixture->chain.head, noise);
		virtq_should_signal(&fixture->queue);
		virtq_want_notify(&fixture->queue, noise & 2);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_chain),
		TEST(test_indirect),
		TEST(test_unpop),
		TEST(test_wraps),
		TEST(test_start_refuses),
		TEST(test_stopped),
		TEST(test_head_out_of_range),
		TEST(test_head_far_out_of_range),
		TEST(test_next_out_of_range),
		TEST(test_loop_of_one),
		TEST(test_loop_of_all),
		TEST(test_loop_in_indirect),
		TEST(test_head_in_flight),
		TEST(test_push_twice),
		TEST(test_buffer_outside_ram),
		TEST(test_buffer_across_the_end_of_ram),
		TEST(test_buffer_wraps_around),
		TEST(test_buffer_in_a_device),
		TEST(test_buffer_of_no_length),
		TEST(test_readable_after_writable),
		TEST(test_indirect_in_indirect),
		TEST(test_indirect_with_next),
		TEST(test_indirect_not_negotiated),
		TEST(test_indirect_of_odd_length),
		TEST(test_indirect_of_no_length),
		TEST(test_indirect_outside_ram),
		TEST(test_indirect_next_out_of_range),
		TEST(test_too_many_buffers),
		TEST(test_huge_total_length),
		TEST(test_available_index_runs_ahead),
		TEST(test_available_index_goes_back),
		TEST(test_descriptors_are_copied),
		TEST(test_signal_by_flag),
		TEST(test_signal_by_event_index),
		TEST(test_dirty_pages),
		TEST(test_state),
		TEST(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
