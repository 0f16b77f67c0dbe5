/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Configuration space of two functions by ports and ECAM, and their MSI-X tables: BARs stay in
 * their window and apart, identities stay what they are, a state goes there and back.
 */
#include "tests/fuzz/script.h"

#include "tests/unit/sink_test.h"
#include "vmm/bus/msix.h"
#include "vmm/core/memmap.h"

#define FUNCTIONS 2
#define VECTORS 3

struct function {
	struct pci_device pci; /* first */
	struct msix *msix;
};

struct rig {
	struct iobus *ports;
	struct iobus *memory;
	struct pci_bus *bus;
	struct test_sink sink;
	struct function functions[FUNCTIONS];
};

static uint64_t bar_read(void *context, uint64_t offset, unsigned int size)
{
	struct function *function = context;

	return offset < 0x800 ? msix_table_read(function->msix, offset, size)
			      : msix_pending_read(function->msix, offset - 0x800, size);
}

static void bar_write(void *context, uint64_t offset, unsigned int size, uint64_t value)
{
	struct function *function = context;

	if (offset < 0x800)
		msix_table_write(function->msix, offset, size, value);
}

static const struct io_ops bar_ops = { bar_read, bar_write };

static void written(struct pci_device *pci, unsigned int offset, unsigned int size)
{
	(void)offset;
	(void)size;
	msix_config_written(((struct function *)pci)->msix);
}

static void build(struct rig *rig)
{
	static const struct pci_identity identity = { 0x1af4, 0x1044, 0x1af4, 0x1100, 0x00ff00, 1 };

	sink_init(&rig->sink);
	check(iobus_create(&rig->ports) == 0 && iobus_create(&rig->memory) == 0);
	check(pci_bus_create(rig->ports, rig->memory, &rig->bus) == 0);
	for (unsigned int i = 0; i < FUNCTIONS; i++) {
		struct function *function = &rig->functions[i];

		pci_init(&function->pci, &identity);
		function->pci.written = written;
		pci_set_bar(&function->pci, 0, 0x1000, true, &bar_ops, function);
		pci_set_bar(&function->pci, 2, 0x4000 << i, false, &bar_ops, function);
		check(msix_create(&function->pci, &rig->sink.sink, VECTORS, 0, 0, 0x800,
			  &function->msix) == 0);
		check(pci_plug(rig->bus, &function->pci, -1) == 0);
	}
}

static void check_bars(struct rig *rig)
{
	uint64_t starts[4];
	uint64_t ends[4];
	unsigned int count = 0;

	for (unsigned int i = 0; i < FUNCTIONS; i++)
		for (unsigned int bar = 0; bar < 3; bar += 2) {
			const struct pci_bar *place = &rig->functions[i].pci.bars[bar];

			if (!place->address)
				continue;
			starts[count] = place->address;
			ends[count] = place->address + place->size;
			check(starts[count] >= MEMMAP_MMIO32 &&
			      ends[count] <= MEMMAP_MMIO32 + MEMMAP_MMIO32_SIZE);
			for (unsigned int j = 0; j < count; j++)
				check(ends[count] <= starts[j] || starts[count] >= ends[j]);
			count++;
		}
}

static void move(struct function *function)
{
	struct buf saved = BUF_INIT;
	struct state_writer writer = { .out = &saved };
	struct state_reader reader;
	uint8_t config[PCI_CONFIG_SIZE];

	state_begin(&writer, "f", "", 1);
	pci_save(&function->pci, &writer);
	msix_save(function->msix, &writer);
	state_end(&writer);
	memcpy(config, function->pci.config, sizeof(config));
	pci_reset(&function->pci);
	msix_reset(function->msix);
	state_open(&reader, buf_text(&saved), saved.length);
	state_enter(&reader, "f", "", 1);
	pci_load(&function->pci, &reader);
	msix_load(function->msix, &reader);
	check(state_leave(&reader) == 0);
	check(memcmp(config, function->pci.config, sizeof(config)) == 0);
	buf_done(&saved);
}

static void step(struct rig *rig, struct script *script)
{
	uint64_t op = script_take(script, 1);
	struct function *function = &rig->functions[op >> 3 & 1];
	unsigned int size = 1u << (op >> 4 & 3);
	uint64_t ecam = MEMMAP_ECAM + 0x8000 * (1 + (op >> 3 & 1)) + script_take(script, 1);
	uint64_t value = 0;

	switch (op & 7) {
	case 0:
	case 1:
		iobus_write(rig->memory, ecam, size, script_take(script, size));
		break;
	case 2:
		/* A place for a BAR that may be one, command register on. */
		value = MEMMAP_MMIO32 + (script_take(script, 2) << 12);
		iobus_write(rig->memory, (ecam & ~0xffull) + (op & 0x40 ? 0x10 : 0x18), 4, value);
		iobus_write(rig->memory, (ecam & ~0xffull) + 4, 2, 2);
		break;
	case 3:
		iobus_read(rig->memory, ecam + (op & 0x80 ? 0xf00 : 0), size, &value);
		break;
	case 4:
		iobus_write(
		    rig->ports, MEMMAP_PORT_PCI + (op >> 6 & 3), size, script_take(script, 4));
		break;
	case 5:
		iobus_write(rig->ports, MEMMAP_PORT_PCI + 4 + (op >> 6 & 3), size,
		    script_take(script, size));
		iobus_read(rig->ports, MEMMAP_PORT_PCI + 4 + (op >> 6 & 3), size, &value);
		break;
	case 6:
		value = function->pci.bars[0].address + script_take(script, 2) % 0x900;
		iobus_write(rig->memory, value, size, script_take(script, size));
		iobus_read(rig->memory, value, size, &value);
		msix_raise(function->msix, (unsigned int)op >> 6);
		break;
	default:
		if (op & 0x80) {
			move(function);
		} else {
			pci_reset(&function->pci);
			msix_reset(function->msix);
		}
		break;
	}
	check_bars(rig);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct script script = { data, size };
	struct rig rig = { 0 };
	uint64_t value;

	build(&rig);
	while (script.left > 0)
		step(&rig, &script);
	check(iobus_read(rig.memory, MEMMAP_ECAM + 0x8000, 4, &value) && value == 0x10441af4);
	for (unsigned int i = 0; i < FUNCTIONS; i++) {
		pci_unplug(&rig.functions[i].pci);
		msix_free(rig.functions[i].msix);
	}
	check(rig.sink.open_now == 0);
	pci_bus_free(rig.bus);
	iobus_free(rig.ports);
	iobus_free(rig.memory);
	return 0;
}
