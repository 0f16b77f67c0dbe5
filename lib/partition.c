/* SPDX-License-Identifier: GPL-2.0-only */
#include "lib/partition.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* UEFI 2.10, section 5.2.1: the signature of the disk, and what ends the first block. */
#define MBR_SIGNATURE 440
#define MBR_END 510
/* Section 5.3.2, tables 5.5 and 5.6. */
#define GPT_ENTRIES 72
#define GPT_COUNT 80
#define GPT_SIZE 84
#define ENTRY_GUID 16
#define GUID_BYTES 16

static uint32_t word(const unsigned char *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return le32toh(value);
}

static int read_at(int fd, uint64_t offset, unsigned char *bytes, size_t count)
{
	ssize_t got = pread(fd, bytes, count, (off_t)offset);

	return got < 0 ? -errno : (size_t)got == count ? 0 : -ENOENT;
}

/* Appendix A: the first three fields are little-endian, the rest stands as it is. */
static void write_guid(const unsigned char guid[GUID_BYTES], char ret_guid[PARTITION_GUID])
{
	snprintf(ret_guid, PARTITION_GUID,
	    "%08x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", word(guid), guid[5],
	    guid[4], guid[7], guid[6], guid[8], guid[9], guid[10], guid[11], guid[12], guid[13],
	    guid[14], guid[15]);
}

static int of_gpt(int fd, const unsigned char *header, unsigned int number, unsigned int block,
    char ret_guid[PARTITION_GUID])
{
	uint64_t first = (uint64_t)word(header + GPT_ENTRIES + 4) << 32 |
			 word(header + GPT_ENTRIES);
	uint64_t size = word(header + GPT_SIZE);
	unsigned char guid[GUID_BYTES];
	int error;

	if (number > word(header + GPT_COUNT) || first > INT64_MAX / block / 2)
		return -ENOENT;
	error = read_at(fd, first * block + (number - 1) * size + ENTRY_GUID, guid, sizeof(guid));
	if (!error)
		write_guid(guid, ret_guid);
	return error;
}

int partition_guid(
    const char *path, unsigned int number, unsigned int block, char ret_guid[PARTITION_GUID])
{
	unsigned char bytes[512];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int error = fd < 0 ? -errno : number && block ? read_at(fd, block, bytes, 92) : -ENOENT;

	if (!error && !memcmp(bytes, "EFI PART", 8)) {
		error = of_gpt(fd, bytes, number, block, ret_guid);
	} else if (!error || error == -ENOENT) {
		error = read_at(fd, 0, bytes, sizeof(bytes));
		if (!error &&
		    (bytes[MBR_END] != 0x55 || bytes[MBR_END + 1] != 0xaa || number > 255))
			error = -ENOENT;
		if (!error)
			snprintf(ret_guid, PARTITION_GUID, "%08x-%02x", word(bytes + MBR_SIGNATURE),
			    number);
	}
	if (fd >= 0)
		close(fd);
	return error;
}
