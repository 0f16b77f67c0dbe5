/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/devices/virtio_balloon.h"

#include "tests/unit/alloc.h"
#include "tests/unit/virtio_test.h"

enum { INFLATE, DEFLATE, STATS, REPORT_BY_COUNT, REPORT };

#define FEATURES (1u << 1 | 1u << 2 | 1u << 5)
#define VICTIM 0x300000ull

struct fixture {
	struct test_machine machine;
	struct virtio *balloon;
	struct virtio_pci *pci;
	unsigned int changes;
};

static void changed(void *context)
{
	(*(unsigned int *)context)++;
}

static int create(struct fixture *fixture, struct virtio **ret_balloon, struct virtio_pci **ret_pci)
{
	struct virtio_balloon_config config = { "balloon0", fixture->machine.mem,
		fixture->machine.loop, 5, changed, &fixture->changes };
	struct virtio_pci_host host = { fixture->machine.bus, &fixture->machine.sink.sink, NULL };
	int result = virtio_balloon_create(&config, ret_balloon);

	return result ? result : virtio_pci_create(&host, *ret_balloon, -1, ret_pci);
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	machine_init(&fixture->machine);
	assert_int_equal(create(fixture, &fixture->balloon, &fixture->pci), 0);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	struct device *device = virtio_pci_device(fixture->pci);

	device->ops->free(device);
	machine_done(&fixture->machine);
	free(fixture);
	return 0;
}

static uint8_t status(struct fixture *fixture)
{
	return (uint8_t)mmio_get(&fixture->machine, COMMON + 20, 1);
}

static void fill(struct fixture *fixture)
{
	for (uint64_t at = VICTIM; at < VICTIM + 0x10000; at += 8)
		put_mem(fixture->machine.mem, at, 0x1122334455667788, 8);
}

/* How many of the pages at VICTIM read as zeros. */
static unsigned int gone(struct fixture *fixture)
{
	unsigned int count = 0;

	for (uint64_t at = VICTIM; at < VICTIM + 0x10000; at += 0x1000)
		count += get_mem(fixture->machine.mem, at + 0x800, 8) == 0;
	return count;
}

static void tell_pages(
    struct fixture *fixture, unsigned int queue, const uint32_t *pages, uint32_t count)
{
	guest_mem_write(fixture->machine.mem, BUFFERS, pages, count * sizeof(*pages));
	put_desc(fixture->machine.mem, queue, 0, BUFFERS, count * 4, 0, 0);
	offer_head(fixture->machine.mem, queue, 0);
	drive_notify(&fixture->machine, queue);
}

static void test_inflate(void **state)
{
	struct fixture *fixture = *state;
	/* Rising, falling, apart, twice, and none of RAM. */
	static const uint32_t pages[] = { 0x300, 0x301, 0x302, 0x30b, 0x30a, 0x309, 0x305, 0x305,
		0x400, 0xc0000, 0xfec00, 0xffffffff };

	drive(&fixture->machine, FEATURES, 5);
	fill(fixture);
	tell_pages(fixture, INFLATE, pages, 12);
	assert_int_equal(gone(fixture), 7);
	assert_int_equal(used_length(fixture->machine.mem, INFLATE, 0, 0), 0);
	assert_int_equal(sink_taken(&fixture->machine.sink, 1 + INFLATE), 1);
	assert_int_equal(get_mem(fixture->machine.mem, VICTIM + 0x3000, 8), 0x1122334455667788);
	mmio_put(&fixture->machine, CONFIG + 4, 4, 7);
	assert_int_equal(virtio_balloon_actual(fixture->balloon), RAM_SIZE - 7 * 4096);
	assert_int_equal(fixture->changes, 1);
	tell_pages(fixture, DEFLATE, pages, 12);
	assert_int_equal(used_index(fixture->machine.mem, DEFLATE), 1);
	mmio_put(&fixture->machine, CONFIG + 4, 4, 0);
	assert_int_equal(virtio_balloon_actual(fixture->balloon), RAM_SIZE);
	assert_int_equal(status(fixture), 15);
}

/* More pages than one chain may name, half a page number, more chains than one turn serves. */
static void test_bounds(void **state)
{
	struct fixture *fixture = *state;
	struct guest_mem *mem = fixture->machine.mem;

	drive(&fixture->machine, FEATURES, 5);
	fill(fixture);
	for (uint64_t i = 0; i < 0x4000; i++)
		put_mem(mem, BUFFERS + 4 * i, i == 0x3fff ? 0x305 : 0xfffffff, 4);
	put_desc(mem, INFLATE, 0, BUFFERS, 0x10000, 0, 0);
	offer_head(mem, INFLATE, 0);
	drive_notify(&fixture->machine, INFLATE);
	assert_int_equal(gone(fixture), 0);
	put_mem(mem, BUFFERS, 0x307, 4);
	put_desc(mem, INFLATE, 1, BUFFERS, 7, 0, 0);
	offer_head(mem, INFLATE, 1);
	drive_notify(&fixture->machine, INFLATE);
	assert_int_equal(gone(fixture), 1);
	for (uint16_t i = 0; i < QUEUE_SIZE; i++) {
		put_desc(mem, INFLATE, i, BUFFERS, 4, 0, 0);
		offer_head(mem, INFLATE, i);
	}
	drive_notify(&fixture->machine, INFLATE);
	assert_int_equal(used_index(mem, INFLATE), 2 + 16);
	machine_turn(&fixture->machine);
	assert_int_equal(status(fixture), 15);
	/* A driver may say that it gave more than there is. */
	mmio_put(&fixture->machine, CONFIG + 4, 4, 0xffffffff);
	assert_int_equal(virtio_balloon_actual(fixture->balloon), 0);
	mmio_put(&fixture->machine, CONFIG, 4, 5);
	mmio_put(&fixture->machine, CONFIG + 6, 2, 5);
	assert_int_equal(mmio_get(&fixture->machine, CONFIG, 4), 0);
	assert_int_equal(mmio_get(&fixture->machine, CONFIG + 4, 4), 0xffffffff);
}

static void test_target(void **state)
{
	struct fixture *fixture = *state;

	drive(&fixture->machine, FEATURES, 5);
	assert_int_equal(virtio_balloon_set_target(fixture->balloon, RAM_SIZE + 1), -ERANGE);
	assert_int_equal(virtio_balloon_set_target(fixture->balloon, RAM_SIZE), 0);
	assert_int_equal(sink_taken(&fixture->machine.sink, 0), 0);
	assert_int_equal(virtio_balloon_set_target(fixture->balloon, RAM_SIZE / 2), 0);
	assert_int_equal(sink_taken(&fixture->machine.sink, 0), 1);
	assert_int_equal(mmio_get(&fixture->machine, CONFIG, 4), RAM_SIZE / 2 / 4096);
	assert_int_equal(virtio_balloon_set_target(fixture->balloon, 0), 0);
	assert_int_equal(mmio_get(&fixture->machine, CONFIG, 4), RAM_SIZE / 4096);
	/* A reset of the guest empties its balloon; what is wanted stays. */
	mmio_put(&fixture->machine, CONFIG + 4, 4, 9);
	mmio_put(&fixture->machine, COMMON + 20, 1, 0);
	assert_int_equal(mmio_get(&fixture->machine, CONFIG, 8), RAM_SIZE / 4096);
}

static void report(struct fixture *fixture, unsigned int queue, uint64_t at, uint32_t length)
{
	put_desc(fixture->machine.mem, queue, 0, at, length, WRITE, 0);
	offer_head(fixture->machine.mem, queue, 0);
	drive_notify(&fixture->machine, queue);
}

/* By either count of the queues. */
static void test_reporting(void **state)
{
	struct fixture *fixture = *state;

	drive(&fixture->machine, FEATURES, 5);
	fill(fixture);
	report(fixture, REPORT, VICTIM + 0x4000, 0x3000);
	assert_int_equal(gone(fixture), 3);
	report(fixture, REPORT_BY_COUNT, VICTIM + 0x8000, 0x4000);
	assert_int_equal(gone(fixture), 7);
	assert_int_equal(used_length(fixture->machine.mem, REPORT, 0, 0), 0);
	/* Parts of pages stay. */
	report(fixture, REPORT, VICTIM + 0xc001, 0x1ffe);
	assert_int_equal(gone(fixture), 7);
	put_desc(fixture->machine.mem, REPORT, 0, RAM_SIZE - 0x1000, 0x2000, WRITE, 0);
	offer_head(fixture->machine.mem, REPORT, 0);
	drive_notify(&fixture->machine, REPORT);
	assert_int_equal(status(fixture), 64 | 15);
}

static void tell_stats(struct fixture *fixture, uint16_t head, uint64_t value, unsigned int count)
{
	struct guest_mem *mem = fixture->machine.mem;

	for (unsigned int i = 0; i < count; i++) {
		put_mem(mem, BUFFERS + 10 * i, i * 2, 2);
		put_mem(mem, BUFFERS + 10 * i + 2, value + i, 8);
	}
	put_desc(mem, STATS, head, BUFFERS, count * 10, 0, 0);
	offer_head(mem, STATS, head);
	drive_notify(&fixture->machine, STATS);
}

static void test_stats(void **state)
{
	struct fixture *fixture = *state;
	struct guest_mem *mem = fixture->machine.mem;
	const struct virtio_balloon_stats *stats = virtio_balloon_stats(fixture->balloon);

	drive(&fixture->machine, FEATURES, 5);
	assert_int_equal(stats->time, 0);
	tell_stats(fixture, 3, 1000, 3);
	assert_int_equal(stats->known, 1u << 0 | 1u << 2 | 1u << 4);
	assert_int_equal(stats->values[VIRTIO_BALLOON_FREE], 1002);
	assert_int_equal(stats->time, fixture->machine.now);
	assert_int_equal(used_index(mem, STATS), 0);
	fixture->machine.now += 4000000000;
	machine_turn(&fixture->machine);
	assert_int_equal(used_index(mem, STATS), 0);
	fixture->machine.now += 1000000000;
	machine_turn(&fixture->machine);
	assert_int_equal(used_length(mem, STATS, 0, 3), 0);
	assert_int_equal(sink_taken(&fixture->machine.sink, 1 + STATS), 1);
	/* Tags that are not known here, and more of them than any guest has. */
	tell_stats(fixture, 4, 2000, 200);
	assert_int_equal(stats->known, 0x155);
	assert_int_equal(stats->values[VIRTIO_BALLOON_FREE], 2002);
	/* A second buffer while one is held: that one goes back. */
	tell_stats(fixture, 5, 3000, 1);
	assert_int_equal(used_length(mem, STATS, 1, 4), 0);
	assert_int_equal(stats->known, 1);
	virtio_balloon_stats_period(fixture->balloon, 0);
	fixture->machine.now += 100000000000;
	machine_turn(&fixture->machine);
	assert_int_equal(used_index(mem, STATS), 2);
	virtio_balloon_stats_period(fixture->balloon, 1);
	fixture->machine.now += 1000000000;
	machine_turn(&fixture->machine);
	assert_int_equal(used_index(mem, STATS), 3);
	assert_int_equal(status(fixture), 15);
}

static void test_state(void **state)
{
	struct fixture *fixture = *state;
	struct device *device = virtio_pci_device(fixture->pci);
	struct buf saved;

	drive(&fixture->machine, FEATURES, 5);
	tell_stats(fixture, 3, 1000, 3);
	assert_int_equal(virtio_balloon_set_target(fixture->balloon, RAM_SIZE / 4), 0);
	mmio_put(&fixture->machine, CONFIG + 4, 4, 77);
	assert_true(device->ops->pause(device));
	test_save(device, &saved);
	device->ops->reset(device);
	assert_int_equal(virtio_balloon_set_target(fixture->balloon, RAM_SIZE), 0);
	assert_int_equal(test_load(device, &saved), 0);
	assert_int_equal(virtio_balloon_actual(fixture->balloon), RAM_SIZE - 77 * 4096);
	device->ops->resume(device);
	/* The buffer that it holds is still the guest's, and goes back when it asks. */
	fixture->machine.now += 5000000000;
	machine_turn(&fixture->machine);
	assert_int_equal(used_length(fixture->machine.mem, STATS, 0, 3), 0);
	assert_true(device->ops->pause(device));
	test_round_trip(device, device);
	device->ops->reset(device);
	test_cut_states(device);
	buf_done(&saved);
}

/* A state in which it holds a buffer that no ring has in flight. */
static void test_state_holds_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct buf out = BUF_INIT;
	struct state_writer writer = { .out = &out };
	struct state_reader reader;

	state_begin(&writer, "virtio-balloon", "balloon0", 1);
	state_put(&writer, "target", 0);
	state_put(&writer, "actual", 0);
	state_put(&writer, "holds-stats", 1);
	state_put(&writer, "stats-head", 3);
	state_end(&writer);
	state_open(&reader, buf_text(&out), out.length);
	assert_int_equal(virtio_load_device(fixture->balloon, &reader), -EINVAL);
	buf_done(&out);
}

static int create_once(struct fixture *fixture)
{
	struct virtio *balloon;
	struct virtio_pci *pci;
	int result = create(fixture, &balloon, &pci);

	if (!result)
		virtio_pci_device(pci)->ops->free(virtio_pci_device(pci));
	return result;
}

static void test_create_fails(void **state)
{
	ALLOC_FAIL_EACH(create_once(*state));
}

static void test_noise(void **state)
{
	struct fixture *fixture = *state;
	struct guest_mem *mem = fixture->machine.mem;
	uint32_t seed = 55;

	for (int i = 0; i < 10000; i++) {
		uint32_t noise = test_random(&seed);
		unsigned int queue = noise % 5;

		if (noise % 40 == 0)
			drive(&fixture->machine, FEATURES & noise, 5);
		put_mem(mem, BUFFERS + (noise >> 8 & 0xff) * 4, test_random(&seed), 4);
		put_desc(mem, queue, noise >> 12 & 15, BUFFERS + (noise >> 16 & 0xff),
		    test_random(&seed) & 0x3ff, queue > 2 || noise % 31 == 0 ? WRITE : noise & NEXT,
		    noise >> 20 & 15);
		offer_head(mem, queue, noise >> 12 & 15);
		drive_notify(&fixture->machine, queue);
		if (noise % 16 == 0)
			mmio_put(
			    &fixture->machine, CONFIG + (noise >> 8 & 4), 4, test_random(&seed));
		if (noise % 19 == 0)
			virtio_balloon_set_target(
			    fixture->balloon, test_random(&seed) % (RAM_SIZE * 2));
		if (noise % 23 == 0) {
			fixture->machine.now += 3000000000;
			machine_turn(&fixture->machine);
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_inflate),
		TEST(test_bounds),
		TEST(test_target),
		TEST(test_reporting),
		TEST(test_stats),
		TEST(test_state),
		TEST(test_state_holds_nothing),
		TEST(test_create_fails),
		TEST(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
