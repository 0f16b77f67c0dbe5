/* SPDX-License-Identifier: GPL-2.0-only */
/* Who made the machine, its name and number, its processors and memory (SMBIOS 3.6, DSP0134). */
#ifndef BERTH_VMM_FIRMWARE_SMBIOS_H
#define BERTH_VMM_FIRMWARE_SMBIOS_H

#include <stddef.h>
#include <stdint.h>

struct smbios_config {
	const char *name;
	const char *version; /* of Berth */
	uint8_t uuid[16];    /* in the order of its text */
	uint64_t memory;
	uint64_t low_memory; /* of it below the hole */
	unsigned int sockets;
	unsigned int cores;
	unsigned int threads;
};

/* Into `to`, `size` bytes that the guest has at `address`; the anchor first. How many were used, or
 * -ENOSPC. */
int smbios_build(const struct smbios_config *config, uint64_t address, uint8_t *to, size_t size);

#endif
