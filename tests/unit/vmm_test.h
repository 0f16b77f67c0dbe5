/* SPDX-License-Identifier: GPL-2.0-only */
/* What tests of devices share: a line that is watched, state there and back, noise that repeats. */
#ifndef BERTH_TESTS_VMM_TEST_H
#define BERTH_TESTS_VMM_TEST_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit_test.h"
#include "vmm/bus/device.h"
#include "vmm/bus/iobus.h"
#include "vmm/core/irq_line.h"

struct test_line {
	bool level;
	unsigned int rises;
};

static inline void test_line_set(void *context, unsigned int line, bool level)
{
	struct test_line *seen = context;

	(void)line;
	seen->rises += level && !seen->level;
	seen->level = level;
}

static inline struct irq_line test_line(struct test_line *seen)
{
	return (struct irq_line){ test_line_set, seen, 0 };
}

static inline uint8_t test_in(struct iobus *bus, uint64_t port)
{
	uint64_t value;

	assert_true(iobus_read(bus, port, 1, &value));
	return (uint8_t)value;
}

static inline void test_out(struct iobus *bus, uint64_t port, uint8_t value)
{
	assert_true(iobus_write(bus, port, 1, value));
}

/* xorshift32: the same noise in each run. */
static inline uint32_t test_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static inline void test_save(struct device *device, struct buf *out)
{
	struct state_writer writer = { .out = out };

	*out = (struct buf)BUF_INIT;
	device->ops->save(device, &writer);
	assert_true(buf_ok(out));
}

static inline int test_load(struct device *device, const struct buf *state)
{
	struct state_reader reader;
	int result;

	state_open(&reader, buf_text(state), state->length);
	result = device->ops->load(device, &reader);
	if (result)
		print_message("load: %s\n", reader.message);
	if (!result)
		assert_int_equal(reader.at, reader.length);
	return result;
}

/* What is saved and loaded into `other` is saved by that as the same. */
static inline void test_round_trip(struct device *device, struct device *other)
{
	struct buf first;
	struct buf second;

	test_save(device, &first);
	assert_int_equal(test_load(other, &first), 0);
	test_save(other, &second);
	assert_int_equal(first.length, second.length);
	assert_memory_equal(buf_text(&first), buf_text(&second), first.length);
	buf_done(&first);
	buf_done(&second);
}

/* A state that has been cut short anywhere is refused, and the device lives on. */
static inline void test_cut_states(struct device *device)
{
	struct buf state;

	test_save(device, &state);
	for (size_t length = 0; length < state.length; length++) {
		struct state_reader reader;

		state_open(&reader, buf_text(&state), length);
		assert_int_equal(device->ops->load(device, &reader), -EINVAL);
	}
	device->ops->reset(device);
	buf_done(&state);
}

#endif
