/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest that writes the plug registers, configuration space and a disk's rings as it likes, while
 * disks are plugged in, taken away, and lists of devices loaded: no slot has two devices, what
 * nobody asked for stays, and nothing is left open.
 */
#include "tests/fuzz/script.h"
#include "tests/unit/plug_test.h"

static const char *const names[] = { "a", "b", "c", "d", "e", "f", "g", "h" };

static void check_slots(struct plug_rig *rig)
{
	uint32_t seen = 0;

	for (unsigned int i = 0; i < rig->machine.device_count; i++) {
		const struct machine_device *entry = &rig->machine.devices[i];
		unsigned int slot = entry->pci ? virtio_pci_slot(entry->pci) : 0;

		check(!entry->ejected || (entry->asked && !slot));
		check(!slot || !(seen >> slot & 1));
		seen |= 1u << slot;
	}
}

/* The list of devices as the script has it, and whether it was taken. */
static bool load_list(struct plug_rig *rig, struct script *script)
{
	struct machine *machine = &rig->machine;
	bool honest = script_take(script, 1) & 1;
	struct buf saved = BUF_INIT;
	struct state_writer writer = { .out = &saved };
	struct state_reader reader;
	bool taken;

	state_begin(&writer, "machine", "", 1);
	if (honest) {
		machine_save_devices(machine, &writer);
	} else {
		uint64_t count = script_take(script, 1) % (MACHINE_DEVICES_MAX + 2);

		state_put(&writer, "devices", count);
		for (uint64_t i = 0; i < count; i++) {
			uint64_t which = script_take(script, 1);
			const struct machine_device *entry =
			    &machine->devices[which % machine->device_count];
			const char *kind = machine_kind_name(entry->kind);
			const char *id = which & 0x80 ? names[which & 7] : entry->id;

			state_put_bytes(&writer, "kind", kind, strlen(kind));
			state_put_bytes(&writer, "id", id, strlen(id));
			state_put(&writer, "slot", script_take(script, 1) % 36);
			state_put(&writer, "asked", script_take(script, 1) % 3);
		}
	}
	state_end(&writer);
	state_open(&reader, buf_text(&saved), saved.length);
	state_enter(&reader, "machine", "", 1);
	machine_load_devices(machine, &reader);
	taken = state_leave(&reader) == 0;
	check(taken || !honest);
	buf_done(&saved);
	return taken;
}

/* As machine_pause_all() does it. */
static void settle(struct plug_rig *rig)
{
	for (unsigned int i = 0; i < rig->machine.device_count; i++) {
		struct device *device = rig->machine.devices[i].device;

		while (!device->ops->pause(device))
			machine_turn(&rig->test);
	}
	machine_collect(&rig->machine);
	for (unsigned int i = 0; i < rig->machine.device_count; i++)
		check(!rig->machine.devices[i].ejected);
}

static void resume(struct plug_rig *rig)
{
	for (unsigned int i = 0; i < rig->machine.device_count; i++)
		rig->machine.devices[i].device->ops->resume(rig->machine.devices[i].device);
}

static void reset(struct plug_rig *rig)
{
	settle(rig);
	machine_eject_asked(&rig->machine);
	for (unsigned int i = 0; i < rig->machine.device_count; i++) {
		check(!rig->machine.devices[i].asked);
		rig->machine.devices[i].device->ops->reset(rig->machine.devices[i].device);
	}
	resume(rig);
}

static void touch(struct plug_rig *rig, struct script *script, uint64_t op)
{
	uint64_t value = script_take(script, 4);
	unsigned int size = 1u << (op >> 4 & 3);

	if (op & 0x80)
		iobus_write(rig->machine.memory, MEMMAP_ECAM + 0x8000 + value % 0x28000, size,
		    script_take(script, size));
	else if (op & 0x40)
		iobus_write(rig->machine.memory, SLOT1 + value % 0x1000000, size,
		    script_take(script, size));
	else
		put_mem(rig->machine.mem, ring_desc(0) + value % 0x2ff8, script_take(script, 8), 8);
}

/* The disk in slot 1, when there is one that can be reached, with requests in its ring. */
static void drive_disk(struct plug_rig *rig, struct script *script)
{
	uint64_t value;

	iobus_write(rig->machine.memory, ECAM1 + 4, 2, 6);
	iobus_write(rig->machine.memory, ECAM1 + 0x10, 4, (uint32_t)SLOT1);
	iobus_write(rig->machine.memory, ECAM1 + 0x14, 4, 0);
	if (!iobus_read(rig->machine.memory, COMMON + 20, 1, &value))
		return;
	drive_features(&rig->test, (uint64_t)1 << VIRTIO_F_VERSION_1);
	drive_queue(&rig->test, 0);
	iobus_write(rig->machine.memory, COMMON + 20, 1, 15);
	for (unsigned int i = 0; i + 2 < QUEUE_SIZE; i += 3) {
		put_mem(rig->test.mem, BUFFERS, script_take(script, 1) & 1, 8);
		put_mem(rig->test.mem, BUFFERS + 8, 0, 8);
		put_desc(rig->test.mem, 0, i, BUFFERS, 16, 1, i + 1);
		put_desc(rig->test.mem, 0, i + 1, BUFFERS + 512, 512, 3, i + 2);
		put_desc(rig->test.mem, 0, i + 2, BUFFERS + 4096, 1, 2, 0);
		offer_head(rig->test.mem, 0, (uint16_t)i);
	}
	iobus_write(rig->machine.memory, NOTIFY, 2, 0);
}

static bool step(struct plug_rig *rig, struct script *script)
{
	uint64_t op = script_take(script, 1);
	const char *name = names[op >> 4 & 7];
	uint64_t value;
	bool goes_on = true;

	switch (op & 15) {
	case 0:
	case 1:
	case 2:
		iobus_write(rig->machine.ports, PLUG_CAME + script_take(script, 1) % 12,
		    1u << (op >> 4 & 3), script_take(script, 4));
		break;
	case 3:
		iobus_write(rig->machine.ports, PLUG_EJECT, 4, script_take(script, 4));
		break;
	case 4:
		iobus_read(rig->machine.ports, PLUG_CAME + script_take(script, 1) % 12,
		    1u << (op >> 4 & 3), &value);
		break;
	case 5:
	case 6:
		plug_disk(rig, name, plug_file());
		break;
	case 7:
	case 8:
		machine_remove_disk(&rig->machine, name);
		break;
	case 9:
		check(loop_step(rig->machine.main_loop, 0) == 0);
		break;
	case 10:
		plug_turn(rig);
		break;
	case 11:
		settle(rig);
		goes_on = load_list(rig, script);
		resume(rig);
		break;
	case 12:
		reset(rig);
		break;
	case 13:
		drive_disk(rig, script);
		break;
	default:
		touch(rig, script, op);
	}
	check_slots(rig);
	return goes_on;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct plug_rig rig;
	struct script script = { data, size };
	bool goes_on = true;

	plug_init(&rig);
	for (unsigned int i = 0; i < 100 && goes_on && script.left > 0; i++) {
		rig.events[0] = '\0';
		goes_on = step(&rig, &script);
	}
	plug_done(&rig);
	return 0;
}
