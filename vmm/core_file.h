/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The head of a memory dump: ELF-64 core (System V ABI, x86-64), a segment of notes, then one a
 * region of memory, by physical addresses. The notes are what crash(8) and gdb(1) look for: the
 * registers of each processor as NT_PRSTATUS, and as the note "QEMU", from whose CR3 and IDT they
 * find out where the guest's kernel has put itself.
 */
#ifndef BERTH_VMM_CORE_FILE_H
#define BERTH_VMM_CORE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "vmm/core/guest_mem.h"
#include "vmm/hv/vcpu.h"

/*
 * As many bytes as a multiple of `unit`, behind which the regions follow one another in the file;
 * free() it. 0 or -ENOMEM.
 */
int core_file_head(const struct vcpu_registers *cpus, size_t cpu_count,
    const struct guest_mem_region *regions, size_t region_count, uint64_t unit, uint8_t **ret_head,
    uint64_t *ret_length);

#endif
