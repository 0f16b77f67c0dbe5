/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Three kinds of disks, three ways to ask: NVM Express Base Specification 2.0, section 5.16.1.3;
 * ATA/ATAPI Command Set 3, sections 7.48.5 to 7.48.8, carried by ATA PASS-THROUGH (SAT-4, section
 * 12.2.2); SPC-4, section 7.3.8.
 */
#include "cli/disk_health.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nvme_ioctl.h>
#include <scsi/sg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/exit_codes.h"
#include "cli/node_files.h"

/* A disk that has to spin up first takes its time. */
#define COMMAND_MILLISECONDS 15000
#define HOUR 3600

static uint64_t little(const uint8_t *bytes, unsigned int count)
{
	uint64_t value = 0;

	while (count--)
		value = value << 8 | bytes[count];
	return value;
}

static void add_why(struct disk_health *health, const char *text)
{
	health->verdict = DISK_FAILING;
	buf_printf(&health->why, "%s%s", health->why.length ? "; " : "", text);
}

static void add_figure(
    struct disk_health *health, const char *name, const char *type, uint64_t value)
{
	buf_printf(&health->figures, "%s %s %llu\n", name, type, (unsigned long long)value);
}

/* Percent, as the ratio that Prometheus' guide to naming asks for. */
static void add_ratio(struct disk_health *health, const char *name, unsigned int percent)
{
	buf_printf(&health->figures, "%s gauge %u.%02u\n", name, percent / 100, percent % 100);
}

void disk_health_nvme(const uint8_t page[DISK_NVME_PAGE], struct disk_health *health)
{
	/* By bit. That of the temperature passes with it, and hwmon has the figure. */
	static const char *const warnings[] = {
		"its spare blocks are used up",
		NULL,
		"it had so many errors that it is not to be relied upon",
		"it takes no more writes",
		"what is to keep its cache over a power cut has failed",
		"its persistent memory region has failed",
	};

	health->verdict = DISK_WELL;
	for (unsigned int bit = 0; bit < sizeof(warnings) / sizeof(warnings[0]); bit++)
		if (page[0] >> bit & 1 && warnings[bit])
			add_why(health, warnings[bit]);
	add_ratio(health, "disk_spare_ratio", page[3]);
	add_ratio(health, "disk_used_ratio", page[5]);
	/* Counters of 128 bits, of which nobody lives to see the upper half. */
	add_figure(health, "disk_powered_seconds_total", "counter", little(page + 128, 8) * HOUR);
	add_figure(health, "disk_unsafe_shutdowns_total", "counter", little(page + 144, 8));
	add_figure(health, "disk_media_errors_total", "counter", little(page + 160, 8));
}

/* The attributes that makers agree on, by number; raw values of 48 bits, of which the lower 32
 * count. */
static void add_attributes(const uint8_t *page, struct disk_health *health)
{
	static const struct {
		uint8_t number;
		const char *name;
		const char *type;
		unsigned int unit;
	} known[] = {
		{ 5, "disk_reallocated_sectors", "gauge", 1 },
		{ 9, "disk_powered_seconds_total", "counter", HOUR },
		{ 197, "disk_pending_sectors", "gauge", 1 },
		{ 198, "disk_uncorrectable_sectors", "gauge", 1 },
	};

	for (unsigned int row = 0; row < 30; row++) {
		const uint8_t *attribute = page + 2 + 12 * row;

		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			if (attribute[0] == known[i].number)
				add_figure(health, known[i].name, known[i].type,
				    little(attribute + 5, 4) * known[i].unit);
	}
}

void disk_health_ata(
    const uint8_t sense[DISK_SENSE], const uint8_t *page, struct disk_health *health)
{
	/* Sense data with descriptors, the first of which is that of an ATA status. */
	bool answered = (sense[0] & 0x7f) == 0x72 && sense[8] == 0x09;

	if (answered && sense[17] == 0x4f && sense[19] == 0xc2)
		health->verdict = DISK_WELL;
	else if (answered && sense[17] == 0xf4 && sense[19] == 0x2c)
		add_why(health, "a figure of it is past the limit that its maker set");
	else
		buf_puts(&health->why, "it does not answer SMART RETURN STATUS");
	if (page && health->verdict != DISK_UNKNOWN)
		add_attributes(page, health);
}

void disk_health_scsi(const uint8_t page[DISK_SCSI_PAGE], struct disk_health *health)
{
	/* The parameter 0000h: additional sense code and qualifier, as of a failed command. */
	if ((page[0] & 0x3f) != 0x2f || little(page + 4, 2)) {
		buf_puts(&health->why, "it does not tell of exceptions");
		return;
	}
	health->verdict = DISK_WELL;
	if (page[8] == 0x5d)
		add_why(health, "it expects to fail soon");
}

static int send_scsi(int fd, const uint8_t *command, unsigned int length, void *data,
    unsigned int size, uint8_t sense[DISK_SENSE])
{
	struct sg_io_hdr request = {
		.interface_id = 'S',
		.dxfer_direction = size ? SG_DXFER_FROM_DEV : SG_DXFER_NONE,
		.cmd_len = (unsigned char)length,
		.mx_sb_len = DISK_SENSE,
		.dxfer_len = size,
		.dxferp = data,
		/* It is only read. */
		.cmdp = (unsigned char *)(uintptr_t)command,
		.sbp = sense,
		.timeout = COMMAND_MILLISECONDS,
	};

	memset(sense, 0, DISK_SENSE);
	if (ioctl(fd, SG_IO, &request) < 0)
		return -errno;
	return request.host_status || (size && request.status) ? -EIO : 0;
}

static int ask_ata(int fd, struct disk_health *health)
{
	/* Operation, protocol (3: no data, 4: data in), flags (20h: tell how it ended; 0eh: in
	 * blocks, to the host, count in the count field), feature, count, LBA 4F/C2, device, SMART.
	 */
	static const uint8_t status[16] = { 0x85, 3 << 1, 0x20, 0, 0xda, 0, 0, 0, 0, 0, 0x4f, 0,
		0xc2, 0, 0xb0 };
	static const uint8_t data[16] = { 0x85, 4 << 1, 0x0e, 0, 0xd0, 0, 1, 0, 0, 0, 0x4f, 0, 0xc2,
		0, 0xb0 };
	uint8_t page[DISK_ATA_PAGE];
	uint8_t sense[DISK_SENSE];
	uint8_t unused[DISK_SENSE];
	int error;

	error = send_scsi(fd, status, sizeof(status), NULL, 0, sense);
	if (error)
		return error;
	error = send_scsi(fd, data, sizeof(data), page, sizeof(page), unused);
	disk_health_ata(sense, error ? NULL : page, health);
	return 0;
}

static int ask_scsi(int fd, struct disk_health *health)
{
	/* LOG SENSE, the current values of the page. */
	static const uint8_t command[10] = { 0x4d, 0, 0x40 | 0x2f, 0, 0, 0, 0, 0, DISK_SCSI_PAGE };
	uint8_t page[DISK_SCSI_PAGE] = { 0 };
	uint8_t sense[DISK_SENSE];
	int error;

	error = send_scsi(fd, command, sizeof(command), page, sizeof(page), sense);
	if (!error)
		disk_health_scsi(page, health);
	return error;
}

static int ask_nvme(int fd, struct disk_health *health)
{
	uint8_t page[DISK_NVME_PAGE];
	struct nvme_admin_cmd command = {
		.opcode =
		    0x02, /* Get Log Page: 02h, so many words less one, of the whole controller */
		.nsid = 0xffffffff,
		.addr = (uintptr_t)page,
		.data_len = sizeof(page),
		.cdw10 = (sizeof(page) / 4 - 1) << 16 | 0x02,
		.timeout_ms = COMMAND_MILLISECONDS,
	};
	int result = ioctl(fd, NVME_IOCTL_ADMIN_CMD, &command);

	if (result)
		return result < 0 ? -errno : -EIO;
	disk_health_nvme(page, health);
	return 0;
}

static int ask(const char *disk, struct disk_health *health)
{
	char path[NODE_LINE];
	char vendor[NODE_LINE];
	int error;
	int fd;

	snprintf(path, sizeof(path), "/dev/%.100s", disk);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	snprintf(path, sizeof(path), "/sys/class/block/%.100s/device/vendor", disk);
	if (!strncmp(disk, "nvme", 4))
		error = ask_nvme(fd, health);
	else if (node_line(path, 1, vendor) && !strncmp(vendor, "ATA ", 4))
		error = ask_ata(fd, health);
	else
		error = ask_scsi(fd, health);
	close(fd);
	return error;
}

int disk_health_run(const char *disk)
{
	static const char *const verdicts[] = {
		[DISK_UNKNOWN] = "unknown",
		[DISK_WELL] = "well",
		[DISK_FAILING] = "failing",
	};
	struct disk_health health = { 0 };
	int error = ask(disk, &health);

	if (error)
		buf_printf(&health.why, "it does not answer: %s", strerror(-error));
	printf("%s\n%s\n%s", verdicts[health.verdict], buf_text(&health.why),
	    buf_text(&health.figures));
	buf_done(&health.why);
	buf_done(&health.figures);
	return health.verdict == DISK_FAILING ? EXIT_NOT_WELL : EXIT_WELL;
}
