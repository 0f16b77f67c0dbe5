/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/backend/chardev.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/unit_test.h"

struct fixture {
	struct loop *loop;
	struct chardev *chardev;
	uint64_t now;
	int log;
	size_t room; /* what the guest takes */
	size_t got_length;
	uint8_t got[65536];
};

static size_t take(void *context, const uint8_t *data, size_t length)
{
	struct fixture *fixture = context;

	if (length > fixture->room)
		length = fixture->room;
	memcpy(fixture->got + fixture->got_length, data, length);
	fixture->got_length += length;
	fixture->room -= length;
	return length;
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct chardev_guest guest = { take, fixture };

	fixture->now = 1;
	fixture->room = sizeof(fixture->got);
	assert_int_equal(loop_create(&fixture->loop), 0);
	loop_set_clock(fixture->loop, &fixture->now);
	fixture->log = memfd_create("log", 0);
	assert_int_equal(
	    chardev_create(fixture->loop, dup(fixture->log), 8192, &fixture->chardev), 0);
	chardev_set_guest(fixture->chardev, &guest);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	chardev_free(fixture->chardev);
	loop_free(fixture->loop);
	close(fixture->log);
	free(fixture);
	return 0;
}

static int attach(struct fixture *fixture, int force)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(chardev_attach(fixture->chardev, pair[0], force), 0);
	return pair[1];
}

static void output(struct fixture *fixture, const char *text)
{
	chardev_output(fixture->chardev, (const uint8_t *)text, strlen(text));
}

static void turn(struct fixture *fixture)
{
	fixture->now += 10000000;
	for (int i = 0; i < 4; i++)
		assert_int_equal(loop_step(fixture->loop, 0), 0);
}

static void reads(int fd, const char *text)
{
	char bytes[256] = "";
	ssize_t length = recv(fd, bytes, sizeof(bytes) - 1, MSG_DONTWAIT);

	assert_int_equal(length, strlen(text) ? (ssize_t)strlen(text) : -1);
	assert_string_equal(bytes, text);
}

static void log_is(struct fixture *fixture, const char *text)
{
	char bytes[256] = "";

	assert_int_equal(pread(fixture->log, bytes, sizeof(bytes) - 1, 0), strlen(text));
	assert_string_equal(bytes, text);
}

static void test_readers(void **state)
{
	struct fixture *fixture = *state;
	int first;
	int second;

	output(fixture, "before ");
	first = attach(fixture, 0);
	reads(first, "before ");
	output(fixture, "after");
	reads(first, ""); /* not before the timer */
	turn(fixture);
	reads(first, "after");
	second = attach(fixture, 0);
	reads(second, "before after");
	assert_int_equal(chardev_readers(fixture->chardev), 2);
	close(first);
	turn(fixture);
	assert_int_equal(chardev_readers(fixture->chardev), 1);
	output(fixture, "!");
	turn(fixture);
	reads(second, "!");
	log_is(fixture, "before after!");
	close(second);
}

static void test_force(void **state)
{
	struct fixture *fixture = *state;
	int first = attach(fixture, 0);
	int second = attach(fixture, 0);
	int third = attach(fixture, 1);
	char byte;

	assert_int_equal(chardev_readers(fixture->chardev), 1);
	assert_int_equal(recv(first, &byte, 1, MSG_DONTWAIT), 0);
	assert_int_equal(recv(second, &byte, 1, MSG_DONTWAIT), 0);
	output(fixture, "mine");
	turn(fixture);
	reads(third, "mine");
	close(first);
	close(second);
	close(third);
}

/* One that does not read is dropped; the guest and the other reader do not notice. */
static void test_reader_that_sleeps(void **state)
{
	struct fixture *fixture = *state;
	int asleep = attach(fixture, 0);
	int awake = attach(fixture, 0);
	static char block[4096];
	static char bytes[65536];
	size_t got = 0;

	memset(block, 'x', sizeof(block) - 1);
	for (int i = 0; i < 200; i++) {
		ssize_t length;

		output(fixture, block);
		turn(fixture);
		while ((length = recv(awake, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
			got += (size_t)length;
	}
	assert_int_equal(got, 200 * (sizeof(block) - 1));
	assert_int_equal(chardev_readers(fixture->chardev), 1);
	close(asleep);
	close(awake);
}

/* A late reader gets the last 64 KiB, and a burst larger than the ring is served on the way. */
static void test_ring(void **state)
{
	struct fixture *fixture = *state;
	size_t size = 3 * CHARDEV_RING + 77;
	uint8_t *all = malloc(size);
	uint8_t *bytes = malloc(size);
	int fd;
	size_t got = 0;
	ssize_t length;

	for (size_t i = 0; i < size; i++)
		all[i] = (uint8_t)(i / 3);
	chardev_output(fixture->chardev, all, size);
	fd = attach(fixture, 0);
	for (int i = 0; i < 50; i++) {
		while ((length = recv(fd, bytes + got, size - got, MSG_DONTWAIT)) > 0)
			got += (size_t)length;
		turn(fixture);
	}
	assert_int_equal(got, CHARDEV_RING);
	assert_memory_equal(bytes, all + size - CHARDEV_RING, CHARDEV_RING);
	close(fd);
	free(all);
	free(bytes);
}

/* The log keeps within its size, ends with the newest, begins with a whole line. */
static void test_log_is_cut(void **state)
{
	struct fixture *fixture = *state;
	static char bytes[16384];
	char line[32];
	ssize_t length;

	for (int i = 0; i < 2000; i++) {
		snprintf(line, sizeof(line), "line %06d\n", i);
		output(fixture, line);
		if (i % 7 == 0)
			turn(fixture);
		assert_true(lseek(fixture->log, 0, SEEK_END) <= 8192);
	}
	turn(fixture);
	length = pread(fixture->log, bytes, sizeof(bytes), 0);
	assert_true(length >= 4096 - 12 && length % 12 == 0);
	assert_memory_equal(bytes + length - 12, "line 001999\n", 12);
	for (ssize_t i = 0; i < length; i += 12)
		assert_memory_equal(bytes + i, "line ", 5);
}

static void test_log_that_cannot_be_written(void **state)
{
	struct fixture *fixture = *state;
	struct chardev *chardev;
	int pipes[2];

	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(chardev_create(fixture->loop, pipes[1], 4096, &chardev), 0);
	for (int i = 0; i < 100; i++)
		chardev_output(chardev, fixture->got, 4000);
	turn(fixture);
	chardev_free(chardev);
	close(pipes[0]);
	assert_int_equal(chardev_create(fixture->loop, 12345, 4096, &chardev), -EBADF);
	assert_int_equal(chardev_create(fixture->loop, -1, 0, &chardev), 0);
	chardev_output(chardev, fixture->got, 4000);
	chardev_free(chardev);
	chardev_free(NULL);
}

/* What is in the ring when the guest ends is in the log. */
static void test_end(void **state)
{
	struct fixture *fixture = *state;

	output(fixture, "last words");
	log_is(fixture, "");
	chardev_free(fixture->chardev);
	log_is(fixture, "last words");
	assert_int_equal(
	    chardev_create(fixture->loop, dup(fixture->log), 8192, &fixture->chardev), 0);
	output(fixture, ", and more");
	turn(fixture);
	log_is(fixture, "last words, and more");
}

static void test_input(void **state)
{
	struct fixture *fixture = *state;
	int first = attach(fixture, 0);
	int second = attach(fixture, 0);

	fixture->room = 3;
	assert_int_equal(write(first, "abcdef", 6), 6);
	turn(fixture);
	assert_int_equal(write(second, "ghi", 3), 3);
	turn(fixture);
	assert_memory_equal(fixture->got, "abc", 3);
	assert_int_equal(fixture->got_length, 3);
	fixture->room = 1;
	chardev_want_input(fixture->chardev);
	fixture->room = 100;
	chardev_want_input(fixture->chardev);
	turn(fixture);
	assert_int_equal(fixture->got_length, 9);
	assert_memory_equal(fixture->got, "abcdefghi", 9);
	/* Half closed: it still reads. */
	assert_int_equal(shutdown(first, SHUT_WR), 0);
	turn(fixture);
	output(fixture, "reply");
	turn(fixture);
	reads(first, "reply");
	/* Nobody takes input: it is read and gone. */
	chardev_set_guest(fixture->chardev, NULL);
	assert_int_equal(write(second, "lost", 4), 4);
	turn(fixture);
	chardev_want_input(fixture->chardev);
	close(first);
	close(second);
}

/* A writer that floods is held back by its own socket while the guest takes nothing. */
static void test_input_is_bounded(void **state)
{
	struct fixture *fixture = *state;
	int fd = attach(fixture, 0);
	static char block[65536];
	size_t sent = 0;

	fixture->room = 0;
	for (int i = 0; i < 1000; i++) {
		ssize_t length = send(fd, block, sizeof(block), MSG_DONTWAIT);

		sent += length > 0 ? (size_t)length : 0;
		assert_int_equal(loop_step(fixture->loop, 0), 0);
	}
	assert_true(sent < 4000000);
	assert_int_equal(fixture->got_length, 0);
	close(fd);
}

static void test_refused(void **state)
{
	struct fixture *fixture = *state;
	int pair[2];
	int fds[16];

	assert_int_equal(pipe(pair), 0);
	assert_int_equal(chardev_attach(fixture->chardev, pair[1], 0), -ENOTSOCK);
	assert_int_equal(write(pair[1], "", 1), -1); /* closed */
	close(pair[0]);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	assert_int_equal(chardev_attach(fixture->chardev, pair[0], 0), -EPROTOTYPE);
	close(pair[1]);
	assert_int_equal(chardev_attach(fixture->chardev, -1, 0), -EBADF);
	for (int i = 0; i < 16; i++)
		fds[i] = attach(fixture, 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(chardev_attach(fixture->chardev, pair[0], 0), -EUSERS);
	close(pair[1]);
	for (int i = 0; i < 16; i++)
		close(fds[i]);
	turn(fixture);
	assert_int_equal(chardev_readers(fixture->chardev), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_readers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_force, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_reader_that_sleeps, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_ring, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_log_is_cut, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_log_that_cannot_be_written, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_input, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_input_is_bounded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_refused, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
