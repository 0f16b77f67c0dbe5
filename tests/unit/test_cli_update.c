/* SPDX-License-Identifier: GPL-2.0-only */
/* Update files' archives and manifests: what is understood, and what is not. */
#include "cli/update_manifest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/tar.h"
#include "tests/unit/unit_test.h"

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HEAD "berth-update 1\nversion 1.2.0\nbuild abc\nmachine x86_64\n"

static void a_manifest_is_read(void **state)
{
	struct update_manifest manifest;
	const char *why;

	(void)state;
	assert_true(update_manifest_parse(HEAD "file vmlinuz 12 " HASH "\n"
					       "later things are left to a later Berth\n\n"
					       "file initrd 4294967296 " HASH "\n",
	    &manifest, &why));
	assert_string_equal(manifest.version, "1.2.0");
	assert_string_equal(manifest.build, "abc");
	assert_string_equal(manifest.machine, "x86_64");
	assert_int_equal(manifest.count, 2);
	assert_int_equal(update_manifest_part(&manifest, "vmlinuz")->size, 12);
	assert_int_equal(update_manifest_part(&manifest, "vmlinuz")->sha256[1], 0x23);
	assert_int_equal(update_manifest_part(&manifest, "initrd")->size, (uint64_t)1 << 32);
	assert_null(update_manifest_part(&manifest, "berth.efi"));
}

static void what_is_no_manifest_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"berth-update 2\n",
		HEAD,
		"berth-update 1\nbuild abc\nmachine x86_64\nfile vmlinuz 12 " HASH "\n",
		HEAD "file vmlinuz\n",
		HEAD "file vmlinuz -1 " HASH "\n",
		HEAD "file vmlinuz 4294967297 " HASH "\n",
		HEAD "file vmlinuz 12 " HASH "00\n",
		HEAD "file vmlinuz 12 0123\n",
		HEAD "file ../vmlinuz 12 " HASH "\n",
		HEAD "file .hidden 12 " HASH "\n",
		HEAD "file a;b 12 " HASH "\n",
		HEAD "file vmlinuz 12 " HASH "\nfile vmlinuz 12 " HASH "\n",
		"berth-update 1\nversion $(reboot)\nbuild abc\nmachine x\nfile a 1 " HASH "\n",
	};
	struct update_manifest manifest;
	char text[2048];
	const char *why;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_false(update_manifest_parse(texts[i], &manifest, &why));
	/* A line that is too long, and more files than a slot has. */
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	memcpy(text, HEAD, strlen(HEAD));
	assert_false(update_manifest_parse(text, &manifest, &why));
	snprintf(text, sizeof(text), HEAD);
	for (int i = 0; i <= UPDATE_PARTS; i++)
		snprintf(
		    text + strlen(text), sizeof(text) - strlen(text), "file f%d 1 " HASH "\n", i);
	assert_false(update_manifest_parse(text, &manifest, &why));
}

static void versions_are_ordered(void **state)
{
	static const char *const ordered[] = { "0.9.0-rc1", "0.9.0-rc2", "0.9.0", "0.9.1", "0.10.0",
		"1.0.0", "1.0.0.1", "10.0.0" };

	(void)state;
	for (size_t a = 0; a < sizeof(ordered) / sizeof(ordered[0]); a++)
		for (size_t b = 0; b < sizeof(ordered) / sizeof(ordered[0]); b++) {
			int order = update_version_compare(ordered[a], ordered[b]);

			assert_int_equal((order > 0) - (order < 0), (a > b) - (a < b));
		}
	assert_int_equal(update_version_compare("1.02", "1.2"), 0);
}

/* A header with its checksum, as tar(5) has it. */
static void make_header(char block[512], const char *name, const char *size)
{
	unsigned int sum = 0;

	memset(block, 0, 512);
	memcpy(block, name, strlen(name));
	memcpy(block + 124, size, strlen(size));
	memcpy(block + 257, "ustar", 5);
	block[156] = '0';
	memset(block + 148, ' ', 8);
	for (int i = 0; i < 512; i++)
		sum += (unsigned char)block[i];
	snprintf(block + 148, 8, "%06o", sum);
}

static int next_of(const char *bytes, size_t length, struct tar_member *ret_member)
{
	int fd = memfd_create("tar", MFD_CLOEXEC);
	uint64_t at = 0;
	int result;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, length), length);
	result = tar_next(fd, &at, ret_member);
	close(fd);
	return result;
}

static void archives_are_read_and_bounded(void **state)
{
	char blocks[1024] = { 0 };
	struct tar_member member;

	(void)state;
	assert_int_equal(next_of(blocks, 1024, &member), 0);
	assert_int_equal(next_of(blocks, 100, &member), -EBADMSG);
	make_header(blocks, "manifest", "00000000005");
	assert_int_equal(next_of(blocks, 1024, &member), 1);
	assert_string_equal(member.name, "manifest");
	assert_int_equal(member.offset, 512);
	assert_int_equal(member.size, 5);
	/* Cut off, a size beyond the file, a size that is no number, a name with a folder. */
	assert_int_equal(next_of(blocks, 516, &member), -EBADMSG);
	make_header(blocks, "manifest", "77777777777");
	assert_int_equal(next_of(blocks, 1024, &member), -EBADMSG);
	make_header(blocks, "manifest", "9");
	assert_int_equal(next_of(blocks, 1024, &member), -EBADMSG);
	make_header(blocks, "../manifest", "00000000005");
	assert_int_equal(next_of(blocks, 1024, &member), -EBADMSG);
	/* One bit of the header. */
	make_header(blocks, "manifest", "00000000005");
	blocks[3] ^= 1;
	assert_int_equal(next_of(blocks, 1024, &member), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_manifest_is_read),
		cmocka_unit_test(what_is_no_manifest_is_refused),
		cmocka_unit_test(versions_are_ordered),
		cmocka_unit_test(archives_are_read_and_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
