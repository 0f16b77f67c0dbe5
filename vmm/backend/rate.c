/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/backend/rate.h"

#define SECOND 1000000000ull

static void bucket_init(
    struct rate_bucket *bucket, uint64_t a_second, uint64_t capacity, uint64_t now)
{
	/* What fits into a level, however large the number in the file is. */
	if (capacity > INT64_MAX / 2)
		capacity = INT64_MAX / 2;
	*bucket = (struct rate_bucket){ .a_second = a_second,
		.capacity = capacity ? capacity : 1,
		.level = capacity ? (int64_t)capacity : 1,
		.filled = now };
}

static void fill(struct rate_bucket *bucket, uint64_t now)
{
	unsigned __int128 gain;
	uint64_t room = (uint64_t)((int64_t)bucket->capacity - bucket->level);

	if (now <= bucket->filled)
		return;
	gain = (unsigned __int128)(now - bucket->filled) * bucket->a_second / SECOND;
	if (!gain)
		return; /* the time is kept until it is worth something */
	bucket->level = gain < room ? bucket->level + (int64_t)gain : (int64_t)bucket->capacity;
	bucket->filled = now;
}

static uint64_t bucket_ready(const struct rate_bucket *bucket)
{
	unsigned __int128 wait;

	if (!bucket->a_second || bucket->level > 0)
		return 0;
	wait = ((unsigned __int128)(uint64_t)(1 - bucket->level) * SECOND + bucket->a_second - 1) /
	       bucket->a_second;
	return wait < UINT64_MAX / 2 ? bucket->filled + (uint64_t)wait : UINT64_MAX / 2;
}

void rate_init(struct rate *rate, uint64_t average, uint64_t peak, uint64_t burst, uint64_t now)
{
	bucket_init(&rate->average, average, burst ? burst : average / 10, now);
	/* The peak smooths within a burst: a hundredth of a second at a time. */
	bucket_init(&rate->peak, average ? peak : 0, peak / 100, now);
}

bool rate_is_limited(const struct rate *rate)
{
	return rate->average.a_second != 0;
}

uint64_t rate_ready(struct rate *rate, uint64_t now)
{
	uint64_t average;
	uint64_t peak;

	fill(&rate->average, now);
	fill(&rate->peak, now);
	average = bucket_ready(&rate->average);
	peak = bucket_ready(&rate->peak);
	return average > peak ? average : peak;
}

static void take(struct rate_bucket *bucket, uint64_t amount)
{
	if (!bucket->a_second)
		return;
	if (amount > INT64_MAX / 4)
		amount = INT64_MAX / 4;
	bucket->level -= (int64_t)amount;
}

bool rate_take(struct rate *rate, uint64_t amount, uint64_t now)
{
	if (!rate_is_limited(rate))
		return true;
	if (rate_ready(rate, now) > now)
		return false;
	take(&rate->average, amount);
	take(&rate->peak, amount);
	return true;
}
