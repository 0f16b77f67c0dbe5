/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/devices/virtio_rng.h"

#include "tests/unit/alloc.h"
#include "tests/unit/virtio_test.h"

struct fixture {
	struct test_machine machine;
	struct virtio *rng;
	struct virtio_pci *pci;
	int source; /* the writing end of what the device reads */
};

static int create(struct fixture *fixture, struct virtio **ret_rng, struct virtio_pci **ret_pci)
{
	struct virtio_rng_config config = { "rng0", fixture->machine.mem, fixture->machine.loop, -1,
		1000 };
	struct virtio_pci_host host = { fixture->machine.bus, &fixture->machine.sink.sink, NULL };
	int pipes[2];
	int result;

	assert_int_equal(pipe(pipes), 0);
	config.fd = pipes[0];
	result = virtio_rng_create(&config, ret_rng);
	if (!result)
		result = virtio_pci_create(&host, *ret_rng, -1, ret_pci);
	if (result)
		close(pipes[1]);
	else
		fixture->source = pipes[1];
	return result;
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	machine_init(&fixture->machine);
	assert_int_equal(create(fixture, &fixture->rng, &fixture->pci), 0);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	struct device *device = virtio_pci_device(fixture->pci);

	device->ops->free(device);
	close(fixture->source);
	machine_done(&fixture->machine);
	free(fixture);
	return 0;
}

static void feed(struct fixture *fixture, size_t length)
{
	uint8_t bytes[8192];

	memset(bytes, 0x5a, sizeof(bytes));
	assert_int_equal(write(fixture->source, bytes, length), length);
}

static void ask(struct fixture *fixture, uint16_t head, uint32_t length)
{
	put_desc(fixture->machine.mem, 0, head, BUFFERS + 0x4000 * head, length, WRITE, 0);
	offer_head(fixture->machine.mem, 0, head);
	drive_notify(&fixture->machine, 0);
}

static uint8_t status(struct fixture *fixture)
{
	return (uint8_t)mmio_get(&fixture->machine, COMMON + 20, 1);
}

static void drive_rng(struct fixture *fixture)
{
	/* Its queue is smaller than the driver's usual. */
	fixture->rng->queues[0].size_max = QUEUE_SIZE;
	drive(&fixture->machine, 0, 1);
	machine_turn(&fixture->machine);
}

static void test_bytes(void **state)
{
	struct fixture *fixture = *state;
	struct guest_mem *mem = fixture->machine.mem;

	drive_rng(fixture);
	feed(fixture, 64);
	ask(fixture, 2, 16);
	assert_int_equal(used_length(mem, 0, 0, 2), 16);
	assert_true(get_mem(mem, BUFFERS + 0x8008, 8) == 0x5a5a5a5a5a5a5a5a);
	assert_int_equal(get_mem(mem, BUFFERS + 0x8010, 8), 0);
	assert_int_equal(sink_taken(&fixture->machine.sink, 1), 1);
	assert_int_equal(mmio_get(&fixture->machine, CONFIG, 4), 0);
}

/* Nothing to read: the request waits, and no one with it. */
static void test_empty_source(void **state)
{
	struct fixture *fixture = *state;

	drive_rng(fixture);
	ask(fixture, 0, 16);
	machine_turn(&fixture->machine);
	assert_int_equal(used_index(fixture->machine.mem, 0), 0);
	feed(fixture, 5);
	for (int i = 0; i < 3; i++)
		machine_turn(&fixture->machine);
	assert_int_equal(used_length(fixture->machine.mem, 0, 0, 0), 5);
}

/* A request for megabytes gets 4 KiB; the next waits until they are paid for. */
static void test_bounds(void **state)
{
	struct fixture *fixture = *state;

	drive_rng(fixture);
	feed(fixture, 8192);
	ask(fixture, 0, 0x100000);
	assert_int_equal(used_length(fixture->machine.mem, 0, 0, 0), 4096);
	ask(fixture, 1, 1);
	for (int i = 0; i < 300; i++)
		machine_turn(&fixture->machine);
	assert_int_equal(used_index(fixture->machine.mem, 0), 1);
	for (int i = 0; i < 300; i++)
		machine_turn(&fixture->machine);
	assert_int_equal(used_index(fixture->machine.mem, 0), 2);
}

static void test_malformed(void **state)
{
	struct fixture *fixture = *state;

	drive_rng(fixture);
	feed(fixture, 64);
	put_desc(fixture->machine.mem, 0, 0, BUFFERS, 16, 0, 0);
	offer_head(fixture->machine.mem, 0, 0);
	drive_notify(&fixture->machine, 0);
	assert_int_equal(status(fixture), 64 | 15);
	drive_rng(fixture);
	put_mem(fixture->machine.mem, ring_avail(0) + 2, 17, 2);
	drive_notify(&fixture->machine, 0);
	assert_int_equal(status(fixture), 64 | 15);
	drive_rng(fixture);
	ask(fixture, 0, 16);
	assert_int_equal(used_length(fixture->machine.mem, 0, 0, 0), 16);
}

static void test_pause_and_state(void **state)
{
	struct fixture *fixture = *state;
	struct device *device = virtio_pci_device(fixture->pci);

	drive_rng(fixture);
	ask(fixture, 0, 16);
	assert_true(device->ops->pause(device));
	feed(fixture, 16);
	for (int i = 0; i < 5; i++)
		machine_turn(&fixture->machine);
	assert_int_equal(used_index(fixture->machine.mem, 0), 0);
	test_round_trip(device, device);
	device->ops->resume(device);
	for (int i = 0; i < 5; i++)
		machine_turn(&fixture->machine);
	assert_int_equal(used_index(fixture->machine.mem, 0), 1);
	assert_true(device->ops->pause(device));
	device->ops->reset(device);
	test_cut_states(device);
}

static int create_once(struct fixture *fixture)
{
	struct virtio *rng;
	struct virtio_pci *pci;
	int source = fixture->source;
	int result = create(fixture, &rng, &pci);

	if (!result) {
		virtio_pci_device(pci)->ops->free(virtio_pci_device(pci));
		close(fixture->source);
		fixture->source = source;
	}
	return result;
}

static void test_create_fails(void **state)
{
	struct fixture *fixture = *state;
	struct virtio_rng_config config = { "rng1", fixture->machine.mem, fixture->machine.loop, -1,
		0 };
	struct virtio *rng;

	ALLOC_FAIL_EACH(create_once(fixture));
	assert_int_equal(virtio_rng_create(&config, &rng), -EBADF);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_bytes),
		TEST(test_empty_source),
		TEST(test_bounds),
		TEST(test_malformed),
		TEST(test_pause_and_state),
		TEST(test_create_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
