/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PCI: one host bridge, bus 0, functions 0 of 32 slots (PCI Local Bus 3.0; PCI Express Base 5.0 for
 * the extended space). Configuration space is bytes with a write mask; BARs move when the guest
 * writes them and are claimed on the memory bus while decoding is on.
 */
#ifndef BERTH_VMM_BUS_PCI_H
#define BERTH_VMM_BUS_PCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmm/bus/device.h"
#include "vmm/bus/iobus.h"

#define PCI_SLOTS 32
#define PCI_BARS 6
#define PCI_CONFIG_SIZE 256 /* of the devices here; beyond, zeros */

struct pci_bus;
struct pci_device;

struct pci_bar {
	uint64_t size; /* a power of two from 4 KiB on; 0: no such BAR */
	bool is_64bit; /* takes the next BAR's place as well */
	const struct io_ops *ops;
	void *context;
	uint64_t address; /* where it is claimed now, 0: nowhere */
};

/* A PCI function, embedded in its device. */
struct pci_device {
	struct pci_bus *bus;
	unsigned int slot;
	uint8_t config[PCI_CONFIG_SIZE];
	uint8_t writable[PCI_CONFIG_SIZE]; /* bits that the guest may change */
	uint8_t initial[PCI_CONFIG_SIZE];  /* as pci_plug() left it */
	struct pci_bar bars[PCI_BARS];
	uint8_t capability_end; /* where the next capability goes */
	/* A BAR has got, or lost (0), its address. May be NULL. */
	void (*moved)(struct pci_device *pci, unsigned int bar);
	/* The guest wrote bytes of configuration space; they are in `config` already. May be NULL.
	 */
	void (*written)(struct pci_device *pci, unsigned int offset, unsigned int size);
	/* For the guest reading a register that is not bytes; false to let `config` answer. May be
	 * NULL. */
	bool (*reading)(
	    struct pci_device *pci, unsigned int offset, unsigned int size, uint32_t *ret_value);
};

struct pci_identity {
	uint16_t vendor;
	uint16_t device;
	uint16_t subsystem_vendor;
	uint16_t subsystem;
	uint32_t class_code; /* 24 bits: class, subclass, interface */
	uint8_t revision;
};

/* The bus claims configuration ports 0xcf8 and 0xcfc on `ports` and the ECAM window on `memory`. */
int pci_bus_create(struct iobus *ports, struct iobus *memory, struct pci_bus **ret_bus);
void pci_bus_free(struct pci_bus *bus);
struct device *pci_bus_device(struct pci_bus *bus); /* the host bridge, for the machine's table */
/* Who is told of a reset by way of port 0xcf9 (it lies within configuration port 0xcf8). */
void pci_bus_on_reset(struct pci_bus *bus, void (*reset)(void *context), void *context);

void pci_init(struct pci_device *pci, const struct pci_identity *identity);
/* Before pci_plug(). */
void pci_set_bar(struct pci_device *pci, unsigned int index, uint64_t size, bool is_64bit,
    const struct io_ops *ops, void *context);
/* Room for a capability of `length` bytes with its id and link filled in; its offset, or 0 when
 * space is up. */
unsigned int pci_add_capability(struct pci_device *pci, uint8_t id, unsigned int length);

/*
 * Put a function into a slot (1 to 31; 0 is the host bridge; -1: the first free one) and give its
 * BARs addresses, with decoding on: no firmware does it. The function stays its device's. -EBUSY:
 * the slot is taken; -ENOSPC: none is free, or its BARs are more than 8 MiB.
 */
int pci_plug(struct pci_bus *bus, struct pci_device *pci, int slot);
void pci_unplug(struct pci_device *pci);

/* Configuration space as after pci_plug(). */
void pci_reset(struct pci_device *pci);
void pci_save(struct pci_device *pci, struct state_writer *writer); /* fields of the open section */
void pci_load(struct pci_device *pci, struct state_reader *reader);

#endif
