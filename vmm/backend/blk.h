/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A disk's storage as its device sees it: requests that end in any order. What format it has is
 * said at creation and never guessed from what it holds.
 *
 * A flush makes durable what had ended when it was submitted; it need not wait for what had not.
 */
#ifndef BERTH_VMM_BACKEND_BLK_H
#define BERTH_VMM_BACKEND_BLK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

enum blk_op { BLK_READ, BLK_WRITE, BLK_FLUSH, BLK_DISCARD, BLK_WRITE_ZEROES };

struct blk_request {
	enum blk_op op;
	bool durable; /* of a write: when it ends it is on the disk */
	bool unmap;   /* of write-zeroes: the space may be given back */
	uint64_t offset;
	uint64_t length;
	const struct iovec *iov; /* of reads and writes; `length` bytes in all */
	unsigned int iov_count;
	/* 0 or -errno, once, on the loop's thread; never from within submit(). Buffers are the
	 * backend's until then. */
	void (*done)(struct blk_request *request, int result);
	void *context;
	/* The backend's. */
	struct blk_request *next;
	struct iovec bounce; /* an aligned copy; none: NULL */
	int result;
};

struct blk;

struct blk_ops {
	/* Bytes now: a file's or a device's. */
	uint64_t (*size)(struct blk *blk);
	/* Take a request over. It begins at kick() at the latest. */
	void (*submit)(struct blk *blk, struct blk_request *request);
	/* What was submitted goes to the kernel, in one call. */
	void (*kick)(struct blk *blk);
	/* Requests whose done() is still to come. */
	unsigned int (*in_flight)(const struct blk *blk);
	/* Nothing may be in flight; what is all the same is leaked, never freed under the kernel.
	 */
	void (*free)(struct blk *blk);
};

struct blk {
	const struct blk_ops *ops;
	/* Called after one or more done(), for what is better done once; may be NULL. */
	void (*ended)(void *context);
	void *context;
	bool read_only;
	bool can_discard;
	bool can_write_zeroes;
	uint32_t block_size; /* what requests should be multiples of; 512 or 4096 */
};

#endif
