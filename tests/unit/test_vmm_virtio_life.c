/* SPDX-License-Identifier: GPL-2.0-only */
/* The life of a virtio device: broken, reset, paused, moved, saved and loaded, noise. */
#include "vmm/virtio/virtio.h"

#include "tests/unit/alloc.h"
#include "tests/unit/fake_echo.h"

/* Misplaced rings: the device needs a reset, says so, and works after it. */
static void test_rings_misplaced(void **state)
{
	struct fixture *fixture = *state;

	drive_features(&fixture->machine, 1ull << 32);
	drive_vectors(&fixture->machine, 3);
	put(fixture, COMMON + 32, 8, RAM_SIZE);
	put(fixture, COMMON + 28, 2, 1);
	put(fixture, COMMON + 20, 1, 15);
	assert_int_equal(echo_status(fixture), 64 | 15);
	assert_int_equal(fixture->echo->starts, 0);
	assert_int_equal(sink_taken(&fixture->machine.sink, 0), 1);
	drive(&fixture->machine, 0, 2);
	assert_int_equal(echo_status(fixture), 15);
}

static void test_start_fails(void **state)
{
	struct fixture *fixture = *state;

	fixture->echo->start_result = -EIO;
	drive_features(&fixture->machine, 1ull << 32);
	drive_queue(&fixture->machine, 0);
	put(fixture, COMMON + 20, 1, 15);
	assert_int_equal(echo_status(fixture), 64 | 15);
	fixture->echo->start_result = 0;
	drive(&fixture->machine, 0, 2);
	assert_int_equal(fixture->echo->stops, 0);
}

/* A chain against the rules: no further queue is served, and a reset mends it. */
static void test_broken_chain(void **state)
{
	struct fixture *fixture = *state;

	drive(&fixture->machine, 0, 2);
	offer_head(fixture->machine.mem, 0, 999);
	drive_notify(&fixture->machine, 0);
	assert_int_equal(echo_status(fixture), 64 | 15);
	assert_int_equal(sink_taken(&fixture->machine.sink, 0), 1);
	echo_offer(fixture, 1, 0);
	drive_notify(&fixture->machine, 1);
	assert_true(echo_ring_bell(fixture, NOTIFY + 4));
	machine_turn(&fixture->machine);
	assert_int_equal(used_index(fixture->machine.mem, 1), 0);
	virtio_break(&fixture->echo->virtio, "once more");
	assert_string_equal(fixture->echo->virtio.broken, "a bad chain");
	drive(&fixture->machine, 0, 2);
	echo_offer(fixture, 1, 0);
	drive_notify(&fixture->machine, 1);
	assert_int_equal(used_index(fixture->machine.mem, 1), 1);
}

/* While something is in flight a reset is not done, and the driver sees that it is not. */
static void test_reset_in_flight(void **state)
{
	struct fixture *fixture = *state;

	drive(&fixture->machine, 0, 2);
	fixture->echo->holds = true;
	echo_offer(fixture, 0, 0);
	drive_notify(&fixture->machine, 0);
	put(fixture, COMMON + 20, 1, 0);
	assert_int_equal(echo_status(fixture), 15);
	assert_int_equal(fixture->bells[0], 0);
	assert_false(virtio_is_live(&fixture->echo->virtio));
	put(fixture, COMMON + 20, 1, 1);
	put(fixture, COMMON + 20, 1, 0);
	drive_notify(&fixture->machine, 1);
	machine_turn(&fixture->machine);
	assert_int_equal(echo_status(fixture), 15);
	assert_false(virtio_pci_device(fixture->pci)->ops->pause(virtio_pci_device(fixture->pci)));
	fixture->echo->in_flight = false;
	machine_turn(&fixture->machine);
	assert_int_equal(echo_status(fixture), 0);
	/* A completion that comes after all finds the ring closed. */
	virtq_push(&fixture->echo->virtio.queues[0].ring, fixture->echo->held, 5);
	assert_int_equal(used_index(fixture->machine.mem, 0), 0);
	assert_int_equal(fixture->echo->notified, 1);
	fixture->echo->holds = false;
	drive(&fixture->machine, 0, 2);
}

static void test_doorbells_follow_the_bar(void **state)
{
	struct fixture *fixture = *state;

	assert_false(echo_ring_bell(fixture, NOTIFY));
	drive(&fixture->machine, 0, 1);
	assert_true(echo_ring_bell(fixture, NOTIFY));
	assert_false(echo_ring_bell(fixture, NOTIFY + 4)); /* a queue that does not run */
	put(fixture, ECAM1 + 4, 2, 0);
	assert_false(echo_ring_bell(fixture, NOTIFY));
	put(fixture, ECAM1 + 0x10, 4, 0xd0000000);
	put(fixture, ECAM1 + 4, 2, 2);
	assert_true(echo_ring_bell(fixture, 0xd0004000));
	assert_false(echo_ring_bell(fixture, NOTIFY));
	put(fixture, ECAM1 + 0x10, 4, (uint32_t)SLOT1);
	put(fixture, COMMON + 20, 1, 0);
	assert_false(echo_ring_bell(fixture, NOTIFY));
	/* When no more can be attached it is plain writes. */
	for (int i = 0; i < BELLS; i++)
		fixture->bells[i] = 1;
	drive(&fixture->machine, 0, 1);
	echo_offer(fixture, 0, 0);
	drive_notify(&fixture->machine, 0);
	assert_int_equal(used_index(fixture->machine.mem, 0), 1);
	memset(fixture->bells, 0, sizeof(fixture->bells));
}

static void test_pause(void **state)
{
	struct fixture *fixture = *state;
	struct device *device = virtio_pci_device(fixture->pci);

	drive(&fixture->machine, 0, 2);
	machine_turn(&fixture->machine);
	fixture->echo->notified = 0;
	assert_true(device->ops->pause(device));
	echo_offer(fixture, 0, 0);
	assert_true(echo_ring_bell(fixture, NOTIFY));
	drive_notify(&fixture->machine, 0);
	machine_turn(&fixture->machine);
	assert_int_equal(fixture->echo->notified, 0);
	device->ops->resume(device);
	machine_turn(&fixture->machine);
	assert_int_equal(used_index(fixture->machine.mem, 0), 1);
	fixture->echo->in_flight = true;
	assert_false(device->ops->pause(device));
	fixture->echo->in_flight = false;
	assert_true(device->ops->pause(device));
	device->ops->reset(device);
	assert_int_equal(echo_status(fixture), 0);
	device->ops->resume(device);
	drive(&fixture->machine, 0, 2);
}

/* Through the capability in configuration space, as firmware may do it (4.1.4.9). */
static void test_access_by_configuration_space(void **state)
{
	struct fixture *fixture = *state;
	unsigned int at = (unsigned int)get(fixture, ECAM1 + 0x34, 1);

	while (get(fixture, ECAM1 + at, 1) != 9 || get(fixture, ECAM1 + at + 3, 1) != 5)
		at = (unsigned int)get(fixture, ECAM1 + at + 1, 1);
	put(fixture, ECAM1 + at + 8, 4, 18);
	put(fixture, ECAM1 + at + 12, 4, 2);
	assert_int_equal(get(fixture, ECAM1 + at + 16, 2), 2);
	put(fixture, ECAM1 + at + 8, 4, 20);
	put(fixture, ECAM1 + at + 12, 4, 1);
	put(fixture, ECAM1 + at + 16, 1, 3);
	assert_int_equal(echo_status(fixture), 3);
	/* Another BAR, an odd length, misaligned, beyond the end: bytes, nothing else. */
	put(fixture, ECAM1 + at + 4, 1, 1);
	put(fixture, ECAM1 + at + 16, 1, 0);
	put(fixture, ECAM1 + at + 4, 1, 0);
	put(fixture, ECAM1 + at + 12, 4, 3);
	put(fixture, ECAM1 + at + 16, 1, 0);
	put(fixture, ECAM1 + at + 12, 4, 2);
	put(fixture, ECAM1 + at + 8, 4, 21);
	put(fixture, ECAM1 + at + 16, 2, 0);
	put(fixture, ECAM1 + at + 8, 4, 0xfffffff0);
	put(fixture, ECAM1 + at + 16, 4, 0);
	get(fixture, ECAM1 + at + 16, 4);
	assert_int_equal(echo_status(fixture), 3);
}

static void test_state(void **state)
{
	struct fixture *fixture = *state;
	struct device *device = virtio_pci_device(fixture->pci);
	struct virtio_ops other = echo_ops;
	struct buf saved;
	struct buf again;

	drive(&fixture->machine, 0x4, 2);
	put(fixture, CONFIG, 4, 0x12345678);
	echo_offer(fixture, 0, 0);
	drive_notify(&fixture->machine, 0);
	echo_offer(fixture, 1, 2);
	machine_turn(&fixture->machine);
	echo_offer(fixture, 0, 4);
	assert_true(device->ops->pause(device));
	test_save(device, &saved);
	device->ops->reset(device);
	put(fixture, CONFIG, 4, 0);
	assert_int_equal(test_load(device, &saved), 0);
	test_save(device, &again);
	assert_int_equal(saved.length, again.length);
	assert_memory_equal(buf_text(&saved), buf_text(&again), saved.length);
	assert_int_equal(fixture->echo->starts, 1);
	device->ops->resume(device);
	assert_int_equal(fixture->echo->starts, 2);
	machine_turn(&fixture->machine);
	assert_int_equal(echo_status(fixture), 15);
	assert_int_equal(used_index(fixture->machine.mem, 0), 2);
	assert_int_equal(used_length(fixture->machine.mem, 0, 1, 4), 5);
	assert_int_equal(sink_taken(&fixture->machine.sink, 1), 1);
	/* A feature that is not offered here, another kind of device. */
	assert_true(device->ops->pause(device));
	fixture->echo->virtio.offered &= ~(uint64_t)4;
	device->ops->reset(device);
	assert_int_equal(test_load(device, &saved), -EINVAL);
	fixture->echo->virtio.offered |= 4;
	other.kind++;
	fixture->echo->virtio.ops = &other;
	device->ops->reset(device);
	assert_int_equal(test_load(device, &saved), -EINVAL);
	fixture->echo->virtio.ops = &echo_ops;
	device->ops->reset(device);
	test_cut_states(device);
	buf_done(&saved);
	buf_done(&again);
}

/* Each field of a good state replaced by noise, with the checksum right: refused or harmless. */
static void test_hostile_states(void **state)
{
	struct fixture *fixture = *state;
	struct device *device = virtio_pci_device(fixture->pci);
	struct virtio *virtio = &fixture->echo->virtio;
	uint32_t seed = 9;

	for (int i = 0; i < 2000; i++) {
		struct buf out = BUF_INIT;
		struct state_writer writer = { .out = &out };
		struct state_reader reader;

		device->ops->reset(device);
		assert_true(device->ops->pause(device));
		virtio->status = (uint8_t)(test_random(&seed) & 0xcf);
		virtio->negotiated = 1ull << 32 | (test_random(&seed) & 5);
		virtio->wanted = virtio->negotiated;
		for (unsigned int j = 0; j < 2; j++) {
			struct virtio_queue *queue = &virtio->queues[j];

			queue->size = (uint16_t)(1u << test_random(&seed) % 8);
			queue->enabled = test_random(&seed) & 1;
			queue->desc = test_random(&seed) & 0x7fffff;
			queue->driver = test_random(&seed) & 0x7fffff;
			queue->device = test_random(&seed) & 0x7fffff;
			queue->ring.running = test_random(&seed) & 1;
			queue->ring.size = queue->size;
			queue->ring.last_avail = (uint16_t)test_random(&seed);
			queue->ring.next_used = queue->ring.last_avail;
		}
		state_begin(&writer, "virtio", "", 1);
		virtio_save(virtio, &writer);
		state_end(&writer);
		virtio->queues[0].ring.running = false;
		virtio->queues[1].ring.running = false;
		device->ops->reset(device);
		state_open(&reader, buf_text(&out), out.length);
		state_enter(&reader, "virtio", "", 1);
		virtio_load(virtio, &reader);
		if (state_leave(&reader) == 0) {
			device->ops->resume(device);
			machine_turn(&fixture->machine);
			assert_true(device->ops->pause(device));
		}
		buf_done(&out);
	}
}

static int create_once(struct fixture *fixture)
{
	struct echo *echo;
	struct virtio_pci *pci;
	int result = echo_create(fixture, &echo, &pci);

	if (!result)
		virtio_pci_device(pci)->ops->free(virtio_pci_device(pci));
	return result;
}

static void test_create_fails(void **state)
{
	struct fixture *fixture = *state;
	unsigned int opened = fixture->machine.sink.opened;

	ALLOC_FAIL_EACH(create_once(fixture));
	for (unsigned int i = 1; i <= 3; i++) {
		fixture->machine.sink.fail_at = fixture->machine.sink.opened + i;
		assert_int_equal(create_once(fixture), -ENOSPC);
	}
	fixture->machine.sink.fail_at = 0;
	assert_int_equal(fixture->machine.sink.open_now, opened);
	assert_int_equal(virtio_init(&fixture->echo->virtio, &echo_ops, "x", 0,
			     VIRTIO_QUEUES_MAX + 1, NULL, NULL),
	    -EINVAL);
}

/* Registers, configuration space and rings in any order. */
static void test_noise(void **state)
{
	struct fixture *fixture = *state;
	struct device *device = virtio_pci_device(fixture->pci);
	uint32_t seed = 12;

	for (int i = 0; i < 10000; i++) {
		uint32_t noise = test_random(&seed);
		unsigned int size = 1u << (noise & 3);
		uint64_t value = test_random(&seed);
		uint64_t at = SLOT1 + (noise >> 8 & 0x7fff);

		if (noise % 50 == 0)
			drive(&fixture->machine, noise & 4, 1 + (noise >> 8 & 1));
		if (noise & 0x10)
			at = COMMON + (noise >> 8 & 63);
		if (noise & 0x20)
			value &= 0x1f;
		if (noise & 0x40)
			echo_offer(fixture, noise >> 9 & 1, value % (QUEUE_SIZE + 1));
		if (noise & 0x80)
			at = NOTIFY + (noise >> 8 & 4);
		if (noise & 0x800000)
			iobus_write(fixture->machine.memory, at, size, value);
		else
			iobus_read(fixture->machine.memory, at, size, &value);
		if (noise % 9 == 0)
			machine_turn(&fixture->machine);
		if (noise % 200 == 0)
			device->ops->reset(device);
	}
	device->ops->reset(device);
	drive(&fixture->machine, 0, 2);
	echo_offer(fixture, 0, 0);
	drive_notify(&fixture->machine, 0);
	assert_int_equal(used_index(fixture->machine.mem, 0), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, echo_set_up, echo_tear_down)
#define TEST_PLAIN(name)                                                                           \
	cmocka_unit_test_setup_teardown(name, echo_set_up_without_bells, echo_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rings_misplaced),
		TEST(test_start_fails),
		TEST(test_broken_chain),
		TEST(test_reset_in_flight),
		TEST(test_doorbells_follow_the_bar),
		TEST(test_pause),
		TEST(test_access_by_configuration_space),
		TEST(test_state),
		TEST_PLAIN(test_hostile_states),
		TEST(test_create_fails),
		TEST(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
