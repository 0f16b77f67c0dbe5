/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel files, whole and damaged, into a guest's memory. */
#include "vmm/firmware/boot.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/unit_test.h"
#include "vmm/core/memmap.h"
#include "vmm/firmware/bytes.h"
#include "vmm/firmware/bzimage.h"
#include "vmm/firmware/e820.h"
#include "vmm/firmware/elf.h"

#define MIB (1ull << 20)
#define BZIMAGE_SIZE 8192
#define ELF_SIZE 12288

static uint8_t file[16384];
static struct blob blob;

/* One sector of setup, then the kernel, which prefers 16 MiB. */
static void make_bzimage(void)
{
	memset(file, 0, sizeof(file));
	blob = (struct blob){ .fd = -1, .data = file, .size = BZIMAGE_SIZE };
	file[0x1f1] = 1;
	put16(file + 0x1fe, 0xaa55);
	file[0x200] = 0xeb;
	file[0x201] = 0x6a;
	memcpy(file + 0x202, "HdrS", 4);
	put16(file + 0x206, 0x20f);
	file[0x211] = 1;
	put32(file + 0x22c, 0x7fffffff);
	put32(file + 0x230, 2 * MIB);
	file[0x234] = 1;
	put16(file + 0x236, 0x7f);
	put32(file + 0x238, 2047);
	put64(file + 0x258, 16 * MIB);
	put32(file + 0x260, 8 * MIB);
	memset(file + 1024, 'k', BZIMAGE_SIZE - 1024);
}

static Elf64_Phdr *header_of(unsigned int index)
{
	return (Elf64_Phdr *)(void *)(file + sizeof(Elf64_Ehdr)) + index;
}

static void make_elf(void)
{
	Elf64_Ehdr *head = (Elf64_Ehdr *)(void *)file;
	uint8_t *note = file + 1024;

	memset(file, 0, sizeof(file));
	blob = (struct blob){ .fd = -1, .data = file, .size = ELF_SIZE };
	memcpy(head->e_ident, ELFMAG, SELFMAG);
	head->e_ident[EI_CLASS] = ELFCLASS64;
	head->e_ident[EI_DATA] = ELFDATA2LSB;
	head->e_machine = EM_X86_64;
	head->e_phentsize = sizeof(Elf64_Phdr);
	head->e_phoff = sizeof(*head);
	head->e_phnum = 2;
	*header_of(0) = (Elf64_Phdr){ .p_type = PT_LOAD,
		.p_offset = 4096,
		.p_paddr = 16 * MIB,
		.p_filesz = 8192,
		.p_memsz = 16384 };
	*header_of(1) = (Elf64_Phdr){ .p_type = PT_NOTE, .p_offset = 1024, .p_filesz = 20 + 20 };
	put32(note, 4); /* another's note before ours */
	put32(note + 4, 4);
	put32(note + 8, 6);
	memcpy(note + 12, "Xen", 4);
	put32(note + 20, 4);
	put32(note + 24, 4);
	put32(note + 28, 18);
	memcpy(note + 32, "Xen", 4);
	put32(note + 36, 16 * MIB + 64);
	header_of(1)->p_filesz = 40;
	memset(file + 4096, 'e', 8192);
}

static struct guest_mem *memory(uint64_t size)
{
	const struct guest_mem_options options = { 0 };
	struct guest_mem *mem;

	assert_int_equal(guest_mem_create(size, &options, &mem), 0);
	return mem;
}

static int load(struct guest_mem *mem, const struct blob *initrd, const char *cmdline,
    struct boot_cpu *cpu, struct why *reason)
{
	const struct boot_config config = {
		.kernel = &blob, .initrd = initrd, .cmdline = cmdline, .rsdp = MEMMAP_ACPI
	};

	return boot_load(mem, &config, reason, cpu);
}

static uint32_t word(struct guest_mem *mem, uint64_t gpa)
{
	return get32(guest_mem_range(mem, gpa, 4, GUEST_READ));
}

static void a_bzimage_where_it_likes_to_be(void **state)
{
	struct guest_mem *mem = memory(64 * MIB);
	const struct blob initrd = { .fd = -1, .data = (const uint8_t *)"initrd", .size = 6 };
	struct boot_cpu cpu;
	struct why reason;
	uint8_t *page;

	(void)state;
	make_bzimage();
	assert_int_equal(load(mem, &initrd, "console=ttyS0", &cpu, &reason), 0);
	assert_true(cpu.long_mode);
	assert_int_equal(cpu.rip, 16 * MIB + 0x200);
	assert_int_equal(cpu.rsi, MEMMAP_BOOT_PARAMS);
	assert_int_equal(word(mem, 16 * MIB), 0x6b6b6b6b);
	page = guest_mem_range(mem, MEMMAP_BOOT_PARAMS, 4096, GUEST_READ);
	assert_memory_equal(page + 0x202, "HdrS", 4);
	assert_int_equal(page[0x210], 0xff);
	assert_int_equal(get32(page + 0x218), 64 * MIB - 4096);
	assert_int_equal(get32(page + 0x21c), 6);
	assert_memory_equal(guest_mem_range(mem, 64 * MIB - 4096, 6, GUEST_READ), "initrd", 6);
	assert_string_equal(
	    guest_mem_range(mem, get32(page + 0x228), 64, GUEST_READ), "console=ttyS0");
	assert_int_equal(get64(page + 0x70), MEMMAP_ACPI);
	assert_int_equal(get64(page + 0x2d0), 0);
	assert_int_equal(get64(page + 0x2d8), MEMMAP_EBDA);
	/* The header ends where it says; what the file holds there is not copied. */
	assert_int_equal(page[0x202 + 0x6a], 0);
	/* 3 GiB is mapped onto itself: PML4, PDPT, PD 3. */
	assert_int_equal(word(mem, cpu.cr3), (MEMMAP_BOOT_PAGE_TABLES + 4096) | 3);
	assert_int_equal(word(mem, MEMMAP_BOOT_PAGE_TABLES + 5 * 4096), 0xc0000083);
	guest_mem_free(mem);
}

static void a_bzimage_in_little_memory(void **state)
{
	struct guest_mem *mem = memory(32 * MIB);
	struct boot_cpu cpu;
	struct why reason;

	(void)state;
	make_bzimage();
	put32(file + 0x260, 20 * MIB);
	assert_int_equal(load(mem, NULL, "", &cpu, &reason), 0);
	assert_int_equal(cpu.rip, 2 * MIB + 0x200);
	file[0x234] = 0; /* it cannot be elsewhere */
	assert_int_equal(load(mem, NULL, "", &cpu, &reason), -ENOMEM);
	assert_string_equal(
	    reason.text, "the kernel needs memory from 0x1000000 to 0x2400000; the guest has less");
	guest_mem_free(mem);
}

static void an_elf_by_pvh(void **state)
{
	struct guest_mem *mem = memory(64 * MIB);
	const struct blob initrd = { .fd = -1, .data = (const uint8_t *)"initrd", .size = 6 };
	struct boot_cpu cpu;
	struct why reason;
	uint8_t *info;

	(void)state;
	make_elf();
	memset(guest_mem_range(mem, 16 * MIB, 16384, GUEST_WRITE), 9, 16384);
	assert_int_equal(load(mem, &initrd, "quiet", &cpu, &reason), 0);
	assert_false(cpu.long_mode);
	assert_int_equal(cpu.rip, 16 * MIB + 64);
	assert_int_equal(cpu.rbx, MEMMAP_BOOT_START_INFO);
	assert_int_equal(word(mem, 16 * MIB + 8188), 0x65656565);
	assert_int_equal(word(mem, 16 * MIB + 8192), 0); /* the part that is not in the file */
	info = guest_mem_range(mem, MEMMAP_BOOT_START_INFO, 512, GUEST_READ);
	assert_int_equal(get32(info), 0x336ec578);
	assert_int_equal(get32(info + 4), 1);
	assert_int_equal(get32(info + 12), 1);
	assert_int_equal(
	    get64(info + (get64(info + 16) - MEMMAP_BOOT_START_INFO)), 64 * MIB - 4096);
	assert_string_equal(guest_mem_range(mem, get64(info + 24), 8, GUEST_READ), "quiet");
	assert_int_equal(get64(info + 32), MEMMAP_ACPI);
	assert_true(get32(info + 48) >= 5);
	assert_int_equal(get32(info + (get64(info + 40) - MEMMAP_BOOT_START_INFO) + 16), E820_RAM);
	guest_mem_free(mem);
}

static void refuse(const char *text)
{
	struct guest_mem *mem = memory(64 * MIB);
	struct boot_cpu cpu;
	struct why reason = { "" };

	assert_int_not_equal(load(mem, NULL, "", &cpu, &reason), 0);
	assert_string_equal(reason.text, text);
	guest_mem_free(mem);
}

static void damaged_bzimages_are_refused(void **state)
{
	(void)state;
	make_bzimage();
	blob.size = 600;
	refuse("the kernel is cut short: 600 bytes");
	make_bzimage();
	blob.size = 1024;
	refuse("the kernel is cut short: nothing after its setup");
	make_bzimage();
	put16(file + 0x206, 0x209);
	refuse("the kernel speaks boot protocol 2.09; 2.12 is needed (Linux 3.8)");
	make_bzimage();
	file[0x201] = 0x10;
	refuse("the kernel's setup header is damaged");
	make_bzimage();
	put16(file + 0x236, 0);
	refuse("the kernel is not a 64-bit one; only those can be started");
	make_bzimage();
	put32(file + 0x230, 3);
	refuse("the kernel wants an alignment of 0x3");
	make_bzimage();
	put64(file + 0x258, UINT64_MAX & ~0xfffull);
	refuse("the kernel wants to be at 0xfffffffffffff000 with 0x800000 bytes, which makes no "
	       "sense");
	make_bzimage();
	put32(file + 0x260, UINT32_MAX);
	refuse("the kernel needs memory from 0x200000 to 0x1001fffff; the guest has less");
	memset(file, 'x', sizeof(file));
	refuse("the kernel is neither a bzImage nor an ELF file");
}

static void damaged_elves_are_refused(void **state)
{
	(void)state;
	make_elf();
	blob.size = 40;
	refuse("the kernel is cut short");
	make_elf();
	file[EI_CLASS] = ELFCLASS32;
	refuse("the kernel is an ELF file, but not one for x86-64");
	make_elf();
	((Elf64_Ehdr *)(void *)file)->e_phentsize = 1;
	refuse("the kernel's program headers are damaged");
	make_elf();
	((Elf64_Ehdr *)(void *)file)->e_phoff = UINT64_MAX - 8;
	refuse("the kernel's program headers are cut short");
	make_elf();
	header_of(0)->p_filesz = ELF_SIZE;
	refuse("the kernel is damaged: a segment lies outside the file or wraps around");
	make_elf();
	header_of(0)->p_paddr = UINT64_MAX - 100;
	refuse("the kernel is damaged: a segment lies outside the file or wraps around");
	make_elf();
	header_of(0)->p_memsz = 1;
	refuse("the kernel is damaged: a segment lies outside the file or wraps around");
	make_elf();
	header_of(0)->p_memsz = 64 * MIB;
	refuse("the kernel wants memory from 0x1000000 to 0x5000000; the guest has less");
	make_elf();
	header_of(0)->p_paddr = 4096;
	header_of(0)->p_memsz = 32 * MIB;
	refuse("the kernel wants memory from 0x1000 to 0x2001000; the guest has less");
	make_elf();
	put32(file + 1024 + 28, 17);
	refuse("the kernel is an ELF file without a PVH entry; Linux has one with CONFIG_PVH, a "
	       "bzImage needs none");
	make_elf();
	put32(file + 1024 + 20, UINT32_MAX); /* a name longer than all notes */
	refuse("the kernel is an ELF file without a PVH entry; Linux has one with CONFIG_PVH, a "
	       "bzImage needs none");
}

static void what_does_not_fit_is_refused(void **state)
{
	static uint8_t big[50 * MIB];
	struct guest_mem *mem = memory(64 * MIB);
	const struct blob initrd = { .fd = -1, .data = big, .size = sizeof(big) };
	char cmdline[4096];
	struct boot_cpu cpu;
	struct why reason;

	(void)state;
	make_bzimage();
	assert_int_equal(load(mem, &initrd, "", &cpu, &reason), -ENOMEM);
	assert_string_equal(reason.text,
	    "the initrd of 52428800 bytes does not fit into memory beside the kernel, which takes "
	    "up to 0x1800000; the guest needs more memory");
	memset(cmdline, 'c', sizeof(cmdline));
	cmdline[2048] = '\0';
	assert_int_equal(load(mem, NULL, cmdline, &cpu, &reason), -E2BIG);
	assert_string_equal(reason.text, "the command line has 2048 bytes, the kernel takes 2047");
	cmdline[2047] = '\0';
	assert_int_equal(load(mem, NULL, cmdline, &cpu, &reason), 0);
	guest_mem_free(mem);
}

/* From a descriptor, and from one that is shorter than it was. */
static void files_are_read_by_pieces(void **state)
{
	struct guest_mem *mem = memory(64 * MIB);
	char name[] = "/tmp/berth-boot-XXXXXX";
	int fd = mkstemp(name);
	struct boot_cpu cpu;
	struct why reason;

	(void)state;
	assert_true(fd >= 0);
	unlink(name);
	make_bzimage();
	assert_int_equal(write(fd, file, BZIMAGE_SIZE), BZIMAGE_SIZE);
	assert_int_equal(blob_open(fd, &blob), 0);
	assert_int_equal(load(mem, NULL, "", &cpu, &reason), 0);
	assert_int_equal(word(mem, 16 * MIB), 0x6b6b6b6b);
	assert_int_equal(ftruncate(fd, 4096), 0);
	assert_int_equal(load(mem, NULL, "", &cpu, &reason), -ENODATA);
	assert_string_equal(reason.text, "the kernel cannot be read: No data available");
	close(fd);
	assert_int_equal(blob_open(-1, &blob), -EBADF);
	guest_mem_free(mem);
}

static void the_map_has_a_hole(void **state)
{
	struct guest_mem *mem = memory(4096 * MIB);
	struct e820 map;
	uint64_t ram = 0;

	(void)state;
	e820_build(mem, &map);
	for (unsigned int i = 0; i < map.count; i++) {
		if (i)
			assert_true(map.entries[i].address >=
				    map.entries[i - 1].address + map.entries[i - 1].size);
		if (map.entries[i].type == E820_RAM)
			ram += map.entries[i].size;
	}
	/* All of it but what the first megabyte keeps back. */
	assert_int_equal(ram, 4096 * MIB - (MIB - MEMMAP_EBDA));
	assert_int_equal(map.entries[map.count - 1].address, MEMMAP_HIGH_RAM);
	guest_mem_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bzimage_where_it_likes_to_be),
		cmocka_unit_test(a_bzimage_in_little_memory),
		cmocka_unit_test(an_elf_by_pvh),
		cmocka_unit_test(damaged_bzimages_are_refused),
		cmocka_unit_test(damaged_elves_are_refused),
		cmocka_unit_test(what_does_not_fit_is_refused),
		cmocka_unit_test(files_are_read_by_pieces),
		cmocka_unit_test(the_map_has_a_hole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
