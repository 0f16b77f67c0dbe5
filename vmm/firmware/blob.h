/* SPDX-License-Identifier: GPL-2.0-only */
/* A file to boot from: read piece by piece, so that one that shrinks is an error and not a signal.
 */
#ifndef BERTH_VMM_FIRMWARE_BLOB_H
#define BERTH_VMM_FIRMWARE_BLOB_H

#include <stddef.h>
#include <stdint.h>

struct blob {
	int fd;		     /* or -1 */
	const uint8_t *data; /* then it is here */
	uint64_t size;
};

/* A regular file or block device; 0 or -errno. The descriptor stays the caller's. */
int blob_open(int fd, struct blob *ret_blob);

/* All of it or nothing: -ENODATA when the range is not all in the file, else -errno of pread(2). */
int blob_read(const struct blob *blob, uint64_t offset, void *to, uint64_t length);

#endif
