/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/unit/unit_test.h"

#include "lib/arena.h"
#include "lib/map.h"

static void first_value_stays(void **state)
{
	struct map map = { .arena = arena_create(1024 * 1024) };
	const char *one = "1";
	const char *two = "2";

	(void)state;
	assert_null(map_get(&map, "a"));
	assert_null(map_add(&map, "a", one));
	assert_ptr_equal(map_add(&map, "a", two), one);
	assert_ptr_equal(map_get(&map, "a"), one);
	assert_null(map_get(&map, "b"));
	arena_free(map.arena);
}

static void many_are_all_found(void **state)
{
	struct map map = { .arena = arena_create(64 * 1024 * 1024) };
	const char *keys[5000];

	(void)state;
	for (int i = 0; i < 5000; i++) {
		keys[i] = arena_printf(map.arena, "key-%d", i);
		assert_null(map_add(&map, keys[i], &keys[i]));
	}
	for (int i = 0; i < 5000; i++)
		assert_ptr_equal(map_get(&map, keys[i]), &keys[i]);
	arena_free(map.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_value_stays),
		cmocka_unit_test(many_are_all_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
