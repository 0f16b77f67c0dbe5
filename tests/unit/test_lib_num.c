/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/unit/unit_test.h"

#include "lib/num.h"

static void numbers_in_range(void **state)
{
	uint64_t value = 7;

	(void)state;
	assert_true(num_parse("0", 10, &value));
	assert_int_equal(value, 0);
	assert_true(num_parse("65535", 65535, &value));
	assert_int_equal(value, 65535);
	assert_true(num_parse("18446744073709551615", UINT64_MAX, &value));
	assert_true(value == UINT64_MAX);
}

static void what_is_no_number(void **state)
{
	static const char *const bad[] = { "", " 1", "1 ", "-1", "+1", "1x", "0x1", "11",
		"18446744073709551616", "99999999999999999999999999" };
	uint64_t value = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(num_parse(bad[i], 10, &value));
	/* A failed call leaves the result alone. */
	assert_int_equal(value, 7);
}

static void durations(void **state)
{
	uint64_t seconds = 0;

	(void)state;
	assert_true(num_parse_duration("90s", 1000, &seconds));
	assert_int_equal(seconds, 90);
	assert_true(num_parse_duration("2h", 10000, &seconds));
	assert_int_equal(seconds, 7200);
	assert_true(num_parse_duration("365d", 365 * 86400, &seconds));
	assert_int_equal(seconds, 365 * 86400);
	assert_false(num_parse_duration("366d", 365 * 86400, &seconds));
	assert_false(num_parse_duration("90", 1000, &seconds));
	assert_false(num_parse_duration("1w", 1000000, &seconds));
	assert_false(num_parse_duration("1hh", 1000000, &seconds));
	assert_false(num_parse_duration("18446744073709551615d", UINT64_MAX, &seconds));
}

static void fields_of_lines(void **state)
{
	static const char text[] =
	    "MemTotal:      1003912 kB\nanon 4096\nanon_thp\noom 0\noom_kill 2\nlast 7";

	(void)state;
	assert_int_equal(num_field(text, "MemTotal:"), 1003912);
	assert_int_equal(num_field(text, "anon"), 4096);
	assert_int_equal(num_field(text, "anon_thp"), 0);
	assert_int_equal(num_field(text, "oom_kill"), 2);
	assert_int_equal(num_field(text, "last"), 7);
	assert_int_equal(num_field(text, "kill"), 0);
	assert_int_equal(num_field("", "anon"), 0);
	assert_int_equal(num_field("anon", "anon"), 0);
}

static void takes_digits(void **state)
{
	const char *text = "10ff:x";
	uint64_t value = 7;

	(void)state;
	assert_true(num_take(&text, 16, 0xffff, &value));
	assert_int_equal(value, 0x10ff);
	assert_string_equal(text, ":x");
	/* Where there is no digit, or too many, neither moves. */
	assert_false(num_take(&text, 16, 0xffff, &value));
	text = "256";
	assert_false(num_take(&text, 10, 255, &value));
	assert_string_equal(text, "256");
	assert_int_equal(value, 0x10ff);
	assert_true(num_take(&text, 6, 255, &value));
	assert_int_equal(value, 2 * 6 + 5);
	assert_string_equal(text, "6");
}

static void bytes_in_digits(void **state)
{
	uint8_t bytes[2] = { 0 };

	(void)state;
	assert_true(num_hex_bytes("0aFE", 2, bytes));
	assert_int_equal(bytes[0], 0x0a);
	assert_int_equal(bytes[1], 0xfe);
	assert_true(num_hex_bytes("01:", 1, bytes));
	assert_false(num_hex_bytes("01:", 2, bytes));
	assert_false(num_hex_bytes("0", 1, bytes));
	assert_false(num_hex_bytes("0g", 1, bytes));
	assert_int_equal(num_hex_digit('/'), -1);
	assert_int_equal(num_hex_digit(':'), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_in_range),
		cmocka_unit_test(what_is_no_number),
		cmocka_unit_test(durations),
		cmocka_unit_test(fields_of_lines),
		cmocka_unit_test(takes_digits),
		cmocka_unit_test(bytes_in_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
