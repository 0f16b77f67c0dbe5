/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/identifier.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/random.h>

/* So few bytes come whole, once the kernel has seeded its generator (getrandom(2)). */
static int random_bytes(uint8_t *bytes, size_t count)
{
	ssize_t got = getrandom(bytes, count, 0);

	if (got < 0)
		return -errno;
	return (size_t)got == count ? 0 : -EIO;
}

int identifier_mac(char ret_text[IDENTIFIER_MAC])
{
	uint8_t bytes[3];
	int error = random_bytes(bytes, sizeof(bytes));

	if (!error)
		snprintf(ret_text, IDENTIFIER_MAC, "52:54:00:%02x:%02x:%02x", bytes[0], bytes[1],
		    bytes[2]);
	return error;
}

int identifier_uuid(char ret_text[IDENTIFIER_UUID])
{
	uint8_t bytes[16];
	char *at = ret_text;
	int error = random_bytes(bytes, sizeof(bytes));

	if (error)
		return error;
	/* Version 4, and the variant of the RFC. */
	bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
	bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
	for (unsigned int i = 0; i < 16; i++)
		at += snprintf(
		    at, 4, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", bytes[i]);
	return 0;
}
