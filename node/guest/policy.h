/* SPDX-License-Identifier: GPL-2.0-only */
/* What becomes of a guest that ended: stays off, or starts again, at once or after a while. Pure.
 */
#ifndef BERTH_NODE_GUEST_POLICY_H
#define BERTH_NODE_GUEST_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/model_guest.h"
#include "node/guest/outcome.h"

/* Of on-poweroff, on-reboot and on-crash, in the order of the table of conf/schema_guest. */
enum policy_end { POLICY_DESTROY, POLICY_RESTART, POLICY_PRESERVE };
enum policy_crash {
	POLICY_CRASH_DESTROY,
	POLICY_CRASH_RESTART,
	POLICY_CRASH_PRESERVE,
	POLICY_CRASH_DUMP_DESTROY,
	POLICY_CRASH_DUMP_RESTART,
};

/* What somebody asked for before the guest ended. */
enum policy_wish {
	POLICY_WISH_NONE,
	POLICY_WISH_STOP,    /* to be off */
	POLICY_WISH_REBOOT,  /* to start again when it has powered off */
	POLICY_WISH_CRASHED, /* it crashed, was kept for its dump, and is stopped now */
	POLICY_WISH_CALM,    /* it reset over and over, and is to start again after a while */
	POLICY_WISH_SAVED,   /* its state is in a file */
	POLICY_WISH_DUMPED,  /* to be off as if it had crashed: its memory is in a file */
	POLICY_WISH_LAST = POLICY_WISH_DUMPED,
};

/* How often in a row it ended soon after its start, or reset soon after its last reset. */
struct policy_history {
	unsigned int quick;
	unsigned int resets;
	uint64_t last_reset; /* nanoseconds; 0: none */
};

/* Whatever it ended as, one that ran so long begins with a clean slate. */
#define POLICY_WELL (60ull * 1000000000)
#define POLICY_DELAY_MAX (60ull * 1000000000)
/* So many resets, each so soon after the one before, are a loop. */
#define POLICY_RESETS 5
#define POLICY_RESET_SOON (20ull * 1000000000)

enum policy_off {
	POLICY_OFF_SHUT_DOWN,
	POLICY_OFF_DESTROYED,
	POLICY_OFF_CRASHED,
	POLICY_OFF_FAILED,
	POLICY_OFF_SAVED,
};

struct policy_decision {
	bool restart;
	uint64_t delay; /* nanoseconds, with restart */
	enum policy_off off;
};

/* `came_up`: it had started, `uptime` nanoseconds ago. `history` is brought up to date. */
struct policy_decision policy_decide(const struct conf_guest *guest, enum outcome outcome,
    enum policy_wish wish, bool came_up, uint64_t uptime, struct policy_history *history);

/* A guest reset at `now`. True when that has become a loop. */
bool policy_reset(struct policy_history *history, uint64_t now);

#endif
