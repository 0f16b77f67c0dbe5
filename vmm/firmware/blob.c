/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/firmware/blob.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define PIECE (1u << 30)

int blob_open(int fd, struct blob *ret_blob)
{
	off_t size = lseek(fd, 0, SEEK_END);

	if (size < 0)
		return -errno;
	*ret_blob = (struct blob){ .fd = fd, .size = (uint64_t)size };
	return 0;
}

int blob_read(const struct blob *blob, uint64_t offset, void *to, uint64_t length)
{
	uint8_t *at = to;

	if (offset > blob->size || length > blob->size - offset)
		return -ENODATA;
	if (blob->data) {
		memcpy(to, blob->data + offset, length);
		return 0;
	}
	while (length) {
		ssize_t count = pread(blob->fd, at, length < PIECE ? length : PIECE, (off_t)offset);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return count < 0 ? -errno : -ENODATA;
		at += count;
		offset += (uint64_t)count;
		length -= (uint64_t)count;
	}
	return 0;
}
