/* SPDX-License-Identifier: GPL-2.0-only */
/* An archive out of the input: as it is, or with the mark and the sum of each header made right,
 * for the fuzzer does not guess a sum. What is found lies in the file, one behind the other. */
#include "lib/tar.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/script.h"

#define BLOCK 512u

static void mend(uint8_t block[BLOCK])
{
	unsigned int sum = 0;

	memcpy(block + 257, "ustar", 5);
	memset(block + 148, ' ', 8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += block[i];
	snprintf((char *)block + 148, 8, "%06o", sum);
}

static void mend_at(int fd, uint64_t at)
{
	uint8_t block[BLOCK];

	if (pread(fd, block, BLOCK, (off_t)at) != BLOCK || !block[0])
		return;
	mend(block);
	check(pwrite(fd, block, BLOCK, (off_t)at) == BLOCK);
}

/* Whether it is as the header of lib/tar promises. */
static void look(const struct tar_member *member, uint64_t before, uint64_t at, uint64_t size)
{
	size_t length = strnlen(member->name, TAR_NAME);

	check(length > 0 && length < TAR_NAME);
	for (size_t i = 0; i < length; i++)
		check(member->name[i] > ' ' && member->name[i] <= '~' && member->name[i] != '/');
	check(member->offset == before + BLOCK && member->offset % BLOCK == 0);
	check(member->size <= size && member->offset <= size - member->size);
	check(at >= member->offset + member->size && at % BLOCK == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int file = -1;
	struct script script = { data, size };
	bool mended = script_take(&script, 1) & 1;
	struct tar_member member;
	uint64_t before = 0;
	uint64_t at = 0;
	int result;

	if (file < 0)
		file = memfd_create("archive", MFD_CLOEXEC);
	check(ftruncate(file, 0) == 0);
	check(pwrite(file, script.data, script.left, 0) == (ssize_t)script.left);
	for (;;) {
		if (mended)
			mend_at(file, at);
		result = tar_next(file, &at, &member);
		if (result <= 0)
			break;
		look(&member, before, at, script.left);
		before = at;
	}
	check((result == 0 || result == -EBADMSG) && at == before);
	return 0;
}
