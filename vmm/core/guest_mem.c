/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two mappings at most, one on either side of the 32-bit hole. Ordinary memory is reserved, not
 * committed: how much a node hands out is berthd's business. Mappings begin on 2 MiB like the
 * guest's addresses do, or no huge page could ever back both.
 */
#include "vmm/core/guest_mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vmm/core/memmap.h"

#define PAGE_SIZE 4096ull
#define HUGE_PAGE (2ull << 20)
#define REGIONS_MAX 2

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MFD_HUGE_SHIFT
#define MFD_HUGE_SHIFT 26
#endif
#ifndef MAP_HUGE_SHIFT
#define MAP_HUGE_SHIFT 26
#endif

struct guest_mem {
	struct guest_mem_options options;
	uint64_t size;
	size_t count;
	struct guest_mem_region regions[REGIONS_MAX];
	uint64_t *log[REGIONS_MAX];
	bool logging;
	int fd;
};

static unsigned int huge_flags(uint64_t page_size, unsigned int shift)
{
	return (unsigned int)__builtin_ctzll(page_size) << shift;
}

/* Address space of `size` bytes that begins on a huge page. */
static uint8_t *reserve(uint64_t size)
{
	uint8_t *start = mmap(
	    NULL, size + HUGE_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uint64_t skip;

	if (start == MAP_FAILED)
		return NULL;
	skip = -(uint64_t)(uintptr_t)start & (HUGE_PAGE - 1);
	if (skip)
		munmap(start, skip);
	if (skip != HUGE_PAGE)
		munmap(start + skip + size, HUGE_PAGE - skip);
	return start + skip;
}

static int prepare(const struct guest_mem_region *region, const struct guest_mem_options *options)
{
	/* Of the first huge page a guest uses the tables that are put there and little else. */
	uint64_t small = !region->gpa && region->size > HUGE_PAGE ? HUGE_PAGE : 0;

	/* Advice; without them it works as well. */
	if (!options->hugepage_size)
		madvise(region->host + small, region->size - small, MADV_HUGEPAGE);
	madvise(region->host, region->size, MADV_DONTDUMP);
	madvise(region->host, region->size, MADV_DONTFORK);
	if (options->lock && mlock(region->host, region->size))
		return -errno;
	if (!options->prealloc && !options->hugepage_size)
		return 0;
	/* Huge pages are taken now: a guest must not die of SIGBUS when the pool is empty. */
	if (madvise(region->host, region->size, MADV_POPULATE_WRITE) == 0)
		return 0;
	if (errno != EINVAL)
		return errno == EFAULT ? -ENOMEM : -errno;
	if (options->hugepage_size && !options->prealloc)
		return 0;
	for (uint64_t at = 0; at < region->size; at += PAGE_SIZE)
		*(volatile uint8_t *)(region->host + at) = 0;
	return 0;
}

static int map_region(struct guest_mem *mem, uint64_t gpa, uint64_t size, uint64_t offset)
{
	const struct guest_mem_options *options = &mem->options;
	struct guest_mem_region *region = &mem->regions[mem->count];
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	uint8_t *at = NULL;
	void *host;

	if (mem->fd >= 0) {
		flags = MAP_SHARED;
	} else if (options->hugepage_size) {
		flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB;
		flags |= (int)huge_flags(options->hugepage_size, MAP_HUGE_SHIFT);
	}
	if (options->hugepage_size <= HUGE_PAGE) {
		at = reserve(size);
		if (!at)
			return -ENOMEM;
		flags |= MAP_FIXED;
	}
	host = mmap(at, size, PROT_READ | PROT_WRITE, flags, mem->fd, (off_t)offset);
	if (host == MAP_FAILED) {
		int result = -errno;

		if (at)
			munmap(at, size);
		return result;
	}
	*region = (struct guest_mem_region){
		.gpa = gpa, .size = size, .host = host, .fd = mem->fd, .offset = offset
	};
	mem->count++;
	return prepare(region, options);
}

static int open_shared(struct guest_mem *mem)
{
	unsigned int flags = MFD_CLOEXEC;

	if (mem->options.hugepage_size)
		flags |= MFD_HUGETLB | huge_flags(mem->options.hugepage_size, MFD_HUGE_SHIFT);
	mem->fd = memfd_create("guest", flags);
	if (mem->fd < 0)
		return -errno;
	return ftruncate(mem->fd, (off_t)mem->size) ? -errno : 0;
}

int guest_mem_create(
    uint64_t size, const struct guest_mem_options *options, struct guest_mem **ret_mem)
{
	uint64_t page = options->hugepage_size ? options->hugepage_size : PAGE_SIZE;
	uint64_t low = size < MEMMAP_LOW_RAM_END ? size : MEMMAP_LOW_RAM_END;
	struct guest_mem *mem;
	int result = 0;

	if (!size || size % PAGE_SIZE || (page & (page - 1)) || page < PAGE_SIZE || size % page)
		return -EINVAL;
	mem = calloc(1, sizeof(*mem));
	if (!mem)
		return -ENOMEM;
	mem->options = *options;
	mem->size = size;
	mem->fd = -1;
	if (options->shared)
		result = open_shared(mem);
	if (!result)
		result = map_region(mem, 0, low, 0);
	if (!result && size > low)
		result = map_region(mem, MEMMAP_HIGH_RAM, size - low, low);
	if (result) {
		guest_mem_free(mem);
		return result;
	}
	*ret_mem = mem;
	return 0;
}

void guest_mem_free(struct guest_mem *mem)
{
	if (!mem)
		return;
	guest_mem_log_stop(mem);
	for (size_t i = 0; i < mem->count; i++)
		munmap(mem->regions[i].host, mem->regions[i].size);
	if (mem->fd >= 0)
		close(mem->fd);
	free(mem);
}

uint64_t guest_mem_size(const struct guest_mem *mem)
{
	return mem->size;
}

size_t guest_mem_regions(const struct guest_mem *mem, const struct guest_mem_region **ret_regions)
{
	*ret_regions = mem->regions;
	return mem->count;
}

/* The region that holds all of the range; -1: none. Nothing here can overflow: `length` is compared
 * with what is left. */
static int find(const struct guest_mem *mem, uint64_t gpa, uint64_t length)
{
	for (size_t i = 0; i < mem->count; i++) {
		const struct guest_mem_region *region = &mem->regions[i];

		if (gpa >= region->gpa && gpa - region->gpa < region->size)
			return length <= region->size - (gpa - region->gpa) ? (int)i : -1;
	}
	return -1;
}

/* Several threads may mark pages at once. */
static void mark(struct guest_mem *mem, size_t index, uint64_t offset, uint64_t length)
{
	uint64_t *log = mem->log[index];

	for (uint64_t page = offset / PAGE_SIZE; page <= (offset + length - 1) / PAGE_SIZE; page++)
		__atomic_fetch_or(&log[page / 64], 1ull << (page % 64), __ATOMIC_RELAXED);
}

void *guest_mem_range(
    struct guest_mem *mem, uint64_t gpa, uint64_t length, enum guest_access access)
{
	int index = length ? find(mem, gpa, length) : -1;
	uint64_t offset;

	if (index < 0)
		return NULL;
	offset = gpa - mem->regions[index].gpa;
	if (access == GUEST_WRITE && mem->logging)
		mark(mem, (size_t)index, offset, length);
	return mem->regions[index].host + offset;
}

void guest_mem_mark(struct guest_mem *mem, uint64_t gpa, uint64_t length)
{
	if (mem->logging)
		(void)guest_mem_range(mem, gpa, length, GUEST_WRITE);
}

int guest_mem_read(struct guest_mem *mem, uint64_t gpa, void *to, size_t length)
{
	const void *from;

	if (!length)
		return 0;
	from = guest_mem_range(mem, gpa, length, GUEST_READ);
	if (!from)
		return -EFAULT;
	memcpy(to, from, length);
	return 0;
}

int guest_mem_write(struct guest_mem *mem, uint64_t gpa, const void *from, size_t length)
{
	void *to;

	if (!length)
		return 0;
	to = guest_mem_range(mem, gpa, length, GUEST_WRITE);
	if (!to)
		return -EFAULT;
	memcpy(to, from, length);
	return 0;
}

/* `offset` and `length` are whole pages of the region. */
static void discard(struct guest_mem *mem, size_t index, uint64_t offset, uint64_t length)
{
	struct guest_mem_region *region = &mem->regions[index];
	int advice = mem->fd >= 0 ? MADV_REMOVE : MADV_DONTNEED;

	if (mem->logging)
		mark(mem, index, offset, length);
	/* Locked memory stays the guest's, and so do huge pages: given back, their pool might be
	 * empty when the guest wants them again, which is SIGBUS. */
	if (mem->options.lock || mem->options.hugepage_size ||
	    madvise(region->host + offset, length, advice))
		memset(region->host + offset, 0, length);
}

void guest_mem_discard(struct guest_mem *mem, uint64_t gpa, uint64_t length)
{
	uint64_t page = mem->options.hugepage_size ? mem->options.hugepage_size : PAGE_SIZE;
	uint64_t end;

	if (__builtin_add_overflow(gpa, length, &end))
		end = UINT64_MAX;
	for (size_t i = 0; i < mem->count; i++) {
		const struct guest_mem_region *region = &mem->regions[i];
		uint64_t from = gpa > region->gpa ? gpa - region->gpa : 0;
		uint64_t to = end > region->gpa ? end - region->gpa : 0;

		if (to > region->size)
			to = region->size;
		to -= to % page;
		if (from >= region->size)
			continue;
		from = (from + page - 1) / page * page;
		if (from < to)
			discard(mem, i, from, to - from);
	}
}

int guest_mem_log_start(struct guest_mem *mem)
{
	if (mem->logging)
		return 0;
	for (size_t i = 0; i < mem->count; i++) {
		mem->log[i] = calloc(
		    (mem->regions[i].size / PAGE_SIZE + 63) / 64, sizeof(*mem->log[i]));
		if (!mem->log[i]) {
			guest_mem_log_stop(mem);
			return -ENOMEM;
		}
	}
	mem->logging = true;
	return 0;
}

void guest_mem_log_stop(struct guest_mem *mem)
{
	mem->logging = false;
	for (size_t i = 0; i < REGIONS_MAX; i++) {
		free(mem->log[i]);
		mem->log[i] = NULL;
	}
}

uint64_t *guest_mem_log(struct guest_mem *mem, size_t region)
{
	return mem->logging && region < mem->count ? mem->log[region] : NULL;
}
