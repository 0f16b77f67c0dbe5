/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/firmware/bzimage.h"

#include <errno.h>
#include <string.h>

#include "vmm/firmware/bytes.h"

/* Offsets of the boot protocol, "The Real-Mode Kernel Header". */
#define SETUP_SECTS 0x1f1
#define BOOT_FLAG 0x1fe
#define JUMP_LENGTH 0x201
#define MAGIC 0x202
#define VERSION 0x206
#define LOADFLAGS 0x211
#define INITRD_ADDR_MAX 0x22c
#define KERNEL_ALIGNMENT 0x230
#define RELOCATABLE 0x234
#define XLOADFLAGS 0x236
#define CMDLINE_SIZE 0x238
#define PREF_ADDRESS 0x258
#define INIT_SIZE 0x260
#define HEADER_NEEDED (INIT_SIZE + 4)

#define LOADED_HIGH 0x01
#define XLF_KERNEL_64 0x0001

bool bzimage_is(const uint8_t *head, size_t length)
{
	return length >= MAGIC + 4 && memcmp(head + MAGIC, "HdrS", 4) == 0;
}

static int check(const struct bzimage *image, struct why *ret_why)
{
	const uint8_t *header = image->header;
	unsigned int version = get16(header + VERSION);

	if (version < 0x20c)
		return why(ret_why, -ENOEXEC,
		    "the kernel speaks boot protocol %u.%02u; 2.12 is needed (Linux 3.8)",
		    version >> 8, version & 0xff);
	if (get16(header + BOOT_FLAG) != 0xaa55 || image->header_end < HEADER_NEEDED)
		return why(ret_why, -ENOEXEC, "the kernel's setup header is damaged");
	if (!(header[LOADFLAGS] & LOADED_HIGH) || !(get16(header + XLOADFLAGS) & XLF_KERNEL_64))
		return why(
		    ret_why, -ENOEXEC, "the kernel is not a 64-bit one; only those can be started");
	if (!image->payload_size || image->payload_size > UINT32_MAX)
		return why(ret_why, -ENOEXEC, "the kernel is cut short: nothing after its setup");
	if (image->alignment < 4096 || (image->alignment & (image->alignment - 1)))
		return why(
		    ret_why, -ENOEXEC, "the kernel wants an alignment of 0x%x", image->alignment);
	if (image->init_size < 4096 || !image->preferred || image->preferred % 4096 ||
	    image->preferred > UINT32_MAX)
		return why(ret_why, -ENOEXEC,
		    "the kernel wants to be at 0x%llx with 0x%x bytes, which makes no sense",
		    (unsigned long long)image->preferred, image->init_size);
	return 0;
}

int bzimage_parse(const struct blob *file, struct why *ret_why, struct bzimage *ret_image)
{
	struct bzimage image = { 0 };
	unsigned int sectors;
	int result = blob_read(file, 0, image.header, sizeof(image.header));

	if (result == -ENODATA)
		return why(ret_why, -ENOEXEC, "the kernel is cut short: %llu bytes",
		    (unsigned long long)file->size);
	if (result)
		return why_errno(ret_why, result, "the kernel cannot be read");
	image.header_end = MAGIC + (uint32_t)image.header[JUMP_LENGTH];
	if (image.header_end > BZIMAGE_HEADER_END)
		image.header_end = BZIMAGE_HEADER_END;
	memset(image.header + image.header_end, 0, sizeof(image.header) - image.header_end);
	sectors = image.header[SETUP_SECTS] ? image.header[SETUP_SECTS] : 4;
	image.payload = (sectors + 1) * 512ull;
	image.payload_size = file->size > image.payload ? file->size - image.payload : 0;
	image.relocatable = image.header[RELOCATABLE];
	image.preferred = get64(image.header + PREF_ADDRESS);
	image.alignment = get32(image.header + KERNEL_ALIGNMENT);
	image.init_size = get32(image.header + INIT_SIZE);
	image.cmdline_max = get32(image.header + CMDLINE_SIZE);
	image.initrd_max = get32(image.header + INITRD_ADDR_MAX);
	result = check(&image, ret_why);
	if (!result)
		*ret_image = image;
	return result;
}
