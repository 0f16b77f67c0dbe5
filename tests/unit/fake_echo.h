/* SPDX-License-Identifier: GPL-2.0-only */
/* A virtio device that gives back what it reads, in a machine of one PCI bus with doorbells. */
#ifndef BERTH_TESTS_FAKE_ECHO_H
#define BERTH_TESTS_FAKE_ECHO_H

#include "tests/unit/virtio_test.h"

#define BELLS 8

struct echo {
	struct virtio virtio; /* first */
	unsigned int notified;
	unsigned int starts;
	unsigned int stops;
	unsigned int resets;
	int start_result;
	bool holds; /* what it pops it keeps */
	bool in_flight;
	uint16_t held;
	uint8_t config[6];
};

struct fixture {
	struct test_machine machine;
	struct echo *echo;
	struct virtio_pci *pci;
	struct doorbell doorbell;
	uint64_t bells[BELLS];
	int bell_fds[BELLS];
};

int echo_set_up(void **state);
int echo_set_up_without_bells(void **state);
int echo_tear_down(void **state);
int echo_create(struct fixture *fixture, struct echo **ret_echo, struct virtio_pci **ret_pci);

/* The guest's write at a doorbell; false where there is none. */
bool echo_ring_bell(struct fixture *fixture, uint64_t address);
/* Five bytes to read and room for sixteen, as head `head` and the one after it. */
void echo_offer(struct fixture *fixture, unsigned int queue, uint16_t head);

extern const struct virtio_ops echo_ops;

static inline uint64_t get(struct fixture *fixture, uint64_t address, unsigned int size)
{
	return mmio_get(&fixture->machine, address, size);
}

static inline void put(struct fixture *fixture, uint64_t address, unsigned int size, uint64_t value)
{
	mmio_put(&fixture->machine, address, size, value);
}

static inline uint8_t echo_status(struct fixture *fixture)
{
	return (uint8_t)get(fixture, COMMON + 20, 1);
}

#endif
