/* SPDX-License-Identifier: GPL-2.0-only */
/* Linux's own kernel file (Linux, Documentation/arch/x86/boot.rst: "the boot protocol"), from 2.12
 * on, for its 64-bit entry. */
#ifndef BERTH_VMM_FIRMWARE_BZIMAGE_H
#define BERTH_VMM_FIRMWARE_BZIMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/core/why.h"
#include "vmm/firmware/blob.h"

#define BZIMAGE_HEADER 0x1f1	 /* where the setup header begins, in file and zero page */
#define BZIMAGE_HEADER_END 0x290 /* where it ends at most */

struct bzimage {
	uint8_t header[BZIMAGE_HEADER_END]; /* from offset 0; zeros past header_end */
	uint32_t header_end;
	uint64_t payload; /* of the protected-mode part in the file */
	uint64_t payload_size;
	bool relocatable;
	uint64_t preferred; /* where it runs best, or must if it cannot be relocated */
	uint32_t alignment;
	uint32_t init_size; /* memory that it needs from its start on until it has set up its own */
	uint32_t cmdline_max;
	uint32_t initrd_max; /* last byte of an initrd */
};

/* Whether it begins as such a file does. */
bool bzimage_is(const uint8_t *head, size_t length);
/* 0, -ENOEXEC or another -errno. */
int bzimage_parse(const struct blob *file, struct why *ret_why, struct bzimage *ret_image);

#endif
