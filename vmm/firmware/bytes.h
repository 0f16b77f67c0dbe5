/* SPDX-License-Identifier: GPL-2.0-only */
/* Little-endian numbers at any address. */
#ifndef BERTH_VMM_FIRMWARE_BYTES_H
#define BERTH_VMM_FIRMWARE_BYTES_H

#include <stdint.h>
#include <string.h>

static inline uint16_t get16(const void *from)
{
	uint16_t value;

	memcpy(&value, from, sizeof(value));
	return value;
}

static inline uint32_t get32(const void *from)
{
	uint32_t value;

	memcpy(&value, from, sizeof(value));
	return value;
}

static inline uint64_t get64(const void *from)
{
	uint64_t value;

	memcpy(&value, from, sizeof(value));
	return value;
}

static inline void put16(void *to, uint16_t value)
{
	memcpy(to, &value, sizeof(value));
}

static inline void put32(void *to, uint32_t value)
{
	memcpy(to, &value, sizeof(value));
}

static inline void put64(void *to, uint64_t value)
{
	memcpy(to, &value, sizeof(value));
}

/* What makes the sum of all bytes zero. */
static inline uint8_t checksum(const void *data, uint32_t length)
{
	const uint8_t *bytes = data;
	uint8_t sum = 0;

	for (uint32_t i = 0; i < length; i++)
		sum = (uint8_t)(sum + bytes[i]);
	return (uint8_t)-sum;
}

#endif
