/* SPDX-License-Identifier: GPL-2.0-only */
/* Limits by a clock that the test moves. */
#include "vmm/backend/rate.h"

#include "tests/unit/unit_test.h"

#define SECOND 1000000000ull

/* How much passes in `duration` when `amount` is asked for whenever it may be; `now` moves on. */
static uint64_t passed(struct rate *rate, uint64_t amount, uint64_t *now, uint64_t duration)
{
	uint64_t end = *now + duration;
	uint64_t sum = 0;

	while (*now < end) {
		uint64_t ready = rate_ready(rate, *now);

		if (ready > *now) {
			assert_false(rate_take(rate, amount, *now));
			*now = ready < end ? ready : end;
			continue;
		}
		assert_true(rate_take(rate, amount, *now));
		sum += amount;
	}
	return sum;
}

static void test_no_limit(void **state)
{
	struct rate rate;

	(void)state;
	rate_init(&rate, 0, 0, 0, 5);
	assert_false(rate_is_limited(&rate));
	for (int i = 0; i < 100; i++)
		assert_true(rate_take(&rate, UINT64_MAX, 5));
	assert_int_equal(rate_ready(&rate, 5), 0);
	/* A peak or a burst of nothing limits nothing. */
	rate_init(&rate, 0, 1, 1, 5);
	assert_false(rate_is_limited(&rate));
	assert_true(rate_take(&rate, 100, 5));
	assert_true(rate_take(&rate, 100, 5));
}

static void test_average(void **state)
{
	static const uint64_t amounts[] = { 1, 512, 1500, 65536 };
	struct rate rate;

	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		uint64_t now = 7;
		uint64_t sum;

		rate_init(&rate, 1000000, 0, 0, now);
		sum = passed(&rate, amounts[i], &now, SECOND);
		/* The second and what a full bucket gives, to one amount more. */
		assert_in_range(sum, 1100000 - amounts[i], 1100000 + amounts[i]);
		sum = passed(&rate, amounts[i], &now, 10 * SECOND);
		assert_in_range(sum, 10000000 - 2 * amounts[i], 10000000 + 2 * amounts[i]);
	}
}

/* At once, then by the average; idle time fills it up again, and no further. */
static void test_burst(void **state)
{
	struct rate rate;
	uint64_t now = SECOND;

	(void)state;
	rate_init(&rate, 1000, 0, 5000, now);
	for (int i = 0; i < 5; i++)
		assert_true(rate_take(&rate, 1000, now));
	assert_false(rate_take(&rate, 1, now));
	assert_in_range(rate_ready(&rate, now), now + 1, now + SECOND);
	now += 1000 * SECOND;
	for (int i = 0; i < 5; i++)
		assert_true(rate_take(&rate, 1000, now));
	assert_false(rate_take(&rate, 1, now));
}

/* A burst goes no faster than the peak. */
static void test_peak(void **state)
{
	struct rate rate;
	uint64_t now = SECOND;
	uint64_t sum;

	(void)state;
	rate_init(&rate, 1000, 10000, 50000, now);
	sum = passed(&rate, 100, &now, SECOND);
	assert_in_range(sum, 9900, 10300);
	/* In the end the average holds: 50000 and 1000 a second over 100 s. */
	sum += passed(&rate, 100, &now, 99 * SECOND);
	assert_in_range(sum, 149800, 150200);
}

/* What is larger than the bucket passes, and is paid for afterwards. */
static void test_lends(void **state)
{
	struct rate rate;
	uint64_t now = SECOND;

	(void)state;
	rate_init(&rate, 1000, 0, 100, now);
	assert_true(rate_take(&rate, 5100, now));
	assert_false(rate_take(&rate, 1, now + 4999 * (SECOND / 1000)));
	assert_true(rate_take(&rate, 1, now + 5002 * (SECOND / 1000)));
}

/* Numbers at the edge of what there is, and a clock that stands or goes back. */
static void test_extremes(void **state)
{
	static const uint64_t numbers[] = { 1, 2, 1000, UINT32_MAX, INT64_MAX, UINT64_MAX };
	struct rate rate;

	(void)state;
	for (unsigned int i = 0; i < 6; i++) {
		for (unsigned int j = 0; j < 36; j++) {
			uint64_t now = SECOND;

			rate_init(&rate, numbers[i], numbers[j / 6], numbers[j % 6], now);
			assert_true(rate_take(&rate, UINT64_MAX, now));
			assert_true(rate_ready(&rate, now) > now);
			assert_false(rate_take(&rate, 1, now));
			assert_false(rate_take(&rate, 1, now - 1));
			/* It ends some day. */
			now = rate_ready(&rate, now);
			assert_true(rate_ready(&rate, now) <= now ||
				    rate_ready(&rate, now) >= UINT64_MAX / 2);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_limit),
		cmocka_unit_test(test_average),
		cmocka_unit_test(test_burst),
		cmocka_unit_test(test_peak),
		cmocka_unit_test(test_lends),
		cmocka_unit_test(test_extremes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
