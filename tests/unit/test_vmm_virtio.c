/* SPDX-License-Identifier: GPL-2.0-only */
/* Virtio over PCI at its registers: who may write what when. */
#include "vmm/virtio/virtio_pci.h"

#include "tests/unit/fake_echo.h"

static void test_registers(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(get(fixture, ECAM1, 4), 0x106a1af4);
	assert_int_equal(get(fixture, ECAM1 + 8, 1), 1);
	assert_int_equal(get(fixture, COMMON + 4, 4), 0x30000005);
	put(fixture, COMMON, 4, 1);
	assert_int_equal(get(fixture, COMMON + 4, 4), 1);
	put(fixture, COMMON, 4, 2);
	assert_int_equal(get(fixture, COMMON + 4, 4), 0);
	assert_int_equal(get(fixture, COMMON + 16, 2), 0xffff);
	assert_int_equal(get(fixture, COMMON + 18, 2), 2);
	assert_int_equal(get(fixture, COMMON + 24, 2), 64);
	put(fixture, COMMON + 22, 2, 1);
	assert_int_equal(get(fixture, COMMON + 30, 2), 1);
	assert_int_equal(get(fixture, COMMON + 28, 2), 0);
	/* Two fields in one read; beyond the end. */
	assert_int_equal(get(fixture, COMMON + 20, 4), 0x00010000);
	assert_int_equal(get(fixture, COMMON + 56, 8), 0);
	assert_int_equal(get(fixture, COMMON + 60, 4), 0);
}

static void test_echo(void **state)
{
	struct fixture *fixture = *state;
	struct guest_mem *mem = fixture->machine.mem;

	drive(&fixture->machine, 0x4, 2);
	assert_int_equal(fixture->echo->starts, 1);
	assert_true(virtio_has(&fixture->echo->virtio, 2));
	assert_false(virtio_has(&fixture->echo->virtio, 0));
	echo_offer(fixture, 1, 4);
	assert_true(echo_ring_bell(fixture, NOTIFY + 4));
	machine_turn(&fixture->machine);
	assert_int_equal(used_index(mem, 1), 1);
	assert_int_equal(used_length(mem, 1, 0, 4), 5);
	assert_int_equal(get_mem(mem, BUFFERS + 0x100, 5), 0x6f6c6c6568);
	assert_int_equal(sink_taken(&fixture->machine.sink, 2), 1);
	assert_int_equal(sink_taken(&fixture->machine.sink, 1), 0);
	/* With MSI-X on, ISR tells of configuration only. */
	assert_int_equal(get(fixture, ISR, 1), 0);
	virtio_config_changed(&fixture->echo->virtio);
	assert_int_equal(sink_taken(&fixture->machine.sink, 0), 1);
	assert_int_equal(get(fixture, COMMON + 21, 1), 1);
	assert_int_equal(get(fixture, ISR, 1), 2);
	assert_int_equal(get(fixture, ISR, 1), 0);
}

/* Where the hypervisor has no doorbells the write itself is the notification. */
static void test_notify_by_write(void **state)
{
	struct fixture *fixture = *state;

	drive(&fixture->machine, 0, 2);
	echo_offer(fixture, 0, 0);
	drive_notify(&fixture->machine, 0);
	assert_int_equal(used_index(fixture->machine.mem, 0), 1);
	put(fixture, NOTIFY + 8, 2, 2); /* no such queue */
	put(fixture, NOTIFY + 2, 2, 0);
	put(fixture, NOTIFY + 0x3ffc, 4, 0);
	assert_int_equal(fixture->echo->notified, 1);
}

/* What was made available before DRIVER_OK is found though its notification went nowhere. */
static void test_notified_too_early(void **state)
{
	struct fixture *fixture = *state;

	drive_features(&fixture->machine, 1ull << 32);
	drive_queue(&fixture->machine, 0);
	echo_offer(fixture, 0, 0);
	drive_notify(&fixture->machine, 0);
	assert_int_equal(fixture->echo->notified, 0);
	put(fixture, COMMON + 20, 1, 15);
	machine_turn(&fixture->machine);
	assert_int_equal(used_index(fixture->machine.mem, 0), 1);
	/* The other queue is not enabled. */
	assert_int_equal(fixture->echo->notified, 1);
}

static void test_without_msix(void **state)
{
	struct fixture *fixture = *state;

	drive_features(&fixture->machine, 1ull << 32);
	drive_queue(&fixture->machine, 0);
	put(fixture, COMMON + 20, 1, 15);
	echo_offer(fixture, 0, 0);
	drive_notify(&fixture->machine, 0);
	assert_int_equal(get(fixture, ISR, 1), 1);
	assert_int_equal(get(fixture, ISR, 1), 0);
}

static void test_features_not_offered(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(drive_features(&fixture->machine, 1ull << 32 | 2), 3);
	assert_int_equal(drive_features(&fixture->machine, 1ull << 33), 3);
	put(fixture, COMMON + 20, 1, 15);
	assert_int_equal(echo_status(fixture), 3);
	assert_int_equal(fixture->echo->starts, 0);
}

static void test_features_without_version_1(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(drive_features(&fixture->machine, 1), 3);
}

static void test_features_beyond_64(void **state)
{
	struct fixture *fixture = *state;

	drive_features(&fixture->machine, 0);
	put(fixture, COMMON + 8, 4, 1);
	put(fixture, COMMON + 12, 4, 1);
	put(fixture, COMMON + 8, 4, 2);
	put(fixture, COMMON + 12, 4, 1);
	put(fixture, COMMON + 20, 1, 11);
	assert_int_equal(echo_status(fixture), 3);
}

static void test_features_after_features_ok(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(drive_features(&fixture->machine, 1ull << 32), 11);
	put(fixture, COMMON + 8, 4, 0);
	put(fixture, COMMON + 12, 4, 5);
	assert_int_equal(get(fixture, COMMON + 12, 4), 0);
	put(fixture, COMMON + 20, 1, 15);
	assert_true(fixture->echo->virtio.negotiated == 1ull << 32);
}

static void test_status_bits_stay(void **state)
{
	struct fixture *fixture = *state;

	drive(&fixture->machine, 0, 2);
	put(fixture, COMMON + 20, 1, 1);
	assert_int_equal(echo_status(fixture), 15);
	put(fixture, COMMON + 20, 1, 0x70 | 15);
	assert_int_equal(echo_status(fixture), 15);
	put(fixture, COMMON + 20, 1, 128);
	assert_int_equal(echo_status(fixture), 128 | 15);
	assert_int_equal(fixture->echo->starts, 1);
	put(fixture, COMMON + 20, 1, 0);
	assert_int_equal(echo_status(fixture), 0);
	assert_int_equal(fixture->echo->resets, 2); /* drive() resets as well */
}

/* The escape of a driver that moves the rings under a running device. */
static void test_queue_registers_after_driver_ok(void **state)
{
	struct fixture *fixture = *state;
	struct virtio_queue *queue = &fixture->echo->virtio.queues[0];
	struct virtio_queue before;

	drive(&fixture->machine, 0, 1);
	before = *queue;
	put(fixture, COMMON + 22, 2, 0);
	put(fixture, COMMON + 24, 2, 64);
	put(fixture, COMMON + 26, 2, 0);
	put(fixture, COMMON + 28, 2, 0);
	for (uint64_t at = 32; at < 56; at += 4)
		put(fixture, COMMON + at, 4, 0x1000);
	put(fixture, COMMON + 32, 8, 0x1000);
	assert_memory_equal(&before, queue, sizeof(before));
	assert_int_equal(get(fixture, COMMON + 24, 2), QUEUE_SIZE);
	/* A queue cannot be enabled then, either. */
	put(fixture, COMMON + 22, 2, 1);
	put(fixture, COMMON + 28, 2, 1);
	assert_int_equal(get(fixture, COMMON + 28, 2), 0);
	echo_offer(fixture, 0, 0);
	drive_notify(&fixture->machine, 0);
	assert_int_equal(used_index(fixture->machine.mem, 0), 1);
}

static void test_queue_registers_before_features_ok(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, COMMON + 20, 1, 3);
	put(fixture, COMMON + 24, 2, 16);
	put(fixture, COMMON + 32, 8, 0x1000);
	put(fixture, COMMON + 28, 2, 1);
	assert_int_equal(get(fixture, COMMON + 24, 2), 64);
	assert_int_equal(get(fixture, COMMON + 28, 2), 0);
	assert_int_equal(get(fixture, COMMON + 32, 8), 0);
}

static void test_queue_registers_once_enabled(void **state)
{
	struct fixture *fixture = *state;

	drive_features(&fixture->machine, 1ull << 32);
	drive_queue(&fixture->machine, 0);
	put(fixture, COMMON + 24, 2, 64);
	put(fixture, COMMON + 32, 8, 0);
	put(fixture, COMMON + 28, 2, 0);
	assert_int_equal(get(fixture, COMMON + 24, 2), QUEUE_SIZE);
	assert_int_equal(get(fixture, COMMON + 28, 2), 1);
	assert_true(get(fixture, COMMON + 32, 8) == ring_desc(0));
}

static void test_queue_sizes(void **state)
{
	struct fixture *fixture = *state;
	static const uint16_t bad[] = { 0, 3, 63, 128, 0x8000, 0xffff };

	drive_features(&fixture->machine, 1ull << 32);
	for (int i = 0; i < 6; i++) {
		put(fixture, COMMON + 24, 2, bad[i]);
		assert_int_equal(get(fixture, COMMON + 24, 2), 64);
	}
	put(fixture, COMMON + 24, 2, 1);
	assert_int_equal(get(fixture, COMMON + 24, 2), 1);
}

static void test_queue_select_out_of_range(void **state)
{
	struct fixture *fixture = *state;
	static const uint16_t selects[] = { 2, 33, 0x7fff, 0xffff };

	drive_features(&fixture->machine, 1ull << 32);
	for (int i = 0; i < 4; i++) {
		put(fixture, COMMON + 22, 2, selects[i]);
		assert_int_equal(get(fixture, COMMON + 22, 2), selects[i]);
		assert_int_equal(get(fixture, COMMON + 24, 2), 0);
		put(fixture, COMMON + 24, 2, 16);
		put(fixture, COMMON + 26, 2, 0);
		put(fixture, COMMON + 28, 2, 1);
		put(fixture, COMMON + 32, 8, 0x1000);
		assert_int_equal(get(fixture, COMMON + 28, 2), 0);
		assert_int_equal(get(fixture, COMMON + 32, 8), 0);
	}
}

static void test_vector_out_of_range(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, COMMON + 16, 2, 3);
	assert_int_equal(get(fixture, COMMON + 16, 2), 0xffff);
	put(fixture, COMMON + 16, 2, 2);
	assert_int_equal(get(fixture, COMMON + 16, 2), 2);
	put(fixture, COMMON + 26, 2, 0x7fff);
	assert_int_equal(get(fixture, COMMON + 26, 2), 0xffff);
	put(fixture, COMMON + 26, 2, 1);
	assert_int_equal(get(fixture, COMMON + 26, 2), 1);
	put(fixture, COMMON + 26, 2, 0xffff);
	assert_int_equal(get(fixture, COMMON + 26, 2), 0xffff);
}

/* Accesses of another width than the field's do nothing. */
static void test_odd_accesses(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, COMMON + 20, 2, 3);
	put(fixture, COMMON + 20, 4, 3);
	assert_int_equal(echo_status(fixture), 0);
	drive_features(&fixture->machine, 1ull << 32);
	put(fixture, COMMON + 24, 4, 16);
	put(fixture, COMMON + 25, 2, 0);
	put(fixture, COMMON + 32, 1, 0x10);
	put(fixture, COMMON + 32, 2, 0x10);
	put(fixture, COMMON + 34, 4, 0x10);
	put(fixture, COMMON + 36, 8, 0x10);
	put(fixture, COMMON + 28, 1, 1);
	assert_int_equal(get(fixture, COMMON + 24, 2), 64);
	assert_int_equal(get(fixture, COMMON + 28, 2), 0);
	assert_int_equal(get(fixture, COMMON + 32, 8), 0);
	put(fixture, COMMON + 40, 8, 0x123456789a);
	assert_true(get(fixture, COMMON + 40, 8) == 0x123456789a);
	assert_int_equal(get(fixture, COMMON + 44, 4), 0x12);
	put(fixture, ISR, 1, 3);
	assert_int_equal(get(fixture, ISR, 1), 0);
	assert_int_equal(get(fixture, ISR + 1, 1), 0);
	assert_int_equal(get(fixture, NOTIFY, 4), 0);
}

static void test_config(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, CONFIG, 4, 0x04030201);
	put(fixture, CONFIG + 4, 2, 0x0605);
	put(fixture, CONFIG + 4, 4, 0xffffffff); /* across the end */
	put(fixture, CONFIG + 6, 1, 0xff);
	assert_true(get(fixture, CONFIG, 8) == 0x060504030201);
	assert_int_equal(get(fixture, CONFIG + 4, 4), 0x0605);
	assert_int_equal(get(fixture, CONFIG + 5, 1), 6);
	assert_int_equal(get(fixture, CONFIG + 6, 4), 0);
	assert_int_equal(get(fixture, CONFIG + 0xff8, 8), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, echo_set_up, echo_tear_down)
#define TEST_PLAIN(name)                                                                           \
	cmocka_unit_test_setup_teardown(name, echo_set_up_without_bells, echo_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_registers),
		TEST(test_echo),
		TEST_PLAIN(test_notify_by_write),
		TEST_PLAIN(test_notified_too_early),
		TEST_PLAIN(test_without_msix),
		TEST(test_features_not_offered),
		TEST(test_features_without_version_1),
		TEST(test_features_beyond_64),
		TEST(test_features_after_features_ok),
		TEST(test_status_bits_stay),
		TEST(test_queue_registers_after_driver_ok),
		TEST(test_queue_registers_before_features_ok),
		TEST(test_queue_registers_once_enabled),
		TEST(test_queue_sizes),
		TEST(test_queue_select_out_of_range),
		TEST(test_vector_out_of_range),
		TEST(test_odd_accesses),
		TEST(test_config),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
