/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/devices/rtc.h"

#include <stdio.h>
#include <time.h>

#include "tests/unit/vmm_test.h"

#define SECOND 1000000000ll
#define START 1767225590ll /* 2026-01-01 00:00:00 UTC less ten seconds */

enum {
	SECONDS,
	SECONDS_ALARM,
	MINUTES,
	MINUTES_ALARM,
	HOURS,
	HOURS_ALARM,
	WEEKDAY,
	DAY,
	MONTH,
	YEAR,
	A,
	B,
	C,
	D,
	CENTURY = 0x32
};

struct fixture {
	struct iobus *ports;
	struct iobus *other_ports;
	struct loop *loop;
	struct device *rtc;
	struct device *other;
	struct test_line line;
	struct test_line other_line;
	uint64_t now;
	int64_t wall;
};

static int64_t wall(void *context)
{
	return ((struct fixture *)context)->wall;
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct rtc_config config = { .wall = wall, .context = fixture };

	fixture->now = 1;
	fixture->wall = START * SECOND;
	assert_int_equal(iobus_create(&fixture->ports), 0);
	assert_int_equal(iobus_create(&fixture->other_ports), 0);
	assert_int_equal(loop_create(&fixture->loop), 0);
	loop_set_clock(fixture->loop, &fixture->now);
	config.loop = fixture->loop;
	config.ports = fixture->ports;
	config.irq = test_line(&fixture->line);
	assert_int_equal(rtc_create(&config, &fixture->rtc), 0);
	assert_int_equal(rtc_create(&config, &fixture->other), -EEXIST);
	config.ports = fixture->other_ports;
	config.irq = test_line(&fixture->other_line);
	assert_int_equal(rtc_create(&config, &fixture->other), 0);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	fixture->rtc->ops->free(fixture->rtc);
	fixture->other->ops->free(fixture->other);
	loop_free(fixture->loop);
	iobus_free(fixture->ports);
	iobus_free(fixture->other_ports);
	free(fixture);
	return 0;
}

/* Both clocks go on, and the loop has its turn. */
static void step(struct fixture *fixture, int64_t ns)
{
	fixture->now += (uint64_t)ns;
	fixture->wall += ns;
	assert_int_equal(loop_step(fixture->loop, 0), 0);
}

static uint8_t get(struct fixture *fixture, uint8_t index)
{
	test_out(fixture->ports, 0x70, index);
	return test_in(fixture->ports, 0x71);
}

static void set(struct fixture *fixture, uint8_t index, uint8_t value)
{
	test_out(fixture->ports, 0x70, index);
	test_out(fixture->ports, 0x71, value);
}

static void shows(struct fixture *fixture, const char *text)
{
	char seen[64];

	snprintf(seen, sizeof(seen), "%02x%02x-%02x-%02x %02x:%02x:%02x", get(fixture, CENTURY),
	    get(fixture, YEAR), get(fixture, MONTH), get(fixture, DAY), get(fixture, HOURS),
	    get(fixture, MINUTES), get(fixture, SECONDS));
	assert_string_equal(seen, text);
}

static void test_time(void **state)
{
	struct fixture *fixture = *state;

	shows(fixture, "2025-12-31 23:59:50");
	assert_int_equal(get(fixture, WEEKDAY), 4);
	step(fixture, 10 * SECOND);
	shows(fixture, "2026-01-01 00:00:00");
	assert_int_equal(get(fixture, D), 0x80);
	set(fixture, D, 0);
	assert_int_equal(get(fixture, D), 0x80);
	assert_int_equal(test_in(fixture->ports, 0x70), 0xff);
	/* Nothing ticks. */
	assert_int_equal(fixture->line.rises, 0);
}

static void test_forms(void **state)
{
	struct fixture *fixture = *state;

	set(fixture, B, 0x06); /* binary, 24 hours */
	assert_int_equal(get(fixture, SECONDS), 50);
	assert_int_equal(get(fixture, HOURS), 23);
	assert_int_equal(get(fixture, CENTURY), 20);
	set(fixture, B, 0x04); /* binary, 12 hours */
	assert_int_equal(get(fixture, HOURS), 0x80 | 11);
	set(fixture, B, 0x00);
	assert_int_equal(get(fixture, HOURS), 0x91);
	step(fixture, 10 * SECOND);
	assert_int_equal(get(fixture, HOURS), 0x12);
	step(fixture, 12 * 3600 * SECOND);
	assert_int_equal(get(fixture, HOURS), 0x92);
	step(fixture, 3600 * SECOND);
	assert_int_equal(get(fixture, HOURS), 0x81);
}

/* Against the C library, over more than the years that a clock can be set to. */
static void test_calendar(void **state)
{
	struct fixture *fixture = *state;
	int64_t base = fixture->wall;

	for (int64_t seconds = -8520336000; seconds < 9214646400; seconds += 7654321) {
		struct tm tm;
		time_t at = seconds;
		char text[64];

		fixture->wall = seconds * SECOND;
		gmtime_r(&at, &tm);
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
		shows(fixture, text);
		assert_int_equal(get(fixture, WEEKDAY), tm.tm_wday + 1);
	}
	fixture->wall = base;
}

static void set_clock(struct fixture *fixture, const uint8_t values[7])
{
	static const uint8_t registers[] = { CENTURY, YEAR, MONTH, DAY, HOURS, MINUTES, SECONDS };

	for (int i = 0; i < 7; i++)
		set(fixture, registers[i], values[i]);
}

/* As Linux sets it: SET and the divider in reset, and half a second from letting go to the next
 * second. */
static void test_set(void **state)
{
	struct fixture *fixture = *state;
	static const uint8_t leap[] = { 0x20, 0x28, 0x02, 0x28, 0x23, 0x59, 0x58 };

	step(fixture, SECOND / 4);
	set(fixture, B, 0x82);
	set(fixture, A, 0x70);
	set_clock(fixture, leap);
	step(fixture, 7 * SECOND);
	shows(fixture, "2028-02-28 23:59:58");
	set(fixture, B, 0x02);
	step(fixture, 7 * SECOND);
	shows(fixture, "2028-02-28 23:59:58");
	set(fixture, A, 0x26);
	step(fixture, SECOND / 2 - 1);
	shows(fixture, "2028-02-28 23:59:58");
	step(fixture, 1);
	shows(fixture, "2028-02-28 23:59:59");
	step(fixture, SECOND);
	shows(fixture, "2028-02-29 00:00:00");
	/* A register by itself, while it runs. */
	set(fixture, YEAR, 0x27);
	shows(fixture, "2027-03-01 00:00:00");
	set(fixture, MINUTES, 0x30);
	shows(fixture, "2027-03-01 00:30:00");
	/* The battery. */
	fixture->rtc->ops->reset(fixture->rtc);
	shows(fixture, "2027-03-01 00:30:00");
}

static void test_update_in_progress(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(get(fixture, A), 0x26);
	step(fixture, SECOND - 244001);
	assert_int_equal(get(fixture, A), 0x26);
	step(fixture, 1);
	assert_int_equal(get(fixture, A), 0xa6);
	shows(fixture, "2025-12-31 23:59:50");
	step(fixture, 244000);
	assert_int_equal(get(fixture, A), 0x26);
	shows(fixture, "2025-12-31 23:59:51");
	set(fixture, B, 0x82);
	step(fixture, SECOND - 1);
	assert_int_equal(get(fixture, A), 0x26);
	set(fixture, A, 0xff);
	assert_int_equal(get(fixture, A), 0x7f);
}

/* Flags go up whether or not they are interrupts; reading takes them down. */
static void test_flags(void **state)
{
	struct fixture *fixture = *state;

	set(fixture, A, 0x20);
	get(fixture, C);
	step(fixture, SECOND - 1);
	assert_int_equal(get(fixture, C), 0);
	step(fixture, 1);
	assert_int_equal(get(fixture, C), 0x10);
	assert_int_equal(get(fixture, C), 0);
	set(fixture, A, 0x2f);
	step(fixture, SECOND / 2);
	assert_int_equal(get(fixture, C), 0x40);
	/* Any, any, any: each second is an alarm. */
	set(fixture, A, 0x20);
	set(fixture, SECONDS_ALARM, 0xff);
	set(fixture, MINUTES_ALARM, 0xc0);
	set(fixture, HOURS_ALARM, 0xff);
	step(fixture, SECOND);
	assert_int_equal(get(fixture, C), 0x30);
	assert_false(fixture->line.level);
	assert_int_equal(fixture->line.rises, 0);
}

static void test_update_interrupt(void **state)
{
	struct fixture *fixture = *state;

	step(fixture, SECOND / 4);
	set(fixture, B, 0x12);
	step(fixture, SECOND / 2);
	assert_false(fixture->line.level);
	step(fixture, SECOND / 4);
	assert_true(fixture->line.level);
	/* Until it is read no further one. */
	step(fixture, 100 * SECOND);
	assert_int_equal(fixture->line.rises, 1);
	assert_int_equal(get(fixture, C) & 0x90, 0x90);
	assert_false(fixture->line.level);
	step(fixture, SECOND);
	assert_int_equal(fixture->line.rises, 2);
	/* SET stops it and switches it off. */
	get(fixture, C);
	set(fixture, B, 0x92);
	assert_int_equal(get(fixture, B), 0x82);
	step(fixture, 5 * SECOND);
	assert_int_equal(fixture->line.rises, 2);
}

static void test_alarm_interrupt(void **state)
{
	struct fixture *fixture = *state;

	set(fixture, SECONDS_ALARM, 0x05);
	set(fixture, MINUTES_ALARM, 0x00);
	set(fixture, HOURS_ALARM, 0x00);
	set(fixture, B, 0x22);
	step(fixture, 15 * SECOND - 1);
	assert_false(fixture->line.level);
	step(fixture, 1);
	assert_true(fixture->line.level);
	assert_int_equal(get(fixture, C) & 0xa0, 0xa0);
	step(fixture, 86400 * SECOND - 1);
	assert_false(fixture->line.level);
	step(fixture, 1);
	assert_true(fixture->line.level);
	get(fixture, C);
	/* Every hour, at any second of a minute; a time that there is not. */
	set(fixture, HOURS_ALARM, 0xff);
	set(fixture, SECONDS_ALARM, 0xff);
	set(fixture, MINUTES_ALARM, 0x10);
	step(fixture, 595 * SECOND);
	assert_int_equal(get(fixture, C) & 0xa0, 0xa0);
	step(fixture, SECOND);
	assert_int_equal(get(fixture, C) & 0xa0, 0xa0);
	set(fixture, MINUTES_ALARM, 0x77);
	step(fixture, 100000 * SECOND);
	assert_int_equal(get(fixture, C) & 0xa0, 0);
}

static void test_periodic_interrupt(void **state)
{
	struct fixture *fixture = *state;
	static const uint32_t ticks[] = { 0, 128, 256, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048,
		4096, 8192, 16384 };

	set(fixture, B, 0x42);
	for (uint8_t rate = 0; rate < 16; rate++) {
		unsigned int rises;

		set(fixture, A, 0x20 | rate);
		get(fixture, C);
		rises = fixture->line.rises;
		for (unsigned int i = 0; i < 64; i++) {
			step(fixture, ticks[rate] ? ticks[rate] * SECOND / 32768 + 1 : SECOND);
			get(fixture, C);
		}
		assert_int_equal(fixture->line.rises - rises, rate ? 64 : 0);
		/* To a whole second again. */
		step(fixture, SECOND - fixture->wall % SECOND);
	}
	fixture->rtc->ops->reset(fixture->rtc);
	assert_int_equal(get(fixture, B), 0x02);
}

static void test_pause(void **state)
{
	struct fixture *fixture = *state;

	set(fixture, B, 0x12);
	get(fixture, C);
	assert_true(fixture->rtc->ops->pause(fixture->rtc));
	step(fixture, 5 * SECOND);
	assert_false(fixture->line.level);
	fixture->rtc->ops->resume(fixture->rtc);
	assert_true(fixture->line.level);
	shows(fixture, "2025-12-31 23:59:55");
}

static void test_memory(void **state)
{
	struct fixture *fixture = *state;

	for (unsigned int i = 14; i < 128; i++)
		if (i != CENTURY)
			set(fixture, (uint8_t)(i | 0x80), (uint8_t)(i * 3));
	for (unsigned int i = 14; i < 128; i++)
		if (i != CENTURY)
			assert_int_equal(get(fixture, (uint8_t)i), (uint8_t)(i * 3));
	/* Both ports in one access. */
	assert_true(iobus_write(fixture->ports, 0x70, 2, 0x5533));
	assert_int_equal(get(fixture, 0x33), 0x55);
}

static void test_state(void **state)
{
	struct fixture *fixture = *state;
	static const uint8_t values[] = { 0x19, 0x69, 0x07, 0x20, 0x20, 0x17, 0x40 };

	set_clock(fixture, values);
	set(fixture, B, 0x32);
	set(fixture, 0x40, 0x99);
	step(fixture, SECOND);
	test_round_trip(fixture->rtc, fixture->other);
	assert_true(fixture->other_line.level);
	test_out(fixture->other_ports, 0x70, YEAR);
	assert_int_equal(test_in(fixture->other_ports, 0x71), 0x69);
	fixture->other->ops->resume(fixture->other);
	test_cut_states(fixture->other);
}

/* Any byte in any register at any time: defined, saved and loaded. */
static void test_noise(void **state)
{
	struct fixture *fixture = *state;
	uint32_t seed = 146818;

	for (int i = 0; i < 10000; i++) {
		uint32_t noise = test_random(&seed);

		if (noise & 0x100)
			set(fixture, noise & 0x200 ? noise & 0x7f : noise & 0x0f,
			    (uint8_t)(noise >> 16));
		else
			get(fixture, noise & 0x7f);
		if (noise % 5 == 0)
			step(fixture, (int64_t)test_random(&seed) * (noise & 0x0f));
		if (noise % 31 == 0)
			fixture->wall += (int64_t)test_random(&seed) - INT32_MAX;
		if (noise % 101 == 0) {
			test_round_trip(fixture->rtc, fixture->other);
			fixture->other->ops->resume(fixture->other);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_forms, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_calendar, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_set, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_update_in_progress, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_flags, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_update_interrupt, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_alarm_interrupt, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_periodic_interrupt, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_pause, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_memory, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_state, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_noise, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
