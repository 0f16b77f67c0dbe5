/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/unit/unit_test.h"

#include <errno.h>

#include "tls/subjects.h"

static bool allowed(const char *pattern, const char *subject)
{
	struct subjects subjects = { .count = 0 };

	assert_int_equal(subjects_add(&subjects, pattern), 0);
	return subjects_match(&subjects, subject);
}

static void patterns_are_of_whole_subjects(void **state)
{
	(void)state;
	assert_true(allowed("CN=desk", "CN=desk"));
	assert_false(allowed("CN=desk", "CN=desk2"));
	assert_false(allowed("CN=desk", "O=Example, CN=desk"));
	assert_false(allowed("CN=desk", "CN=des"));
	assert_false(allowed("", "CN=desk"));
	assert_true(allowed("C=DE, O=Example, CN=desk", "C=DE, O=Example, CN=desk"));
}

static void blanks_after_commas_do_not_count(void **state)
{
	(void)state;
	assert_true(allowed("C=DE,O=Example,CN=desk", "C=DE, O=Example, CN=desk"));
	assert_true(allowed("C=DE, O=Example", "C=DE,O=Example"));
	assert_false(allowed("C=DE,O=Exam ple", "C=DE, O=Example"));
}

static void a_star_is_any_text(void **state)
{
	(void)state;
	assert_true(allowed("*", "CN=desk"));
	assert_true(allowed("O=Example,CN=*", "O=Example, CN=desk"));
	assert_true(allowed("*,CN=desk", "C=DE, O=Example, CN=desk"));
	assert_false(allowed("*,CN=desk", "C=DE, O=Example, CN=desk2"));
	assert_true(allowed("CN=a*b*c", "CN=a1b2b3c"));
	assert_false(allowed("CN=a*b*c", "CN=a1b2b3cd"));
	/* No more than a walk for each star. */
	assert_false(
	    allowed("*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

static void without_patterns_each_is_taken(void **state)
{
	struct subjects subjects = { .count = 0 };

	(void)state;
	assert_true(subjects_match(&subjects, "CN=anybody"));
	for (unsigned int i = 0; i < SUBJECTS_MAX; i++)
		assert_int_equal(subjects_add(&subjects, "CN=desk"), 0);
	assert_int_equal(subjects_add(&subjects, "CN=one more"), -E2BIG);
	assert_false(subjects_match(&subjects, "CN=anybody"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_are_of_whole_subjects),
		cmocka_unit_test(blanks_after_commas_do_not_count),
		cmocka_unit_test(a_star_is_any_text),
		cmocka_unit_test(without_patterns_each_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
