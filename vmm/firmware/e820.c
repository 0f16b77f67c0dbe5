/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/firmware/e820.h"

#include "vmm/core/memmap.h"

static void add(struct e820 *map, uint64_t from, uint64_t to, uint32_t type)
{
	if (from < to)
		map->entries[map->count++] =
		    (struct e820_entry){ .address = from, .size = to - from, .type = type };
}

void e820_build(const struct guest_mem *mem, struct e820 *ret_map)
{
	const struct guest_mem_region *regions;
	size_t count = guest_mem_regions(mem, &regions);

	ret_map->count = 0;
	/* The first megabyte is as on every PC: BIOS data area and tables at its end. */
	add(ret_map, 0, MEMMAP_EBDA, E820_RAM);
	add(ret_map, MEMMAP_EBDA, 0xa0000, E820_RESERVED);
	add(ret_map, MEMMAP_ACPI, MEMMAP_KERNEL, E820_RESERVED);
	add(ret_map, MEMMAP_KERNEL, regions[0].size, E820_RAM);
	/* Linux uses the configuration window only when it is reserved here (PCI Firmware
	 * specification 3.3, 4.1.2). */
	add(ret_map, MEMMAP_ECAM, MEMMAP_ECAM + MEMMAP_ECAM_SIZE, E820_RESERVED);
	add(ret_map, MEMMAP_KVM_IDENTITY_MAP, MEMMAP_KVM_TSS + 0x3000, E820_RESERVED);
	for (size_t i = 1; i < count; i++)
		add(ret_map, regions[i].gpa, regions[i].gpa + regions[i].size, E820_RAM);
}
