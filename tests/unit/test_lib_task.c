/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/task.h"

struct end {
	struct loop *loop;
	int result;
	char output[64];
	unsigned int calls;
};

static void ended(void *context, int result, const struct buf *output)
{
	struct end *end = context;

	end->result = result;
	snprintf(end->output, sizeof(end->output), "%s", buf_text(output));
	end->calls++;
	loop_stop(end->loop);
}

static struct task *start(struct end *end, const char *script, unsigned int seconds, size_t limit)
{
	char name[] = "sh";
	char option[] = "-c";
	char text[200];
	char *arguments[] = { name, option, text, NULL };
	struct task *task;

	snprintf(text, sizeof(text), "%s", script);
	assert_int_equal(task_start(end->loop, arguments, seconds, limit, ended, end, &task), 0);
	return task;
}

static void run(const char *script, unsigned int seconds, size_t limit, struct end *ret_end)
{
	struct end end = { 0 };

	assert_int_equal(loop_create(&end.loop), 0);
	start(&end, script, seconds, limit);
	loop_run(end.loop);
	assert_int_equal(end.calls, 1);
	loop_free(end.loop);
	*ret_end = end;
}

static void output_and_status(void **state)
{
	struct end end;

	(void)state;
	run("echo out; echo err >&2; exit 3", 60, 1000, &end);
	assert_int_equal(end.result, 3);
	assert_string_equal(end.output, "out\nerr\n");
	run("kill -9 $$", 60, 1000, &end);
	assert_int_equal(end.result, 128 + 9);
}

static void output_is_bounded(void **state)
{
	struct end end;

	(void)state;
	run("head -c 100000 /dev/zero | tr '\\0' x", 60, 5, &end);
	assert_int_equal(end.result, 0);
	assert_string_equal(end.output, "xxxxx");
}

/* One that closes its output and goes on is waited for. */
static void end_without_output(void **state)
{
	struct end end;

	(void)state;
	run("exec > /dev/null 2>&1; sleep 0.1; exit 7", 60, 1000, &end);
	assert_int_equal(end.result, 7);
}

static void time_is_bounded(void **state)
{
	struct end end;

	(void)state;
	run("echo begun; sleep 600", 1, 1000, &end);
	assert_int_equal(end.result, -ETIME);
	assert_string_equal(end.output, "begun\n");
}

static void others_go_on(void **state)
{
	struct end slow = { 0 };
	struct end quick = { 0 };
	struct task *task;

	(void)state;
	assert_int_equal(loop_create(&slow.loop), 0);
	quick.loop = slow.loop;
	task = start(&slow, "sleep 600", 600, 1000);
	start(&quick, "exit 1", 60, 1000);
	loop_run(slow.loop);
	assert_int_equal(quick.calls, 1);
	assert_int_equal(slow.calls, 0);
	task_free(task);
	assert_int_equal(slow.calls, 0);
	loop_free(slow.loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_and_status),
		cmocka_unit_test(output_is_bounded),
		cmocka_unit_test(end_without_output),
		cmocka_unit_test(time_is_bounded),
		cmocka_unit_test(others_go_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
