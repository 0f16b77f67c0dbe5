/* SPDX-License-Identifier: GPL-2.0-only */
/* What disks say of their health: each kind's page, byte by byte. */
#include "tests/unit/unit_test.h"

#include <stdlib.h>
#include <string.h>

#include "cli/disk_health.h"

static void check(struct disk_health *health, enum disk_verdict verdict, const char *why)
{
	assert_int_equal(health->verdict, verdict);
	assert_string_equal(buf_text(&health->why), why);
	buf_done(&health->why);
	buf_done(&health->figures);
	memset(health, 0, sizeof(*health));
}

static void nvme_figures(void **state)
{
	struct disk_health health = { 0 };
	uint8_t page[DISK_NVME_PAGE] = { 0 };

	(void)state;
	page[3] = 100;
	page[5] = 7;
	page[129] = 1; /* 256 hours */
	page[144] = 5;
	page[160] = 3;
	disk_health_nvme(page, &health);
	assert_string_equal(buf_text(&health.figures), "disk_spare_ratio gauge 1.00\n"
						       "disk_used_ratio gauge 0.07\n"
						       "disk_powered_seconds_total counter 921600\n"
						       "disk_unsafe_shutdowns_total counter 5\n"
						       "disk_media_errors_total counter 3\n");
	check(&health, DISK_WELL, "");
}

static void nvme_warnings(void **state)
{
	struct disk_health health = { 0 };
	uint8_t page[DISK_NVME_PAGE] = { 0 };

	(void)state;
	/* Too warm: it passes. */
	page[0] = 0x02;
	disk_health_nvme(page, &health);
	check(&health, DISK_WELL, "");
	page[0] = 0x0a;
	disk_health_nvme(page, &health);
	check(&health, DISK_FAILING, "it takes no more writes");
	page[0] = 0x05;
	disk_health_nvme(page, &health);
	check(&health, DISK_FAILING,
	    "its spare blocks are used up; it had so many errors that it is not to be relied upon");
	/* Bits that later specifications give a meaning to. */
	page[0] = 0xc0;
	disk_health_nvme(page, &health);
	check(&health, DISK_WELL, "");
}

/* Sense data as the kernel makes it of the registers. */
static void make_sense(uint8_t sense[DISK_SENSE], uint8_t middle, uint8_t high)
{
	memset(sense, 0, DISK_SENSE);
	sense[0] = 0x72;
	sense[7] = 14;
	sense[8] = 0x09;
	sense[9] = 12;
	sense[17] = middle;
	sense[19] = high;
}

static void ata_status(void **state)
{
	struct disk_health health = { 0 };
	uint8_t sense[DISK_SENSE];
	uint8_t page[DISK_ATA_PAGE] = { 0 };

	(void)state;
	page[2] = 5;
	page[2 + 5] = 8;
	page[2 + 12] = 9;
	page[2 + 12 + 5] = 2;
	page[2 + 24] = 194; /* not one that makers agree on */
	make_sense(sense, 0x4f, 0xc2);
	disk_health_ata(sense, page, &health);
	assert_string_equal(buf_text(&health.figures),
	    "disk_reallocated_sectors gauge 8\ndisk_powered_seconds_total counter 7200\n");
	check(&health, DISK_WELL, "");
	make_sense(sense, 0xf4, 0x2c);
	disk_health_ata(sense, NULL, &health);
	check(&health, DISK_FAILING, "a figure of it is past the limit that its maker set");
	/* Registers that are neither, and sense data of another form. */
	make_sense(sense, 0, 0);
	disk_health_ata(sense, page, &health);
	assert_int_equal(health.figures.length, 0);
	check(&health, DISK_UNKNOWN, "it does not answer SMART RETURN STATUS");
	make_sense(sense, 0xf4, 0x2c);
	sense[0] = 0x70;
	disk_health_ata(sense, page, &health);
	check(&health, DISK_UNKNOWN, "it does not answer SMART RETURN STATUS");
}

static void scsi_exceptions(void **state)
{
	struct disk_health health = { 0 };
	uint8_t page[DISK_SCSI_PAGE] = { 0x2f, 0, 0, 8, 0, 0, 3, 4 };

	(void)state;
	disk_health_scsi(page, &health);
	check(&health, DISK_WELL, "");
	page[8] = 0x5d;
	disk_health_scsi(page, &health);
	check(&health, DISK_FAILING, "it expects to fail soon");
	page[0] = 0x0d;
	disk_health_scsi(page, &health);
	check(&health, DISK_UNKNOWN, "it does not tell of exceptions");
	memset(page, 0, sizeof(page));
	disk_health_scsi(page, &health);
	check(&health, DISK_UNKNOWN, "it does not tell of exceptions");
}

/* Whatever a disk answers, the sanitizers have nothing to say. */
static void noise(void **state)
{
	uint8_t page[DISK_ATA_PAGE];
	uint8_t sense[DISK_SENSE];

	(void)state;
	srand(1);
	for (unsigned int run = 0; run < 1000; run++) {
		struct disk_health health = { 0 };

		for (size_t i = 0; i < sizeof(page); i++)
			page[i] = (uint8_t)rand();
		memcpy(sense, page + 100, sizeof(sense));
		if (run % 2)
			make_sense(sense, 0x4f, 0xc2);
		disk_health_nvme(page, &health);
		disk_health_ata(sense, page, &health);
		disk_health_scsi(page, &health);
		assert_true(health.verdict <= DISK_FAILING);
		buf_done(&health.why);
		buf_done(&health.figures);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nvme_figures),
		cmocka_unit_test(nvme_warnings),
		cmocka_unit_test(ata_status),
		cmocka_unit_test(scsi_exceptions),
		cmocka_unit_test(noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
