/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/core_file.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/alloc.h"
#include "tests/unit/unit_test.h"

#define UNIT 4096
#define GIB (1ull << 30)
/* Of struct elf_prstatus (linux/elfcore.h), and of QEMUCPUState (QEMU: target/i386/arch_dump.c). */
#define STATUS_SIZE 336
#define STATUS_PID 32
#define STATUS_REGISTER(number) (112 + (number)*8)
#define CPU_SIZE 440
#define CPU_RIP 136
#define CPU_SEGMENT(number) (152 + (number)*24)
#define CPU_CR(number) (392 + (number)*8)
#define CPU_KERNEL_GS 432

static const struct guest_mem_region regions[] = { { .gpa = 0, .size = 3 * GIB },
	{ .gpa = 4 * GIB, .size = GIB } };

static struct vcpu_registers registers_of(uint64_t mark)
{
	return (struct vcpu_registers){ .regs = { .r15 = mark + 1,
					    .rax = mark + 2,
					    .rdi = mark + 3,
					    .rip = mark + 4,
					    .rsp = mark + 5 },
		.sregs = { .cs = { .base = mark + 6,
			       .limit = 0xffffffff,
			       .selector = 0x10,
			       .type = 0xb,
			       .present = 1,
			       .s = 1,
			       .l = 1,
			       .g = 1 },
		    .gs = { .base = mark + 7 },
		    .idt = { .base = mark + 8, .limit = 0xfff },
		    .cr3 = mark + 9,
		    .cr4 = mark + 10 },
		.kernel_gs_base = mark + 11 };
}

static uint64_t word(const uint8_t *data, size_t at)
{
	uint64_t value;

	memcpy(&value, data + at, sizeof(value));
	return value;
}

static uint8_t *head_of(const struct vcpu_registers *cpus, size_t count, uint64_t *ret_length)
{
	uint8_t *head = NULL;

	ALLOC_FAIL_EACH(core_file_head(cpus, count, regions, 2, UNIT, &head, ret_length));
	assert_non_null(head);
	return head;
}

static void memory_lies_by_physical_addresses(void **state)
{
	const struct vcpu_registers cpu = registers_of(0);
	uint64_t length;
	uint8_t *head = head_of(&cpu, 1, &length);
	const Elf64_Ehdr *elf = (const void *)head;
	const Elf64_Phdr *segments = (const void *)(head + sizeof(*elf));

	(void)state;
	assert_int_equal(length % UNIT, 0);
	assert_memory_equal(elf->e_ident, ELFMAG, SELFMAG);
	assert_int_equal(elf->e_type, ET_CORE);
	assert_int_equal(elf->e_machine, EM_X86_64);
	assert_int_equal(elf->e_phoff, sizeof(*elf));
	assert_int_equal(elf->e_phnum, 3);
	assert_int_equal(segments[0].p_type, PT_NOTE);
	for (size_t i = 0; i < 2; i++) {
		const Elf64_Phdr *segment = &segments[i + 1];

		assert_int_equal(segment->p_type, PT_LOAD);
		assert_int_equal(segment->p_offset, length + (i ? 3 * GIB : 0));
		assert_int_equal(segment->p_paddr, regions[i].gpa);
		assert_int_equal(segment->p_vaddr, regions[i].gpa);
		assert_int_equal(segment->p_filesz, regions[i].size);
		assert_int_equal(segment->p_memsz, regions[i].size);
		/* Else crash(8) takes it for one of netdump, and ends. */
		assert_int_equal(segment->p_align, 0);
	}
	free(head);
}

/* The next note; what it holds. */
static const uint8_t *note(const uint8_t **at, const char *name, uint32_t type, uint32_t size)
{
	const Elf64_Nhdr *head = (const void *)*at;
	const uint8_t *data = *at + sizeof(*head) + 8;

	assert_int_equal(head->n_namesz, strlen(name) + 1);
	assert_int_equal(head->n_type, type);
	assert_int_equal(head->n_descsz, size);
	assert_memory_equal(*at + sizeof(*head), name, strlen(name) + 1);
	*at = data + size;
	return data;
}

static void each_processor_has_its_notes(void **state)
{
	const struct vcpu_registers cpus[] = { registers_of(1000), registers_of(2000) };
	uint64_t length;
	uint8_t *head = head_of(cpus, 2, &length);
	const Elf64_Phdr *segment = (const void *)(head + sizeof(Elf64_Ehdr));
	const uint8_t *at = head + segment->p_offset;

	(void)state;
	for (uint64_t i = 0; i < 2; i++) {
		const uint8_t *status = note(&at, "CORE", NT_PRSTATUS, STATUS_SIZE);

		assert_int_equal((uint32_t)word(status, STATUS_PID), i + 1);
		assert_int_equal(word(status, STATUS_REGISTER(0)), cpus[i].regs.r15);
		assert_int_equal(word(status, STATUS_REGISTER(10)), cpus[i].regs.rax);
		assert_int_equal(word(status, STATUS_REGISTER(14)), cpus[i].regs.rdi);
		assert_int_equal(word(status, STATUS_REGISTER(16)), cpus[i].regs.rip);
		assert_int_equal(word(status, STATUS_REGISTER(17)), 0x10);
		assert_int_equal(word(status, STATUS_REGISTER(19)), cpus[i].regs.rsp);
		assert_int_equal(word(status, STATUS_REGISTER(22)), cpus[i].sregs.gs.base);
	}
	for (size_t i = 0; i < 2; i++) {
		const uint8_t *cpu = note(&at, "QEMU", 0, CPU_SIZE);

		assert_int_equal((uint32_t)word(cpu, 0), 1);
		assert_int_equal(word(cpu, 0) >> 32, CPU_SIZE);
		assert_int_equal(word(cpu, CPU_RIP), cpus[i].regs.rip);
		/* Selector and limit, then flags, then base. */
		assert_int_equal(word(cpu, CPU_SEGMENT(0)), 0xffffffff00000010);
		assert_int_equal(word(cpu, CPU_SEGMENT(0) + 8), 0xa09b00);
		assert_int_equal(word(cpu, CPU_SEGMENT(0) + 16), cpus[i].sregs.cs.base);
		assert_int_equal(word(cpu, CPU_SEGMENT(9)), 0xfffull << 32);
		assert_int_equal(word(cpu, CPU_SEGMENT(9) + 16), cpus[i].sregs.idt.base);
		assert_int_equal(word(cpu, CPU_CR(3)), cpus[i].sregs.cr3);
		assert_int_equal(word(cpu, CPU_CR(4)), cpus[i].sregs.cr4);
		assert_int_equal(word(cpu, CPU_KERNEL_GS), cpus[i].kernel_gs_base);
	}
	assert_ptr_equal(at, head + segment->p_offset + segment->p_filesz);
	assert_true(segment->p_offset + segment->p_filesz <= length);
	free(head);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_lies_by_physical_addresses),
		cmocka_unit_test(each_processor_has_its_notes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
