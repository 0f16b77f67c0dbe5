/* SPDX-License-Identifier: GPL-2.0-only */
/* Order and fields are those by which crash(8) and gdb(1) know such a file. */
#include "vmm/core_file.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"

#define NOTE_ALIGN 4

/* struct elf_prstatus of x86-64 (linux/elfcore.h), as far as it is filled. */
struct core_status {
	uint8_t before[32];
	uint32_t pid;
	uint8_t times[76];
	uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi, orig_rax;
	uint64_t rip, cs, rflags, rsp, ss, fs_base, gs_base, ds, es, fs, gs;
	uint64_t behind;
};

struct core_segment {
	uint32_t selector;
	uint32_t limit;
	uint32_t flags;
	uint32_t pad;
	uint64_t base;
};

/* QEMUCPUState, version 1 (QEMU: target/i386/arch_dump.c). */
struct core_cpu {
	uint32_t version;
	uint32_t size;
	uint64_t rax, rbx, rcx, rdx, rsi, rdi, rsp, rbp;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rip, rflags;
	struct core_segment cs, ds, es, fs, gs, ss, ldt, tr, gdt, idt;
	uint64_t cr[5];
	uint64_t kernel_gs_base;
};

static void put_note(
    struct buf *notes, const char *name, uint32_t type, const void *data, uint32_t length)
{
	static const char zeros[NOTE_ALIGN];
	Elf64_Nhdr head = {
		.n_namesz = (uint32_t)strlen(name) + 1, .n_descsz = length, .n_type = type
	};

	buf_add(notes, (const char *)&head, sizeof(head));
	buf_add(notes, name, head.n_namesz);
	buf_add(notes, zeros, -head.n_namesz % NOTE_ALIGN);
	buf_add(notes, data, length);
	buf_add(notes, zeros, -length % NOTE_ALIGN);
}

/* `number` is from 1, as a thread's is. */
static struct core_status status_of(
    uint32_t number, const struct kvm_regs *regs, const struct kvm_sregs *sregs)
{
	return (struct core_status){ .pid = number,
		.r15 = regs->r15,
		.r14 = regs->r14,
		.r13 = regs->r13,
		.r12 = regs->r12,
		.rbp = regs->rbp,
		.rbx = regs->rbx,
		.r11 = regs->r11,
		.r10 = regs->r10,
		.r9 = regs->r9,
		.r8 = regs->r8,
		.rax = regs->rax,
		.rcx = regs->rcx,
		.rdx = regs->rdx,
		.rsi = regs->rsi,
		.rdi = regs->rdi,
		.orig_rax = UINT64_MAX,
		.rip = regs->rip,
		.cs = sregs->cs.selector,
		.rflags = regs->rflags,
		.rsp = regs->rsp,
		.ss = sregs->ss.selector,
		.fs_base = sregs->fs.base,
		.gs_base = sregs->gs.base,
		.ds = sregs->ds.selector,
		.es = sregs->es.selector,
		.fs = sregs->fs.selector,
		.gs = sregs->gs.selector };
}

/* Flags as the high word of a descriptor has them (Intel SDM, volume 3, 3.4.5). */
static struct core_segment segment_of(const struct kvm_segment *segment)
{
	return (struct core_segment){ .selector = segment->selector,
		.limit = segment->limit,
		.flags = (uint32_t)segment->type << 8 | (uint32_t)segment->s << 12 |
			 (uint32_t)segment->dpl << 13 | (uint32_t)segment->present << 15 |
			 (uint32_t)segment->avl << 20 | (uint32_t)segment->l << 21 |
			 (uint32_t)segment->db << 22 | (uint32_t)segment->g << 23,
		.base = segment->base };
}

static struct core_cpu cpu_of(const struct vcpu_registers *registers)
{
	const struct kvm_regs *regs = &registers->regs;
	const struct kvm_sregs *sregs = &registers->sregs;

	return (struct core_cpu){ .version = 1,
		.size = sizeof(struct core_cpu),
		.rax = regs->rax,
		.rbx = regs->rbx,
		.rcx = regs->rcx,
		.rdx = regs->rdx,
		.rsi = regs->rsi,
		.rdi = regs->rdi,
		.rsp = regs->rsp,
		.rbp = regs->rbp,
		.r8 = regs->r8,
		.r9 = regs->r9,
		.r10 = regs->r10,
		.r11 = regs->r11,
		.r12 = regs->r12,
		.r13 = regs->r13,
		.r14 = regs->r14,
		.r15 = regs->r15,
		.rip = regs->rip,
		.rflags = regs->rflags,
		.cs = segment_of(&sregs->cs),
		.ds = segment_of(&sregs->ds),
		.es = segment_of(&sregs->es),
		.fs = segment_of(&sregs->fs),
		.gs = segment_of(&sregs->gs),
		.ss = segment_of(&sregs->ss),
		.ldt = segment_of(&sregs->ldt),
		.tr = segment_of(&sregs->tr),
		.gdt = { .limit = sregs->gdt.limit, .base = sregs->gdt.base },
		.idt = { .limit = sregs->idt.limit, .base = sregs->idt.base },
		.cr = { sregs->cr0, 0, sregs->cr2, sregs->cr3, sregs->cr4 },
		.kernel_gs_base = registers->kernel_gs_base };
}

static int put_notes(const struct vcpu_registers *cpus, size_t count, struct buf *notes)
{
	for (size_t i = 0; i < count; i++) {
		struct core_status status = status_of(
		    (uint32_t)i + 1, &cpus[i].regs, &cpus[i].sregs);

		put_note(notes, "CORE", NT_PRSTATUS, &status, sizeof(status));
	}
	/* All of the first kind come first: crash(8) counts processors by them. */
	for (size_t i = 0; i < count; i++) {
		struct core_cpu cpu = cpu_of(&cpus[i]);

		put_note(notes, "QEMU", 0, &cpu, sizeof(cpu));
	}
	return buf_ok(notes) ? 0 : -ENOMEM;
}

/*
 * The table of segments, then the notes. Of memory, virtual addresses are the physical ones: gdb
 * knows no others, and regions of one address would cover each other. Nothing is said of its
 * alignment: by a p_align of 0 crash(8) tells a core of the kinds of today from one of netdump
 * (crash: is_netdump() in netdump.c), which it expects no note of QEMU in, and ends.
 */
static void put_segments(uint8_t *head, const Elf64_Phdr *notes,
    const struct guest_mem_region *regions, size_t count, uint64_t at)
{
	const Elf64_Ehdr elf = { .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
				     ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_CORE,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(elf),
		.e_ehsize = sizeof(elf),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = (Elf64_Half)(count + 1) };
	Elf64_Phdr *segments = (Elf64_Phdr *)(void *)(head + sizeof(elf));

	memcpy(head, &elf, sizeof(elf));
	segments[0] = *notes;
	for (size_t i = 0; i < count; i++) {
		segments[i + 1] = (Elf64_Phdr){ .p_type = PT_LOAD,
			.p_flags = PF_R | PF_W | PF_X,
			.p_offset = at,
			.p_vaddr = regions[i].gpa,
			.p_paddr = regions[i].gpa,
			.p_filesz = regions[i].size,
			.p_memsz = regions[i].size };
		at += regions[i].size;
	}
}

int core_file_head(const struct vcpu_registers *cpus, size_t cpu_count,
    const struct guest_mem_region *regions, size_t region_count, uint64_t unit, uint8_t **ret_head,
    uint64_t *ret_length)
{
	struct buf notes = BUF_INIT;
	Elf64_Phdr segment = { .p_type = PT_NOTE,
		.p_offset = sizeof(Elf64_Ehdr) + (region_count + 1) * sizeof(Elf64_Phdr),
		.p_align = NOTE_ALIGN };
	int result = put_notes(cpus, cpu_count, &notes);

	if (!result) {
		uint64_t length = (segment.p_offset + notes.length + unit - 1) / unit * unit;
		uint8_t *head = aligned_alloc(unit, length);

		result = head ? 0 : -ENOMEM;
		if (head) {
			segment.p_filesz = segment.p_memsz = notes.length;
			memset(head, 0, length);
			memcpy(head + segment.p_offset, buf_text(&notes), notes.length);
			put_segments(head, &segment, regions, region_count, length);
			*ret_head = head;
			*ret_length = length;
		}
	}
	buf_done(&notes);
	return result;
}
