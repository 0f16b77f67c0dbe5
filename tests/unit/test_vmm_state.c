/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/core/state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit_test.h"

static void write_sample(struct buf *out)
{
	struct state_writer writer = { .out = out };

	state_begin(&writer, "uart", "com1", 2);
	state_put(&writer, "ier", 5);
	state_put_bytes(&writer, "fifo", "abc", 3);
	state_end(&writer);
	state_begin(&writer, "pm", "", 1);
	state_put(&writer, "status", UINT64_MAX);
	state_end(&writer);
	assert_true(buf_ok(out));
}

static int read_sample(const void *data, size_t length, struct state_reader *reader)
{
	char fifo[8];

	state_open(reader, data, length);
	state_enter(reader, "uart", "com1", 2);
	state_get(reader, "ier", 255);
	state_get_some(reader, "fifo", fifo, sizeof(fifo));
	state_leave(reader);
	state_enter(reader, "pm", "", 1);
	state_get(reader, "status", UINT64_MAX);
	return state_leave(reader);
}

static void test_round(void **state)
{
	struct buf out = BUF_INIT;
	struct state_reader reader;
	char fifo[3];

	(void)state;
	write_sample(&out);
	state_open(&reader, buf_text(&out), out.length);
	assert_int_equal(state_enter(&reader, "uart", "com1", 3), 2);
	assert_int_equal(state_get(&reader, "ier", 15), 5);
	state_get_bytes(&reader, "fifo", fifo, 3);
	assert_memory_equal(fifo, "abc", 3);
	assert_int_equal(state_leave(&reader), 0);
	assert_int_equal(state_enter(&reader, "pm", "", 1), 1);
	assert_true(state_get(&reader, "status", UINT64_MAX) == UINT64_MAX);
	assert_int_equal(state_leave(&reader), 0);
	assert_int_equal(reader.at, out.length);
	buf_done(&out);
}

static void test_cut_anywhere(void **state)
{
	struct buf out = BUF_INIT;
	struct state_reader reader;

	(void)state;
	write_sample(&out);
	assert_int_equal(read_sample(buf_text(&out), out.length, &reader), 0);
	for (size_t length = 0; length < out.length; length++) {
		/* On the heap, so that the sanitizer sees a step beyond. */
		char *copy = malloc(length + 1);

		memcpy(copy, buf_text(&out), length);
		assert_int_equal(
		    read_sample(realloc(copy, length ? length : 1), length, &reader), -EINVAL);
		assert_true(reader.message[0] != '\0');
		free((void *)(uintptr_t)reader.data);
	}
	buf_done(&out);
}

/* The checksum finds every flipped bit. */
static void test_flipped_bits(void **state)
{
	struct buf out = BUF_INIT;
	struct state_reader reader;

	(void)state;
	write_sample(&out);
	for (size_t bit = 0; bit < out.length * 8; bit++) {
		out.data[bit / 8] ^= (char)(1 << bit % 8);
		assert_int_equal(read_sample(buf_text(&out), out.length, &reader), -EINVAL);
		out.data[bit / 8] ^= (char)(1 << bit % 8);
	}
	buf_done(&out);
}

/* Each way in which a whole section is not what the device wants, and what is said of it. */
static void test_refusals(void **state)
{
	struct buf out = BUF_INIT;
	struct state_reader reader;
	char few[2];

	(void)state;
	write_sample(&out);
#define OPEN() state_open(&reader, buf_text(&out), out.length)
#define SAYS(text)                                                                                 \
	do {                                                                                       \
		assert_int_equal(state_leave(&reader), -EINVAL);                                   \
		assert_string_equal(reader.message, text);                                         \
	} while (0)
	OPEN();
	assert_int_equal(state_enter(&reader, "uart", "com1", 1), 0);
	SAYS("section \"uart\" of the saved state has version 2; known: 1 to 1");
	OPEN();
	assert_int_equal(state_enter(&reader, "uart", "com2", 2), 0);
	SAYS("saved state has section \"uart\" of \"com1\", not \"uart\" of \"com2\"");
	OPEN();
	state_enter(&reader, "uart", "com1", 2);
	assert_int_equal(state_get(&reader, "ier", 4), 0);
	SAYS("\"ier\" of the saved state is 5, over 4");
	OPEN();
	state_enter(&reader, "uart", "com1", 2);
	assert_int_equal(state_get(&reader, "fifo", 4), 0);
	SAYS("saved state lacks \"fifo\"");
	OPEN();
	state_enter(&reader, "uart", "com1", 2);
	state_get(&reader, "ier", 5);
	assert_int_equal(state_get_some(&reader, "fifo", few, 2), 0);
	SAYS("\"fifo\" of the saved state has 3 bytes, over 2");
	OPEN();
	state_enter(&reader, "uart", "com1", 2);
	state_get(&reader, "ier", 5);
	SAYS("saved state has \"fifo\", which is not known here");
	OPEN();
	state_enter(&reader, "uart", "com1", 2);
	state_fail(&reader, "no sense in %d", 7);
	state_fail(&reader, "the first stays");
	assert_int_equal(state_get(&reader, "ier", 5), 0);
	SAYS("no sense in 7");
	buf_done(&out);
}

static void test_wrong_length(void **state)
{
	struct buf out = BUF_INIT;
	struct state_writer writer = { .out = &out };
	struct state_reader reader;
	char exact[4] = "xxxx";

	(void)state;
	state_begin(&writer, "a", "", 1);
	state_put_bytes(&writer, "b", "12", 2);
	state_end(&writer);
	state_open(&reader, buf_text(&out), out.length);
	state_enter(&reader, "a", "", 1);
	state_get_bytes(&reader, "b", exact, 4);
	assert_memory_equal(exact, "\0\0\0\0", 4);
	assert_int_equal(state_leave(&reader), -EINVAL);
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round),
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_flipped_bits),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_wrong_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
