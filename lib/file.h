/* SPDX-License-Identifier: GPL-2.0-only */
/* Whole files: read with a bound, replaced at one stroke. */
#ifndef BERTH_LIB_FILE_H
#define BERTH_LIB_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"

/* Append the content of `path` ("-" is stdin) to `buf`. 0, -EFBIG past `limit` bytes, -ENOMEM, or
 * another -errno. */
int file_read(const char *path, size_t limit, struct buf *buf);

/*
 * Make `data` the content of `path`: written aside, synced, renamed, the folder synced. After a
 * power cut there is the old file or the new one. 0 or -errno; on an error the old file is as it
 * was.
 */
int file_replace(const char *path, const char *data, size_t length, unsigned int mode);

/* Make the names in the folder that `path` is in outlive a power cut. 0 or -errno. */
int file_sync_folder(const char *path);

/* Bytes that are free where an open file or folder is, without those that are root's alone; 0 where
 * that cannot be told. */
uint64_t file_room(int fd);

#endif
