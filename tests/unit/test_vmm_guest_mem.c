/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/core/guest_mem.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/unit/unit_test.h"
#include "vmm/core/memmap.h"

#define MIB (1ull << 20)
#define GIB (1ull << 30)

static struct guest_mem *create(uint64_t size, struct guest_mem_options options)
{
	struct guest_mem *mem = NULL;

	assert_int_equal(guest_mem_create(size, &options, &mem), 0);
	assert_int_equal(guest_mem_size(mem), size);
	return mem;
}

static void a_small_guest_is_one_region(void **state)
{
	struct guest_mem *mem = create(32 * MIB, (struct guest_mem_options){ 0 });
	const struct guest_mem_region *regions;

	(void)state;
	assert_int_equal(guest_mem_regions(mem, &regions), 1);
	assert_int_equal(regions[0].gpa, 0);
	assert_int_equal(regions[0].size, 32 * MIB);
	assert_int_equal(regions[0].fd, -1);
	assert_int_equal((uintptr_t)regions[0].host % (2 * MIB), 0);
	guest_mem_free(mem);
	guest_mem_free(NULL);
}

static void ram_goes_on_above_the_hole(void **state)
{
	struct guest_mem *mem = create(4 * GIB, (struct guest_mem_options){ 0 });
	const struct guest_mem_region *regions;

	(void)state;
	assert_int_equal(guest_mem_regions(mem, &regions), 2);
	assert_int_equal(regions[0].size, MEMMAP_LOW_RAM_END);
	assert_int_equal(regions[1].gpa, MEMMAP_HIGH_RAM);
	assert_int_equal(regions[1].size, 4 * GIB - MEMMAP_LOW_RAM_END);
	assert_non_null(guest_mem_range(mem, MEMMAP_LOW_RAM_END - 1, 1, GUEST_WRITE));
	assert_null(guest_mem_range(mem, MEMMAP_LOW_RAM_END - 1, 2, GUEST_WRITE));
	assert_null(guest_mem_range(mem, MEMMAP_LOW_RAM_END, 1, GUEST_READ));
	assert_null(guest_mem_range(mem, MEMMAP_HIGH_RAM - 1, 2, GUEST_READ));
	assert_non_null(guest_mem_range(mem, MEMMAP_HIGH_RAM, 1, GUEST_READ));
	guest_mem_free(mem);
}

static void no_pointer_beyond_or_around_the_end(void **state)
{
	struct guest_mem *mem = create(32 * MIB, (struct guest_mem_options){ 0 });
	uint8_t bytes[16] = { 1 };

	(void)state;
	assert_null(guest_mem_range(mem, 0, 0, GUEST_READ));
	assert_null(guest_mem_range(mem, 32 * MIB, 1, GUEST_READ));
	assert_null(guest_mem_range(mem, 32 * MIB - 8, 9, GUEST_READ));
	assert_null(guest_mem_range(mem, 8, UINT64_MAX, GUEST_READ));
	assert_null(guest_mem_range(mem, UINT64_MAX, 2, GUEST_READ));
	assert_null(guest_mem_range(mem, UINT64_MAX - 3, 16, GUEST_READ));
	assert_int_equal(guest_mem_write(mem, 32 * MIB - 8, bytes, 16), -EFAULT);
	assert_int_equal(guest_mem_read(mem, 32 * MIB - 8, bytes, 8), 0);
	assert_int_equal(bytes[0], 0); /* nothing was copied by the refused write */
	assert_int_equal(guest_mem_read(mem, UINT64_MAX, bytes, 0), 0);
	guest_mem_free(mem);
}

static void copies_arrive(void **state)
{
	struct guest_mem *mem = create(32 * MIB, (struct guest_mem_options){ .shared = true });
	const struct guest_mem_region *regions;
	char text[6];
	uint8_t *other;

	(void)state;
	assert_int_equal(guest_mem_write(mem, 5 * MIB - 3, "hello", 6), 0);
	assert_int_equal(guest_mem_read(mem, 5 * MIB - 3, text, 6), 0);
	assert_string_equal(text, "hello");
	guest_mem_regions(mem, &regions);
	assert_true(regions[0].fd >= 0);
	other = mmap(NULL, 32 * MIB, PROT_READ, MAP_SHARED, regions[0].fd, 0);
	assert_true(other != MAP_FAILED);
	assert_memory_equal(other + 5 * MIB - 3, "hello", 6);
	munmap(other, 32 * MIB);
	guest_mem_free(mem);
}

static void sizes_that_make_no_sense(void **state)
{
	struct guest_mem_options options = { 0 };
	struct guest_mem *mem = NULL;

	(void)state;
	assert_int_equal(guest_mem_create(0, &options, &mem), -EINVAL);
	assert_int_equal(guest_mem_create(MIB + 1, &options, &mem), -EINVAL);
	options.hugepage_size = 2 * MIB;
	assert_int_equal(guest_mem_create(33 * MIB, &options, &mem), -EINVAL);
	options.hugepage_size = 3 * MIB;
	assert_int_equal(guest_mem_create(33 * MIB, &options, &mem), -EINVAL);
	options = (struct guest_mem_options){ 0 };
	assert_int_not_equal(guest_mem_create(1ull << 60, &options, &mem), 0);
	assert_null(mem);
}

/* Which pages are marked, as a bit map of the first 64. */
static uint64_t dirty(struct guest_mem *mem)
{
	return guest_mem_log(mem, 0)[0];
}

static void writes_are_logged(void **state)
{
	struct guest_mem *mem = create(32 * MIB, (struct guest_mem_options){ 0 });

	(void)state;
	assert_null(guest_mem_log(mem, 0));
	assert_int_equal(guest_mem_log_start(mem), 0);
	assert_int_equal(guest_mem_log_start(mem), 0);
	assert_null(guest_mem_log(mem, 1));
	guest_mem_range(mem, 0, 4096, GUEST_READ);
	assert_int_equal(dirty(mem), 0);
	guest_mem_range(mem, 4095, 2, GUEST_WRITE);
	assert_int_equal(dirty(mem), 0x3);
	guest_mem_mark(mem, 0x3000, 0x1000);
	assert_int_equal(dirty(mem), 0xb);
	guest_mem_mark(mem, 32 * MIB, 1); /* not RAM */
	guest_mem_discard(mem, 0x4000, 0x2000);
	assert_int_equal(dirty(mem), 0x3b);
	guest_mem_mark(mem, 32 * MIB - 1, 1);
	assert_int_equal(guest_mem_log(mem, 0)[32 * MIB / 4096 / 64 - 1], 1ull << 63);
	guest_mem_log_stop(mem);
	guest_mem_range(mem, 4095, 2, GUEST_WRITE);
	assert_null(guest_mem_log(mem, 0));
	guest_mem_free(mem);
}

static void check_discard(struct guest_mem_options options)
{
	struct guest_mem *mem = create(32 * MIB, options);
	uint8_t *bytes = guest_mem_range(mem, 0, 0x4000, GUEST_WRITE);

	memset(bytes, 7, 0x4000);
	/* Of the range only pages 1 and 2 are whole. */
	guest_mem_discard(mem, 0x0001, 0x3fff - 1);
	assert_int_equal(bytes[0xfff], 7);
	assert_int_equal(bytes[0x1000], 0);
	assert_int_equal(bytes[0x2fff], 0);
	assert_int_equal(bytes[0x3000], 7);
	guest_mem_discard(mem, 32 * MIB - 4096, UINT64_MAX);
	guest_mem_discard(mem, UINT64_MAX - 5, 5);
	guest_mem_discard(mem, 64 * MIB, 64 * MIB);
	assert_int_equal(bytes[0x3000], 7);
	guest_mem_discard(mem, 0, UINT64_MAX);
	assert_int_equal(bytes[0x3000], 0);
	guest_mem_free(mem);
}

static void discarded_pages_read_as_zeros(void **state)
{
	(void)state;
	check_discard((struct guest_mem_options){ 0 });
	check_discard((struct guest_mem_options){ .shared = true });
	check_discard((struct guest_mem_options){ .prealloc = true });
	check_discard((struct guest_mem_options){ .lock = true });
}

static void preallocated_memory_is_there(void **state)
{
	struct guest_mem *mem = create(32 * MIB, (struct guest_mem_options){ .prealloc = true });
	const struct guest_mem_region *regions;
	unsigned char resident[32 * MIB / 4096];

	(void)state;
	guest_mem_regions(mem, &regions);
	assert_int_equal(mincore(regions[0].host, 32 * MIB, resident), 0);
	for (size_t i = 0; i < sizeof(resident); i++)
		assert_true(resident[i] & 1);
	guest_mem_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_small_guest_is_one_region),
		cmocka_unit_test(ram_goes_on_above_the_hole),
		cmocka_unit_test(no_pointer_beyond_or_around_the_end),
		cmocka_unit_test(copies_arrive),
		cmocka_unit_test(sizes_that_make_no_sense),
		cmocka_unit_test(writes_are_logged),
		cmocka_unit_test(discarded_pages_read_as_zeros),
		cmocka_unit_test(preallocated_memory_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
