/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The small virtio devices behind their PCI registers: a driver that negotiates, then does what the
 * input says to registers, configuration space, rings and memory.
 */
#include "tests/fuzz/script.h"

#include <fcntl.h>
#include <sys/socket.h>

#include "tests/unit/virtio_test.h"
#include "vmm/backend/chardev.h"
#include "vmm/devices/virtio_balloon.h"
#include "vmm/devices/virtio_console.h"
#include "vmm/devices/virtio_rng.h"

struct rig {
	struct test_machine machine;
	struct chardev *chardev;
	struct virtio *virtio;
	struct device *device;
	unsigned int kind;
	int terminal;
};

static void build(struct rig *rig, unsigned int kind)
{
	struct test_machine *machine = &rig->machine;
	struct virtio_pci_host host = { NULL, NULL, NULL };
	struct virtio_pci *pci;
	int pair[2];
	int result;

	rig->kind = kind;
	machine_init(machine);
	host.bus = machine->bus;
	host.msi = &machine->sink.sink;
	check(chardev_create(machine->loop, -1, 0, &rig->chardev) == 0);
	check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	check(chardev_attach(rig->chardev, pair[0], 0) == 0);
	rig->terminal = pair[1];
	if (kind == 0)
		result = virtio_console_create(&(struct virtio_console_config){ "c", machine->mem,
						   machine->loop, rig->chardev },
		    &rig->virtio);
	else if (kind == 1)
		result = virtio_rng_create(&(struct virtio_rng_config){ "r", machine->mem,
					       machine->loop, open("/dev/zero", O_RDONLY), 0 },
		    &rig->virtio);
	else
		result = virtio_balloon_create(
		    &(struct virtio_balloon_config){ "b", machine->mem, machine->loop, 1 },
		    &rig->virtio);
	check(result == 0);
	check(virtio_pci_create(&host, rig->virtio, -1, &pci) == 0);
	rig->device = virtio_pci_device(pci);
}

/* Registers may be anywhere, or nowhere, after what was done before. */
static void write_register(struct rig *rig, uint64_t address, unsigned int size, uint64_t value)
{
	iobus_write(rig->machine.memory, address, size, value);
}

static void negotiate(struct rig *rig, uint64_t choice)
{
	uint64_t features = (choice & rig->virtio->offered) | (uint64_t)1 << VIRTIO_F_VERSION_1;

	write_register(rig, ECAM1 + 4, 2, 6);
	write_register(rig, ECAM1 + 0x10, 4, (uint32_t)SLOT1);
	write_register(rig, ECAM1 + 0x14, 4, 0);
	drive(&rig->machine, features, choice & 1 ? rig->virtio->queue_count : 1);
}

static void move(struct rig *rig)
{
	struct buf saved = BUF_INIT;
	struct state_writer writer = { .out = &saved };
	struct state_reader reader;

	if (!rig->device->ops->pause(rig->device))
		return;
	rig->device->ops->save(rig->device, &writer);
	rig->device->ops->reset(rig->device);
	state_open(&reader, buf_text(&saved), saved.length);
	check(rig->device->ops->load(rig->device, &reader) == 0);
	rig->device->ops->resume(rig->device);
	buf_done(&saved);
}

static void step_rings(struct rig *rig, struct script *script, uint64_t op)
{
	struct guest_mem *mem = rig->machine.mem;
	unsigned int queue = (unsigned int)(op >> 4) % rig->virtio->queue_count;
	uint64_t value;

	switch (op & 3) {
	case 0:
		value = script_take(script, 2);
		put_desc(mem, queue, value & 15, BUFFERS + script_take(script, 2) * 16,
		    (uint32_t)script_take(script, 2), value >> 4 & 7, value >> 8 & 31);
		break;
	case 1:
		offer_head(mem, queue, (uint16_t)script_take(script, 1) % (QUEUE_SIZE + 1));
		break;
	case 2:
		write_register(rig, NOTIFY + 4 * queue, 2, queue);
		break;
	default:
		value = script_take(script, 8);
		if (op & 0x80)
			put_mem(mem, BUFFERS + script_take(script, 2) * 8, value, 8);
		else
			put_mem(mem, ring_desc(queue) + script_take(script, 2) % 0x2ff8, value, 8);
		break;
	}
}

static void step(struct rig *rig, struct script *script)
{
	uint64_t op = script_take(script, 1);
	unsigned int size = 1u << (op >> 4 & 3);
	char bytes[64] = { 0 };
	uint64_t value;

	if (op & 8) {
		step_rings(rig, script, op);
		return;
	}
	switch (op & 7) {
	case 0:
		negotiate(rig, script_take(script, 1) | op << 24);
		break;
	case 1:
		write_register(
		    rig, SLOT1 + script_take(script, 2), size, script_take(script, size));
		break;
	case 2:
		write_register(
		    rig, COMMON + script_take(script, 1), size, script_take(script, size));
		break;
	case 3:
		iobus_read(rig->machine.memory, SLOT1 + script_take(script, 2), size, &value);
		break;
	case 4:
		write_register(
		    rig, ECAM1 + script_take(script, 1), size, script_take(script, size));
		break;
	case 5:
		rig->machine.now += script_take(script, 4);
		machine_turn(&rig->machine);
		break;
	case 6:
		if (send(rig->terminal, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
			machine_turn(&rig->machine);
		while (recv(rig->terminal, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
			continue;
		if (rig->kind == 2)
			virtio_balloon_set_target(rig->virtio, script_take(script, 3));
		break;
	default:
		move(rig);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct script script = { data, size };
	struct rig rig = { 0 };

	build(&rig, script_take(&script, 1) % 3);
	for (unsigned int i = 0; i < 300 && script.left > 0; i++)
		step(&rig, &script);
	rig.device->ops->free(rig.device);
	chardev_free(rig.chardev);
	close(rig.terminal);
	machine_done(&rig.machine);
	return 0;
}
