/* SPDX-License-Identifier: GPL-2.0-only */
/* What "berth config" says to words that it cannot take. */
#include "cli/config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/exit_codes.h"
#include "tests/unit/unit_test.h"

/* The first line on stderr when the words are given, parted by commas. */
static const char *refusal(const char *line)
{
	char copy[128];
	char *words[8];
	int count = 0;
	static char text[4096];
	char path[] = "/tmp/berth-test-XXXXXX";
	int file = mkstemp(path);
	int kept = dup(STDERR_FILENO);
	ssize_t length;

	assert_true(file >= 0 && kept >= 0 && strlen(line) < sizeof(copy));
	memcpy(copy, line, strlen(line) + 1);
	for (char *word = strtok(copy, ","); word && count < 8; word = strtok(NULL, ","))
		words[count++] = word;
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
	(void)state;
	assert_string_equal(refusal("apply,--within,5s,-"),
	    "berth config: --within 5s: a duration from 10s to 1d, with its unit");
	assert_string_equal(refusal("apply,--within,60"),
	    "berth config: --within 60: a duration from 10s to 1d, with its unit");
	assert_string_equal(
	    refusal("apply,--within"), "berth config apply: \"--within\" cannot stand here");
	assert_string_equal(refusal("apply,--origin,a b"),
	    "berth config: --origin a b: 40 letters, digits, \".\", \"@\" and \"-\" at most");
	assert_string_equal(
	    refusal("plan,--wat"), "berth config plan: \"--wat\" cannot stand here");
	assert_string_equal(refusal("aply"), "usage: berth config VERB");
}

/* Only the folder of such files, and nothing that is cleared away there. */
static void test_names_to_put(void **state)
{
	static const char *const names[] = { "put,berth.conf", "put,ssh/key", "put,tls/",
		"put,tls/../x", "put,tls/.x", "put,tls/a/b", "put,tls/a b", "put,/tls/a",
		"put,tls/a.new", "put,tls/a.two", "put,tls/a.", "put" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *said = refusal(names[i]);

		assert_true(!strncmp(said, "berth config put: \"", 19));
		assert_non_null(strstr(said, "\": a name in tls/ of letters, digits,"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_names_to_put) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
