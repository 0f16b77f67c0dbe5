/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/host/ident.h"

#include <ctype.h>
#include <string.h>

/* FNV-1a, 64 bits, from a start of one's own. */
static uint64_t hash(uint64_t value, const char *text)
{
	for (; *text; text++)
		value = (value ^ (uint8_t)*text) * 0x100000001b3u;
	return (value ^ 0xff) * 0x100000001b3u;
}

void ident_uuid(const char *kind, const char *name, uint8_t uuid[16])
{
	uint64_t halves[2] = { hash(hash(0xcbf29ce484222325u, kind), name),
		hash(hash(0x6265727468206964u, name), kind) };

	for (unsigned int i = 0; i < 16; i++)
		uuid[i] = (uint8_t)(halves[i / 8] >> (8 * (i % 8)));
	uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x80);
	uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
}

static int digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

bool ident_parse_uuid(const char *text, uint8_t uuid[16])
{
	if (strlen(text) != 36)
		return false;
	for (unsigned int i = 0, byte = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash) {
			if (text[i] != '-')
				return false;
			continue;
		}
		if (!isxdigit((unsigned char)text[i]) || !isxdigit((unsigned char)text[i + 1]))
			return false;
		uuid[byte++] = (uint8_t)(digit(text[i]) << 4 | digit(text[i + 1]));
		i++;
	}
	return true;
}
