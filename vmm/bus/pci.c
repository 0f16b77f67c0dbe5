/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sizing a BAR needs no code of its own: the bits below its size have no write mask and read as
 * zeros. A BAR is claimed where it lies wholly within the window that ACPI tells of; elsewhere, or
 * over another's, the bridge does not forward to it, as with hardware.
 */
#include "vmm/bus/pci.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/core/memmap.h"

/* PCI Local Bus 3.0, section 6.1 and 6.2. */
#define VENDOR 0x00
#define DEVICE_ID 0x02
#define COMMAND 0x04
#define STATUS 0x06
#define REVISION 0x08
#define CLASS 0x09
#define CACHE_LINE 0x0c
#define BAR0 0x10
#define BAR_END 0x28
#define SUBSYSTEM_VENDOR 0x2c
#define SUBSYSTEM 0x2e
#define CAPABILITIES 0x34
#define INTERRUPT_LINE 0x3c
#define FIRST_CAPABILITY 0x40

#define COMMAND_MEMORY 0x02
#define COMMAND_MASTER 0x04
#define COMMAND_SERR 0x0100
#define COMMAND_NO_INTX 0x0400
#define STATUS_CAPABILITIES 0x10
#define BAR_64BIT 0x04
#define BAR_ADDRESS_MASK 0xfffffff0u

#define CONFIG_ENABLE 0x80000000u
#define ECAM_FUNCTION 0x1000
/* Each slot's share of the window: where its BARs are at first. */
#define SLOT_WINDOW 0x800000ull

/* Reset control register, as Intel's chipsets have it. */
#define RESET_CPU 0x04
#define RESET_KEPT 0x0a

struct pci_bus {
	struct device device; /* first: of the host bridge */
	struct pci_device bridge;
	struct iobus *ports;
	struct iobus *memory;
	struct pci_device *slots[PCI_SLOTS];
	void (*reset)(void *context);
	void *reset_context;
	uint32_t address; /* CONFIG_ADDRESS */
	uint8_t reset_control;
	bool claimed_ports[2];
	bool claimed_ecam;
};

static uint32_t get(const uint8_t *bytes, unsigned int size)
{
	uint32_t value = 0;

	for (unsigned int i = 0; i < size; i++)
		value |= (uint32_t)bytes[i] << (8 * i);
	return value;
}

static void put(uint8_t *bytes, unsigned int size, uint32_t value)
{
	for (unsigned int i = 0; i < size; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
}

static void unclaim(struct pci_device *pci, unsigned int index)
{
	struct pci_bar *bar = &pci->bars[index];

	if (bar->address == 0)
		return;
	iobus_remove(pci->bus->memory, bar->address);
	bar->address = 0;
	if (pci->moved)
		pci->moved(pci, index);
}

/* What the BAR's registers say; 0 when it does not decode there. */
static uint64_t wanted_address(const struct pci_device *pci, unsigned int index)
{
	const struct pci_bar *bar = &pci->bars[index];
	unsigned int at = BAR0 + 4 * index;
	uint64_t address = get(pci->config + at, 4) & BAR_ADDRESS_MASK;

	if (!(pci->config[COMMAND] & COMMAND_MEMORY))
		return 0;
	if (bar->is_64bit)
		address |= (uint64_t)get(pci->config + at + 4, 4) << 32;
	if (address < MEMMAP_MMIO32 || address > MEMMAP_MMIO32 + MEMMAP_MMIO32_SIZE - bar->size)
		return 0;
	return address;
}

static void place_bars(struct pci_device *pci)
{
	/* All that move let go first, so that two may change places. */
	for (unsigned int i = 0; i < PCI_BARS; i++)
		if (pci->bars[i].size && wanted_address(pci, i) != pci->bars[i].address)
			unclaim(pci, i);
	for (unsigned int i = 0; i < PCI_BARS; i++) {
		struct pci_bar *bar = &pci->bars[i];
		uint64_t address = bar->size ? wanted_address(pci, i) : 0;

		if (address == bar->address ||
		    iobus_add(pci->bus->memory, address, bar->size, bar->ops, bar->context))
			continue;
		bar->address = address;
		if (pci->moved)
			pci->moved(pci, i);
	}
}

static uint32_t config_read(struct pci_device *pci, unsigned int offset, unsigned int size)
{
	uint32_t value;

	if (offset + size > PCI_CONFIG_SIZE)
		return 0;
	if (pci->reading && pci->reading(pci, offset, size, &value))
		return value;
	return get(pci->config + offset, size);
}

static void config_write(
    struct pci_device *pci, unsigned int offset, unsigned int size, uint32_t value)
{
	bool places;

	if (offset + size > PCI_CONFIG_SIZE)
		return;
	for (unsigned int i = 0; i < size; i++) {
		uint8_t mask = pci->writable[offset + i];

		pci->config[offset + i] = (uint8_t)((pci->config[offset + i] & ~mask) |
						    ((value >> (8 * i)) & mask));
	}
	places = (offset < BAR_END && offset + size > BAR0) || offset / 4 == COMMAND / 4;
	if (places)
		place_bars(pci);
	if (pci->written)
		pci->written(pci, offset, size);
}

/* By bus, device, function and register as one number (ECAM's). NULL: nobody is there. */
static struct pci_device *find(const struct pci_bus *bus, uint64_t address)
{
	uint64_t function = address / ECAM_FUNCTION;

	if (function % 8 != 0 || function / 8 >= PCI_SLOTS)
		return NULL;
	return bus->slots[function / 8];
}

static uint64_t ecam_read(void *context, uint64_t offset, unsigned int size)
{
	struct pci_device *pci = find(context, offset);

	if (!pci || size > 4)
		return UINT64_MAX;
	return config_read(pci, offset % ECAM_FUNCTION, size);
}

static void ecam_write(void *context, uint64_t offset, unsigned int size, uint64_t value)
{
	struct pci_device *pci = find(context, offset);

	if (pci && size <= 4)
		config_write(pci, offset % ECAM_FUNCTION, size, (uint32_t)value);
}

static const struct io_ops ecam_ops = { ecam_read, ecam_write };

static void write_reset_control(struct pci_bus *bus, uint8_t value)
{
	bus->reset_control = value & RESET_KEPT;
	if (value & RESET_CPU && bus->reset)
		bus->reset(bus->reset_context);
}

/* CONFIG_ADDRESS is there for accesses of 32 bits only (3.2.2.3.2); 0xcf9 lies under it. */
static uint64_t address_read(void *context, uint64_t offset, unsigned int size)
{
	const struct pci_bus *bus = context;

	if (size == 4)
		return bus->address;
	if (size == 1 && offset == MEMMAP_PORT_RESET - MEMMAP_PORT_PCI)
		return bus->reset_control;
	return UINT64_MAX;
}

static void address_write(void *context, uint64_t offset, unsigned int size, uint64_t value)
{
	struct pci_bus *bus = context;

	if (size == 4)
		bus->address = (uint32_t)value & 0x80fffffc;
	else if (size == 1 && offset == MEMMAP_PORT_RESET - MEMMAP_PORT_PCI)
		write_reset_control(bus, (uint8_t)value);
}

static const struct io_ops address_ops = { address_read, address_write };

/* The function that CONFIG_ADDRESS points at, and the register. */
static struct pci_device *selected(
    const struct pci_bus *bus, uint64_t offset, unsigned int *ret_register)
{
	*ret_register = (bus->address & 0xfc) + (unsigned int)offset;
	if (!(bus->address & CONFIG_ENABLE))
		return NULL;
	return find(bus, (uint64_t)(bus->address & 0xffff00) >> 8 << 12);
}

static uint64_t data_read(void *context, uint64_t offset, unsigned int size)
{
	unsigned int place;
	struct pci_device *pci = selected(context, offset, &place);

	return pci ? config_read(pci, place, size) : UINT64_MAX;
}

static void data_write(void *context, uint64_t offset, unsigned int size, uint64_t value)
{
	unsigned int place;
	struct pci_device *pci = selected(context, offset, &place);

	if (pci)
		config_write(pci, place, size, (uint32_t)value);
}

static const struct io_ops data_ops = { data_read, data_write };

void pci_init(struct pci_device *pci, const struct pci_identity *identity)
{
	*pci = (struct pci_device){ .capability_end = FIRST_CAPABILITY };
	put(pci->config + VENDOR, 2, identity->vendor);
	put(pci->config + DEVICE_ID, 2, identity->device);
	put(pci->config + REVISION, 1, identity->revision);
	put(pci->config + CLASS, 3, identity->class_code);
	put(pci->config + SUBSYSTEM_VENDOR, 2, identity->subsystem_vendor);
	put(pci->config + SUBSYSTEM, 2, identity->subsystem);
	put(pci->writable + COMMAND, 2,
	    COMMAND_MEMORY | COMMAND_MASTER | COMMAND_SERR | COMMAND_NO_INTX);
	put(pci->writable + CACHE_LINE, 1, 0xff);
	put(pci->writable + INTERRUPT_LINE, 1, 0xff);
}

void pci_set_bar(struct pci_device *pci, unsigned int index, uint64_t size, bool is_64bit,
    const struct io_ops *ops, void *context)
{
	unsigned int at = BAR0 + 4 * index;
	uint64_t mask = ~(size - 1);

	pci->bars[index] =
	    (struct pci_bar){ .size = size, .is_64bit = is_64bit, .ops = ops, .context = context };
	put(pci->writable + at, 4, (uint32_t)mask & BAR_ADDRESS_MASK);
	put(pci->config + at, 4, is_64bit ? BAR_64BIT : 0);
	if (is_64bit)
		put(pci->writable + at + 4, 4, (uint32_t)(mask >> 32));
}

unsigned int pci_add_capability(struct pci_device *pci, uint8_t id, unsigned int length)
{
	unsigned int at = pci->capability_end;
	unsigned int link = CAPABILITIES;

	length = (length + 3) / 4 * 4;
	if (length > PCI_CONFIG_SIZE - 4 - at)
		return 0;
	while (pci->config[link] != 0)
		link = pci->config[link] + 1u;
	pci->config[link] = (uint8_t)at;
	pci->config[at] = id;
	pci->config[STATUS] |= STATUS_CAPABILITIES;
	pci->capability_end = (uint8_t)(at + length);
	return at;
}

/* Give the BARs their first addresses, largest first, so that each is aligned. */
static int assign(struct pci_device *pci)
{
	uint64_t base = MEMMAP_MMIO32 + SLOT_WINDOW * pci->slot;
	uint64_t at = base;

	for (uint64_t size = SLOT_WINDOW; size >= 16; size /= 2)
		for (unsigned int i = 0; i < PCI_BARS; i++) {
			if (pci->bars[i].size != size)
				continue;
			if (size > base + SLOT_WINDOW - at)
				return -ENOSPC;
			put(pci->config + BAR0 + 4 * i, 4,
			    (uint32_t)at | (pci->bars[i].is_64bit ? BAR_64BIT : 0));
			at += size;
		}
	for (unsigned int i = 0; i < PCI_BARS; i++)
		if (pci->bars[i].size > SLOT_WINDOW)
			return -ENOSPC;
	return 0;
}

int pci_plug(struct pci_bus *bus, struct pci_device *pci, int slot)
{
	int result;

	for (int i = 1; slot < 0 && i < PCI_SLOTS; i++)
		if (!bus->slots[i])
			slot = i;
	if (slot < 0)
		return -ENOSPC;
	if (slot >= PCI_SLOTS || bus->slots[slot])
		return -EBUSY;
	pci->bus = bus;
	pci->slot = (unsigned int)slot;
	result = assign(pci);
	if (result)
		return result;
	pci->config[COMMAND] |= COMMAND_MEMORY | COMMAND_MASTER;
	memcpy(pci->initial, pci->config, PCI_CONFIG_SIZE);
	bus->slots[slot] = pci;
	place_bars(pci);
	return 0;
}

void pci_unplug(struct pci_device *pci)
{
	if (!pci->bus)
		return;
	for (unsigned int i = 0; i < PCI_BARS; i++)
		unclaim(pci, i);
	pci->bus->slots[pci->slot] = NULL;
	pci->bus = NULL;
}

void pci_reset(struct pci_device *pci)
{
	memcpy(pci->config, pci->initial, PCI_CONFIG_SIZE);
	place_bars(pci);
}

void pci_save(struct pci_device *pci, struct state_writer *writer)
{
	state_put_bytes(writer, "config", pci->config, PCI_CONFIG_SIZE);
}

/* What the guest may have written is taken; the rest must be as this function has it. */
void pci_load(struct pci_device *pci, struct state_reader *reader)
{
	uint8_t config[PCI_CONFIG_SIZE];

	state_get_bytes(reader, "config", config, sizeof(config));
	for (unsigned int i = 0; i < PCI_CONFIG_SIZE && !reader->error; i++) {
		uint8_t fixed = (uint8_t)~pci->writable[i];

		if ((config[i] ^ pci->initial[i]) & fixed)
			state_fail(reader, "PCI configuration differs at byte 0x%02x of slot %u", i,
			    pci->slot);
	}
	if (reader->error)
		return;
	memcpy(pci->config, config, PCI_CONFIG_SIZE);
	place_bars(pci);
}

static void bridge_reset(struct device *device)
{
	struct pci_bus *bus = (struct pci_bus *)device;

	bus->address = 0;
	bus->reset_control = 0;
	pci_reset(&bus->bridge);
}

static bool bridge_pause(struct device *device)
{
	(void)device;
	return true;
}

static void bridge_resume(struct device *device)
{
	(void)device;
}

static void bridge_save(struct device *device, struct state_writer *writer)
{
	struct pci_bus *bus = (struct pci_bus *)device;

	state_begin(writer, device->ops->name, device->id, 1);
	state_put(writer, "address", bus->address);
	state_put(writer, "reset-control", bus->reset_control);
	pci_save(&bus->bridge, writer);
	state_end(writer);
}

static int bridge_load(struct device *device, struct state_reader *reader)
{
	struct pci_bus *bus = (struct pci_bus *)device;

	state_enter(reader, device->ops->name, device->id, 1);
	bus->address = (uint32_t)state_get(reader, "address", UINT32_MAX) & 0x80fffffc;
	bus->reset_control = (uint8_t)state_get(reader, "reset-control", RESET_KEPT);
	pci_load(&bus->bridge, reader);
	return state_leave(reader);
}

static void bridge_free(struct device *device)
{
	struct pci_bus *bus = (struct pci_bus *)device;

	if (bus->claimed_ports[0])
		iobus_remove(bus->ports, MEMMAP_PORT_PCI);
	if (bus->claimed_ports[1])
		iobus_remove(bus->ports, MEMMAP_PORT_PCI + 4);
	if (bus->claimed_ecam)
		iobus_remove(bus->memory, MEMMAP_ECAM);
	free(bus);
}

static const struct device_ops bridge_ops = {
	.name = "pci-bridge",
	.reset = bridge_reset,
	.pause = bridge_pause,
	.resume = bridge_resume,
	.save = bridge_save,
	.load = bridge_load,
	.free = bridge_free,
};

int pci_bus_create(struct iobus *ports, struct iobus *memory, struct pci_bus **ret_bus)
{
	/* The host bridge that other small machines show, so that guests know to expect little. */
	static const struct pci_identity identity = {
		.vendor = 0x8086, .device = 0x0d57, .class_code = 0x060000
	};
	struct pci_bus *bus = calloc(1, sizeof(*bus));
	int result;

	if (!bus)
		return -ENOMEM;
	bus->device.ops = &bridge_ops;
	bus->ports = ports;
	bus->memory = memory;
	result = iobus_add(ports, MEMMAP_PORT_PCI, 4, &address_ops, bus);
	bus->claimed_ports[0] = !result;
	if (!result)
		result = iobus_add(ports, MEMMAP_PORT_PCI + 4, 4, &data_ops, bus);
	bus->claimed_ports[1] = bus->claimed_ports[0] && !result;
	if (!result)
		result = iobus_add(memory, MEMMAP_ECAM, MEMMAP_ECAM_SIZE, &ecam_ops, bus);
	bus->claimed_ecam = bus->claimed_ports[1] && !result;
	if (result) {
		pci_bus_free(bus);
		return result;
	}
	pci_init(&bus->bridge, &identity);
	pci_plug(bus, &bus->bridge, 0);
	*ret_bus = bus;
	return 0;
}

void pci_bus_free(struct pci_bus *bus)
{
	if (bus)
		bridge_free(&bus->device);
}

struct device *pci_bus_device(struct pci_bus *bus)
{
	return &bus->device;
}

void pci_bus_on_reset(struct pci_bus *bus, void (*reset)(void *context), void *context)
{
	bus->reset = reset;
	bus->reset_context = context;
}
