/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's RAM: the only room that turns a guest-physical address into a pointer. RAM is a few
 * regions; what is in none of them (devices, holes) has no pointer, so that no device can be made
 * to do DMA into another.
 *
 * The guest writes to its memory at any time: fetch once into a local, check the local, use the
 * local. Pointers stay valid as long as the guest_mem does.
 */
#ifndef BERTH_VMM_CORE_GUEST_MEM_H
#define BERTH_VMM_CORE_GUEST_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct guest_mem_region {
	uint64_t gpa;
	uint64_t size; /* a multiple of 4 KiB */
	uint8_t *host;
	int fd;		 /* of shared memory, else -1 */
	uint64_t offset; /* in fd */
};

struct guest_mem_options {
	uint64_t hugepage_size; /* 0: ordinary pages, transparent huge ones where they fit */
	bool prealloc;
	bool lock;
	bool shared; /* a memfd, for vhost-user and local migration */
};

enum guest_access { GUEST_READ, GUEST_WRITE };

struct guest_mem;

/* RAM of `size` bytes, laid out by core/memmap. 0, -EINVAL, -ENOMEM or another -errno. */
int guest_mem_create(
    uint64_t size, const struct guest_mem_options *options, struct guest_mem **ret_mem);
void guest_mem_free(struct guest_mem *mem);

uint64_t guest_mem_size(const struct guest_mem *mem);
size_t guest_mem_regions(const struct guest_mem *mem, const struct guest_mem_region **ret_regions);

/*
 * A pointer to `length` bytes at `gpa`, or NULL when they are not all in one region (a length of 0
 * gives NULL). With GUEST_WRITE the pages count as dirty from now on, if dirty pages are logged:
 * for memory that is written later, mark it again with guest_mem_mark() once it has been.
 */
void *guest_mem_range(
    struct guest_mem *mem, uint64_t gpa, uint64_t length, enum guest_access access);
void guest_mem_mark(struct guest_mem *mem, uint64_t gpa, uint64_t length);

/* Copies; 0 or -EFAULT, and then nothing was copied. */
int guest_mem_read(struct guest_mem *mem, uint64_t gpa, void *to, size_t length);
int guest_mem_write(struct guest_mem *mem, uint64_t gpa, const void *from, size_t length);

/* Give pages back to the node: they read as zeros afterwards. The range is cut to whole pages and
 * to RAM. */
void guest_mem_discard(struct guest_mem *mem, uint64_t gpa, uint64_t length);

/* Dirty pages as this process makes them (KVM logs the guest's own). One bit a page of 4 KiB, by
 * region; NULL while logging is off. */
int guest_mem_log_start(struct guest_mem *mem);
void guest_mem_log_stop(struct guest_mem *mem);
uint64_t *guest_mem_log(struct guest_mem *mem, size_t region);

#endif
