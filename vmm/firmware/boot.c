/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sources: Linux, Documentation/arch/x86/boot.rst and zero-page.rst; for PVH
 * xen/include/public/arch-x86/hvm/start_info.h of Xen.
 */
#include "vmm/firmware/boot.h"

#include <errno.h>
#include <string.h>

#include "vmm/core/memmap.h"
#include "vmm/firmware/bytes.h"
#include "vmm/firmware/bzimage.h"
#include "vmm/firmware/e820.h"
#include "vmm/firmware/elf.h"

#define PAGE 4096ull

/* zero-page.rst */
#define ZERO_PAGE_SIZE 4096
#define ZP_ACPI_RSDP 0x070
#define ZP_E820_ENTRIES 0x1e8
#define ZP_TYPE_OF_LOADER 0x210
#define ZP_LOADFLAGS 0x211
#define ZP_RAMDISK_IMAGE 0x218
#define ZP_RAMDISK_SIZE 0x21c
#define ZP_CMD_LINE_PTR 0x228
#define ZP_E820_TABLE 0x2d0
#define LOADER_UNDEFINED 0xff
#define ENTRY_64 0x200 /* of the protected-mode part */

/* start_info.h, version 1 */
#define START_MAGIC 0x336ec578
#define START_SIZE 56
#define START_MODULE_SIZE 32
#define START_MAP_ENTRY_SIZE 24

struct loader {
	struct guest_mem *mem;
	const struct boot_config *config;
	struct why *why;
	uint64_t low_end; /* of RAM below the hole */
	uint64_t initrd;
	uint64_t initrd_size;
};

/* A whole range of RAM, zeroed; it is there by construction for what lies in the first megabyte. */
static uint8_t *clear(struct loader *loader, uint64_t gpa, uint64_t length)
{
	uint8_t *bytes = guest_mem_range(loader->mem, gpa, length, GUEST_WRITE);

	if (bytes)
		memset(bytes, 0, length);
	return bytes;
}

static int place_cmdline(struct loader *loader, uint64_t max)
{
	size_t length = strlen(loader->config->cmdline);

	if (length > max || length >= MEMMAP_CMDLINE_SIZE)
		return why(loader->why, -E2BIG,
		    "the command line has %zu bytes, the kernel takes %llu", length,
		    (unsigned long long)max);
	return guest_mem_write(loader->mem, MEMMAP_CMDLINE, loader->config->cmdline, length + 1);
}

/* As high as may be, out of the way of a kernel that grows: [floor, limit) is free. */
static int place_initrd(struct loader *loader, uint64_t floor, uint64_t limit)
{
	const struct blob *initrd = loader->config->initrd;
	uint64_t size = initrd ? initrd->size : 0;
	void *to;
	int result;

	loader->initrd_size = size;
	if (!size)
		return 0;
	if (limit > loader->low_end)
		limit = loader->low_end;
	if (floor > limit || size > limit - floor)
		return why(loader->why, -ENOMEM,
		    "the initrd of %llu bytes does not fit into memory beside the kernel, which "
		    "takes up to 0x%llx; the guest needs more memory",
		    (unsigned long long)size, (unsigned long long)floor);
	loader->initrd = (limit - size) & ~(PAGE - 1);
	if (loader->initrd < floor)
		return why(
		    loader->why, -ENOMEM, "the initrd does not fit into memory beside the kernel");
	to = guest_mem_range(loader->mem, loader->initrd, size, GUEST_WRITE);
	result = to ? blob_read(initrd, 0, to, size) : -EFAULT;
	return result ? why_errno(loader->why, result, "the initrd cannot be read") : 0;
}

/* The table of the boot protocol: flat code at 0x10, flat data at 0x18; a task segment behind. */
static void place_gdt(struct loader *loader, bool long_mode, struct boot_cpu *cpu)
{
	const uint64_t table[5] = {
		0,
		0,
		long_mode ? 0x00af9b000000ffff : 0x00cf9b000000ffff,
		0x00cf93000000ffff,
		0x00008b0000000067,
	};

	guest_mem_write(loader->mem, MEMMAP_BOOT_GDT, table, sizeof(table));
	cpu->gdt = MEMMAP_BOOT_GDT;
	cpu->gdt_limit = sizeof(table) - 1;
	cpu->code_selector = 0x10;
	cpu->data_selector = 0x18;
	cpu->task_selector = 0x20;
}

/* The first 4 GiB onto themselves, in pages of 2 MiB. */
static void place_page_tables(struct loader *loader)
{
	uint64_t *table = guest_mem_range(
	    loader->mem, MEMMAP_BOOT_PAGE_TABLES, 6 * PAGE, GUEST_WRITE);
	uint64_t *directories = table + 512;
	uint64_t *pages = directories + 512;

	memset(table, 0, 2 * PAGE);
	table[0] = (MEMMAP_BOOT_PAGE_TABLES + PAGE) | 3;
	for (uint64_t i = 0; i < 4; i++)
		directories[i] = (MEMMAP_BOOT_PAGE_TABLES + (2 + i) * PAGE) | 3;
	for (uint64_t i = 0; i < 4 * 512; i++)
		pages[i] = i << 21 | 0x83;
}

static void fill_zero_page(struct loader *loader, const struct bzimage *image)
{
	uint8_t *page = clear(loader, MEMMAP_BOOT_PARAMS, ZERO_PAGE_SIZE);
	struct e820 map;

	e820_build(loader->mem, &map);
	memcpy(page + BZIMAGE_HEADER, image->header + BZIMAGE_HEADER,
	    image->header_end - BZIMAGE_HEADER);
	page[ZP_TYPE_OF_LOADER] = LOADER_UNDEFINED;
	page[ZP_LOADFLAGS] |= 0x01; /* loaded high */
	put32(page + ZP_RAMDISK_IMAGE, (uint32_t)loader->initrd);
	put32(page + ZP_RAMDISK_SIZE, (uint32_t)loader->initrd_size);
	put32(page + ZP_CMD_LINE_PTR, MEMMAP_CMDLINE);
	put64(page + ZP_ACPI_RSDP, loader->config->rsdp);
	page[ZP_E820_ENTRIES] = (uint8_t)map.count;
	for (unsigned int i = 0; i < map.count; i++) {
		uint8_t *entry = page + ZP_E820_TABLE + i * 20;

		put64(entry, map.entries[i].address);
		put64(entry + 8, map.entries[i].size);
		put32(entry + 16, map.entries[i].type);
	}
}

/* Where it goes to: the place that it likes best saves it a move, if memory reaches there. */
static int place_bzimage(struct loader *loader, const struct bzimage *image, uint64_t *ret_start)
{
	uint64_t start = image->preferred;
	uint64_t need = image->init_size > image->payload_size ? image->init_size
							       : image->payload_size;
	void *to;
	int result;

	if (image->relocatable && start + need > loader->low_end)
		start = (MEMMAP_KERNEL + image->alignment - 1) & ~((uint64_t)image->alignment - 1);
	if (start < MEMMAP_KERNEL || start + need > loader->low_end)
		return why(loader->why, -ENOMEM,
		    "the kernel needs memory from 0x%llx to 0x%llx; the guest has less",
		    (unsigned long long)start, (unsigned long long)(start + need));
	to = guest_mem_range(loader->mem, start, image->payload_size, GUEST_WRITE);
	result = to ? blob_read(loader->config->kernel, image->payload, to, image->payload_size)
		    : -EFAULT;
	if (result)
		return why_errno(loader->why, result, "the kernel cannot be read");
	*ret_start = start;
	return 0;
}

static int load_bzimage(struct loader *loader, struct boot_cpu *cpu)
{
	struct bzimage image;
	uint64_t start = 0;
	int result = bzimage_parse(loader->config->kernel, loader->why, &image);

	if (!result)
		result = place_bzimage(loader, &image, &start);
	if (!result)
		result = place_initrd(
		    loader, start + image.init_size, (uint64_t)image.initrd_max + 1);
	if (!result)
		result = place_cmdline(loader, image.cmdline_max);
	if (result)
		return result;
	fill_zero_page(loader, &image);
	place_page_tables(loader);
	place_gdt(loader, true, cpu);
	cpu->long_mode = true;
	cpu->rip = start + ENTRY_64;
	cpu->rsp = MEMMAP_BOOT_STACK;
	cpu->rsi = MEMMAP_BOOT_PARAMS;
	cpu->cr3 = MEMMAP_BOOT_PAGE_TABLES;
	return 0;
}

static void fill_start_info(struct loader *loader)
{
	uint64_t module = MEMMAP_BOOT_START_INFO + START_SIZE;
	uint64_t memory = module + START_MODULE_SIZE;
	struct e820 map;
	uint8_t *info;

	e820_build(loader->mem, &map);
	info = clear(loader, MEMMAP_BOOT_START_INFO,
	    START_SIZE + START_MODULE_SIZE + map.count * START_MAP_ENTRY_SIZE);
	put32(info, START_MAGIC);
	put32(info + 4, 1);
	put32(info + 12, loader->initrd_size ? 1 : 0);
	put64(info + 16, loader->initrd_size ? module : 0);
	put64(info + 24, MEMMAP_CMDLINE);
	put64(info + 32, loader->config->rsdp);
	put64(info + 40, memory);
	put32(info + 48, map.count);
	put64(info + START_SIZE, loader->initrd);
	put64(info + START_SIZE + 8, loader->initrd_size);
	for (unsigned int i = 0; i < map.count; i++) {
		uint8_t *entry = info + START_SIZE + START_MODULE_SIZE + i * START_MAP_ENTRY_SIZE;

		put64(entry, map.entries[i].address);
		put64(entry + 8, map.entries[i].size);
		put32(entry + 16, map.entries[i].type);
	}
}

static int place_segment(struct loader *loader, const struct elf_segment *segment)
{
	uint8_t *to = guest_mem_range(
	    loader->mem, segment->address, segment->memory_size, GUEST_WRITE);
	int result;

	if (segment->address < MEMMAP_KERNEL || !to)
		return why(loader->why, -ENOMEM,
		    "the kernel wants memory from 0x%llx to 0x%llx; the guest has less",
		    (unsigned long long)segment->address,
		    (unsigned long long)(segment->address + segment->memory_size));
	result = blob_read(loader->config->kernel, segment->offset, to, segment->file_size);
	if (result)
		return why_errno(loader->why, result, "the kernel cannot be read");
	memset(to + segment->file_size, 0, segment->memory_size - segment->file_size);
	return 0;
}

static int load_elf(struct loader *loader, struct boot_cpu *cpu)
{
	struct elf_image image;
	int result = elf_parse(loader->config->kernel, loader->why, &image);

	for (unsigned int i = 0; !result && i < image.count; i++)
		result = place_segment(loader, &image.segments[i]);
	if (!result)
		result = place_initrd(loader, (image.end + PAGE - 1) & ~(PAGE - 1), UINT32_MAX);
	if (!result)
		result = place_cmdline(loader, MEMMAP_CMDLINE_SIZE - 1);
	if (result)
		return result;
	fill_start_info(loader);
	place_gdt(loader, false, cpu);
	cpu->rip = image.entry;
	cpu->rbx = MEMMAP_BOOT_START_INFO;
	return 0;
}

int boot_load(struct guest_mem *mem, const struct boot_config *config, struct why *ret_why,
    struct boot_cpu *ret_cpu)
{
	struct loader loader = { .mem = mem, .config = config, .why = ret_why };
	struct boot_cpu cpu = { 0 };
	const struct guest_mem_region *regions;
	uint8_t head[BZIMAGE_HEADER_END];
	size_t length = config->kernel->size < sizeof(head) ? (size_t)config->kernel->size
							    : sizeof(head);
	int result = blob_read(config->kernel, 0, head, length);

	if (result)
		return why_errno(ret_why, result, "the kernel cannot be read");
	guest_mem_regions(mem, &regions);
	loader.low_end = regions[0].size;
	if (elf_is(head, length))
		result = load_elf(&loader, &cpu);
	else if (bzimage_is(head, length))
		result = load_bzimage(&loader, &cpu);
	else
		result = why(ret_why, -ENOEXEC, "the kernel is neither a bzImage nor an ELF file");
	if (!result)
		*ret_cpu = cpu;
	return result;
}
