/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A virtio device behind its PCI registers, for fuzzing: a driver that negotiates, then does what
 * the input says to registers, configuration space, rings and memory.
 */
#ifndef BERTH_TESTS_FUZZ_RIG_H
#define BERTH_TESTS_FUZZ_RIG_H

#include "tests/fuzz/script.h"
#include "tests/unit/virtio_test.h"

struct rig {
	struct test_machine machine;
	struct virtio *virtio;
	struct device *device;
	/* What happens to the device from the node's side. */
	void (*outside)(struct rig *rig, struct script *script);
};

/* After machine_init() and the device's constructor. */
static inline void rig_plug(struct rig *rig)
{
	struct virtio_pci_host host = { rig->machine.bus, &rig->machine.sink.sink, NULL };
	struct virtio_pci *pci;

	check(virtio_pci_create(&host, rig->virtio, -1, &pci) == 0);
	rig->device = virtio_pci_device(pci);
}

/* Registers may be anywhere, or nowhere, after what was done before. */
static inline void rig_write(struct rig *rig, uint64_t address, unsigned int size, uint64_t value)
{
	iobus_write(rig->machine.memory, address, size, value);
}

static inline void rig_negotiate(struct rig *rig, uint64_t choice)
{
	uint64_t features = (choice & rig->virtio->offered) | (uint64_t)1 << VIRTIO_F_VERSION_1;

	/* What is in flight would hold the reset up. */
	machine_turn(&rig->machine);
	rig_write(rig, ECAM1 + 4, 2, 6);
	rig_write(rig, ECAM1 + 0x10, 4, (uint32_t)SLOT1);
	rig_write(rig, ECAM1 + 0x14, 4, 0);
	drive(&rig->machine, features, choice & 1 ? rig->virtio->queue_count : 1);
}

static inline void rig_move(struct rig *rig)
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

static inline void rig_step_rings(struct rig *rig, struct script *script, uint64_t op)
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
		rig_write(rig, NOTIFY + 4 * queue, 2, queue);
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

static inline void rig_step(struct rig *rig, struct script *script)
{
	uint64_t op = script_take(script, 1);
	unsigned int size = 1u << (op >> 4 & 3);
	uint64_t value;

	if (op & 8) {
		rig_step_rings(rig, script, op);
		return;
	}
	switch (op & 7) {
	case 0:
		rig_negotiate(rig, script_take(script, 1) | op << 24);
		break;
	case 1:
		rig_write(rig, SLOT1 + script_take(script, 2), size, script_take(script, size));
		break;
	case 2:
		rig_write(rig, COMMON + script_take(script, 1), size, script_take(script, size));
		break;
	case 3:
		iobus_read(rig->machine.memory, SLOT1 + script_take(script, 2), size, &value);
		break;
	case 4:
		rig_write(rig, ECAM1 + script_take(script, 1), size, script_take(script, size));
		break;
	case 5:
		rig->machine.now += script_take(script, 4);
		machine_turn(&rig->machine);
		break;
	case 6:
		rig->outside(rig, script);
		break;
	default:
		rig_move(rig);
		break;
	}
}

/* All that the input says, or as much as is enough. */
static inline void rig_steps(struct rig *rig, struct script *script)
{
	for (unsigned int i = 0; i < 300 && script->left > 0; i++)
		rig_step(rig, script);
}

#endif
