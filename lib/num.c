/* SPDX-License-Identifier: GPL-2.0-only */
#include "lib/num.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char time_units[] = "smhd";
static const uint64_t time_scales[] = { 1, 60, 3600, 86400 };
static const char size_units[] = "KMGT";
static const uint64_t size_scales[] = { 1ull << 10, 1ull << 20, 1ull << 30, 1ull << 40 };

int num_hex_digit(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

bool num_hex_bytes(const char *text, size_t count, uint8_t *ret_bytes)
{
	for (size_t i = 0; i < count; i++) {
		int high = num_hex_digit(text[2 * i]);
		int low = high < 0 ? -1 : num_hex_digit(text[2 * i + 1]);

		if (low < 0)
			return false;
		ret_bytes[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

bool num_take(const char **at, unsigned int base, uint64_t max, uint64_t *ret_value)
{
	const char *from = *at;
	uint64_t value = 0;
	int digit;

	for (; (digit = num_hex_digit(*from)) >= 0 && (unsigned int)digit < base; from++)
		if (__builtin_mul_overflow(value, base, &value) ||
		    __builtin_add_overflow(value, (uint64_t)digit, &value))
			return false;
	if (from == *at || value > max)
		return false;
	*ret_value = value;
	*at = from;
	return true;
}

bool num_parse(const char *text, uint64_t max, uint64_t *ret_value)
{
	uint64_t value;

	if (!num_take(&text, 10, max, &value) || *text)
		return false;
	*ret_value = value;
	return true;
}

static bool parse_scaled(
    const char *text, const char *units, const uint64_t *scales, uint64_t max, uint64_t *ret_value)
{
	uint64_t value;
	const char *unit;

	if (!num_take(&text, 10, UINT64_MAX, &value) || !*text || text[1])
		return false;
	unit = strchr(units, *text);
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

	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		if (strncmp(text, name, length) || text[length] != ' ')
			continue;
		text += length + strspn(text + length, " ");
		num_take(&text, 10, UINT64_MAX, &value);
		break;
	}
	return value;
}
