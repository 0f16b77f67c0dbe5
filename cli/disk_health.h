/* SPDX-License-Identifier: GPL-2.0-only */
/* What a disk says of its own health. */
#ifndef BERTH_CLI_DISK_HEALTH_H
#define BERTH_CLI_DISK_HEALTH_H

#include <stdint.h>

#include "lib/buf.h"

enum disk_verdict {
	DISK_UNKNOWN, /* it does not say */
	DISK_WELL,
	DISK_FAILING,
};

/* `why` is for people, empty for DISK_WELL; `figures` has a line each: name, type and value as
 * Prometheus knows them. */
struct disk_health {
	enum disk_verdict verdict;
	struct buf why;
	struct buf figures;
};

#define DISK_NVME_PAGE 512
#define DISK_ATA_PAGE 512
#define DISK_SENSE 32
#define DISK_SCSI_PAGE 64

/* NVMe: the log page of SMART. */
void disk_health_nvme(const uint8_t page[DISK_NVME_PAGE], struct disk_health *health);

/* ATA: what SMART RETURN STATUS left in the sense data, and the page of SMART READ DATA, or NULL.
 */
void disk_health_ata(
    const uint8_t sense[DISK_SENSE], const uint8_t *page, struct disk_health *health);

/* SCSI: the log page of informational exceptions. */
void disk_health_scsi(const uint8_t page[DISK_SCSI_PAGE], struct disk_health *health);

/* Ask a disk by its kernel name and print what it says: "well", "failing" or "unknown", why, then
 * the figures. The exit code is a verb's. */
int disk_health_run(const char *disk);

#endif
