/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Split virtqueues (virtio 1.2, section 2.7), written once for all devices. Descriptors are copied
 * and vetted before anybody sees them; a head stays taken until it is pushed back, so that a driver
 * that offers it twice is found out.
 */
#ifndef BERTH_VMM_VIRTIO_VIRTQ_H
#define BERTH_VMM_VIRTIO_VIRTQ_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "vmm/core/guest_mem.h"
#include "vmm/core/state.h"

#define VIRTQ_SIZE_MAX 1024
/* Buffers of one chain, indirect ones included. */
#define VIRTQ_CHAIN_MAX 130

struct virtq {
	struct guest_mem *mem;
	/* Latched by virtq_start(); the guest's registers cannot change them afterwards. */
	uint16_t size;
	uint64_t desc;
	uint64_t avail;
	uint64_t used;
	const uint8_t *desc_host;
	const uint8_t *avail_host;
	uint8_t *used_host;
	bool event_idx; /* VIRTIO_F_EVENT_IDX */
	bool indirect;	/* VIRTIO_F_INDIRECT_DESC */
	bool running;
	uint16_t last_avail; /* next to take */
	uint16_t next_used;  /* next to fill */
	uint16_t signalled;  /* used index at the last interrupt */
	uint32_t in_flight;  /* heads taken and not pushed */
	uint64_t taken[VIRTQ_SIZE_MAX / 64];
};

/* What a driver offered: first the buffers that the device reads, then those that it writes. */
struct virtq_chain {
	uint16_t head;
	unsigned int readable; /* how many of iov */
	unsigned int writable;
	uint64_t readable_bytes;
	uint64_t writable_bytes;
	struct iovec iov[VIRTQ_CHAIN_MAX];
};

/* Check the rings' places and begin. 0 or -EINVAL: misaligned, not in RAM, or a size that is no
 * power of two. */
int virtq_start(struct virtq *queue, struct guest_mem *mem, uint16_t size, uint64_t desc,
    uint64_t avail, uint64_t used, bool event_idx, bool indirect);
void virtq_stop(struct virtq *queue);

/*
 * Take the next chain. 1, 0 when there is none, -EINVAL when the driver broke a rule (the device
 * then needs a reset): head or next out of range, a loop, a head that is in flight, a buffer
 * outside RAM or of no length, a readable after a writable one, an indirect table within another,
 * of odd length or unasked for, more than VIRTQ_CHAIN_MAX buffers or 4 GiB, an available index that
 * ran ahead of the ring.
 */
int virtq_pop(struct virtq *queue, struct virtq_chain *ret_chain);

/* Give a chain back with `written` bytes in its writable part. */
void virtq_push(struct virtq *queue, uint16_t head, uint32_t written);
/* After a load: whether a head is in flight, and its chain once more. 0 or -EINVAL. */
bool virtq_is_taken(const struct virtq *queue, uint16_t head);
int virtq_again(struct virtq *queue, uint16_t head, struct virtq_chain *ret_chain);
/* What the kernel wrote into a chain's buffers since it was taken counts as dirty. */
void virtq_mark_written(struct virtq *queue, const struct virtq_chain *chain);
/* Take the last pop back (nothing of it may have been used). */
void virtq_unpop(struct virtq *queue, uint16_t head);

/* Whether the driver wants an interrupt for what was pushed since the last time this said so
 * (2.7.7, 2.7.10). */
bool virtq_should_signal(struct virtq *queue);
/* Somebody else (vhost) served the queue for a while: go on behind what was given back. */
void virtq_resume_at_used(struct virtq *queue);
/* Tell the driver that notifications are (not) wanted; on enabling, whether something came in the
 * meantime, which must be looked at then. */
bool virtq_want_notify(struct virtq *queue, bool wanted);
bool virtq_is_empty(struct virtq *queue);

/* Of a queue that runs: fields of the open section, and into one that has just been started. */
void virtq_save(const struct virtq *queue, struct state_writer *writer);
void virtq_load(struct virtq *queue, struct state_reader *reader);

/* Helpers over a chain's parts: copy out of the readable bytes from `offset` on, or into the
 * writable ones; how many bytes there were. */
size_t virtq_chain_read(const struct virtq_chain *chain, uint64_t offset, void *to, size_t length);
size_t virtq_chain_write(
    const struct virtq_chain *chain, uint64_t offset, const void *from, size_t length);

#endif
