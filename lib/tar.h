/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading a tar archive, member by member, out of an untrusted file: regular files with short names
 * and nothing else (POSIX.1-1988 ustar). */
#ifndef BERTH_LIB_TAR_H
#define BERTH_LIB_TAR_H

#include <stdint.h>

#define TAR_NAME 101

struct tar_member {
	char name[TAR_NAME]; /* printable ASCII, without "/" */
	uint64_t offset;     /* of its bytes in the file; a multiple of 512 */
	uint64_t size;	     /* all of them are in the file */
};

/*
 * The member whose header is at *at; moves *at behind it. 1, 0 at the archive's end, -EBADMSG for
 * what is no such archive or is cut off, or another -errno.
 */
int tar_next(int fd, uint64_t *at, struct tar_member *ret_member);

#endif
