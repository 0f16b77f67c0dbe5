/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/unit/unit_test.h"

#include <string.h>

#include "lib/uuid.h"

#define TEXT "6f4d2b9e-1c0a-4f53-9a52-0d4c7e1b8f21"

static const uint8_t bytes[16] = { 0x6f, 0x4d, 0x2b, 0x9e, 0x1c, 0x0a, 0x4f, 0x53, 0x9a, 0x52, 0x0d,
	0x4c, 0x7e, 0x1b, 0x8f, 0x21 };

static void text_and_back(void **state)
{
	char text[UUID_TEXT];
	uint8_t uuid[16];

	(void)state;
	assert_true(uuid_parse(TEXT, uuid));
	assert_memory_equal(uuid, bytes, 16);
	assert_string_equal(uuid_text(bytes, text), TEXT);
	assert_true(uuid_parse("6F4D2B9E-1C0A-4F53-9A52-0D4C7E1B8F21", uuid));
	assert_memory_equal(uuid, bytes, 16);
}

static void what_is_none(void **state)
{
	static const char *const bad[] = { "", "6f4d2b9e", "6f4d2b9e-1c0a-4f53-9a52-0d4c7e1b8f2",
		TEXT "0", "6f4d2b9e-1c0a-4f53-9a52-0d4c7e1b8g21",
		"6f4d2b9e1c0a4f539a520d4c7e1b8f21", "6f4d2b9-e1c0a-4f53-9a52-0d4c7e1b8f21" };
	uint8_t uuid[16];

	(void)state;
	memcpy(uuid, bytes, 16);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(uuid_parse(bad[i], uuid));
	assert_memory_equal(uuid, bytes, 16);
}

static void dashes_anywhere(void **state)
{
	uint8_t uuid[16];

	(void)state;
	assert_true(uuid_parse_loose("6f4d2b9e1c0a4f539a520d4c7e1b8f21", uuid));
	assert_memory_equal(uuid, bytes, 16);
	assert_true(uuid_parse_loose("6f4d-2b9e1c0a4f53-9a520d4c7e1b8f-21-", uuid));
	assert_false(uuid_parse_loose("6f4d2b9e1c0a4f539a520d4c7e1b8f2", uuid));
	assert_false(uuid_parse_loose(TEXT "00", uuid));
	assert_false(uuid_parse_loose("6f4d2b9e 1c0a4f539a520d4c7e1b8f21", uuid));
}

/* The file's guests have theirs from this for ever. */
static void of_a_name(void **state)
{
	char text[UUID_TEXT];
	uint8_t uuid[16];
	uint8_t other[16];

	(void)state;
	uuid_of_name("guest", "web", uuid);
	assert_string_equal(uuid_text(uuid, text), "b713085c-af7e-8608-a2af-c631bd5854f6");
	uuid_of_name("network", "web", other);
	assert_memory_not_equal(uuid, other, 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_and_back),
		cmocka_unit_test(what_is_none),
		cmocka_unit_test(dashes_anywhere),
		cmocka_unit_test(of_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
