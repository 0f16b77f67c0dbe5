/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a driver asks of a disk (virtio 1.2, section 5.2.6), checked: a backend is only given what
 * was negotiated, has the right length and lies on the disk.
 */
#ifndef BERTH_VMM_DEVICES_BLK_COMMAND_H
#define BERTH_VMM_DEVICES_BLK_COMMAND_H

#include "vmm/backend/blk.h"
#include "vmm/virtio/virtq.h"

/* 5.2.3 */
#define BLK_F_SEG_MAX (1ull << 2)
#define BLK_F_RO (1ull << 5)
#define BLK_F_BLK_SIZE (1ull << 6)
#define BLK_F_FLUSH (1ull << 9)
#define BLK_F_TOPOLOGY (1ull << 10)
#define BLK_F_CONFIG_WCE (1ull << 11)
#define BLK_F_MQ (1ull << 12)
#define BLK_F_DISCARD (1ull << 13)
#define BLK_F_WRITE_ZEROES (1ull << 14)

/* 5.2.6 */
#define BLK_T_IN 0
#define BLK_T_OUT 1
#define BLK_T_FLUSH 4
#define BLK_T_GET_ID 8
#define BLK_T_DISCARD 11
#define BLK_T_WRITE_ZEROES 13
#define BLK_S_OK 0
#define BLK_S_IOERR 1
#define BLK_S_UNSUPP 2

#define BLK_SECTOR 512
#define BLK_SERIAL_SIZE 20
/* Sectors of one discard or write-zeroes: 64 MiB, which a file system does in one go. */
#define BLK_RANGE_SECTORS_MAX (1u << 17)

/* The disk, as the driver and the device have agreed on it. */
struct blk_disk {
	uint64_t features;
	uint64_t capacity; /* in sectors */
	bool read_only;
	bool writes_back;      /* else each write is durable when it ends */
	const uint8_t *serial; /* BLK_SERIAL_SIZE bytes */
};

struct blk_command {
	uint32_t type;
	uint64_t sector;
	uint64_t data; /* bytes of a read or write */
	struct virtq_chain chain;
	struct iovec iov[VIRTQ_CHAIN_MAX]; /* what the backend reads or writes of it */
};

/* Copy the header out of `chain`, once. False when the driver left no place for an answer. */
bool blk_command_read(struct blk_command *command);

/* True with `ret_request` for the backend; false with how the command ends at once. */
bool blk_command_begin(struct blk_command *command, const struct blk_disk *disk,
    struct blk_request *ret_request, uint8_t *ret_status);

#endif
