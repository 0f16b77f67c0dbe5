/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/devices/virtio_console.h"

#include <sys/socket.h>

#include "tests/unit/alloc.h"
#include "tests/unit/virtio_test.h"
#include "vmm/backend/chardev.h"

enum { RX, TX };

struct fixture {
	struct test_machine machine;
	struct chardev *chardev;
	struct virtio *console;
	struct virtio_pci *pci;
	int terminal;
};

static int create(struct fixture *fixture, struct virtio **ret_console, struct virtio_pci **ret_pci)
{
	struct virtio_console_config config = { "hvc0", fixture->machine.mem, fixture->machine.loop,
		fixture->chardev };
	struct virtio_pci_host host = { fixture->machine.bus, &fixture->machine.sink.sink, NULL };
	int result = virtio_console_create(&config, ret_console);

	return result ? result : virtio_pci_create(&host, *ret_console, -1, ret_pci);
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	int pair[2];

	machine_init(&fixture->machine);
	assert_int_equal(chardev_create(fixture->machine.loop, -1, 0, &fixture->chardev), 0);
	assert_int_equal(create(fixture, &fixture->console, &fixture->pci), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(chardev_attach(fixture->chardev, pair[0], 0), 0);
	fixture->terminal = pair[1];
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	struct device *device = virtio_pci_device(fixture->pci);

	device->ops->free(device);
	chardev_free(fixture->chardev);
	close(fixture->terminal);
	machine_done(&fixture->machine);
	free(fixture);
	return 0;
}

static void reads(struct fixture *fixture, const char *text)
{
	char bytes[256] = "";
	ssize_t length;

	machine_turn(&fixture->machine);
	length = recv(fixture->terminal, bytes, sizeof(bytes) - 1, MSG_DONTWAIT);
	assert_int_equal(length, *text ? (ssize_t)strlen(text) : -1);
	assert_string_equal(bytes, text);
}

static void type(struct fixture *fixture, const char *text)
{
	assert_int_equal(write(fixture->terminal, text, strlen(text)), strlen(text));
	machine_turn(&fixture->machine);
}

static void say(struct fixture *fixture, uint16_t head, const char *text)
{
	struct guest_mem *mem = fixture->machine.mem;

	guest_mem_write(mem, BUFFERS + 256 * head, text, strlen(text));
	put_desc(mem, TX, head, BUFFERS + 256 * head, (uint32_t)strlen(text), 0, 0);
	offer_head(mem, TX, head);
}

static void give_room(struct fixture *fixture, uint16_t head, uint32_t length)
{
	put_desc(fixture->machine.mem, RX, head, BUFFERS + 0x10000 + 256 * head, length, WRITE, 0);
	offer_head(fixture->machine.mem, RX, head);
}

static void test_output(void **state)
{
	struct fixture *fixture = *state;

	drive(&fixture->machine, 0, 2);
	say(fixture, 0, "hello ");
	say(fixture, 1, "world");
	drive_notify(&fixture->machine, TX);
	assert_int_equal(used_index(fixture->machine.mem, TX), 2);
	assert_int_equal(sink_taken(&fixture->machine.sink, 2), 1);
	reads(fixture, "hello world");
}

/* More than its share goes on in the next round, and a huge chain is cut. */
static void test_much_output(void **state)
{
	struct fixture *fixture = *state;
	struct guest_mem *mem = fixture->machine.mem;

	drive(&fixture->machine, 1ull << 28, 2);
	for (unsigned int i = 0; i < 64; i++)
		put_desc_at(mem, BUFFERS, i, 0, RAM_SIZE, i < 63 ? NEXT : 0, (uint16_t)(i + 1));
	put_desc(mem, TX, 0, BUFFERS, 64 * 16, INDIRECT, 0);
	offer_head(mem, TX, 0);
	drive_notify(&fixture->machine, TX);
	assert_int_equal(used_index(mem, TX), 1);
	for (uint16_t i = 0; i < 200; i++) {
		say(fixture, i % QUEUE_SIZE, "x");
		if (i % 13 == 0)
			drive_notify(&fixture->machine, TX);
	}
	machine_turn(&fixture->machine);
	drive_notify(&fixture->machine, TX);
	assert_int_equal(used_index(mem, TX), 201);
	assert_int_equal(mmio_get(&fixture->machine, COMMON + 20, 1), 15);
}

static void test_input(void **state)
{
	struct fixture *fixture = *state;
	struct guest_mem *mem = fixture->machine.mem;
	char bytes[8] = "";

	/* Before there is a driver it waits. */
	type(fixture, "abc");
	drive(&fixture->machine, 0, 2);
	give_room(fixture, 0, 2);
	machine_turn(&fixture->machine);
	assert_int_equal(used_index(mem, RX), 1);
	assert_int_equal(used_length(mem, RX, 0, 0), 2);
	give_room(fixture, 5, 100);
	drive_notify(&fixture->machine, RX);
	assert_int_equal(used_length(mem, RX, 1, 5), 1);
	guest_mem_read(mem, BUFFERS + 0x10000, bytes, 2);
	guest_mem_read(mem, BUFFERS + 0x10000 + 5 * 256, bytes + 2, 1);
	assert_string_equal(bytes, "abc");
	assert_int_not_equal(sink_taken(&fixture->machine.sink, 1), 0);
	give_room(fixture, 1, 100);
	type(fixture, "quick");
	assert_int_equal(used_length(mem, RX, 2, 1), 5);
}

static void test_malformed(void **state)
{
	struct fixture *fixture = *state;

	drive(&fixture->machine, 0, 2);
	put_desc(fixture->machine.mem, RX, 0, BUFFERS, 8, 0, 0);
	offer_head(fixture->machine.mem, RX, 0);
	type(fixture, "x");
	assert_int_equal(mmio_get(&fixture->machine, COMMON + 20, 1), 64 | 15);
	drive(&fixture->machine, 0, 2);
	offer_head(fixture->machine.mem, TX, 77);
	drive_notify(&fixture->machine, TX);
	assert_int_equal(mmio_get(&fixture->machine, COMMON + 20, 1), 64 | 15);
	/* What was typed was not lost in all this. */
	drive(&fixture->machine, 0, 2);
	give_room(fixture, 0, 8);
	drive_notify(&fixture->machine, RX);
	assert_int_equal(used_length(fixture->machine.mem, RX, 0, 0), 1);
}

static void test_config(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(mmio_get(&fixture->machine, CONFIG, 8), 1ull << 32);
	drive(&fixture->machine, 1, 2);
	virtio_console_resize(fixture->console, 132, 50);
	virtio_console_resize(fixture->console, 132, 50);
	assert_int_equal(sink_taken(&fixture->machine.sink, 0), 1);
	assert_int_equal(mmio_get(&fixture->machine, CONFIG, 2), 132);
	assert_int_equal(mmio_get(&fixture->machine, CONFIG + 2, 2), 50);
	mmio_put(&fixture->machine, CONFIG, 4, 0);
	assert_int_equal(mmio_get(&fixture->machine, CONFIG, 2), 132);
	mmio_put(&fixture->machine, CONFIG + 8, 4, 'E');
	mmio_put(&fixture->machine, CONFIG + 8, 1, '!');
	mmio_put(&fixture->machine, CONFIG + 9, 1, '?');
	reads(fixture, "E!");
}

static void test_state(void **state)
{
	struct fixture *fixture = *state;
	struct device *device = virtio_pci_device(fixture->pci);
	struct buf saved;

	drive(&fixture->machine, 1, 2);
	virtio_console_resize(fixture->console, 80, 24);
	assert_true(device->ops->pause(device));
	type(fixture, "late");
	test_save(device, &saved);
	device->ops->reset(device);
	virtio_console_resize(fixture->console, 1, 2);
	assert_int_equal(test_load(device, &saved), 0);
	assert_int_equal(mmio_get(&fixture->machine, CONFIG, 2), 80);
	give_room(fixture, 3, 16);
	device->ops->resume(device);
	machine_turn(&fixture->machine);
	assert_int_equal(used_length(fixture->machine.mem, RX, 0, 3), 4);
	assert_true(device->ops->pause(device));
	test_round_trip(device, device);
	device->ops->reset(device);
	test_cut_states(device);
	buf_done(&saved);
}

static int create_once(struct fixture *fixture)
{
	struct virtio *console;
	struct virtio_pci *pci;
	int result = create(fixture, &console, &pci);

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
	uint32_t seed = 53;

	for (int i = 0; i < 10000; i++) {
		uint32_t noise = test_random(&seed);

		if (noise % 40 == 0)
			drive(&fixture->machine, noise >> 8 & 1, 2);
		if (noise & 1)
			say(fixture, noise >> 8 & 15, "noise");
		if (noise & 2)
			give_room(fixture, noise >> 12 & 15, noise >> 16 & 31);
		if (noise % 7 == 0)
			type(fixture, "keys");
		if (noise & 4)
			put_desc(fixture->machine.mem, noise >> 9 & 1, noise >> 12 & 15,
			    test_random(&seed) & 0x7fffff, noise >> 20, noise >> 5 & 7,
			    noise >> 16 & 15);
		drive_notify(&fixture->machine, noise >> 3 & 1);
		if (noise % 16 == 0)
			mmio_put(&fixture->machine, CONFIG + (noise >> 8 & 15), 1, noise);
		/* A terminal that reads now and then. */
		if (noise % 64 == 0) {
			char bytes[4096];

			while (recv(fixture->terminal, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
				continue;
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_output),
		TEST(test_much_output),
		TEST(test_input),
		TEST(test_malformed),
		TEST(test_config),
		TEST(test_state),
		TEST(test_create_fails),
		TEST(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
