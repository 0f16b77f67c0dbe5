/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/unit/unit_test.h"

#include <string.h>

#include "cli/identifier.h"

static void addresses_are_of_kvm_and_differ(void **state)
{
	char one[IDENTIFIER_MAC];
	char other[IDENTIFIER_MAC];
	unsigned int same = 0;

	(void)state;
	assert_int_equal(identifier_mac(one), 0);
	assert_int_equal(strlen(one), 17);
	assert_memory_equal(one, "52:54:00:", 9);
	assert_int_equal(strspn(one, "0123456789abcdef:"), 17);
	/* Three random bytes are seldom the same twice, and not eight times. */
	for (unsigned int i = 0; i < 8; i++) {
		assert_int_equal(identifier_mac(other), 0);
		same += !strcmp(one, other);
	}
	assert_true(same < 8);
}

static void uuids_are_random_ones_and_differ(void **state)
{
	char one[IDENTIFIER_UUID];
	char other[IDENTIFIER_UUID];

	(void)state;
	for (unsigned int i = 0; i < 100; i++) {
		assert_int_equal(identifier_uuid(one), 0);
		assert_int_equal(identifier_uuid(other), 0);
		assert_string_not_equal(one, other);
		assert_int_equal(strlen(one), 36);
		assert_int_equal(strspn(one, "0123456789abcdef-"), 36);
		assert_true(one[8] == '-' && one[13] == '-' && one[18] == '-' && one[23] == '-');
		assert_int_equal(one[14], '4');
		assert_non_null(strchr("89ab", one[19]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_of_kvm_and_differ),
		cmocka_unit_test(uuids_are_random_ones_and_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
