/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The first code of berth.efi: makes the command line inside of it the one that counts.
 *
 * The stub that follows takes the load options in the place of its own words when there are any,
 * and Secure Boot is off. iPXE for one gives each program its own name as such. So whoever starts
 * the file, there are none.
 *
 * UEFI specification 2.10: the tables are in 4.3 and 4.4, EFI_LOADED_IMAGE_PROTOCOL in 9.1.
 */
#include <stddef.h>
#include <stdint.h>

#define EFI __attribute__((ms_abi))
/* EFI_BOOT_SERVICES: the place of HandleProtocol, in functions behind the table's header. */
#define HEADER_SIZE 24
#define HANDLE_PROTOCOL 16

struct guid {
	uint32_t first;
	uint16_t second, third;
	uint8_t rest[8];
};

struct loaded_image {
	uint32_t revision;
	void *parent, *system, *device, *path, *reserved;
	uint32_t options_size;
	void *options;
	char *base;
};

struct boot_services {
	char header[HEADER_SIZE];
	uint64_t(EFI *functions[HANDLE_PROTOCOL + 1])(
	    void *handle, const struct guid *what, void **ret_interface);
};

struct system_table {
	char header[HEADER_SIZE];
	void *vendor;
	uint64_t revision;
	void *console[6];
	void *runtime;
	const struct boot_services *boot;
};

_Static_assert(offsetof(struct loaded_image, options_size) == 48, "LoadOptionsSize");
_Static_assert(offsetof(struct loaded_image, base) == 64, "ImageBase");
_Static_assert(offsetof(struct boot_services, functions[HANDLE_PROTOCOL]) == 152, "HandleProtocol");
_Static_assert(offsetof(struct system_table, boot) == 96, "BootServices");

typedef uint64_t EFI entry_point(void *handle, const struct system_table *system);

/* Of the stub, from the start of the image; join-pe writes it. */
extern volatile const uint32_t next_entry;

uint64_t EFI own_words(void *handle, const struct system_table *system)
{
	static const struct guid loaded_image = { 0x5b1b31a1, 0x9562, 0x11d2,
		{ 0x8e, 0x3f, 0, 0xa0, 0xc9, 0x69, 0x72, 0x3b } };
	struct loaded_image *image;
	void *interface;
	uint64_t error = system->boot->functions[HANDLE_PROTOCOL](
	    handle, &loaded_image, &interface);

	if (error)
		return error;
	image = interface;
	image->options_size = 0;
	return ((entry_point *)(image->base + next_entry))(handle, system);
}
