/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A kernel, its initrd and command line put into memory, with what each protocol wants beside them:
 * the zero page of Linux's 64-bit boot protocol for a bzImage, the start info of PVH for an ELF
 * file. Run again, it gives the same, whatever the guest has made of its memory.
 */
#ifndef BERTH_VMM_FIRMWARE_BOOT_H
#define BERTH_VMM_FIRMWARE_BOOT_H

#include "vmm/core/boot_cpu.h"
#include "vmm/core/guest_mem.h"
#include "vmm/core/why.h"
#include "vmm/firmware/blob.h"

struct boot_config {
	const struct blob *kernel;
	const struct blob *initrd; /* NULL: none */
	const char *cmdline;
	uint64_t rsdp; /* where the tables of ACPI begin */
};

int boot_load(struct guest_mem *mem, const struct boot_config *config, struct why *ret_why,
    struct boot_cpu *ret_cpu);

#endif
