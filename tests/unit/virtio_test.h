/* SPDX-License-Identifier: GPL-2.0-only */
/* The driver's side of virtio over PCI and of MSI-X, for tests of devices. */
#ifndef BERTH_TESTS_VIRTIO_TEST_H
#define BERTH_TESTS_VIRTIO_TEST_H

#include "lib/loop.h"
#include "tests/unit/ring_test.h"
#include "tests/unit/sink_test.h"
#include "vmm/core/memmap.h"
#include "vmm/virtio/virtio_pci.h"

/* A machine of one PCI bus, and the driver's registers of the function in slot 1. */
struct test_machine {
	struct iobus *ports;
	struct iobus *memory;
	struct pci_bus *bus;
	struct guest_mem *mem;
	struct loop *loop;
	struct test_sink sink;
	uint64_t now;
};

#define SLOT1 (MEMMAP_MMIO32 + 0x800000)
#define COMMON SLOT1
#define ISR (SLOT1 + 0x1000)
#define CONFIG (SLOT1 + 0x2000)
#define TABLE (SLOT1 + 0x3000)
#define NOTIFY (SLOT1 + 0x4000)
#define ECAM1 (MEMMAP_ECAM + 0x8000)

static inline void machine_init(struct test_machine *machine)
{
	*machine = (struct test_machine){ .now = 1000 };
	sink_init(&machine->sink);
	assert_int_equal(iobus_create(&machine->ports), 0);
	assert_int_equal(iobus_create(&machine->memory), 0);
	assert_int_equal(pci_bus_create(machine->ports, machine->memory, &machine->bus), 0);
	assert_int_equal(
	    guest_mem_create(RAM_SIZE, &(struct guest_mem_options){ 0 }, &machine->mem), 0);
	assert_int_equal(loop_create(&machine->loop), 0);
	loop_set_clock(machine->loop, &machine->now);
}

/* After the devices. */
static inline void machine_done(struct test_machine *machine)
{
	assert_int_equal(machine->sink.open_now, 0);
	pci_bus_free(machine->bus);
	iobus_free(machine->ports);
	iobus_free(machine->memory);
	loop_free(machine->loop);
	guest_mem_free(machine->mem);
}

static inline void machine_turn(struct test_machine *machine)
{
	machine->now += 10000000;
	for (int i = 0; i < 4; i++)
		assert_int_equal(loop_step(machine->loop, 0), 0);
}

static inline uint64_t mmio_get(struct test_machine *machine, uint64_t address, unsigned int size)
{
	uint64_t value;

	assert_true(iobus_read(machine->memory, address, size, &value));
	return value;
}

static inline void mmio_put(
    struct test_machine *machine, uint64_t address, unsigned int size, uint64_t value)
{
	assert_true(iobus_write(machine->memory, address, size, value));
}

/* From reset to FEATURES_OK with `features`; what status the device then has. */
static inline uint8_t drive_features(struct test_machine *machine, uint64_t features)
{
	mmio_put(machine, COMMON + 20, 1, 0);
	mmio_put(machine, COMMON + 20, 1, 1);
	mmio_put(machine, COMMON + 20, 1, 3);
	for (unsigned int word = 0; word < 2; word++) {
		mmio_put(machine, COMMON + 8, 4, word);
		mmio_put(machine, COMMON + 12, 4, (uint32_t)(features >> (32 * word)));
	}
	mmio_put(machine, COMMON + 20, 1, 11);
	return (uint8_t)mmio_get(machine, COMMON + 20, 1);
}

static inline void drive_queue(struct test_machine *machine, unsigned int queue)
{
	uint64_t places[] = { ring_desc(queue), ring_avail(queue), ring_used(queue) };

	/* The driver's memory begins empty. */
	for (uint64_t at = ring_desc(queue); at < ring_desc(queue) + RINGS_STEP; at += 8)
		put_mem(machine->mem, at, 0, 8);
	mmio_put(machine, COMMON + 22, 2, queue);
	mmio_put(machine, COMMON + 24, 2, QUEUE_SIZE);
	mmio_put(machine, COMMON + 26, 2, queue + 1);
	for (unsigned int i = 0; i < 3; i++) {
		mmio_put(machine, COMMON + 32 + 8 * i, 4, (uint32_t)places[i]);
		mmio_put(machine, COMMON + 36 + 8 * i, 4, places[i] >> 32);
	}
	mmio_put(machine, COMMON + 28, 2, 1);
}

/* MSI-X on, each vector to a message of its own; the configuration's is vector 0. */
static inline void drive_vectors(struct test_machine *machine, unsigned int count)
{
	unsigned int at = (unsigned int)mmio_get(machine, ECAM1 + 0x34, 1);

	while (mmio_get(machine, ECAM1 + at, 1) != 0x11)
		at = (unsigned int)mmio_get(machine, ECAM1 + at + 1, 1);
	for (unsigned int i = 0; i < count; i++) {
		mmio_put(machine, TABLE + 16 * i, 4, 0xfee00000);
		mmio_put(machine, TABLE + 16 * i + 4, 4, 0);
		mmio_put(machine, TABLE + 16 * i + 8, 4, 0x30 + i);
		mmio_put(machine, TABLE + 16 * i + 12, 4, 0);
	}
	mmio_put(machine, ECAM1 + at + 2, 2, 0x8000);
	mmio_put(machine, COMMON + 16, 2, 0);
}

/* All of it, up to DRIVER_OK. */
static inline void drive(struct test_machine *machine, uint64_t features, unsigned int queues)
{
	assert_int_equal(drive_features(machine, features | (uint64_t)1 << VIRTIO_F_VERSION_1), 11);
	drive_vectors(machine, queues + 1);
	for (unsigned int i = 0; i < queues; i++)
		drive_queue(machine, i);
	mmio_put(machine, COMMON + 20, 1, 15);
	assert_int_equal(mmio_get(machine, COMMON + 20, 1), 15);
}

static inline void drive_notify(struct test_machine *machine, unsigned int queue)
{
	mmio_put(machine, NOTIFY + 4 * queue, 2, queue);
}

#endif
