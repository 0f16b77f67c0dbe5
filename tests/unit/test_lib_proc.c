/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "lib/proc.h"

static int shell(const char *script, unsigned int seconds, size_t limit, struct buf *output)
{
	char name[] = "sh";
	char option[] = "-c";
	char text[200];
	char *arguments[] = { name, option, text, NULL };

	strncpy(text, script, sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	return proc_run(arguments, seconds, limit, output);
}

static void output_and_status(void **state)
{
	struct buf output = BUF_INIT;

	(void)state;
	assert_int_equal(shell("echo out; echo err >&2; exit 3", 10, 100, &output), 3);
	assert_string_equal(buf_text(&output), "out\nerr\n");
	buf_done(&output);
}

static void output_is_bounded(void **state)
{
	struct buf output = BUF_INIT;

	(void)state;
	assert_int_equal(shell("head -c 100000 /dev/zero | tr '\\0' x", 10, 1000, &output), 0);
	assert_int_equal(output.length, 1000);
	buf_done(&output);
}

static void time_is_bounded(void **state)
{
	struct buf output = BUF_INIT;
	time_t start = time(NULL);

	(void)state;
	/* The sleeping grandchild holds the pipe: it has to end as well. */
	assert_int_equal(shell("echo begun; sleep 60", 1, 100, &output), -ETIME);
	assert_string_equal(buf_text(&output), "begun\n");
	assert_true(time(NULL) - start < 30);
	buf_done(&output);
}

static void time_is_bounded_without_output(void **state)
{
	struct buf output = BUF_INIT;
	time_t start = time(NULL);

	(void)state;
	/* The output's end is not the end of the program. */
	assert_int_equal(shell("echo begun; exec >&- 2>&-; sleep 60", 1, 100, &output), -ETIME);
	assert_string_equal(buf_text(&output), "begun\n");
	assert_true(time(NULL) - start < 30);
	buf_done(&output);
}

static void ended_by_a_signal(void **state)
{
	struct buf output = BUF_INIT;

	(void)state;
	assert_int_equal(shell("kill -TERM $$", 10, 100, &output), 128 + 15);
	buf_done(&output);
}

static void input_is_empty(void **state)
{
	struct buf output = BUF_INIT;

	(void)state;
	assert_int_equal(shell("wc -c", 10, 100, &output), 0);
	assert_string_equal(buf_text(&output), "0\n");
	buf_done(&output);
}

static void missing_program(void **state)
{
	char name[] = "no-such-program-at-all";
	char *arguments[] = { name, NULL };
	struct buf output = BUF_INIT;

	(void)state;
	assert_int_equal(proc_run(arguments, 10, 100, &output), 127);
	buf_done(&output);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_and_status),
		cmocka_unit_test(output_is_bounded),
		cmocka_unit_test(time_is_bounded),
		cmocka_unit_test(time_is_bounded_without_output),
		cmocka_unit_test(ended_by_a_signal),
		cmocka_unit_test(input_is_empty),
		cmocka_unit_test(missing_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
