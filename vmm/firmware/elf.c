/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/firmware/elf.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

#include "vmm/firmware/bytes.h"

#define NOTE_PHYS32_ENTRY 18
#define NOTES_MAX 65536u

bool elf_is(const uint8_t *head, size_t length)
{
	return length >= SELFMAG && memcmp(head, ELFMAG, SELFMAG) == 0;
}

static int not_read(int result, const char *what, struct why *ret_why)
{
	return result == -ENODATA ? why(ret_why, -ENOEXEC, "the kernel%s cut short", what)
				  : why_errno(ret_why, result, "the kernel cannot be read");
}

static int add_segment(
    struct elf_image *image, const Elf64_Phdr *header, uint64_t file_size, struct why *ret_why)
{
	uint64_t end;

	if (!header->p_memsz)
		return 0;
	if (image->count == ELF_SEGMENTS_MAX)
		return why(
		    ret_why, -ENOEXEC, "the kernel has more than %d segments", ELF_SEGMENTS_MAX);
	if (header->p_offset > file_size || header->p_filesz > file_size - header->p_offset ||
	    header->p_filesz > header->p_memsz ||
	    __builtin_add_overflow(header->p_paddr, header->p_memsz, &end))
		return why(ret_why, -ENOEXEC,
		    "the kernel is damaged: a segment lies outside the file or wraps around");
	image->segments[image->count++] = (struct elf_segment){ .address = header->p_paddr,
		.offset = header->p_offset,
		.file_size = header->p_filesz,
		.memory_size = header->p_memsz };
	if (image->count == 1 || header->p_paddr < image->start)
		image->start = header->p_paddr;
	if (end > image->end)
		image->end = end;
	return 0;
}

/* Sizes of a note's parts are rounded up to four. */
static uint64_t round_up(uint32_t size)
{
	return ((uint64_t)size + 3) & ~3ull;
}

/* The note of one segment, read piece by piece. -ENOEXEC, -ENODATA: it is not as it should be. */
static int find_entry(const struct blob *file, const Elf64_Phdr *header, uint32_t *ret_entry)
{
	uint64_t left = header->p_filesz < NOTES_MAX ? header->p_filesz : NOTES_MAX;
	uint64_t at = header->p_offset;

	while (left >= 12) {
		uint8_t note[12 + 4];
		uint8_t value[8] = { 0 };
		uint32_t name_size;
		uint32_t size;
		uint64_t whole;
		int result;

		result = blob_read(file, at, note, left < sizeof(note) ? 12 : sizeof(note));
		if (result)
			return result;
		name_size = get32(note);
		size = get32(note + 4);
		whole = 12 + round_up(name_size) + round_up(size);
		if (whole > left)
			return -ENOEXEC;
		if (get32(note + 8) == NOTE_PHYS32_ENTRY && name_size == 4 &&
		    memcmp(note + 12, "Xen", 4) == 0 && (size == 4 || size == 8)) {
			result = blob_read(file, at + 16, value, size);
			if (result)
				return result;
			if (get64(value) > UINT32_MAX)
				return -ENOEXEC;
			*ret_entry = get32(value);
			return 0;
		}
		at += whole;
		left -= whole;
	}
	return -ENOENT;
}

static int check_head(const Elf64_Ehdr *head, struct why *ret_why)
{
	if (head->e_ident[EI_CLASS] != ELFCLASS64 || head->e_ident[EI_DATA] != ELFDATA2LSB ||
	    head->e_machine != EM_X86_64)
		return why(ret_why, -ENOEXEC, "the kernel is an ELF file, but not one for x86-64");
	if (head->e_phentsize != sizeof(Elf64_Phdr) || !head->e_phnum || head->e_phnum > 128)
		return why(ret_why, -ENOEXEC, "the kernel's program headers are damaged");
	return 0;
}

int elf_parse(const struct blob *file, struct why *ret_why, struct elf_image *ret_image)
{
	struct elf_image image = { 0 };
	Elf64_Ehdr head;
	bool found = false;
	int result = blob_read(file, 0, &head, sizeof(head));

	if (!result)
		result = check_head(&head, ret_why);
	else
		result = not_read(result, " is", ret_why);
	for (unsigned int i = 0; !result && i < head.e_phnum; i++) {
		Elf64_Phdr header;
		uint64_t at;

		if (__builtin_add_overflow(head.e_phoff, i * sizeof(header), &at))
			result = -ENODATA;
		else
			result = blob_read(file, at, &header, sizeof(header));
		if (result)
			return not_read(result, "'s program headers are", ret_why);
		if (header.p_type == PT_LOAD) {
			result = add_segment(&image, &header, file->size, ret_why);
		} else if (header.p_type == PT_NOTE && !found) {
			int note = find_entry(file, &header, &image.entry);

			if (note && note != -ENOENT && note != -ENOEXEC && note != -ENODATA)
				return not_read(note, "", ret_why);
			found = note == 0;
		}
	}
	if (result)
		return result;
	if (!image.count || image.entry < image.start || image.entry >= image.end || !found)
		return why(ret_why, -ENOEXEC,
		    "the kernel is an ELF file without a PVH entry; Linux has one with "
		    "CONFIG_PVH, a bzImage needs none");
	*ret_image = image;
	return 0;
}
