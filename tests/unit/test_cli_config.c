/* SPDX-License-Identifier: GPL-2.0-only */
/* What "berth config" says to words that it cannot take. */
#include "cli/config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/exit_codes.h"
#include "tests/unit/unit_test.h"

/* The first line on stderr when the words are given. */
static const char *refusal(char **words, int count)
{
	static char text[4096];
	char path[] = "/tmp/berth-test-XXXXXX";
	int file = mkstemp(path);
	int kept = dup(STDERR_FILENO);
	ssize_t length;

	assert_true(file >= 0 && kept >= 0);
	unlink(path);
	dup2(file, STDERR_FILENO);
	assert_int_equal(config_run(count, words), EXIT_USAGE);
	dup2(kept, STDERR_FILENO);
	length = pread(file, text, sizeof(text) - 1, 0);
	assert_true(length > 0);
	text[length] = '\0';
	text[strcspn(text, "\n")] = '\0';
	close(file);
	close(kept);
	return text;
}

static void test_refusals(void **state)
{
	char *short_time[] = { "apply", "--within", "5s", "-" };
	char *no_unit[] = { "apply", "--within", "60" };
	char *no_value[] = { "apply", "--within" };
	char *origin[] = { "apply", "--origin", "a b" };
	char *unknown[] = { "plan", "--wat" };
	char *verb[] = { "aply" };

	(void)state;
	assert_string_equal(refusal(short_time, 4),
	    "berth config: --within 5s: a duration from 10s to 1d, with its unit");
	assert_string_equal(refusal(no_unit, 3),
	    "berth config: --within 60: a duration from 10s to 1d, with its unit");
	assert_string_equal(
	    refusal(no_value, 2), "berth config apply: \"--within\" cannot stand here");
	assert_string_equal(refusal(origin, 3),
	    "berth config: --origin a b: 40 letters, digits, \".\", \"@\" and \"-\" at most");
	assert_string_equal(refusal(unknown, 2), "berth config plan: \"--wat\" cannot stand here");
	assert_string_equal(refusal(verb, 1), "usage: berth config VERB");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_refusals) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
