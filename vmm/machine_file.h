/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A saved machine in a file, from some offset on: a page of a head, the state as sections
 * (core/state.h), then memory, each page at a fixed place behind, so that it can be read in any
 * order. Pages of zeros are holes. The head is written last: without it there is nothing.
 */
#ifndef BERTH_VMM_MACHINE_FILE_H
#define BERTH_VMM_MACHINE_FILE_H

#include <stdint.h>

#define MACHINE_FILE_MAGIC "berth-vm-state 1"
#define MACHINE_FILE_PAGE 4096ull
/* Memory is looked at and written in units of this; all else is padded to it. */
#define MACHINE_FILE_CHUNK (64 * 1024ull)

struct machine_file_head {
	char magic[16];
	uint64_t state_length;
	uint64_t memory_offset; /* from the head's own place on */
	uint64_t memory_size;
};

#endif
