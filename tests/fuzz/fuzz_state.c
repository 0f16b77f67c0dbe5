/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Saved states from outside: the input's bytes as they are, and good states in which the input
 * replaces fields, with the checksum right. What is refused leaves a device that can be reset; what
 * is taken leaves one that runs.
 */
#include "tests/fuzz/script.h"

#include <sys/mman.h>

#include "tests/unit/virtio_test.h"
#include "vmm/backend/blk_raw.h"
#include "vmm/backend/chardev.h"
#include "vmm/devices/pm.h"
#include "vmm/devices/rtc.h"
#include "vmm/devices/serial.h"
#include "vmm/devices/virtio_balloon.h"
#include "vmm/devices/virtio_blk.h"
#include "vmm/devices/virtio_console.h"

enum { SERIAL, RTC, PM, BRIDGE, CONSOLE, BALLOON, DISK, KINDS };

struct rig {
	struct test_machine machine;
	struct chardev *chardev;
	struct device *device;
};

static int64_t wall(void *context)
{
	return (int64_t)((struct rig *)context)->machine.now;
}

static void ignore(void *context)
{
	(void)context;
}

static void no_space(void *context, const char *id)
{
	(void)context;
	(void)id;
}

static void create_disk(struct test_machine *machine, struct virtio **ret_virtio)
{
	const struct blk_raw_options options = { .synchronous = true, .discard = true };
	struct virtio_blk_config config = { .id = "d",
		.queues = 1,
		.mem = machine->mem,
		.loop = machine->loop,
		.no_space = no_space };
	int disk = memfd_create("disk", MFD_CLOEXEC);

	check(ftruncate(disk, 65536) == 0);
	check(blk_raw_create(machine->loop, disk, &options, &config.blk) == 0);
	check(virtio_blk_create(&config, ret_virtio) == 0);
}

static void build_virtio(struct rig *rig, unsigned int kind)
{
	struct test_machine *machine = &rig->machine;
	struct virtio_pci_host host = { machine->bus, &machine->sink.sink, NULL };
	struct virtio *virtio;
	struct virtio_pci *pci;

	if (kind == CONSOLE)
		check(virtio_console_create(&(struct virtio_console_config){ "d", machine->mem,
						machine->loop, rig->chardev },
			  &virtio) == 0);
	else if (kind == DISK)
		create_disk(machine, &virtio);
	else
		check(virtio_balloon_create(
			  &(struct virtio_balloon_config){ "d", machine->mem, machine->loop, 1 },
			  &virtio) == 0);
	check(virtio_pci_create(&host, virtio, -1, &pci) == 0);
	rig->device = virtio_pci_device(pci);
	drive(machine, virtio->offered, virtio->queue_count);
	offer_head(machine->mem, 0, 0);
}

static void build(struct rig *rig, unsigned int kind)
{
	struct test_machine *machine = &rig->machine;
	struct serial_config serial = { .id = "d", .base = 0x3f8 };
	struct rtc_config rtc = { .wall = wall, .context = rig };
	struct pm_config pm = { .power_off = ignore, .reset = ignore };

	machine_init(machine);
	check(chardev_create(machine->loop, -1, 0, &rig->chardev) == 0);
	serial.ports = rtc.ports = pm.ports = machine->ports;
	serial.chardev = rig->chardev;
	rtc.loop = machine->loop;
	if (kind == SERIAL)
		check(serial_create(&serial, &rig->device) == 0);
	else if (kind == RTC)
		check(rtc_create(&rtc, &rig->device) == 0);
	else if (kind == PM)
		check(pm_create(&pm, &rig->device) == 0);
	else if (kind == BRIDGE)
		rig->device = pci_bus_device(machine->bus);
	else
		build_virtio(rig, kind);
}

/* A field as the input wants it: as it was, another number, other bytes. */
static void put_field(struct script *script, struct state_writer *writer, const char *name,
    uint8_t type, const uint8_t *data, size_t length)
{
	uint64_t choice = script_take(script, 1) % 8;
	uint8_t bytes[4096];
	uint64_t value = 0;

	if (type == 'n') {
		memcpy(&value, data, 8);
		if (choice == 1)
			value = script_take(script, 1);
		else if (choice == 2)
			value = script_take(script, 8);
		else if (choice == 3)
			value ^= 1ull << script_take(script, 1) % 64;
		state_put(writer, name, value);
		return;
	}
	check(length <= sizeof(bytes));
	memcpy(bytes, data, length);
	if (choice == 1 && length > 0)
		bytes[script_take(script, 2) % length] = (uint8_t)script_take(script, 1);
	else if (choice == 2)
		length = script_take(script, 2) % (length + 1);
	state_put_bytes(writer, name, bytes, length);
}

static void get_name(const uint8_t **at, char name[STATE_NAME_MAX + 1])
{
	size_t length = *(*at)++;

	memcpy(name, *at, length);
	name[length] = '\0';
	*at += length;
}

/* The state written anew, field by field. */
static void rewrite(struct script *script, const struct buf *good, struct buf *out)
{
	const uint8_t *at = (const uint8_t *)buf_text(good);
	const uint8_t *end = at + good->length;
	struct state_writer writer = { .out = out };
	char name[STATE_NAME_MAX + 1];
	char instance[STATE_NAME_MAX + 1];

	while (at < end) {
		uint32_t version;

		get_name(&at, name);
		get_name(&at, instance);
		memcpy(&version, at, 4);
		at += 4;
		state_begin(&writer, name, instance, version);
		while (*at) {
			uint8_t type;
			uint32_t length = 8;

			get_name(&at, name);
			type = *at++;
			if (type == 'b') {
				memcpy(&length, at, 4);
				at += 4;
			}
			put_field(script, &writer, name, type, at, length);
			at += length;
		}
		state_end(&writer);
		at += 5;
	}
}

static void try(struct rig *rig, const void *data, size_t length)
{
	struct device *device = rig->device;
	struct state_reader reader;
	struct buf again = BUF_INIT;
	struct state_writer writer = { .out = &again };
	uint64_t value;

	/* On the heap, to its very end. */
	char *copy = malloc(length + 1);

	memcpy(copy, data, length);
	device->ops->reset(device);
	check(device->ops->pause(device));
	state_open(&reader, copy, length);
	if (device->ops->load(device, &reader) == 0) {
		device->ops->resume(device);
		rig->machine.now += 1000000000;
		machine_turn(&rig->machine);
		for (uint64_t port = 0; port < 8; port++)
			iobus_read(rig->machine.ports, 0x3f8 + port, 1, &value);
		for (uint64_t queue = 0; queue < 5; queue++)
			iobus_write(rig->machine.memory, NOTIFY + 4 * queue, 2, 0);
		machine_turn(&rig->machine);
		check(device->ops->pause(device));
		device->ops->save(device, &writer);
	} else {
		check(reader.error < 0 && reader.message[0] != '\0');
	}
	buf_done(&again);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct script script = { data, size };
	struct rig rig = { 0 };
	struct buf good = BUF_INIT;
	struct buf other = BUF_INIT;
	struct state_writer writer = { .out = &good };
	unsigned int kind = script_take(&script, 1) % KINDS;

	build(&rig, kind);
	check(rig.device->ops->pause(rig.device));
	rig.device->ops->save(rig.device, &writer);
	try(&rig, script.data, script.left);
	rewrite(&script, &good, &other);
	try(&rig, buf_text(&other), other.length);
	buf_done(&good);
	buf_done(&other);
	if (kind != BRIDGE)
		rig.device->ops->free(rig.device);
	chardev_free(rig.chardev);
	machine_done(&rig.machine);
	return 0;
}
