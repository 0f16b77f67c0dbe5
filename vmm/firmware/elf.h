/* SPDX-License-Identifier: GPL-2.0-only */
/* An ELF kernel that can be entered by PVH: an XEN_ELFNOTE_PHYS32_ENTRY note holds the address
 * (Xen, docs/misc/pvh and xen/include/public/elfnote.h). ELF: System V gABI, chapters 4 and 5. */
#ifndef BERTH_VMM_FIRMWARE_ELF_H
#define BERTH_VMM_FIRMWARE_ELF_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/core/why.h"
#include "vmm/firmware/blob.h"

#define ELF_SEGMENTS_MAX 32

struct elf_segment {
	uint64_t address; /* physical */
	uint64_t offset;
	uint64_t file_size;
	uint64_t memory_size; /* not less */
};

struct elf_image {
	unsigned int count;
	struct elf_segment segments[ELF_SEGMENTS_MAX];
	uint64_t start; /* lowest and highest byte of all */
	uint64_t end;
	uint32_t entry;
};

bool elf_is(const uint8_t *head, size_t length);
/* 0, -ENOEXEC or another -errno. Segments lie within the file and do not wrap around. */
int elf_parse(const struct blob *file, struct why *ret_why, struct elf_image *ret_image);

#endif
