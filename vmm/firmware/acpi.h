/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tables that tell the guest's kernel what there is (ACPI 6.5, chapter 5): RSDP, XSDT, FADT,
 * MADT, MCFG, and the DSDT that iasl makes of dsdt.asl. There is no FACS: nothing sleeps.
 */
#ifndef BERTH_VMM_FIRMWARE_ACPI_H
#define BERTH_VMM_FIRMWARE_ACPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct acpi_config {
	const uint32_t *apic_ids; /* of the vCPUs, below 255 */
	unsigned int vcpus;
	bool com1;
	bool com2;
	bool pvpanic;
};

/* Into `to`, `size` bytes that the guest has at `address`; RSDP first. How many were used, or
 * -ENOSPC. */
int acpi_build(const struct acpi_config *config, uint64_t address, uint8_t *to, size_t size);

#endif
