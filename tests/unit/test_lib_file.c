/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <signal.h>
#include <unistd.h>

#include "lib/file.h"

static char folder[] = "/tmp/berth-test-XXXXXX";
static char path[64];

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/file", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static void assert_content(const char *wanted)
{
	struct buf buf = BUF_INIT;

	assert_int_equal(file_read(path, 1000, &buf), 0);
	assert_string_equal(buf_text(&buf), wanted);
	buf_done(&buf);
}

static void replace_and_read(void **state)
{
	struct stat info;

	(void)state;
	assert_int_equal(file_replace(path, "one", 3, 0600), 0);
	assert_content("one");
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	assert_int_equal(file_replace(path, "twotwo", 6, 0600), 0);
	assert_content("twotwo");
}

static void limit_is_kept(void **state)
{
	struct buf buf = BUF_INIT;

	(void)state;
	assert_int_equal(file_replace(path, "0123456789", 10, 0600), 0);
	assert_int_equal(file_read(path, 9, &buf), -EFBIG);
	buf_done(&buf);
	assert_int_equal(file_read(path, 10, &buf), 0);
	buf_done(&buf);
}

/* A disk that takes no more: the old file stays, nothing is left beside it. */
static void failed_write_leaves_the_old_file(void **state)
{
	struct rlimit limit = { .rlim_cur = 4, .rlim_max = RLIM_INFINITY };
	struct rlimit before;
	char aside[80];

	(void)state;
	assert_int_equal(file_replace(path, "old", 3, 0600), 0);
	getrlimit(RLIMIT_FSIZE, &before);
	limit.rlim_max = before.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(file_replace(path, "much longer", 11, 0600), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_content("old");
	snprintf(aside, sizeof(aside), "%s.new", path);
	assert_int_equal(access(aside, F_OK), -1);
}

static void missing_folder(void **state)
{
	(void)state;
	assert_int_equal(file_replace("/nonexistent/file", "x", 1, 0600), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replace_and_read),
		cmocka_unit_test(limit_is_kept),
		cmocka_unit_test(failed_write_leaves_the_old_file),
		cmocka_unit_test(missing_folder),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
