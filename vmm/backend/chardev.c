/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest writes into a ring that holds twice what a new reader is given. Readers and the log
 * each have their place in it, counted in bytes since the beginning, and are served by a timer some
 * milliseconds later: a guest that writes byte by byte, an exit each, does not cost a system call
 * each as well. A reader whose place has been overwritten is dropped.
 *
 * Input is read only while the guest takes it; what it did not take waits in `input`, and the
 * writers' own sockets hold the rest back.
 */
#include "vmm/backend/chardev.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define STORE (2 * CHARDEV_RING)
#define READERS_MAX 16
#define INPUT_SIZE 4096
#define FLUSH_DELAY 2000000 /* nanoseconds */
#define LOG_SIZE_MIN 4096

struct reader {
	struct chardev *chardev;
	struct reader *next;
	struct loop_watch *watch;
	int fd;
	uint64_t at;  /* sent up to here */
	bool is_full; /* its socket takes no more for now */
	bool is_mute; /* it has ended its direction */
};

struct chardev {
	struct loop *loop;
	struct chardev_guest guest;
	struct loop_timer flush;
	struct reader *readers;
	int log;
	uint64_t log_limit;
	uint64_t log_size;
	uint64_t logged; /* up to here */
	uint64_t written;
	size_t input_at;
	size_t input_length;
	uint8_t input[INPUT_SIZE];
	uint8_t store[STORE];
};

static void set_events(struct reader *reader)
{
	uint32_t events = 0;

	if (!reader->is_mute && reader->chardev->input_length == 0)
		events |= EPOLLIN;
	if (reader->is_full)
		events |= EPOLLOUT;
	loop_change(reader->watch, events);
}

static void set_all_events(struct chardev *chardev)
{
	for (struct reader *reader = chardev->readers; reader; reader = reader->next)
		set_events(reader);
}

static void drop(struct reader *reader)
{
	struct reader **link = &reader->chardev->readers;

	while (*link != reader)
		link = &(*link)->next;
	*link = reader->next;
	loop_remove(reader->watch);
	close(reader->fd);
	free(reader);
}

/* What lies in the ring from `at` on without a break. */
static size_t stretch(const struct chardev *chardev, uint64_t at, const uint8_t **ret_data)
{
	size_t offset = (size_t)(at % STORE);
	uint64_t length = chardev->written - at;

	*ret_data = chardev->store + offset;
	return length < STORE - offset ? (size_t)length : STORE - offset;
}

/* False when the reader is gone for good; it is dropped then. */
static bool send_to(struct reader *reader)
{
	struct chardev *chardev = reader->chardev;
	bool was_full = reader->is_full;

	reader->is_full = false;
	while (reader->at < chardev->written) {
		const uint8_t *data;
		size_t length = stretch(chardev, reader->at, &data);
		ssize_t sent = send(reader->fd, data, length, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno != EAGAIN) {
			drop(reader);
			return false;
		}
		if (sent < 0) {
			reader->is_full = true;
			break;
		}
		reader->at += (uint64_t)sent;
	}
	if (reader->is_full != was_full)
		set_events(reader);
	return true;
}

/* Keep the newer half, from a line's beginning on, so that the log never takes more than its size.
 */
static void cut_log(struct chardev *chardev)
{
	uint64_t from = chardev->log_size - chardev->log_limit / 2;
	uint64_t to = 0;
	char block[4096];
	bool is_first = true;

	while (from < chardev->log_size) {
		ssize_t length = pread(chardev->log, block, sizeof(block), (off_t)from);
		const char *start = block;
		const char *line;

		if (length <= 0)
			break;
		from += (uint64_t)length;
		line = is_first ? memchr(block, '\n', (size_t)length) : NULL;
		is_first = false;
		if (line)
			start = line + 1;
		length -= start - block;
		if (pwrite(chardev->log, start, (size_t)length, (off_t)to) != length)
			break;
		to += (uint64_t)length;
	}
	if (ftruncate(chardev->log, (off_t)to) == 0)
		chardev->log_size = to;
}

/* A log that cannot be written is no reason to hold the guest up; what does not fit is lost. */
static void write_log(struct chardev *chardev)
{
	if (chardev->log < 0) {
		chardev->logged = chardev->written;
		return;
	}
	while (chardev->logged < chardev->written) {
		const uint8_t *data;
		size_t length = stretch(chardev, chardev->logged, &data);
		ssize_t done;

		if (length > chardev->log_limit / 4)
			length = (size_t)(chardev->log_limit / 4);
		if (chardev->log_size + length > chardev->log_limit)
			cut_log(chardev);
		done = pwrite(chardev->log, data, length, (off_t)chardev->log_size);
		if (done < 0 && errno == EINTR)
			continue;
		chardev->log_size += done > 0 ? (uint64_t)done : 0;
		chardev->logged += done > 0 ? (uint64_t)done : length;
	}
}

static void flush(void *context)
{
	struct chardev *chardev = context;
	struct reader *next;

	write_log(chardev);
	for (struct reader *reader = chardev->readers; reader; reader = next) {
		next = reader->next;
		if (!reader->is_full)
			send_to(reader);
	}
}

static int open_log(struct chardev *chardev, int log, uint64_t log_size)
{
	struct stat status;
	int flags;

	chardev->log = log;
	chardev->log_limit = log_size < LOG_SIZE_MIN ? LOG_SIZE_MIN : log_size;
	if (log < 0)
		return 0;
	/* Places in the file are kept here, since cutting it needs them. */
	flags = fcntl(log, F_GETFL);
	if (flags < 0 || fcntl(log, F_SETFL, flags & ~O_APPEND) || fstat(log, &status))
		return -errno;
	chardev->log_size = (uint64_t)status.st_size;
	return 0;
}

int chardev_create(struct loop *loop, int log, uint64_t log_size, struct chardev **ret_chardev)
{
	struct chardev *chardev = calloc(1, sizeof(*chardev));
	int result;

	if (!chardev) {
		if (log >= 0)
			close(log);
		return -ENOMEM;
	}
	chardev->loop = loop;
	loop_timer_init(&chardev->flush, loop, flush, chardev);
	result = open_log(chardev, log, log_size);
	if (result) {
		chardev_free(chardev);
		return result;
	}
	*ret_chardev = chardev;
	return 0;
}

void chardev_free(struct chardev *chardev)
{
	if (!chardev)
		return;
	chardev_flush(chardev);
	while (chardev->readers)
		drop(chardev->readers);
	if (chardev->log >= 0)
		close(chardev->log);
	free(chardev);
}

void chardev_flush(struct chardev *chardev)
{
	loop_timer_cancel(&chardev->flush);
	flush(chardev);
}

void chardev_set_guest(struct chardev *chardev, const struct chardev_guest *guest)
{
	chardev->guest = guest ? *guest : (struct chardev_guest){ 0 };
}

/* Into the ring; whoever would lose bytes that way is served first, then dropped. */
static void store(struct chardev *chardev, const uint8_t *data, size_t length)
{
	size_t offset = (size_t)(chardev->written % STORE);
	size_t first = length < STORE - offset ? length : STORE - offset;
	uint64_t oldest = chardev->written + length - STORE;
	struct reader *next;

	if (chardev->written + length > STORE) {
		if (chardev->logged < oldest)
			write_log(chardev);
		for (struct reader *reader = chardev->readers; reader; reader = next) {
			next = reader->next;
			if (reader->at < oldest && send_to(reader) && reader->at < oldest)
				drop(reader);
		}
	}
	memcpy(chardev->store + offset, data, first);
	memcpy(chardev->store, data + first, length - first);
	chardev->written += length;
}

void chardev_output(struct chardev *chardev, const uint8_t *data, size_t length)
{
	while (length > 0) {
		size_t part = length < CHARDEV_RING ? length : CHARDEV_RING;

		store(chardev, data, part);
		data += part;
		length -= part;
	}
	if (!chardev->flush.deadline)
		loop_timer_set(&chardev->flush, loop_time(chardev->loop) + FLUSH_DELAY);
}

/* Offer what waits; true when all of it was taken. */
static bool offer(struct chardev *chardev)
{
	size_t left = chardev->input_length - chardev->input_at;

	/* Without a guest it goes nowhere. */
	chardev->input_at += chardev->guest.input ? chardev->guest.input(chardev->guest.context,
							chardev->input + chardev->input_at, left)
						  : left;
	if (chardev->input_at < chardev->input_length)
		return false;
	chardev->input_at = 0;
	chardev->input_length = 0;
	return true;
}

void chardev_want_input(struct chardev *chardev)
{
	if (chardev->input_length > 0 && offer(chardev))
		set_all_events(chardev);
}

static void receive(struct reader *reader)
{
	struct chardev *chardev = reader->chardev;
	ssize_t length;

	if (chardev->input_length > 0)
		return;
	length = recv(reader->fd, chardev->input, INPUT_SIZE, MSG_DONTWAIT);
	if (length < 0) {
		if (errno != EAGAIN && errno != EINTR)
			drop(reader);
		return;
	}
	if (length == 0) {
		reader->is_mute = true;
		set_events(reader);
		return;
	}
	chardev->input_length = (size_t)length;
	if (!offer(chardev))
		set_all_events(chardev);
}

static void reader_ready(void *context, uint32_t events)
{
	struct reader *reader = context;

	if (events & (EPOLLHUP | EPOLLERR)) {
		drop(reader);
		return;
	}
	if (events & EPOLLOUT && !send_to(reader))
		return;
	if (events & EPOLLIN)
		receive(reader);
}

/* -ENOTSOCK, -EPROTOTYPE: it would take writes that wait, or raise SIGPIPE. */
static int check_socket(int fd)
{
	int type;
	socklen_t length = sizeof(type);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length))
		return -errno;
	return type == SOCK_STREAM ? 0 : -EPROTOTYPE;
}

int chardev_attach(struct chardev *chardev, int fd, int force)
{
	struct reader *reader = NULL;
	int result = check_socket(fd);

	if (!result && !force && chardev_readers(chardev) >= READERS_MAX)
		result = -EUSERS;
	if (!result) {
		reader = calloc(1, sizeof(*reader));
		result = reader ? 0 : -ENOMEM;
	}
	if (!result) {
		*reader = (struct reader){ .chardev = chardev, .fd = fd };
		result = loop_add(chardev->loop, fd, chardev->input_length ? 0 : EPOLLIN,
		    reader_ready, reader, &reader->watch);
	}
	if (result) {
		free(reader);
		if (fd >= 0)
			close(fd);
		return result;
	}
	while (force && chardev->readers)
		drop(chardev->readers);
	reader->at = chardev->written > CHARDEV_RING ? chardev->written - CHARDEV_RING : 0;
	reader->next = chardev->readers;
	chardev->readers = reader;
	send_to(reader);
	return 0;
}

size_t chardev_readers(const struct chardev *chardev)
{
	size_t count = 0;

	for (const struct reader *reader = chardev->readers; reader; reader = reader->next)
		count++;
	return count;
}
