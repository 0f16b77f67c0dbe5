/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether there is memory for one more guest, and what the kernel ended one for, by files of a
 * kernel's that are written here. */
#include "node/guest/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/file.h"
#include "node/guest/cgroup.h"
#include "tests/unit/unit_test.h"

#define MIB (1ull << 20)

static char root[64];
static char group[128];
static const struct node_paths paths = { .proc = root, .cgroup = group };

static void put(const char *folder, const char *name, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(file_replace(path, text, strlen(text), 0600), 0);
}

static int set_up(void **state)
{
	(void)state;
	strcpy(root, "/tmp/berth-memory-XXXXXX");
	assert_non_null(mkdtemp(root));
	snprintf(group, sizeof(group), "%s/berth", root);
	assert_int_equal(mkdir(group, 0700), 0);
	/* 1 GiB, less 96 MiB and a sixty-fourth: 912 MiB are the guests'. */
	put(root, "meminfo", "MemTotal: 1048576 kB\nMemFree: 1 kB\nMemAvailable: 1048576 kB\n");
	put(group, "memory.max", "max");
	put(group, "memory.stat", "anon 0\nfile 999999999999\nkernel 0\nshmem 0\n");
	return 0;
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

/* "" when the guest is let in, or why not. */
static const char *admit(uint64_t memory, uint64_t most, bool huge)
{
	const struct conf_guest guest = {
		.name = "web",
		.memory = memory * MIB,
		.memory_max = most * MIB,
		.hugepages = huge,
		.balloon = true,
	};
	static char line[256];
	struct buf why = BUF_INIT;
	int error = memory_admit(&paths, &guest, &why);

	assert_int_equal(error, why.length ? -ENOMEM : 0);
	snprintf(line, sizeof(line), "%s", buf_text(&why));
	buf_done(&why);
	return line;
}

static void test_all_guests_are_bounded(void **state)
{
	struct buf text = BUF_INIT;
	char path[256];

	(void)state;
	assert_string_equal(admit(64, 0, false), "");
	snprintf(path, sizeof(path), "%s/memory.max", group);
	assert_int_equal(file_read(path, 64, &text), 0);
	/* Over what was there: the kernel reads a number, and no more. */
	assert_int_equal(strtoull(buf_text(&text), NULL, 10), 912 * MIB);
	buf_done(&text);
}

static void test_as_much_as_is_free(void **state)
{
	(void)state;
	assert_string_equal(admit(912, 0, false), "");
	put(group, "memory.stat",
	    "anon 104857600\nfile 999999999999\nkernel 52428800\nshmem 52428800\n");
	assert_string_equal(admit(712, 0, false), "");
	assert_string_equal(admit(713, 0, false),
	    "not enough memory: it is to have 713 MiB, and of the 912 that the node has for guests 712 are free");
	/* Of the node's own, it may have taken more than is set aside for it. */
	put(root, "meminfo", "MemTotal: 1048576 kB\nMemAvailable: 102400 kB\n");
	assert_string_equal(admit(100, 0, false), "");
	assert_non_null(strstr(admit(101, 0, false), "100 are free"));
}

static void test_more_is_promised_than_there_is(void **state)
{
	struct conf_guest guest = { .name = "web", .memory = 64 * MIB, .memory_max = 800 * MIB };
	struct buf why = BUF_INIT;

	(void)state;
	put(group, "memory.stat", "anon 629145600\n");
	assert_string_equal(admit(64, 800, false), "");
	assert_string_equal(admit(64, 913, false),
	    "not enough memory: it is to have up to 913 MiB, and the node has 912 for guests");
	guest.balloon = false;
	assert_int_equal(memory_admit(&paths, &guest, &why), -ENOMEM);
	assert_non_null(strstr(buf_text(&why), "it is to have 800 MiB"));
	buf_done(&why);
}

static void test_swap_counts(void **state)
{
	(void)state;
	put(root, "meminfo",
	    "MemTotal: 1048576 kB\nMemAvailable: 102400 kB\nSwapTotal: 1048576 kB\nSwapFree: 512000 kB\n");
	assert_string_equal(admit(600, 1900, false), "");
	assert_non_null(strstr(admit(601, 0, false), "600 are free"));
}

static void test_huge_pages_are_set_aside(void **state)
{
	(void)state;
	put(root, "meminfo",
	    "MemTotal: 2097152 kB\nMemAvailable: 1048576 kB\nHugetlb: 1048576 kB\n");
	assert_string_equal(admit(912, 0, false), "");
	assert_non_null(strstr(admit(913, 0, false), "912"));
	/* Whether there are enough of them, the VMM is told when it takes them. */
	assert_string_equal(admit(1024, 0, true), "");
}

static void test_a_kernel_that_does_not_say(void **state)
{
	const struct conf_guest guest = { .name = "web", .memory = MIB };
	const struct node_paths nowhere = { .proc = "/nowhere" };
	struct buf why = BUF_INIT;

	(void)state;
	assert_int_equal(memory_admit(&nowhere, &guest, &why), -ENOENT);
	assert_non_null(strstr(buf_text(&why), "No such file"));
	buf_done(&why);
}

static void test_why_one_was_ended(void **state)
{
	char folder[256];

	(void)state;
	snprintf(folder, sizeof(folder), "%s/guest-web", group);
	assert_int_equal(cgroup_read_short(&paths, "web"), CGROUP_SHORT_NO);
	assert_int_equal(mkdir(folder, 0700), 0);
	put(folder, "memory.events", "low 0\nhigh 0\nmax 9\noom 0\noom_kill 0\n");
	assert_int_equal(cgroup_read_short(&paths, "web"), CGROUP_SHORT_NO);
	put(folder, "memory.events", "low 0\nhigh 0\nmax 9\noom 0\noom_kill 1\n");
	assert_int_equal(cgroup_read_short(&paths, "web"), CGROUP_SHORT_NODE);
	put(folder, "memory.events", "low 0\nhigh 0\nmax 9\noom 2\noom_kill 1\n");
	assert_int_equal(cgroup_read_short(&paths, "web"), CGROUP_SHORT_GUEST);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_all_guests_are_bounded),
		TEST(test_as_much_as_is_free),
		TEST(test_more_is_promised_than_there_is),
		TEST(test_swap_counts),
		TEST(test_huge_pages_are_set_aside),
		TEST(test_a_kernel_that_does_not_say),
		TEST(test_why_one_was_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
