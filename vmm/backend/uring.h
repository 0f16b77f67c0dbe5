/* SPDX-License-Identifier: GPL-2.0-only */
/* One io_uring (io_uring(7), io_uring_setup(2), io_uring_enter(2)) over one descriptor, told of
 * ends by an eventfd. As much of it as disks need; calls come one at a time, from any thread. */
#ifndef BERTH_VMM_BACKEND_URING_H
#define BERTH_VMM_BACKEND_URING_H

#include <linux/io_uring.h>
#include <stdbool.h>
#include <stdint.h>

struct uring {
	int ring;
	int event; /* readable when something has ended */
	uint32_t entries;
	uint32_t *sq_tail;
	uint32_t *sq_head;
	uint32_t sq_mask;
	struct io_uring_sqe *sqes;
	uint32_t *cq_head;
	uint32_t *cq_tail;
	uint32_t cq_mask;
	struct io_uring_cqe *cqes;
	void *rings;
	uint64_t rings_size;
	uint64_t sqes_size;
	uint32_t queued; /* entries that the kernel was not told of yet */
};

/* `fd` becomes file 0 of the ring. 0 or -errno: -ENOSYS, -EPERM where there is none to be had. */
int uring_open(struct uring *uring, int fd, uint32_t entries);
void uring_close(struct uring *uring);

/* A cleared entry to fill in, for file 0; NULL when the ring is full. It is the kernel's at
 * uring_submit(). */
struct io_uring_sqe *uring_entry(struct uring *uring);
/* 0 or -errno; what was not taken stays queued. */
int uring_submit(struct uring *uring);
/* The next that ended: its user_data and result. */
bool uring_ended(struct uring *uring, uint64_t *ret_data, int32_t *ret_result);

#endif
