/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/guest/policy.h"

#include <string.h>

#include "node/guest/outcome.h"
#include "tests/unit/unit_test.h"

#define SECOND 1000000000ull

static void test_outcomes(void **state)
{
	static const struct {
		const char *line;
		enum outcome outcome;
		const char *text;
	} cases[] = {
		{ "poweroff\n", OUTCOME_POWEROFF, "" },
		{ "poweroff", OUTCOME_POWEROFF, "" },
		{ "reboot\n", OUTCOME_REBOOT, "" },
		{ "stopped\n", OUTCOME_STOPPED, "" },
		{ "crash the guest panicked\n", OUTCOME_CRASH, "the guest panicked" },
		{ "failed kernel: no kernel\nmore\n", OUTCOME_FAILED, "kernel: no kernel" },
		{ "crash a\033[2Jb\n", OUTCOME_CRASH, "a?[2Jb" },
		{ "", OUTCOME_KILLED, "" },
		{ "poweroffs\n", OUTCOME_KILLED, "" },
		{ "poweroff now\n", OUTCOME_KILLED, "" },
		{ "\xff\xff", OUTCOME_KILLED, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf text = BUF_INIT;

		assert_int_equal(outcome_parse(cases[i].line, &text), cases[i].outcome);
		assert_string_equal(buf_text(&text), cases[i].text);
		buf_done(&text);
	}
}

static void test_long_text_is_cut(void **state)
{
	struct buf text = BUF_INIT;
	char line[1000] = "failed ";

	(void)state;
	memset(line + 7, 'x', sizeof(line) - 8);
	assert_int_equal(outcome_parse(line, &text), OUTCOME_FAILED);
	assert_int_equal(text.length, 200);
	buf_done(&text);
}

/* One row a promise of berth.conf(5) and docs/berthd.md. */
static void test_decisions(void **state)
{
	static const struct {
		const char *what;
		unsigned int poweroff, reboot, crash;
		enum outcome outcome;
		enum policy_wish wish;
		bool came_up;
		bool restart;
		enum policy_off off;
	} cases[] = {
		{ "off stays off", 0, 1, 0, OUTCOME_POWEROFF, 0, true, false,
		    POLICY_OFF_SHUT_DOWN },
		{ "on-poweroff restart", 1, 1, 0, OUTCOME_POWEROFF, 0, true, true, 0 },
		{ "virsh reboot", 0, 1, 0, OUTCOME_POWEROFF, POLICY_WISH_REBOOT, true, true, 0 },
		{ "on-reboot restart", 0, 1, 0, OUTCOME_REBOOT, 0, true, true, 0 },
		{ "on-reboot destroy", 0, 0, 0, OUTCOME_REBOOT, 0, true, false,
		    POLICY_OFF_SHUT_DOWN },
		{ "on-crash destroy", 0, 1, 0, OUTCOME_CRASH, 0, true, false, POLICY_OFF_CRASHED },
		{ "on-crash restart", 0, 1, 1, OUTCOME_CRASH, 0, true, true, POLICY_OFF_CRASHED },
		{ "killed is a crash", 0, 1, 1, OUTCOME_KILLED, 0, true, true, POLICY_OFF_CRASHED },
		{ "killed, destroy", 0, 1, 0, OUTCOME_KILLED, 0, true, false, POLICY_OFF_CRASHED },
		{ "failed is a crash", 0, 1, 1, OUTCOME_FAILED, 0, true, true, POLICY_OFF_CRASHED },
		{ "never came up", 0, 1, 1, OUTCOME_FAILED, 0, false, false, POLICY_OFF_FAILED },
		{ "killed before it ran", 0, 1, 1, OUTCOME_KILLED, 0, false, false,
		    POLICY_OFF_FAILED },
		{ "destroyed", 1, 1, 1, OUTCOME_STOPPED, POLICY_WISH_STOP, true, false,
		    POLICY_OFF_DESTROYED },
		{ "destroyed the hard way", 1, 1, 1, OUTCOME_KILLED, POLICY_WISH_STOP, true, false,
		    POLICY_OFF_DESTROYED },
		{ "powered off while destroyed", 1, 1, 1, OUTCOME_POWEROFF, POLICY_WISH_STOP, true,
		    false, POLICY_OFF_DESTROYED },
		{ "dump, then off", 0, 1, 3, OUTCOME_STOPPED, POLICY_WISH_CRASHED, true, false,
		    POLICY_OFF_CRASHED },
		{ "dump, then again", 0, 1, 4, OUTCOME_STOPPED, POLICY_WISH_CRASHED, true, true,
		    POLICY_OFF_CRASHED },
		{ "reset loop", 0, 1, 0, OUTCOME_STOPPED, POLICY_WISH_CALM, true, true, 0 },
		{ "stopped by others", 1, 1, 1, OUTCOME_STOPPED, 0, true, false,
		    POLICY_OFF_DESTROYED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct conf_guest guest = { .on_poweroff = cases[i].poweroff,
			.on_reboot = cases[i].reboot,
			.on_crash = cases[i].crash };
		struct policy_history history = { 0 };
		struct policy_decision decision = policy_decide(&guest, cases[i].outcome,
		    cases[i].wish, cases[i].came_up, 1000 * SECOND, &history);

		if (decision.restart != cases[i].restart ||
		    (!decision.restart && decision.off != cases[i].off))
			fail_msg("%s: restart %d, off %d", cases[i].what, decision.restart,
			    decision.off);
	}
}

static uint64_t delay_after(struct policy_history *history, uint64_t uptime)
{
	const struct conf_guest guest = { .on_crash = POLICY_CRASH_RESTART };

	return policy_decide(&guest, OUTCOME_CRASH, POLICY_WISH_NONE, true, uptime, history).delay;
}

static void test_back_off_grows_and_is_forgotten(void **state)
{
	static const unsigned int seconds[] = { 1, 2, 4, 8, 16, 32, 60, 60, 60 };
	struct policy_history history = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++)
		assert_int_equal(delay_after(&history, 3 * SECOND), seconds[i] * SECOND);
	assert_int_equal(delay_after(&history, POLICY_WELL), 0);
	assert_int_equal(delay_after(&history, POLICY_WELL - 1), SECOND);
}

static void test_reset_loop(void **state)
{
	struct policy_history history = { 0 };
	uint64_t now = 1000 * SECOND;

	(void)state;
	/* Four reboots in a row are an administrator's, as is any number with time between. */
	for (int i = 0; i < POLICY_RESETS - 1; i++, now += SECOND)
		assert_false(policy_reset(&history, now));
	for (int i = 0; i < 20; i++, now += POLICY_RESET_SOON)
		assert_false(policy_reset(&history, now + POLICY_RESET_SOON));
	now += POLICY_RESET_SOON;
	for (int i = 0; i < POLICY_RESETS - 1; i++)
		assert_false(policy_reset(&history, now += SECOND));
	assert_true(policy_reset(&history, now + SECOND));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_outcomes),
		cmocka_unit_test(test_long_text_is_cut),
		cmocka_unit_test(test_decisions),
		cmocka_unit_test(test_back_off_grows_and_is_forgotten),
		cmocka_unit_test(test_reset_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
