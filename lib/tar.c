/* SPDX-License-Identifier: GPL-2.0-only */
#include "lib/tar.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK 512u
/* Offsets in a header. */
#define NAME 0
#define SIZE 124
#define CHECKSUM 148
#define TYPE 156
#define MAGIC 257
#define OCTAL_DIGITS 11
#define CHECKSUM_DIGITS 8

static int read_block(int fd, uint64_t at, unsigned char block[BLOCK])
{
	size_t length = 0;

	while (length < BLOCK) {
		ssize_t got = pread(fd, block + length, BLOCK - length, (off_t)(at + length));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			return -EBADMSG;
		length += (size_t)got;
	}
	return 0;
}

/* Digits up to a blank or NUL; at least one. */
static bool read_octal(const unsigned char *field, size_t width, uint64_t *ret_value)
{
	uint64_t value = 0;
	size_t i;

	for (i = 0; i < width && field[i] >= '0' && field[i] <= '7'; i++)
		value = value * 8 + (uint64_t)(field[i] - '0');
	if (i == 0 || (i < width && field[i] != ' ' && field[i]))
		return false;
	*ret_value = value;
	return true;
}

/* The sum of the header's bytes, its own field taken as blanks. */
static uint64_t checksum(const unsigned char block[BLOCK])
{
	uint64_t sum = 0;

	for (size_t i = 0; i < BLOCK; i++)
		sum += i >= CHECKSUM && i < CHECKSUM + CHECKSUM_DIGITS ? ' ' : block[i];
	return sum;
}

static bool read_name(const unsigned char *field, char name[TAR_NAME])
{
	size_t i;

	for (i = 0; i < TAR_NAME - 1 && field[i]; i++) {
		if (field[i] <= ' ' || field[i] > '~' || field[i] == '/')
			return false;
		name[i] = (char)field[i];
	}
	name[i] = '\0';
	return i > 0;
}

int tar_next(int fd, uint64_t *at, struct tar_member *ret_member)
{
	static const unsigned char nothing[BLOCK];
	unsigned char block[BLOCK];
	struct tar_member member;
	struct stat status;
	uint64_t sum;
	int error;

	if (fstat(fd, &status) < 0)
		return -errno;
	error = read_block(fd, *at, block);
	if (error)
		return error;
	if (!memcmp(block, nothing, BLOCK))
		return 0;
	if (memcmp(block + MAGIC, "ustar", 5) || (block[TYPE] != '0' && block[TYPE]) ||
	    !read_octal(block + CHECKSUM, CHECKSUM_DIGITS, &sum) || sum != checksum(block) ||
	    !read_octal(block + SIZE, OCTAL_DIGITS, &member.size) ||
	    !read_name(block + NAME, member.name))
		return -EBADMSG;
	/* Eleven octal digits are 8 GiB at most: no sum here can overflow. */
	member.offset = *at + BLOCK;
	if (member.offset + member.size > (uint64_t)status.st_size)
		return -EBADMSG;
	*at = member.offset + (member.size + BLOCK - 1) / BLOCK * BLOCK;
	*ret_member = member;
	return 1;
}
