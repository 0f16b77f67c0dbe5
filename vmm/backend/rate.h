/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A limit: so much a second on average, with a burst on top that goes no faster than a peak. A
 * bucket lends: what begins while there is something in it may take more than that, and the next
 * one waits longer for it. So nothing is too large to pass.
 */
#ifndef BERTH_VMM_BACKEND_RATE_H
#define BERTH_VMM_BACKEND_RATE_H

#include <stdbool.h>
#include <stdint.h>

struct rate_bucket {
	uint64_t a_second; /* 0: no limit */
	uint64_t capacity;
	int64_t level;
	uint64_t filled; /* when, nanoseconds */
};

struct rate {
	struct rate_bucket average;
	struct rate_bucket peak;
};

/* Amounts a second; 0: no limit. Without a burst, a tenth of a second of the average; without a
 * peak, a burst goes as fast as it comes. It begins full. */
void rate_init(struct rate *rate, uint64_t average, uint64_t peak, uint64_t burst, uint64_t now);
bool rate_is_limited(const struct rate *rate);

/* Take `amount`, or nothing when it is not yet time. */
bool rate_take(struct rate *rate, uint64_t amount, uint64_t now);
/* When the next one may be taken; now or earlier: at once. */
uint64_t rate_ready(struct rate *rate, uint64_t now);

#endif
