/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/firmware/smbios.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "vmm/core/memmap.h"
#include "vmm/firmware/bytes.h"

#define ANCHOR 24 /* 5.2.2 */
#define ANCHOR_ROOM 32
#define HANDLE_CHASSIS 0x300
#define HANDLE_PROCESSOR 0x400
#define HANDLE_ARRAY 0x1000
#define HANDLE_DEVICE 0x1100
#define HANDLE_MAPPED 0x1300
#define STRING_MAX 64

struct builder {
	uint8_t *to;
	size_t size;
	size_t used;
	uint8_t *open; /* the structure that strings are added to */
	uint8_t strings;
	bool full;
};

/* 6.1.2: a formatted part of `length` bytes, then strings. */
static uint8_t *open_structure(
    struct builder *builder, uint8_t type, uint8_t length, uint16_t handle)
{
	static uint8_t spill[256];

	builder->strings = 0;
	builder->open = spill;
	if (builder->full || builder->size - builder->used < length)
		builder->full = true;
	else
		builder->open = builder->to + builder->used;
	builder->used += builder->full ? 0 : length;
	memset(builder->open, 0, length);
	builder->open[0] = type;
	builder->open[1] = length;
	put16(builder->open + 2, handle);
	return builder->open;
}

/* 6.1.3: a string; its number goes into byte `field`. */
static void add_string(struct builder *builder, unsigned int field, const char *text)
{
	size_t length = strnlen(text, STRING_MAX);

	if (!length)
		return;
	if (builder->full || builder->size - builder->used < length + 1) {
		builder->full = true;
		return;
	}
	memcpy(builder->to + builder->used, text, length);
	builder->to[builder->used + length] = 0;
	builder->used += length + 1;
	builder->open[field] = ++builder->strings;
}

static void close_structure(struct builder *builder)
{
	size_t zeros = builder->strings ? 1 : 2;

	if (builder->full || builder->size - builder->used < zeros) {
		builder->full = true;
		return;
	}
	memset(builder->to + builder->used, 0, zeros);
	builder->used += zeros;
}

/* 7.1 BIOS information */
static void add_bios(struct builder *builder, const struct smbios_config *config)
{
	uint8_t *at = open_structure(builder, 0, 24, 0);

	put16(at + 6, 0xe800);
	put64(at + 10, 1 << 3); /* characteristics are not given */
	at[18] = 1;		/* ACPI */
	at[19] = 0x14;		/* a virtual machine; targeted content distribution */
	at[20] = at[21] = at[22] = at[23] = 0xff;
	add_string(builder, 4, "Berth");
	add_string(builder, 5, config->version);
	add_string(builder, 8, "01/01/2026");
	close_structure(builder);
}

/* 7.2 System information. Of the UUID the first three fields are little-endian (7.2.1). */
static void add_system(struct builder *builder, const struct smbios_config *config)
{
	static const uint8_t order[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };
	uint8_t *at = open_structure(builder, 1, 27, 0x100);

	for (unsigned int i = 0; i < 16; i++)
		at[8 + i] = config->uuid[order[i]];
	at[24] = 6; /* power switch */
	add_string(builder, 4, "Berth");
	add_string(builder, 5, "Virtual Machine");
	add_string(builder, 6, config->version);
	add_string(builder, 7, config->name);
	close_structure(builder);
}

/* 7.4 Enclosure */
static void add_chassis(struct builder *builder)
{
	uint8_t *at = open_structure(builder, 3, 22, HANDLE_CHASSIS);

	at[5] = 1;		     /* other */
	at[9] = at[10] = at[11] = 3; /* safe */
	at[12] = 2;		     /* security: unknown */
	add_string(builder, 4, "Berth");
	close_structure(builder);
}

/* 7.5 Processor, one a socket */
static void add_processor(
    struct builder *builder, const struct smbios_config *config, unsigned int socket)
{
	uint8_t *at = open_structure(builder, 4, 48, (uint16_t)(HANDLE_PROCESSOR + socket));
	char name[16];
	unsigned int threads = config->cores * config->threads;

	at[5] = 3;     /* central processor */
	at[6] = 1;     /* other */
	at[24] = 0x41; /* there, enabled */
	at[25] = 1;
	put16(at + 26, 0xffff); /* caches: not said */
	put16(at + 28, 0xffff);
	put16(at + 30, 0xffff);
	at[35] = (uint8_t)config->cores;
	at[36] = (uint8_t)config->cores;
	at[37] = (uint8_t)threads;
	put16(at + 38, 1 << 2 | (config->cores > 1 ? 1 << 3 : 0)); /* 64-bit, several cores */
	put16(at + 40, 2);
	put16(at + 42, (uint16_t)config->cores);
	put16(at + 44, (uint16_t)config->cores);
	put16(at + 46, (uint16_t)threads);
	snprintf(name, sizeof(name), "CPU %u", socket);
	add_string(builder, 4, name);
	add_string(builder, 7, "Berth");
	close_structure(builder);
}

/* 7.17 Memory array, 7.18 the one device in it */
static void add_memory(struct builder *builder, const struct smbios_config *config)
{
	uint8_t *at = open_structure(builder, 16, 23, HANDLE_ARRAY);
	uint64_t megabytes = config->memory >> 20;

	at[4] = 1;		   /* other */
	at[5] = 3;		   /* system memory */
	at[6] = 6;		   /* errors: corrected by the node or not at all */
	put32(at + 7, 0x80000000); /* see the field at its end */
	put64(at + 15, config->memory);
	put16(at + 11, 0xfffe);
	put16(at + 13, 1);
	close_structure(builder);

	at = open_structure(builder, 17, 40, HANDLE_DEVICE);
	put16(at + 4, HANDLE_ARRAY);
	put16(at + 6, 0xfffe);
	put16(at + 8, 0xffff);
	put16(at + 10, 0xffff);
	put16(at + 12, megabytes < 0x7fff ? (uint16_t)megabytes : 0x7fff);
	put32(at + 28, (uint32_t)megabytes);
	at[14] = 9;	   /* DIMM */
	at[18] = 7;	   /* RAM */
	put16(at + 19, 2); /* other */
	add_string(builder, 16, "DIMM 0");
	add_string(builder, 23, "Berth");
	close_structure(builder);
}

/* 7.20 Memory array mapped address */
static void add_mapped(struct builder *builder, unsigned int index, uint64_t address, uint64_t size)
{
	uint8_t *at = open_structure(builder, 19, 31, (uint16_t)(HANDLE_MAPPED + index));

	put32(at + 4, 0xffffffff); /* see the fields at its end */
	put32(at + 8, 0xffffffff);
	put16(at + 12, HANDLE_ARRAY);
	at[14] = 1;
	put64(at + 15, address);
	put64(at + 23, address + size - 1);
	close_structure(builder);
}

/* 7.33 Boot information, 7.45 the end */
static void add_end(struct builder *builder)
{
	open_structure(builder, 32, 11, 0x2000);
	close_structure(builder);
	open_structure(builder, 127, 4, 0x7f00);
	close_structure(builder);
}

int smbios_build(const struct smbios_config *config, uint64_t address, uint8_t *to, size_t size)
{
	struct builder builder = { .to = to + ANCHOR_ROOM, .size = size - ANCHOR_ROOM };

	if (size < ANCHOR_ROOM)
		return -ENOSPC;
	add_bios(&builder, config);
	add_system(&builder, config);
	add_chassis(&builder);
	for (unsigned int i = 0; i < config->sockets; i++)
		add_processor(&builder, config, i);
	add_memory(&builder, config);
	add_mapped(&builder, 0, 0, config->low_memory);
	if (config->memory > config->low_memory)
		add_mapped(&builder, 1, MEMMAP_HIGH_RAM, config->memory - config->low_memory);
	add_end(&builder);
	if (builder.full)
		return -ENOSPC;
	memset(to, 0, ANCHOR_ROOM);
	memcpy(to, "_SM3_", 5);
	to[6] = ANCHOR;
	to[7] = 3;
	to[8] = 6;
	to[10] = 1;
	put32(to + 12, (uint32_t)builder.used);
	put64(to + 16, address + ANCHOR_ROOM);
	to[5] = checksum(to, ANCHOR);
	return (int)(ANCHOR_ROOM + builder.used);
}
