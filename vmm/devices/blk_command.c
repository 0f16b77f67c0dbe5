/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/devices/blk_command.h"

#define FLAG_UNMAP 1
#define HEADER_SIZE 16
#define SEGMENT_SIZE 16
#define TO_BACKEND -1

/* `length` bytes of a chain's buffers from `skip` on, as buffers of a request. */
static unsigned int slice(const struct iovec *iov, unsigned int count_of, uint64_t skip,
    uint64_t length, struct iovec *ret_iov)
{
	unsigned int parts = 0;

	for (unsigned int i = 0; i < count_of && length; i++) {
		uint64_t size = iov[i].iov_len;
		uint64_t take;

		if (skip >= size) {
			skip -= size;
			continue;
		}
		take = size - skip < length ? size - skip : length;
		ret_iov[parts++] = (struct iovec){ (uint8_t *)iov[i].iov_base + skip, take };
		length -= take;
		skip = 0;
	}
	return parts;
}

/* Whether sectors lie on the disk; nothing here can wrap. */
static bool on_disk(const struct blk_disk *disk, uint64_t sector, uint64_t bytes)
{
	return sector <= disk->capacity && bytes / BLK_SECTOR <= disk->capacity - sector;
}

/* TO_BACKEND, or the status; so are the two that follow. */
static int transfer(
    struct blk_command *command, const struct blk_disk *disk, struct blk_request *request)
{
	const struct virtq_chain *chain = &command->chain;
	bool is_read = command->type == BLK_T_IN;
	uint64_t bytes = is_read ? chain->writable_bytes - 1 : chain->readable_bytes - HEADER_SIZE;

	if (bytes % BLK_SECTOR || !on_disk(disk, command->sector, bytes) ||
	    (!is_read && disk->read_only))
		return BLK_S_IOERR;
	command->data = bytes;
	if (!bytes)
		return BLK_S_OK;
	request->op = is_read ? BLK_READ : BLK_WRITE;
	request->offset = command->sector * BLK_SECTOR;
	request->length = bytes;
	request->durable = !is_read && !disk->writes_back;
	request->iov = command->iov;
	request->iov_count =
	    is_read ? slice(chain->iov + chain->readable, chain->writable, 0, bytes, command->iov)
		    : slice(chain->iov, chain->readable, HEADER_SIZE, bytes, command->iov);
	return TO_BACKEND;
}

/* 5.2.6: one segment, as max_discard_seg and max_write_zeroes_seg say. */
static int range(
    const struct blk_command *command, const struct blk_disk *disk, struct blk_request *request)
{
	bool is_discard = command->type == BLK_T_DISCARD;
	struct {
		uint64_t sector;
		uint32_t sectors;
		uint32_t flags;
	} segment;

	if (!(disk->features & (is_discard ? BLK_F_DISCARD : BLK_F_WRITE_ZEROES)))
		return BLK_S_UNSUPP;
	if (command->chain.readable_bytes != HEADER_SIZE + SEGMENT_SIZE)
		return BLK_S_IOERR;
	virtq_chain_read(&command->chain, HEADER_SIZE, &segment, sizeof(segment));
	if (segment.flags & ~(uint32_t)FLAG_UNMAP || (is_discard && segment.flags))
		return BLK_S_UNSUPP;
	if (segment.sectors > BLK_RANGE_SECTORS_MAX || disk->read_only ||
	    !on_disk(disk, segment.sector, (uint64_t)segment.sectors * BLK_SECTOR))
		return BLK_S_IOERR;
	if (!segment.sectors)
		return BLK_S_OK;
	request->op = is_discard ? BLK_DISCARD : BLK_WRITE_ZEROES;
	request->offset = segment.sector * BLK_SECTOR;
	request->length = (uint64_t)segment.sectors * BLK_SECTOR;
	request->unmap = segment.flags & FLAG_UNMAP;
	return TO_BACKEND;
}

static int get_id(const struct blk_command *command, const struct blk_disk *disk)
{
	if (command->chain.writable_bytes < 1 + BLK_SERIAL_SIZE)
		return BLK_S_IOERR;
	virtq_chain_write(&command->chain, 0, disk->serial, BLK_SERIAL_SIZE);
	return BLK_S_OK;
}

bool blk_command_read(struct blk_command *command)
{
	struct {
		uint32_t type;
		uint32_t reserved;
		uint64_t sector;
	} header = { .type = UINT32_MAX };

	if (!command->chain.writable_bytes)
		return false;
	if (virtq_chain_read(&command->chain, 0, &header, sizeof(header)) != sizeof(header))
		header.type = UINT32_MAX; /* answered as unsupported */
	command->type = header.type;
	command->sector = header.sector;
	command->data = 0;
	return true;
}

bool blk_command_begin(struct blk_command *command, const struct blk_disk *disk,
    struct blk_request *ret_request, uint8_t *ret_status)
{
	int status = BLK_S_UNSUPP;

	*ret_request = (struct blk_request){ 0 };
	switch (command->type) {
	case BLK_T_IN:
	case BLK_T_OUT:
		status = transfer(command, disk, ret_request);
		break;
	case BLK_T_FLUSH:
		ret_request->op = BLK_FLUSH;
		status = TO_BACKEND;
		break;
	case BLK_T_GET_ID:
		status = get_id(command, disk);
		break;
	case BLK_T_DISCARD:
	case BLK_T_WRITE_ZEROES:
		status = range(command, disk, ret_request);
		break;
	default:
		break;
	}
	if (status != TO_BACKEND)
		*ret_status = (uint8_t)status;
	return status == TO_BACKEND;
}
