/* SPDX-License-Identifier: GPL-2.0-only */
/* How the boot processor starts: what firmware/ decides and hv/vcpu sets. Segments are flat; all
 * that is not named here is as after reset. */
#ifndef BERTH_VMM_CORE_BOOT_CPU_H
#define BERTH_VMM_CORE_BOOT_CPU_H

#include <stdbool.h>
#include <stdint.h>

struct boot_cpu {
	bool long_mode; /* 64-bit code with paging; else 32-bit protected mode without */
	uint64_t rip;
	uint64_t rsp;
	uint64_t rbx;
	uint64_t rsi;
	uint64_t cr3;
	uint64_t gdt;
	uint16_t gdt_limit;
	uint16_t code_selector;
	uint16_t data_selector;
	uint16_t task_selector; /* 0: none in the table */
};

#endif
