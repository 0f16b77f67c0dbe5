/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A raw image or a block device, through io_uring (io_uring(7)) where the kernel has it, else by
 * calls that wait. Whether the page cache is passed by is the descriptor's O_DIRECT; buffers that
 * are not aligned for it go through a copy.
 */
#ifndef BERTH_VMM_BACKEND_BLK_RAW_H
#define BERTH_VMM_BACKEND_BLK_RAW_H

#include "lib/loop.h"
#include "vmm/backend/blk.h"

struct blk_raw_options {
	bool read_only;
	bool discard;	    /* discards reach the file */
	bool synchronous;   /* no io_uring, for tests */
	unsigned int depth; /* requests in the kernel at once; 0: 128 */
};

/* `fd` is the backend's from now on, on failure too. 0 or -errno. */
int blk_raw_create(
    struct loop *loop, int fd, const struct blk_raw_options *options, struct blk **ret_blk);

#endif
