/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/guest/policy.h"

static struct policy_decision stay_off(enum policy_off off, struct policy_history *history)
{
	*history = (struct policy_history){ 0 };
	return (struct policy_decision){ .off = off };
}

/* One that keeps ending waits longer each time, so that it costs the node nothing. */
static struct policy_decision start_again(
    enum policy_off off, uint64_t uptime, struct policy_history *history)
{
	struct policy_decision decision = { .restart = true, .off = off };

	history->resets = 0;
	history->last_reset = 0;
	if (uptime >= POLICY_WELL) {
		history->quick = 0;
		return decision;
	}
	decision.delay = 1000000000ull << (history->quick < 6 ? history->quick : 6);
	if (decision.delay > POLICY_DELAY_MAX)
		decision.delay = POLICY_DELAY_MAX;
	history->quick++;
	return decision;
}

static bool restarts_after_crash(const struct conf_guest *guest)
{
	return guest->on_crash == POLICY_CRASH_RESTART ||
	       guest->on_crash == POLICY_CRASH_DUMP_RESTART;
}

struct policy_decision policy_decide(const struct conf_guest *guest, enum outcome outcome,
    enum policy_wish wish, bool came_up, uint64_t uptime, struct policy_history *history)
{
	bool crashed = outcome == OUTCOME_CRASH || outcome == OUTCOME_KILLED ||
		       outcome == OUTCOME_FAILED || wish == POLICY_WISH_CRASHED;

	if (wish == POLICY_WISH_STOP)
		return stay_off(POLICY_OFF_DESTROYED, history);
	if (wish == POLICY_WISH_SAVED)
		return stay_off(POLICY_OFF_SAVED, history);
	if (wish == POLICY_WISH_DUMPED)
		return stay_off(POLICY_OFF_CRASHED, history);
	if (!came_up && crashed)
		return stay_off(POLICY_OFF_FAILED, history);
	if (wish == POLICY_WISH_CALM)
		return start_again(POLICY_OFF_SHUT_DOWN, 0, history);
	if (crashed)
		return restarts_after_crash(guest)
			   ? start_again(POLICY_OFF_CRASHED, uptime, history)
			   : stay_off(POLICY_OFF_CRASHED, history);
	if (outcome == OUTCOME_STOPPED)
		return stay_off(POLICY_OFF_DESTROYED, history);
	/* Asked for by an operator, it is no sign of trouble. */
	if (wish == POLICY_WISH_REBOOT)
		return (struct policy_decision){ .restart = true };
	if ((outcome == OUTCOME_POWEROFF ? guest->on_poweroff : guest->on_reboot) == POLICY_RESTART)
		return start_again(POLICY_OFF_SHUT_DOWN, uptime, history);
	return stay_off(POLICY_OFF_SHUT_DOWN, history);
}

bool policy_reset(struct policy_history *history, uint64_t now)
{
	if (history->last_reset && now - history->last_reset < POLICY_RESET_SOON)
		history->resets++;
	else
		history->resets = 1;
	history->last_reset = now;
	return history->resets >= POLICY_RESETS;
}
