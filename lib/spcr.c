/* SPDX-License-Identifier: GPL-2.0-only */
#include "lib/spcr.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"

/* Offsets in the table; the base address is an ACPI Generic Address Structure (ACPI 6.5, 5.2.3.2).
 */
#define SPACE_ID 40
#define ADDRESS 44
#define BAUD 58
#define SIZE_LEAST 80
#define SIZE_MOST 4096
#define SPACE_MEMORY 0
#define SPACE_IO 1

static const struct {
	uint8_t code;
	speed_t speed;
} speeds[] = {
	{ 3, B9600 },
	{ 4, B19200 },
	{ 6, B57600 },
	{ 7, B115200 },
};

static bool read_file(const char *sys, const char *path, struct buf *ret_data)
{
	char full[256];

	return (size_t)snprintf(full, sizeof(full), "%s/%s", sys, path) < sizeof(full) &&
	       !file_read(full, SIZE_MOST, ret_data);
}

/* Where the kernel found the port: "0x3F8" and the like. 0 when it does not say. */
static uint64_t address_of(const char *sys, const char *tty, const char *name)
{
	struct buf text = BUF_INIT;
	uint64_t address = 0;
	char path[64];

	if ((size_t)snprintf(path, sizeof(path), "class/tty/%s/%s", tty, name) < sizeof(path) &&
	    read_file(sys, path, &text))
		address = strtoull(buf_text(&text), NULL, 16);
	buf_done(&text);
	return address;
}

speed_t spcr_speed(const char *sys, const char *tty)
{
	struct buf table = BUF_INIT;
	speed_t speed = SPCR_DEFAULT;
	uint64_t address;
	const char *name;

	if (read_file(sys, "firmware/acpi/tables/SPCR", &table) && table.length >= SIZE_LEAST) {
		memcpy(&address, table.data + ADDRESS, sizeof(address));
		name = table.data[SPACE_ID] == SPACE_IO ? "port" : "iomem_base";
		if (address &&
		    (table.data[SPACE_ID] == SPACE_IO || table.data[SPACE_ID] == SPACE_MEMORY) &&
		    address_of(sys, tty, name) == address)
			for (size_t i = 0; i < sizeof(speeds) / sizeof(speeds[0]); i++)
				if ((uint8_t)table.data[BAUD] == speeds[i].code)
					speed = speeds[i].speed;
	}
	buf_done(&table);
	return speed;
}
