/* SPDX-License-Identifier: GPL-2.0-only */
#include "lib/num.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char time_units[] = "smhd";
static const uint64_t time_scales[] = { 1, 60, 3600, 86400 };
static const char size_units[] = "KMGT";
static const uint64_t size_scales[] = { 1ull << 10, 1ull << 20, 1ull << 30, 1ull << 40 };

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

static bool parse_scaled(
    const char *text, const char *units, const uint64_t *scales, uint64_t max, uint64_t *ret_value)
{
	uint64_t value;
	const char *rest;
	const char *unit;

	if (!digits(text, &value, &rest) || !*rest || rest[1])
		return false;
	unit = strchr(units, *rest);
	if (!unit || __builtin_mul_overflow(value, scales[unit - units], &value) || value > max)
		return false;
	*ret_value = value;
	return true;
}

bool num_parse_duration(const char *text, uint64_t max, uint64_t *ret_seconds)
{
	return parse_scaled(text, time_units, time_scales, max, ret_seconds);
}

bool num_parse_size(const char *text, uint64_t max, uint64_t *ret_bytes)
{
	return parse_scaled(text, size_units, size_scales, max, ret_bytes);
}

static const char *scaled_text(
    uint64_t value, const char *units, const uint64_t *scales, char text[NUM_TEXT])
{
	size_t i = strlen(units) - 1;

	while (i > 0 && (value % scales[i] || !value))
		i--;
	snprintf(text, NUM_TEXT, "%" PRIu64 "%c", value / scales[i], units[i]);
	return text;
}

const char *num_duration_text(uint64_t seconds, char text[NUM_TEXT])
{
	return scaled_text(seconds, time_units, time_scales, text);
}

const char *num_size_text(uint64_t bytes, char text[NUM_TEXT])
{
	return scaled_text(bytes, size_units, size_scales, text);
}

uint64_t num_field(const char *text, const char *name)
{
	size_t length = strlen(name);
	uint64_t value = 0;
	const char *rest;

	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		if (strncmp(text, name, length) || text[length] != ' ')
			continue;
		digits(text + length + strspn(text + length, " "), &value, &rest);
		break;
	}
	return value;
}
