/* SPDX-License-Identifier: GPL-2.0-only */
/* What a firmware would do: tables, kernel, initrd, the first processor's registers. */
#include "vmm/machine_parts.h"

#include "vmm/core/memmap.h"
#include "vmm/firmware/acpi.h"
#include "vmm/firmware/boot.h"
#include "vmm/firmware/smbios.h"

#ifndef BERTH_VERSION
#define BERTH_VERSION "0.1.0"
#endif

static int put_acpi(struct machine *machine)
{
	uint8_t *to = guest_mem_range(machine->mem, MEMMAP_ACPI, MEMMAP_ACPI_SIZE, GUEST_WRITE);
	unsigned int serials = 0;
	uint32_t ids[DEFINITION_VCPUS_MAX];
	struct acpi_config config = { .apic_ids = ids, .vcpus = machine->vcpu_count };

	for (unsigned int i = 0; i < machine->vcpu_count; i++)
		ids[i] = cpuid_apic_id(machine->cpuid, i);
	for (unsigned int i = 0; i < machine->device_count; i++)
		serials += machine->devices[i].kind == MACHINE_SERIAL;
	config.com1 = serials > 0;
	config.com2 = serials > 1;
	config.pvpanic = machine->definition->pvpanic;
	return acpi_build(&config, MEMMAP_ACPI, to, MEMMAP_ACPI_SIZE);
}

static int put_smbios(struct machine *machine)
{
	uint8_t *to = guest_mem_range(machine->mem, MEMMAP_SMBIOS, MEMMAP_SMBIOS_SIZE, GUEST_WRITE);
	const struct definition *definition = machine->definition;
	const struct guest_mem_region *regions;
	struct smbios_config config = { .name = definition->name,
		.version = BERTH_VERSION,
		.memory = definition->memory,
		.sockets = (unsigned int)definition->sockets,
		.cores = (unsigned int)definition->cores,
		.threads = (unsigned int)definition->threads };

	guest_mem_regions(machine->mem, &regions);
	config.low_memory = regions[0].size;
	for (unsigned int i = 0; i < sizeof(config.uuid); i++)
		config.uuid[i] = definition->uuid[i];
	return smbios_build(&config, MEMMAP_SMBIOS, to, MEMMAP_SMBIOS_SIZE);
}

int machine_boot(struct machine *machine, struct why *ret_why)
{
	const struct boot_config config = { .kernel = &machine->kernel,
		.initrd = machine->has_initrd ? &machine->initrd : NULL,
		.cmdline = machine->definition->cmdline,
		.rsdp = MEMMAP_ACPI };
	struct boot_cpu cpu;
	int result = put_acpi(machine);

	if (result < 0)
		return why_errno(ret_why, result, "ACPI tables");
	result = put_smbios(machine);
	if (result < 0)
		return why_errno(ret_why, result, "SMBIOS tables");
	result = boot_load(machine->mem, &config, ret_why, &cpu);
	if (result)
		return result;
	result = vcpu_set_boot(machine->vcpus[0], &cpu);
	return result ? why_errno(ret_why, result, "registers of vCPU 0") : 0;
}
