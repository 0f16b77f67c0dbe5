/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's memory map (ACPI 6.5, section 15). */
#ifndef BERTH_VMM_FIRMWARE_E820_H
#define BERTH_VMM_FIRMWARE_E820_H

#include <stdint.h>

#include "vmm/core/guest_mem.h"

#define E820_RAM 1
#define E820_RESERVED 2
#define E820_MAX 16

struct e820_entry {
	uint64_t address;
	uint64_t size;
	uint32_t type;
};

struct e820 {
	unsigned int count;
	struct e820_entry entries[E820_MAX];
};

/* In ascending order, nothing overlaps. */
void e820_build(const struct guest_mem *mem, struct e820 *ret_map);

#endif
