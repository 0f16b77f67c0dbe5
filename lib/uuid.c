/* SPDX-License-Identifier: GPL-2.0-only */
#include "lib/uuid.h"

#include <string.h>

#include "lib/num.h"

/* The bytes that "-" stands before (RFC 9562, section 4). */
static bool is_dashed(unsigned int byte)
{
	return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

bool uuid_parse(const char *text, uint8_t ret_uuid[16])
{
	uint8_t uuid[16];

	for (unsigned int i = 0; i < 16; i++) {
		if (is_dashed(i) && *text++ != '-')
			return false;
		if (!num_hex_bytes(text, 1, &uuid[i]))
			return false;
		text += 2;
	}
	if (*text)
		return false;
	memcpy(ret_uuid, uuid, sizeof(uuid));
	return true;
}

bool uuid_parse_loose(const char *text, uint8_t ret_uuid[16])
{
	char digits[33];
	size_t count = 0;

	for (; *text; text++)
		if (*text != '-' && count < sizeof(digits))
			digits[count++] = *text;
	return count == 32 && num_hex_bytes(digits, 16, ret_uuid);
}

const char *uuid_text(const uint8_t uuid[16], char text[UUID_TEXT])
{
	static const char digits[] = "0123456789abcdef";
	char *at = text;

	for (unsigned int i = 0; i < 16; i++) {
		if (is_dashed(i))
			*at++ = '-';
		*at++ = digits[uuid[i] >> 4];
		*at++ = digits[uuid[i] & 15];
	}
	*at = '\0';
	return text;
}

/* FNV-1a, 64 bits, from a start of one's own. */
static uint64_t hash(uint64_t value, const char *text)
{
	for (; *text; text++)
		value = (value ^ (uint8_t)*text) * 0x100000001b3u;
	return (value ^ 0xff) * 0x100000001b3u;
}

void uuid_of_name(const char *kind, const char *name, uint8_t ret_uuid[16])
{
	uint64_t halves[2] = { hash(hash(0xcbf29ce484222325u, kind), name),
		hash(hash(0x6265727468206964u, name), kind) };

	for (unsigned int i = 0; i < 16; i++)
		ret_uuid[i] = (uint8_t)(halves[i / 8] >> (8 * (i % 8)));
	ret_uuid[6] = (uint8_t)((ret_uuid[6] & 0x0f) | 0x80);
	ret_uuid[8] = (uint8_t)((ret_uuid[8] & 0x3f) | 0x80);
}
