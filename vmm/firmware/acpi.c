/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/firmware/acpi.h"

#include <errno.h>
#include <string.h>
#include <vmm_dsdt.h>

#include "vmm/core/memmap.h"
#include "vmm/firmware/bytes.h"

#define HEADER 36
#define FADT_SIZE 276
#define MADT_LAPIC 0
#define MADT_IOAPIC 1
#define MADT_OVERRIDE 2
#define MADT_LAPIC_NMI 4

struct builder {
	uint8_t *to;
	uint64_t address;
	size_t size;
	size_t used;
	bool full;
};

/* Room for `length` zeroed bytes, 16-byte aligned; when there is none, room that is thrown away. */
static uint8_t *take(struct builder *builder, size_t length)
{
	static uint8_t spill[4096];
	uint8_t *at;

	builder->used = (builder->used + 15) & ~(size_t)15;
	if (builder->full || builder->used > builder->size ||
	    length > builder->size - builder->used) {
		builder->full = true;
		return length <= sizeof(spill) ? spill : NULL;
	}
	at = builder->to + builder->used;
	memset(at, 0, length);
	builder->used += length;
	return at;
}

static uint64_t address_of(const struct builder *builder, const uint8_t *at)
{
	return builder->address + (uint64_t)(at - builder->to);
}

/* 5.2.6: the header of every table; its sum last, by close_table(). */
static uint8_t *open_table(
    struct builder *builder, const char *signature, uint8_t revision, size_t length)
{
	uint8_t *table = take(builder, length);

	memcpy(table, signature, 4);
	put32(table + 4, (uint32_t)length);
	table[8] = revision;
	memcpy(table + 10, "BERTH ", 6);
	memcpy(table + 16, "BERTHVM ", 8);
	put32(table + 24, 1);
	memcpy(table + 28, "BRTH", 4);
	put32(table + 32, 1);
	return table;
}

static void close_table(uint8_t *table)
{
	table[9] = 0;
	table[9] = checksum(table, get32(table + 4));
}

/* dsdt.asl's FEAT: a name, then a dword (20.2.5.1, 20.2.3). */
static uint64_t add_dsdt(struct builder *builder, const struct acpi_config *config)
{
	static const uint8_t feat[] = { 0x08, 'F', 'E', 'A', 'T', 0x0c, 0x78, 0x56, 0x34, 0x12 };
	uint8_t *table = take(builder, sizeof(vmm_dsdt));
	uint8_t *found;

	memcpy(table, vmm_dsdt, sizeof(vmm_dsdt));
	found = memmem(table, sizeof(vmm_dsdt), feat, sizeof(feat));
	if (found)
		put32(found + 6,
		    (config->com1 ? 1u : 0) | (config->com2 ? 2u : 0) | (config->pvpanic ? 4u : 0));
	else
		builder->full = true;
	close_table(table);
	return address_of(builder, table);
}

/* 5.2.3.2: generic address structure of an I/O port. */
static void put_port(uint8_t *to, uint16_t port, uint8_t bits, uint8_t access)
{
	to[0] = 1;
	to[1] = bits;
	to[2] = 0;
	to[3] = access;
	put64(to + 4, port);
}

/* 5.2.9. Fixed hardware of devices/pm; there is no PM timer, no SMI and no sleeping but soft off.
 */
static uint64_t add_fadt(struct builder *builder, uint64_t dsdt)
{
	uint8_t *table = open_table(builder, "FACP", 6, FADT_SIZE);

	put32(table + 40, (uint32_t)dsdt);
	table[45] = 4; /* enterprise server */
	put16(table + 46, MEMMAP_GSI_SCI);
	put32(table + 56, MEMMAP_PORT_PM);
	put32(table + 64, MEMMAP_PORT_PM + 4);
	put32(table + 80, MEMMAP_PORT_PM + 12);
	table[88] = 4;		   /* PM1_EVT_LEN */
	table[89] = 2;		   /* PM1_CNT_LEN */
	table[92] = 2;		   /* GPE0_BLK_LEN */
	put16(table + 96, 0x0fff); /* no C2 */
	put16(table + 98, 0x0fff); /* no C3 */
	table[108] = 0x32;	   /* century of the RTC */
	/* No keyboard controller, no VGA; PCIe power states are nobody's. */
	put16(table + 109, 1 << 2 | 1 << 4);
	/* WBINVD, C1, no fixed sleep button, RTC does not wake, reset register. */
	put32(table + 112, 1 << 0 | 1 << 2 | 1 << 5 | 1 << 6 | 1 << 10);
	put_port(table + 116, MEMMAP_PORT_PM + 9, 8, 1);
	table[128] = MEMMAP_PM_RESET;
	table[131] = 5; /* minor version */
	put64(table + 140, dsdt);
	put_port(table + 148, MEMMAP_PORT_PM, 32, 2);
	put_port(table + 172, MEMMAP_PORT_PM + 4, 16, 2);
	put_port(table + 220, MEMMAP_PORT_PM + 12, 16, 1);
	close_table(table);
	return address_of(builder, table);
}

/* 5.2.12 */
static uint64_t add_madt(struct builder *builder, const struct acpi_config *config)
{
	size_t length = HEADER + 8 + config->vcpus * 8 + 12 + 10 + 6;
	uint8_t *table = open_table(builder, "APIC", 5, length);
	uint8_t *at = table + HEADER;

	put32(at, MEMMAP_LAPIC);
	put32(at + 4, 1); /* there are 8259s too */
	at += 8;
	for (unsigned int i = 0; i < config->vcpus; i++, at += 8) {
		at[0] = MADT_LAPIC;
		at[1] = 8;
		at[2] = (uint8_t)i;
		at[3] = (uint8_t)config->apic_ids[i];
		put32(at + 4, 1);
	}
	at[0] = MADT_IOAPIC;
	at[1] = 12;
	put32(at + 4, MEMMAP_IOAPIC);
	put32(at + 8, 0);
	at += 12;
	/* The system control interrupt is a level, active high. */
	at[0] = MADT_OVERRIDE;
	at[1] = 10;
	at[3] = MEMMAP_GSI_SCI;
	put32(at + 4, MEMMAP_GSI_SCI);
	put16(at + 8, 0x0d);
	at += 10;
	at[0] = MADT_LAPIC_NMI;
	at[1] = 6;
	at[2] = 0xff; /* all */
	at[5] = 1;    /* LINT1 */
	close_table(table);
	return address_of(builder, table);
}

/* PCI Firmware specification 3.3, 4.1.2 */
static uint64_t add_mcfg(struct builder *builder)
{
	uint8_t *table = open_table(builder, "MCFG", 1, HEADER + 8 + 16);

	put64(table + HEADER + 8, MEMMAP_ECAM);
	table[HEADER + 8 + 10] = 0;
	table[HEADER + 8 + 11] = (uint8_t)((MEMMAP_ECAM_SIZE >> 20) - 1);
	close_table(table);
	return address_of(builder, table);
}

static uint64_t add_xsdt(struct builder *builder, const uint64_t *tables, size_t count)
{
	uint8_t *table = open_table(builder, "XSDT", 1, HEADER + count * 8);

	for (size_t i = 0; i < count; i++)
		put64(table + HEADER + i * 8, tables[i]);
	close_table(table);
	return address_of(builder, table);
}

/* 5.2.5.3 */
static void fill_rsdp(uint8_t *rsdp, uint64_t xsdt)
{
	memcpy(rsdp, "RSD PTR ", 8);
	memcpy(rsdp + 9, "BERTH ", 6);
	rsdp[15] = 2;
	put32(rsdp + 20, 36);
	put64(rsdp + 24, xsdt);
	rsdp[8] = checksum(rsdp, 20);
	rsdp[32] = checksum(rsdp, 36);
}

int acpi_build(const struct acpi_config *config, uint64_t address, uint8_t *to, size_t size)
{
	struct builder builder = { .to = to, .address = address, .size = size };
	uint8_t *rsdp = take(&builder, 36);
	uint64_t tables[3];
	uint64_t xsdt;

	tables[0] = add_fadt(&builder, add_dsdt(&builder, config));
	tables[1] = add_madt(&builder, config);
	tables[2] = add_mcfg(&builder);
	xsdt = add_xsdt(&builder, tables, 3);
	if (builder.full)
		return -ENOSPC;
	fill_rsdp(rsdp, xsdt);
	return (int)builder.used;
}
