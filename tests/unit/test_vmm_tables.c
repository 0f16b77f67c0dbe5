/* SPDX-License-Identifier: GPL-2.0-only */
/* ACPI tables as iasl reads them, SMBIOS as dmidecode would walk it. */
#include "vmm/firmware/acpi.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/file.h"
#include "lib/proc.h"
#include "tests/unit/unit_test.h"
#include "vmm/core/memmap.h"
#include "vmm/firmware/bytes.h"
#include "vmm/firmware/smbios.h"

static uint8_t tables[MEMMAP_ACPI_SIZE];

static uint8_t *at(uint64_t address)
{
	assert_true(address >= MEMMAP_ACPI && address < MEMMAP_ACPI + sizeof(tables));
	return tables + (address - MEMMAP_ACPI);
}

static void build(struct acpi_config config)
{
	static const uint32_t ids[] = { 0, 1, 4, 5 };

	config.apic_ids = ids;
	config.vcpus = 4;
	memset(tables, 0xee, sizeof(tables));
	assert_true(acpi_build(&config, MEMMAP_ACPI, tables, sizeof(tables)) > 0);
}

/* The table of that name by way of RSDP and XSDT, its sum checked. */
static uint8_t *table(const char *signature)
{
	uint8_t *xsdt;

	assert_memory_equal(tables, "RSD PTR ", 8);
	assert_int_equal(checksum(tables, 20), 0);
	assert_int_equal(checksum(tables, 36), 0);
	xsdt = at(get64(tables + 24));
	assert_int_equal(checksum(xsdt, get32(xsdt + 4)), 0);
	for (uint32_t i = 36; i < get32(xsdt + 4); i += 8) {
		uint8_t *found = at(get64(xsdt + i));

		assert_int_equal(checksum(found, get32(found + 4)), 0);
		if (memcmp(found, "FACP", 4) == 0 && strcmp(signature, "DSDT") == 0)
			return at(get64(found + 140));
		if (memcmp(found, signature, 4) == 0)
			return found;
	}
	fail();
	return NULL;
}

/* What iasl makes of it. */
static void decompile(const char *signature, struct buf *text)
{
	char folder[] = "/tmp/berth-acpi-XXXXXX";
	uint8_t *bytes = table(signature);
	char path[64];
	char listing[64];
	char *const command[] = { (char[]){ "iasl" }, (char[]){ "-d" }, path, NULL };
	char *const clean[] = { (char[]){ "rm" }, (char[]){ "-r" }, folder, NULL };
	struct buf output = BUF_INIT;

	*text = (struct buf)BUF_INIT;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/%s", folder, signature);
	snprintf(listing, sizeof(listing), "%s/%s.dsl", folder, signature);
	assert_int_equal(file_replace(path, (const char *)bytes, get32(bytes + 4), 0600), 0);
	assert_int_equal(proc_run(command, 60, 65536, &output), 0);
	assert_int_equal(file_read(listing, 1 << 20, text), 0);
	assert_null(strstr(buf_text(text), "Invalid"));
	assert_null(strstr(buf_text(text), "Incorrect"));
	assert_null(strstr(buf_text(&output), "Warning"));
	assert_null(strstr(buf_text(&output), "Error"));
	proc_run(clean, 10, 1000, &output);
	buf_done(&output);
}

static void has(const struct buf *text, const char *line)
{
	if (!strstr(buf_text(text), line))
		fail_msg("\"%s\" is not in:\n%s", line, buf_text(text));
}

static void the_dsdt_reads_as_it_was_written(void **state)
{
	struct buf text;

	(void)state;
	build((struct acpi_config){ .com1 = true, .pvpanic = true });
	decompile("DSDT", &text);
	has(&text, "Name (FEAT, 0x00000005)");
	has(&text, "Name (_S5, Package (0x04)");
	has(&text, "Name (_HID, EisaId (\"PNP0A08\")");
	has(&text, "0xC0000000,         // Range Minimum");
	has(&text, "0xDFFFFFFF,         // Range Maximum");
	has(&text, "Name (_HID, \"QEMU0001\")");
	has(&text, "Method (_E01, 0, NotSerialized)");
	has(&text, "Name (_ADR, 0x001F0000)");
	has(&text, "Notify (\\_SB.PCI0.S1F, 0x03)");
	buf_done(&text);
	build((struct acpi_config){ .com1 = true, .com2 = true });
	decompile("DSDT", &text);
	has(&text, "Name (FEAT, 0x00000003)");
	buf_done(&text);
}

static void the_fadt_speaks_of_our_hardware(void **state)
{
	struct buf text;

	(void)state;
	build((struct acpi_config){ .com1 = true });
	decompile("FACP", &text);
	has(&text, "SCI Interrupt : 0009");
	has(&text, "PM1A Event Block Address : 00000600");
	has(&text, "PM1A Control Block Address : 00000604");
	has(&text, "PM Timer Block Address : 00000000");
	has(&text, "GPE0 Block Address : 0000060C");
	has(&text, "GPE0 Block Length : 02");
	has(&text, "Control Method Power Button (V1) : 0");
	has(&text, "Reset Register Supported (V2) : 1");
	has(&text, "Hardware Reduced (V5) : 0");
	has(&text, "Value to cause reset : 01");
	has(&text, "8042 Present on ports 60/64 (V2) : 0");
	buf_done(&text);
}

static void the_madt_lists_the_processors(void **state)
{
	struct buf text;

	(void)state;
	build((struct acpi_config){ .com1 = true });
	decompile("APIC", &text);
	has(&text, "Local Apic Address : FEE00000");
	has(&text, "Local Apic ID : 05");
	has(&text, "Address : FEC00000");
	has(&text, "Subtable Type : 02 [Interrupt Source Override]");
	buf_done(&text);
	decompile("MCFG", &text);
	has(&text, "Base Address : 00000000E0000000");
	has(&text, "End Bus Number : 00");
	buf_done(&text);
}

static void as_many_processors_as_there_are(void **state)
{
	uint32_t ids[255];
	struct acpi_config config = { .apic_ids = ids, .vcpus = 64 };

	(void)state;
	for (unsigned int i = 0; i < 255; i++)
		ids[i] = i;
	assert_true(acpi_build(&config, MEMMAP_ACPI, tables, sizeof(tables)) > 0);
	assert_int_equal(get32(table("APIC") + 4), 36 + 8 + 64 * 8 + 28);
	for (size_t size = 0; size < 1600; size += 13)
		assert_int_equal(acpi_build(&config, MEMMAP_ACPI, tables, size), -ENOSPC);
}

/* Structures one after the other (SMBIOS 3.6, 6.1); which string `number` of one is. */
static const uint8_t *next(const uint8_t *structure)
{
	const uint8_t *end = structure + structure[1];

	while (end[0] || end[1])
		end++;
	return end + 2;
}

static const char *string(const uint8_t *structure, unsigned int number)
{
	const char *text = (const char *)structure + structure[1];

	while (--number)
		text += strlen(text) + 1;
	return text;
}

static void smbios_names_the_machine(void **state)
{
	static uint8_t bytes[MEMMAP_SMBIOS_SIZE];
	static const uint8_t types[] = { 0, 1, 3, 4, 4, 16, 17, 19, 19, 32, 127 };
	const struct smbios_config config = { .name = "web",
		.version = "1.2.3",
		.uuid = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
		.memory = 4ull << 30,
		.low_memory = MEMMAP_LOW_RAM_END,
		.sockets = 2,
		.cores = 2,
		.threads = 1 };
	int length = smbios_build(&config, MEMMAP_SMBIOS, bytes, sizeof(bytes));
	const uint8_t *structure = bytes + 32;

	(void)state;
	assert_memory_equal(bytes, "_SM3_", 5);
	assert_int_equal(checksum(bytes, 24), 0);
	assert_int_equal(get64(bytes + 16), MEMMAP_SMBIOS + 32);
	for (size_t i = 0; i < sizeof(types); i++) {
		assert_int_equal(structure[0], types[i]);
		if (types[i] == 1) {
			static const uint8_t uuid[] = { 3, 2, 1, 0, 5, 4, 7, 6, 8 };

			assert_string_equal(string(structure, structure[7]), "web");
			assert_string_equal(string(structure, structure[6]), "1.2.3");
			assert_memory_equal(structure + 8, uuid, sizeof(uuid));
		}
		if (types[i] == 17)
			assert_int_equal(get16(structure + 12), 4096);
		structure = next(structure);
	}
	assert_int_equal(structure - bytes, length);
	assert_int_equal(get32(bytes + 12), length - 32);
	for (int size = 0; size < length; size++)
		assert_int_equal(
		    smbios_build(&config, MEMMAP_SMBIOS, bytes, (size_t)size), -ENOSPC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_dsdt_reads_as_it_was_written),
		cmocka_unit_test(the_fadt_speaks_of_our_hardware),
		cmocka_unit_test(the_madt_lists_the_processors),
		cmocka_unit_test(as_many_processors_as_there_are),
		cmocka_unit_test(smbios_names_the_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
