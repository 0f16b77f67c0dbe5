/* SPDX-License-Identifier: GPL-2.0-only */
/* Any bytes as a kernel file: it is loaded within the guest's memory, or refused with a reason. */
#include <stdint.h>
#include <stdlib.h>

#include "vmm/firmware/boot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct guest_mem_options options = { 0 };
	static struct guest_mem *mem;
	const struct blob kernel = { .fd = -1, .data = data, .size = size };
	const struct boot_config config = {
		.kernel = &kernel, .initrd = &kernel, .cmdline = "quiet", .rsdp = 0xe0000
	};
	struct boot_cpu cpu;
	struct why reason = { "" };

	if (!mem && guest_mem_create(64ull << 20, &options, &mem))
		abort();
	if (boot_load(mem, &config, &reason, &cpu) && !reason.text[0])
		abort();
	return 0;
}
