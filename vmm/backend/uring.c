/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/backend/uring.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static int map_rings(struct uring *uring, const struct io_uring_params *params)
{
	uint64_t sq_end = params->sq_off.array + params->sq_entries * sizeof(uint32_t);
	uint64_t cq_end = params->cq_off.cqes + params->cq_entries * sizeof(struct io_uring_cqe);
	uint32_t *array;
	uint8_t *base;

	/* One mapping for both rings since 5.4. */
	if (!(params->features & IORING_FEAT_SINGLE_MMAP))
		return -ENOSYS;
	uring->rings_size = sq_end > cq_end ? sq_end : cq_end;
	uring->sqes_size = params->sq_entries * sizeof(struct io_uring_sqe);
	uring->rings = mmap(NULL, uring->rings_size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_POPULATE, uring->ring, IORING_OFF_SQ_RING);
	uring->sqes = mmap(NULL, uring->sqes_size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_POPULATE, uring->ring, IORING_OFF_SQES);
	if (uring->rings == MAP_FAILED || uring->sqes == MAP_FAILED)
		return -errno;
	base = uring->rings;
	uring->sq_head = (uint32_t *)(void *)(base + params->sq_off.head);
	uring->sq_tail = (uint32_t *)(void *)(base + params->sq_off.tail);
	uring->cq_head = (uint32_t *)(void *)(base + params->cq_off.head);
	uring->cq_tail = (uint32_t *)(void *)(base + params->cq_off.tail);
	uring->cqes = (struct io_uring_cqe *)(void *)(base + params->cq_off.cqes);
	memcpy(&uring->sq_mask, base + params->sq_off.ring_mask, sizeof(uint32_t));
	memcpy(&uring->cq_mask, base + params->cq_off.ring_mask, sizeof(uint32_t));
	array = (uint32_t *)(void *)(base + params->sq_off.array);
	for (uint32_t i = 0; i < params->sq_entries; i++)
		array[i] = i;
	uring->entries = params->sq_entries;
	return 0;
}

int uring_open(struct uring *uring, int fd, uint32_t entries)
{
	struct io_uring_params params = { 0 };
	int result;

	*uring = (struct uring){ .ring = -1, .event = -1, .rings = MAP_FAILED, .sqes = MAP_FAILED };
	uring->ring = (int)syscall(SYS_io_uring_setup, entries, &params);
	if (uring->ring < 0)
		return -errno;
	uring->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	result = uring->event < 0 ? -errno : map_rings(uring, &params);
	if (!result &&
	    (syscall(SYS_io_uring_register, uring->ring, IORING_REGISTER_FILES, &fd, 1) ||
		syscall(
		    SYS_io_uring_register, uring->ring, IORING_REGISTER_EVENTFD, &uring->event, 1)))
		result = -errno;
	if (result)
		uring_close(uring);
	return result;
}

void uring_close(struct uring *uring)
{
	if (uring->rings != MAP_FAILED)
		munmap(uring->rings, uring->rings_size);
	if (uring->sqes != MAP_FAILED)
		munmap(uring->sqes, uring->sqes_size);
	if (uring->event >= 0)
		close(uring->event);
	if (uring->ring >= 0)
		close(uring->ring);
	*uring = (struct uring){ .ring = -1, .event = -1, .rings = MAP_FAILED, .sqes = MAP_FAILED };
}

struct io_uring_sqe *uring_entry(struct uring *uring)
{
	uint32_t tail = *uring->sq_tail; /* ours alone to write */
	struct io_uring_sqe *entry;

	if (tail - __atomic_load_n(uring->sq_head, __ATOMIC_ACQUIRE) >= uring->entries)
		return NULL;
	entry = &uring->sqes[tail & uring->sq_mask];
	memset(entry, 0, sizeof(*entry));
	entry->flags = IOSQE_FIXED_FILE;
	__atomic_store_n(uring->sq_tail, tail + 1, __ATOMIC_RELEASE);
	uring->queued++;
	return entry;
}

int uring_submit(struct uring *uring)
{
	while (uring->queued) {
		long taken = syscall(SYS_io_uring_enter, uring->ring, uring->queued, 0, 0, NULL, 0);

		if (taken < 0 && errno == EINTR)
			continue;
		if (taken < 0)
			return -errno;
		uring->queued -= (uint32_t)taken;
	}
	return 0;
}

bool uring_ended(struct uring *uring, uint64_t *ret_data, int32_t *ret_result)
{
	uint32_t head = *uring->cq_head;

	if (head == __atomic_load_n(uring->cq_tail, __ATOMIC_ACQUIRE))
		return false;
	*ret_data = uring->cqes[head & uring->cq_mask].user_data;
	*ret_result = uring->cqes[head & uring->cq_mask].res;
	__atomic_store_n(uring->cq_head, head + 1, __ATOMIC_RELEASE);
	return true;
}
