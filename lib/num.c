/* SPDX-License-Identifier: GPL-2.0-only */
#include "lib/num.h"

#include <string.h>

/* Digits at the start of `text`; the rest goes to `ret_rest`. */
static bool digits(const char *text, uint64_t *ret_value, const char **ret_rest)
{
	uint64_t value = 0;
	const char *at = text;

	for (; *at >= '0' && *at <= '9'; at++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*at - '0'), &value))
			return false;
	if (at == text)
		return false;
	*ret_value = value;
	*ret_rest = at;
	return true;
}

bool num_parse(const char *text, uint64_t max, uint64_t *ret_value)
{
	uint64_t value;
	const char *rest;

	if (!digits(text, &value, &rest) || *rest || value > max)
		return false;
	*ret_value = value;
	return true;
}

bool num_parse_duration(const char *text, uint64_t max, uint64_t *ret_seconds)
{
	static const char units[] = "smhd";
	static const uint64_t seconds[] = { 1, 60, 3600, 86400 };
	uint64_t value;
	const char *rest;
	const char *unit;

	if (!digits(text, &value, &rest) || !*rest || rest[1])
		return false;
	unit = strchr(units, *rest);
	if (!unit || __builtin_mul_overflow(value, seconds[unit - units], &value) || value > max)
		return false;
	*ret_seconds = value;
	return true;
}
