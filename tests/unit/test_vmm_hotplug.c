/* SPDX-License-Identifier: GPL-2.0-only */
/* Devices that come and go, from both sides: the guest's registers and the machine's calls. */
#include "tests/unit/plug_test.h"

#include <fcntl.h>
#include <sys/socket.h>

static int set_up(void **state)
{
	struct plug_rig *rig = calloc(1, sizeof(*rig));

	plug_init(rig);
	*state = rig;
	return 0;
}

static int tear_down(void **state)
{
	plug_done(*state);
	free(*state);
	return 0;
}

static uint32_t in32(struct plug_rig *rig, uint64_t port)
{
	uint64_t value;

	assert_true(iobus_read(rig->machine.ports, port, 4, &value));
	return (uint32_t)value;
}

static void out32(struct plug_rig *rig, uint64_t port, uint32_t value)
{
	assert_true(iobus_write(rig->machine.ports, port, 4, value));
}

static uint32_t vendor_in(struct plug_rig *rig, unsigned int slot)
{
	return (uint32_t)mmio_get(&rig->test, MEMMAP_ECAM + 0x8000ull * slot, 4);
}

static void a_disk_comes_and_goes(void **state)
{
	struct plug_rig *rig = *state;
	int fd = plug_file();

	test_out(rig->machine.ports, MEMMAP_PORT_PM + 13, 1 << MEMMAP_PM_PLUG);
	assert_int_equal(vendor_in(rig, 1), UINT32_MAX);
	assert_int_equal(plug_disk(rig, "vda", fd), 0);
	assert_true(rig->sci.level);
	assert_int_equal(in32(rig, PLUG_CAME), 1 << 1);
	out32(rig, PLUG_CAME, 1 << 1);
	assert_int_equal(in32(rig, PLUG_CAME), 0);
	assert_int_equal(vendor_in(rig, 1), 0x10421af4);
	test_out(rig->machine.ports, MEMMAP_PORT_PM + 12, 1 << MEMMAP_PM_PLUG);
	assert_false(rig->sci.level);

	assert_int_equal(machine_remove_disk(&rig->machine, "vda"), 0);
	assert_true(rig->sci.level);
	assert_int_equal(in32(rig, PLUG_ASKED), 1 << 1);
	plug_turn(rig);
	assert_string_equal(rig->events, "");
	/* It is told again, and works until it is given back. */
	out32(rig, PLUG_ASKED, 1 << 1);
	assert_int_equal(machine_remove_disk(&rig->machine, "vda"), 0);
	assert_int_equal(in32(rig, PLUG_ASKED), 1 << 1);
	assert_int_equal(vendor_in(rig, 1), 0x10421af4);
	out32(rig, PLUG_EJECT, 1 << 1);
	assert_int_equal(vendor_in(rig, 1), UINT32_MAX);
	assert_int_equal(in32(rig, PLUG_ASKED), 0);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	plug_turn(rig);
	assert_string_equal(rig->events, "disk vda removed;");
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_int_equal(machine_remove_disk(&rig->machine, "vda"), -ENOENT);
}

static void what_was_not_asked_for_stays(void **state)
{
	struct plug_rig *rig = *state;

	assert_int_equal(plug_disk(rig, "vda", plug_file()), 0);
	out32(rig, PLUG_EJECT, UINT32_MAX);
	out32(rig, PLUG_ASKED, UINT32_MAX);
	out32(rig, PLUG_CAME, UINT32_MAX);
	plug_turn(rig);
	assert_int_equal(vendor_in(rig, 1), 0x10421af4);
	assert_string_equal(rig->events, "");
	assert_int_equal(rig->machine.device_count, 3);
}

static void registers_are_whole_words(void **state)
{
	struct plug_rig *rig = *state;
	uint64_t value;

	assert_int_equal(plug_disk(rig, "vda", plug_file()), 0);
	assert_int_equal(machine_remove_disk(&rig->machine, "vda"), 0);
	for (unsigned int size = 1; size <= 8; size *= 2)
		for (uint64_t port = PLUG_CAME; port + size <= PLUG_CAME + 12; port++) {
			if (size == 4 && port % 4 == 0)
				continue;
			assert_true(iobus_write(rig->machine.ports, port, size, UINT64_MAX));
			assert_true(iobus_read(rig->machine.ports, port, size, &value));
			assert_int_equal(value, 0);
		}
	assert_int_equal(in32(rig, PLUG_ASKED), 1 << 1);
	assert_int_equal(in32(rig, PLUG_EJECT), 0);
	plug_turn(rig);
	assert_string_equal(rig->events, "");
}

static void a_name_is_taken_until_its_device_has_gone(void **state)
{
	struct plug_rig *rig = *state;
	struct definition_disk disk = { .id = "vda", .fd = plug_file() };
	struct why reason;

	assert_int_equal(plug_disk(rig, "vda", plug_file()), 0);
	assert_int_equal(machine_add_disk(&rig->machine, &disk, &reason), -EEXIST);
	assert_string_equal(reason.text, "disk \"vda\" is there already");
	assert_int_equal(fcntl(disk.fd, F_GETFD), -1);
	assert_int_equal(machine_remove_disk(&rig->machine, "vda"), 0);
	disk.fd = plug_file();
	assert_int_equal(machine_add_disk(&rig->machine, &disk, &reason), -EEXIST);
	assert_string_equal(reason.text, "disk \"vda\" has not gone yet");
	out32(rig, PLUG_EJECT, 1 << 1);
	assert_int_equal(plug_disk(rig, "vda", plug_file()), -EEXIST);
	plug_turn(rig);
	assert_int_equal(plug_disk(rig, "vda", plug_file()), 0);
	rig->machine.state = MACHINE_SHUTDOWN;
	assert_int_equal(plug_disk(rig, "vdb", plug_file()), -EBUSY);
}

static void slots_are_bounded(void **state)
{
	struct plug_rig *rig = *state;
	struct definition_disk disk = { .id = "late", .queues = 1 };
	struct why reason;
	char id[8];

	for (unsigned int slot = 1; slot < PCI_SLOTS; slot++) {
		snprintf(id, sizeof(id), "d%u", slot);
		assert_int_equal(plug_disk(rig, id, plug_file()), 0);
	}
	disk.fd = plug_file();
	assert_int_equal(machine_add_disk(&rig->machine, &disk, &reason), -ENOSPC);
	assert_string_equal(reason.text, "\"late\": no slot of the PCI bus is free");
	assert_int_equal(fcntl(disk.fd, F_GETFD), -1);
	assert_int_equal(machine_remove_disk(&rig->machine, "d31"), 0);
	out32(rig, PLUG_EJECT, 1u << 31);
	plug_turn(rig);
	assert_int_equal(plug_disk(rig, "late", plug_file()), 0);
	assert_int_equal(in32(rig, PLUG_CAME), 0xfffffffe);
}

/* Its tap and its vhost are a pair of sockets. */
static void a_nic_goes_with_its_descriptors(void **state)
{
	struct plug_rig *rig = *state;
	struct definition_nic nic = { .id = "lan", .tap = { .count = 1 }, .vhost = { .count = 1 } };
	struct why reason;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	nic.tap.fd[0] = pair[0];
	nic.vhost.fd[0] = pair[1];
	assert_int_equal(machine_add_nic(&rig->machine, &nic, &reason), 0);
	assert_int_equal(vendor_in(rig, 1), 0x10411af4);
	assert_int_equal(fcntl(pair[0], F_GETFD), FD_CLOEXEC);
	nic.tap.fd[0] = plug_file();
	nic.vhost.fd[0] = plug_file();
	assert_int_equal(machine_add_nic(&rig->machine, &nic, &reason), -EEXIST);
	assert_int_equal(fcntl(nic.tap.fd[0], F_GETFD), -1);
	assert_int_equal(fcntl(nic.vhost.fd[0], F_GETFD), -1);
	assert_int_equal(machine_remove_disk(&rig->machine, "lan"), -ENOENT);
	assert_int_equal(machine_remove_nic(&rig->machine, "lan"), 0);
	out32(rig, PLUG_EJECT, 1 << 1);
	plug_turn(rig);
	assert_string_equal(rig->events, "nic lan removed;");
	assert_int_equal(fcntl(pair[0], F_GETFD), -1);
	assert_int_equal(fcntl(pair[1], F_GETFD), -1);
}

/* A driver's read is in flight when its device is ejected: it ends first. */
static void what_is_in_flight_ends_first(void **state)
{
	struct plug_rig *rig = *state;
	const uint64_t header = BUFFERS;
	int fd = plug_file();
	int copy = dup(fd);
	uint8_t status;

	assert_int_equal(pwrite(fd, "in flight", 9, 0), 9);
	assert_int_equal(plug_disk(rig, "vda", fd), 0);
	drive(&rig->test, 0, 1);
	put_mem(rig->test.mem, header, 0, 8);
	put_mem(rig->test.mem, header + 8, 0, 8);
	put_mem(rig->test.mem, header + 16, 0xff, 1);
	put_desc(rig->test.mem, 0, 0, header, 16, 1, 1);
	put_desc(rig->test.mem, 0, 1, header + 512, 512, 3, 2);
	put_desc(rig->test.mem, 0, 2, header + 16, 1, 2, 0);
	offer_head(rig->test.mem, 0, 0);
	drive_notify(&rig->test, 0);
	assert_int_equal(machine_remove_disk(&rig->machine, "vda"), 0);
	out32(rig, PLUG_EJECT, 1 << 1);
	assert_int_equal(loop_step(rig->machine.main_loop, 0), 0);
	assert_string_equal(rig->events, "");
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	/* In its own time: the kernel's. */
	for (int i = 0; i < 1000 && !rig->events[0]; i++) {
		assert_int_equal(loop_step(rig->machine.io_loop, 100), 0);
		plug_turn(rig);
	}
	assert_string_equal(rig->events, "disk vda removed;");
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	status = (uint8_t)get_mem(rig->test.mem, header + 16, 1);
	assert_int_equal(status, 0);
	assert_int_equal(get_mem(rig->test.mem, header + 512, 8) & 0xff, 'i');
	close(copy);
}

static void a_reset_gives_back_what_was_asked_for(void **state)
{
	struct plug_rig *rig = *state;

	assert_int_equal(plug_disk(rig, "vda", plug_file()), 0);
	assert_int_equal(plug_disk(rig, "vdb", plug_file()), 0);
	assert_int_equal(machine_remove_disk(&rig->machine, "vda"), 0);
	machine_eject_asked(&rig->machine);
	assert_string_equal(rig->events, "disk vda removed;");
	assert_int_equal(in32(rig, PLUG_ASKED), 0);
	assert_int_equal(in32(rig, PLUG_CAME), 1 << 2);
	rig->machine.hotplug->ops->reset(rig->machine.hotplug);
	assert_int_equal(in32(rig, PLUG_CAME), 0);
	assert_int_equal(vendor_in(rig, 2), 0x10421af4);
}

static void list(struct plug_rig *rig, struct buf *out)
{
	*out = (struct buf)BUF_INIT;
	machine_devices(&rig->machine, out);
}

static int load(struct plug_rig *rig, const struct buf *saved, struct state_reader *reader)
{
	state_open(reader, buf_text(saved), saved->length);
	state_enter(reader, "machine", "", 1);
	machine_load_devices(&rig->machine, reader);
	return state_leave(reader);
}

static void save(struct plug_rig *rig, struct buf *saved)
{
	struct state_writer writer = { .out = saved };

	*saved = (struct buf)BUF_INIT;
	state_begin(&writer, "machine", "", 1);
	machine_save_devices(&rig->machine, &writer);
	state_end(&writer);
	assert_true(buf_ok(saved));
}

/* What was saved with a gap and a device that is leaving is loaded by a machine that has the same
 * devices, whatever their order. */
static void the_state_tells_order_and_slots(void **state)
{
	struct plug_rig *rig = *state;
	struct plug_rig *other = calloc(1, sizeof(*other));
	struct state_reader reader;
	struct buf saved;
	struct buf listed;

	for (const char *id = "abcd"; *id; id++)
		assert_int_equal(plug_disk(rig, (char[]){ *id, '\0' }, plug_file()), 0);
	assert_int_equal(machine_remove_disk(&rig->machine, "b"), 0);
	out32(rig, PLUG_EJECT, 1 << 2);
	plug_turn(rig);
	assert_int_equal(machine_remove_disk(&rig->machine, "d"), 0);
	save(rig, &saved);

	plug_init(other);
	for (const char *id = "dca"; *id; id++)
		assert_int_equal(plug_disk(other, (char[]){ *id, '\0' }, plug_file()), 0);
	assert_int_equal(load(other, &saved, &reader), 0);
	list(other, &listed);
	assert_string_equal(buf_text(&listed),
	    "disk.a.slot=1\ndisk.a.state=present\ndisk.c.slot=3\ndisk.c.state=present\n"
	    "disk.d.slot=4\ndisk.d.state=leaving\n");
	buf_done(&listed);
	assert_int_equal(vendor_in(other, 2), UINT32_MAX);
	assert_int_equal(vendor_in(other, 4), 0x10421af4);
	out32(other, PLUG_EJECT, 1 << 4);
	plug_turn(other);
	assert_string_equal(other->events, "disk d removed;");
	/* It has one less now. */
	assert_int_equal(load(other, &saved, &reader), -EINVAL);
	assert_string_equal(
	    reader.message, "the state is of a guest with a device more: disk \"d\"");
	assert_int_equal(plug_disk(other, "d", plug_file()), 0);
	assert_int_equal(plug_disk(other, "e", plug_file()), 0);
	assert_int_equal(load(other, &saved, &reader), -EINVAL);
	assert_string_equal(
	    reader.message, "the state is of a guest with a device less: disk \"e\"");
	buf_done(&saved);
	plug_done(other);
	free(other);
}

/* Two in one slot, and one in the host bridge's. */
static void a_state_of_slots_that_cannot_be(void **state)
{
	struct plug_rig *rig = *state;

	assert_int_equal(plug_disk(rig, "a", plug_file()), 0);
	assert_int_equal(plug_disk(rig, "b", plug_file()), 0);
	for (unsigned int slot = 0; slot < 40; slot += 7) {
		struct buf saved = BUF_INIT;
		struct state_writer writer = { .out = &saved };
		struct state_reader reader;

		state_begin(&writer, "machine", "", 1);
		state_put(&writer, "devices", rig->machine.device_count);
		for (unsigned int i = 0; i < rig->machine.device_count; i++) {
			struct machine_device *entry = &rig->machine.devices[i];
			const char *kind = machine_kind_name(entry->kind);

			state_put_bytes(&writer, "kind", kind, strlen(kind));
			state_put_bytes(&writer, "id", entry->id, strlen(entry->id));
			state_put(&writer, "slot", slot);
			state_put(&writer, "asked", 1);
		}
		state_end(&writer);
		assert_int_equal(load(rig, &saved, &reader), -EINVAL);
		buf_done(&saved);
	}
}

static void test_states(void **state)
{
	struct plug_rig *rig = *state;
	struct plug_rig *other = calloc(1, sizeof(*other));

	assert_int_equal(plug_disk(rig, "a", plug_file()), 0);
	assert_int_equal(machine_remove_disk(&rig->machine, "a"), 0);
	plug_init(other);
	test_round_trip(rig->machine.hotplug, other->machine.hotplug);
	assert_int_equal(in32(other, PLUG_ASKED), 1 << 1);
	test_cut_states(other->machine.hotplug);
	assert_int_equal(in32(other, PLUG_ASKED), 0);
	plug_done(other);
	free(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_disk_comes_and_goes),
		TEST(what_was_not_asked_for_stays),
		TEST(registers_are_whole_words),
		TEST(a_name_is_taken_until_its_device_has_gone),
		TEST(slots_are_bounded),
		TEST(a_nic_goes_with_its_descriptors),
		TEST(what_is_in_flight_ends_first),
		TEST(a_reset_gives_back_what_was_asked_for),
		TEST(the_state_tells_order_and_slots),
		TEST(a_state_of_slots_that_cannot_be),
		TEST(test_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
