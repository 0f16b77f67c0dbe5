/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests wait in a list until the ring has room. The kernel may end one short (at the end of a
 * file, or on a signal); the rest is then done by calls that wait, which is rare.
 */
#include "vmm/backend/blk_raw.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vmm/backend/uring.h"

#define DEPTH 128
#define SECTOR 512
#define ALIGNMENT 4096
#define ZEROES 65536
#define IOV_MAX_PARTS 256

struct blk_raw {
	struct blk blk;
	int fd;
	bool direct;
	bool is_uring;
	struct uring uring;
	struct loop *loop;
	struct loop_watch *watch;
	struct loop_call finish; /* of requests that ended without the ring */
	unsigned int in_flight;
	unsigned int in_ring;
	struct blk_request *waiting; /* submitted, not in the ring */
	struct blk_request **waiting_end;
	struct blk_request *ended; /* done() is to be called */
	struct blk_request **ended_end;
};

static struct blk_raw *raw_of(struct blk *blk)
{
	return (struct blk_raw *)(void *)blk;
}

/* A file may end within a sector: it grows to a whole one when that is written, and reads as zeros
 * until then. */
static uint64_t raw_size(struct blk *blk)
{
	off_t end = lseek(raw_of(blk)->fd, 0, SEEK_END);

	return end < 0 ? 0 : ((uint64_t)end + SECTOR - 1) / SECTOR * SECTOR;
}

static unsigned int raw_in_flight(const struct blk *blk)
{
	return ((const struct blk_raw *)(const void *)blk)->in_flight;
}

/* Buffers through which a request goes: its own, or the copy. */
static const struct iovec *buffers(const struct blk_request *request, unsigned int *ret_count)
{
	*ret_count = request->bounce.iov_base ? 1 : request->iov_count;
	return request->bounce.iov_base ? &request->bounce : request->iov;
}

static bool is_aligned(const struct blk_raw *raw, const struct blk_request *request)
{
	uint64_t mask = raw->blk.block_size - 1;

	for (unsigned int i = 0; i < request->iov_count; i++)
		if (((uintptr_t)request->iov[i].iov_base | request->iov[i].iov_len) & mask)
			return false;
	return true;
}

static void gather(const struct blk_request *request)
{
	uint8_t *to = request->bounce.iov_base;

	for (unsigned int i = 0; i < request->iov_count; i++) {
		memcpy(to, request->iov[i].iov_base, request->iov[i].iov_len);
		to += request->iov[i].iov_len;
	}
}

static void scatter(const struct blk_request *request)
{
	const uint8_t *from = request->bounce.iov_base;

	for (unsigned int i = 0; i < request->iov_count; i++) {
		memcpy(request->iov[i].iov_base, from, request->iov[i].iov_len);
		from += request->iov[i].iov_len;
	}
}

/* Give a request whose buffers O_DIRECT would not take an aligned copy. */
static int prepare(const struct blk_raw *raw, struct blk_request *request)
{
	request->bounce = (struct iovec){ 0 };
	if (request->op != BLK_READ && request->op != BLK_WRITE)
		return 0;
	if (!raw->direct || is_aligned(raw, request))
		return 0;
	if (posix_memalign(&request->bounce.iov_base, ALIGNMENT, request->length)) {
		request->bounce.iov_base = NULL;
		return -ENOMEM;
	}
	request->bounce.iov_len = request->length;
	if (request->op == BLK_WRITE)
		gather(request);
	return 0;
}

static void finish(struct blk_raw *raw, struct blk_request *request, int result)
{
	if (request->bounce.iov_base) {
		if (!result && request->op == BLK_READ)
			scatter(request);
		free(request->bounce.iov_base);
		request->bounce.iov_base = NULL;
	}
	raw->in_flight--;
	request->done(request, result);
}

/* What is left of a list of buffers after `skip` bytes; how many there are. */
static unsigned int rest_of(
    const struct iovec *iov, unsigned int count, uint64_t skip, struct iovec *ret_rest)
{
	unsigned int rest = 0;

	for (unsigned int i = 0; i < count; i++) {
		if (skip >= iov[i].iov_len) {
			skip -= iov[i].iov_len;
			continue;
		}
		if (rest == IOV_MAX_PARTS)
			break;
		ret_rest[rest++] = (struct iovec){ (uint8_t *)iov[i].iov_base + skip,
			iov[i].iov_len - skip };
		skip = 0;
	}
	return rest;
}

static void clear(const struct iovec *iov, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		memset(iov[i].iov_base, 0, iov[i].iov_len);
}

/* Read or write from `ended` bytes on, waiting. What lies behind the end of a file reads as zeros.
 */
static int transfer(const struct blk_raw *raw, const struct blk_request *request, uint64_t ended)
{
	unsigned int count;
	const struct iovec *iov = buffers(request, &count);
	struct iovec rest[IOV_MAX_PARTS];

	while (ended < request->length) {
		unsigned int parts = rest_of(iov, count, ended, rest);
		off_t offset = (off_t)(request->offset + ended);
		ssize_t moved = request->op == BLK_READ
				    ? preadv2(raw->fd, rest, (int)parts, offset, 0)
				    : pwritev2(raw->fd, rest, (int)parts, offset,
					  request->durable ? RWF_DSYNC : 0);

		if (moved < 0 && errno == EINTR)
			continue;
		if (moved < 0)
			return -errno;
		if (moved == 0 && request->op == BLK_WRITE)
			return -EIO;
		if (moved == 0) {
			clear(rest, parts);
			return 0;
		}
		ended += (uint64_t)moved;
	}
	return 0;
}

/* Zeros as data, for file systems that know no better. */
static int write_zeroes(const struct blk_raw *raw, uint64_t offset, uint64_t length)
{
	void *zeroes = NULL;
	int result = 0;

	if (posix_memalign(&zeroes, ALIGNMENT, ZEROES))
		return -ENOMEM;
	memset(zeroes, 0, ZEROES);
	while (length && !result) {
		size_t part = length < ZEROES ? (size_t)length : ZEROES;
		ssize_t written = pwrite(raw->fd, zeroes, part, (off_t)offset);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0) {
			result = written < 0 ? -errno : -EIO;
			break;
		}
		offset += (uint64_t)written;
		length -= (uint64_t)written;
	}
	free(zeroes);
	return result;
}

static int fallocate_mode(const struct blk_request *request)
{
	if (request->op == BLK_DISCARD || request->unmap)
		return FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
	return FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE;
}

/* The kernel cannot do it to this file: a discard is a wish, zeros are not. */
static int after_fallocate(const struct blk_raw *raw, const struct blk_request *request, int result)
{
	if (result != -EOPNOTSUPP && result != -ENOSYS)
		return result;
	return request->op == BLK_DISCARD ? 0 : write_zeroes(raw, request->offset, request->length);
}

/* Do a request here and now. */
static int perform(const struct blk_raw *raw, const struct blk_request *request)
{
	int result = 0;

	switch (request->op) {
	case BLK_READ:
	case BLK_WRITE:
		return transfer(raw, request, 0);
	case BLK_FLUSH:
		return fdatasync(raw->fd) ? -errno : 0;
	case BLK_DISCARD:
	case BLK_WRITE_ZEROES:
		if (fallocate(raw->fd, fallocate_mode(request), (off_t)request->offset,
			(off_t)request->length))
			result = -errno;
		return after_fallocate(raw, request, result);
	}
	return -EINVAL;
}

static void enter_ring(const struct blk_request *request, struct io_uring_sqe *entry)
{
	unsigned int count;
	const struct iovec *iov = buffers(request, &count);

	entry->user_data = (uint64_t)(uintptr_t)request;
	entry->off = request->offset;
	switch (request->op) {
	case BLK_READ:
	case BLK_WRITE:
		entry->opcode = request->op == BLK_READ ? IORING_OP_READV : IORING_OP_WRITEV;
		entry->addr = (uint64_t)(uintptr_t)iov;
		entry->len = count;
		entry->rw_flags = request->durable ? RWF_DSYNC : 0;
		break;
	case BLK_FLUSH:
		entry->opcode = IORING_OP_FSYNC;
		entry->off = 0;
		entry->fsync_flags = IORING_FSYNC_DATASYNC;
		break;
	case BLK_DISCARD:
	case BLK_WRITE_ZEROES:
		entry->opcode = IORING_OP_FALLOCATE;
		entry->addr = request->length;
		entry->len = (uint32_t)fallocate_mode(request);
		break;
	}
}

static void end_later(struct blk_raw *raw, struct blk_request *request, int result)
{
	request->result = result;
	request->next = NULL;
	*raw->ended_end = request;
	raw->ended_end = &request->next;
	loop_post(raw->loop, &raw->finish);
}

static struct blk_request *take_waiting(struct blk_raw *raw)
{
	struct blk_request *request = raw->waiting;

	raw->waiting = request->next;
	if (!raw->waiting)
		raw->waiting_end = &raw->waiting;
	return request;
}

static void raw_kick(struct blk *blk)
{
	struct blk_raw *raw = raw_of(blk);

	while (raw->waiting) {
		struct io_uring_sqe *entry = NULL;
		struct blk_request *request;
		int result;

		/* The completion ring is twice as large: it never overflows. */
		if (raw->is_uring) {
			entry = raw->in_ring < raw->uring.entries ? uring_entry(&raw->uring) : NULL;
			if (!entry)
				break;
		}
		request = take_waiting(raw);
		result = prepare(raw, request);
		if (entry && !result) {
			enter_ring(request, entry);
			raw->in_ring++;
			continue;
		}
		if (entry)
			entry->opcode = IORING_OP_NOP; /* with user_data 0 */
		raw->in_ring += entry != NULL;
		end_later(raw, request, result ? result : perform(raw, request));
	}
	/* -EAGAIN, -EBUSY: short of memory; what is queued goes with the next kick or end. */
	if (raw->is_uring)
		uring_submit(&raw->uring);
}

static void raw_submit(struct blk *blk, struct blk_request *request)
{
	struct blk_raw *raw = raw_of(blk);

	request->next = NULL;
	*raw->waiting_end = request;
	raw->waiting_end = &request->next;
	raw->in_flight++;
}

static void after_batch(struct blk_raw *raw)
{
	if (raw->waiting || (raw->is_uring && raw->uring.queued))
		raw_kick(&raw->blk);
	if (raw->blk.ended)
		raw->blk.ended(raw->blk.context);
}

static void finish_ended(void *context)
{
	struct blk_raw *raw = context;

	while (raw->ended) {
		struct blk_request *request = raw->ended;

		raw->ended = request->next;
		if (!raw->ended)
			raw->ended_end = &raw->ended;
		finish(raw, request, request->result);
	}
	after_batch(raw);
}

static int result_of(struct blk_raw *raw, const struct blk_request *request, int32_t moved)
{
	if (request->op == BLK_DISCARD || request->op == BLK_WRITE_ZEROES)
		return after_fallocate(raw, request, moved);
	if (request->op == BLK_FLUSH)
		return moved;
	if (moved == -EINTR || moved == -EAGAIN)
		moved = 0;
	return moved < 0 ? moved : transfer(raw, request, (uint64_t)moved);
}

static void ring_ready(void *context, uint32_t events)
{
	struct blk_raw *raw = context;
	uint64_t count;
	uint64_t data;
	int32_t moved;

	(void)events;
	if (read(raw->uring.event, &count, sizeof(count)) < 0 && errno != EAGAIN)
		return;
	while (uring_ended(&raw->uring, &data, &moved)) {
		struct blk_request *request = (struct blk_request *)(uintptr_t)data;

		raw->in_ring--;
		if (request)
			finish(raw, request, result_of(raw, request, moved));
	}
	after_batch(raw);
}

static void raw_free(struct blk *blk)
{
	struct blk_raw *raw;

	if (!blk)
		return;
	raw = raw_of(blk);
	/* The kernel may still write: better lost than torn from under it. */
	if (raw->in_flight)
		return;
	loop_remove(raw->watch);
	loop_unpost(raw->loop, &raw->finish);
	if (raw->is_uring)
		uring_close(&raw->uring);
	if (raw->fd >= 0)
		close(raw->fd);
	free(raw);
}

static const struct blk_ops raw_ops = {
	.size = raw_size,
	.submit = raw_submit,
	.kick = raw_kick,
	.in_flight = raw_in_flight,
	.free = raw_free,
};

/* What the kernel asks of requests to this descriptor. For a file on O_DIRECT it depends on the
 * disk below: tried. */
static uint32_t block_size_of(int fd, bool direct)
{
	unsigned int size = 0;
	void *block = NULL;

	if (ioctl(fd, BLKSSZGET, &size) == 0)
		return size > 512 ? 4096 : 512;
	if (!direct || posix_memalign(&block, ALIGNMENT, ALIGNMENT))
		return 512;
	size = pread(fd, block, 512, 512) < 0 && errno == EINVAL ? 4096 : 512;
	free(block);
	return size;
}

int blk_raw_create(
    struct loop *loop, int fd, const struct blk_raw_options *options, struct blk **ret_blk)
{
	struct blk_raw *raw = calloc(1, sizeof(*raw));
	int flags = fcntl(fd, F_GETFL);
	int result = 0;

	if (!raw || flags < 0) {
		result = raw ? -errno : -ENOMEM;
		free(raw);
		close(fd);
		return result;
	}
	*raw = (struct blk_raw){
		.blk = { .ops = &raw_ops,
		    .read_only = options->read_only,
		    .can_discard = options->discard && !options->read_only,
		    .can_write_zeroes = !options->read_only },
		.fd = fd,
		.direct = flags & O_DIRECT,
		.loop = loop,
		.finish = { .run = finish_ended, .context = raw },
	};
	raw->blk.block_size = block_size_of(fd, raw->direct);
	raw->waiting_end = &raw->waiting;
	raw->ended_end = &raw->ended;
	if (!options->synchronous &&
	    uring_open(&raw->uring, fd, options->depth ? options->depth : DEPTH) == 0) {
		raw->is_uring = true;
		result = loop_add(loop, raw->uring.event, EPOLLIN, ring_ready, raw, &raw->watch);
	}
	if (result) {
		raw_free(&raw->blk);
		return result;
	}
	*ret_blk = &raw->blk;
	return 0;
}
