/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The driver's side of a virtqueue, of virtio over PCI and of MSI-X, for tests of devices. Rings of
 * QUEUE_SIZE entries lie from RINGS on, a page apart each; buffers are the test's business, from
 * BUFFERS on.
 */
#ifndef BERTH_TESTS_VIRTIO_TEST_H
#define BERTH_TESTS_VIRTIO_TEST_H

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lib/loop.h"
#include "tests/unit/vmm_test.h"
#include "vmm/core/guest_mem.h"
#include "vmm/core/memmap.h"
#include "vmm/virtio/virtio_pci.h"

#define QUEUE_SIZE 16
#define RAM_SIZE (4u << 20)
#define RINGS 0x10000ull
#define RINGS_STEP 0x3000ull
#define BUFFERS 0x200000ull

enum { NEXT = 1, WRITE = 2, INDIRECT = 4 };

static inline uint64_t ring_desc(unsigned int queue)
{
	return RINGS + RINGS_STEP * queue;
}

static inline uint64_t ring_avail(unsigned int queue)
{
	return ring_desc(queue) + 0x1000;
}

static inline uint64_t ring_used(unsigned int queue)
{
	return ring_desc(queue) + 0x2000;
}

static inline void put_mem(struct guest_mem *mem, uint64_t gpa, uint64_t value, size_t size)
{
	assert_int_equal(guest_mem_write(mem, gpa, &value, size), 0);
}

static inline uint64_t get_mem(struct guest_mem *mem, uint64_t gpa, size_t size)
{
	uint64_t value = 0;

	assert_int_equal(guest_mem_read(mem, gpa, &value, size), 0);
	return value;
}

static inline void put_desc_at(struct guest_mem *mem, uint64_t table, unsigned int index,
    uint64_t address, uint32_t length, uint16_t flags, uint16_t next)
{
	put_mem(mem, table + 16 * index, address, 8);
	put_mem(mem, table + 16 * index + 8, length, 4);
	put_mem(mem, table + 16 * index + 12, flags, 2);
	put_mem(mem, table + 16 * index + 14, next, 2);
}

static inline void put_desc(struct guest_mem *mem, unsigned int queue, unsigned int index,
    uint64_t address, uint32_t length, uint16_t flags, uint16_t next)
{
	put_desc_at(mem, ring_desc(queue), index, address, length, flags, next);
}

/* Make a head available. */
static inline void offer_head(struct guest_mem *mem, unsigned int queue, uint16_t head)
{
	uint16_t index = (uint16_t)get_mem(mem, ring_avail(queue) + 2, 2);

	put_mem(mem, ring_avail(queue) + 4 + 2 * (index % QUEUE_SIZE), head, 2);
	put_mem(mem, ring_avail(queue) + 2, (uint16_t)(index + 1), 2);
}

static inline uint16_t used_index(struct guest_mem *mem, unsigned int queue)
{
	return (uint16_t)get_mem(mem, ring_used(queue) + 2, 2);
}

/* The length in the used entry `index`, whose head must be `head`. */
static inline uint32_t used_length(
    struct guest_mem *mem, unsigned int queue, uint16_t index, uint16_t head)
{
	uint64_t entry = ring_used(queue) + 4 + 8 * (index % QUEUE_SIZE);

	assert_int_equal(get_mem(mem, entry, 4), head);
	return (uint32_t)get_mem(mem, entry + 4, 4);
}

/* A sink of messages: counts by vector what a live route was signalled. */
#define SINK_ROUTES 80

struct test_sink {
	struct msi_sink sink;
	unsigned int opened;
	unsigned int open_now;
	unsigned int sets;
	bool live[SINK_ROUTES];
	struct msi_message messages[SINK_ROUTES];
	int fds[SINK_ROUTES];
	unsigned int fail_at; /* which open fails, from 1; 0: none */
};

static inline int sink_open(void *context, struct msi_route *ret_route)
{
	struct test_sink *sink = context;
	unsigned int index = sink->opened;

	if (sink->fail_at && index + 1 == sink->fail_at)
		return -ENOSPC;
	assert_true(index < SINK_ROUTES);
	sink->fds[index] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	*ret_route = (struct msi_route){ index, sink->fds[index] };
	sink->opened++;
	sink->open_now++;
	return 0;
}

static inline void sink_close(void *context, struct msi_route *route)
{
	struct test_sink *sink = context;

	sink->open_now--;
	sink->live[route->gsi] = false;
	close(route->fd);
}

static inline int sink_set(
    void *context, struct msi_route *route, const struct msi_message *message)
{
	struct test_sink *sink = context;

	sink->sets++;
	sink->live[route->gsi] = message != NULL;
	if (message)
		sink->messages[route->gsi] = *message;
	return 0;
}

static inline void sink_init(struct test_sink *sink)
{
	*sink = (struct test_sink){ 0 };
	sink->sink = (struct msi_sink){ sink_open, sink_close, sink_set, sink };
}

/* How often it was delivered since the last time; a route that is not live delivers nothing. */
static inline unsigned int sink_taken(struct test_sink *sink, unsigned int vector)
{
	uint64_t count = 0;

	if (!sink->live[vector] ||
	    read(sink->fds[vector], &count, sizeof(count)) != (ssize_t)sizeof(count))
		return 0;
	return (unsigned int)count;
}

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
