/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/bus/pci.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "tests/unit/sink_test.h"
#include "tests/unit/vmm_test.h"
#include "vmm/bus/msix.h"
#include "vmm/core/memmap.h"
#include "vmm/seccomp.h"

#define SLOT_WINDOW 0x800000ull
#define VECTORS 4

struct function {
	struct pci_device pci;
	struct msix *msix;
	unsigned int moves;
	unsigned int writes;
};

struct fixture {
	struct iobus *ports;
	struct iobus *memory;
	struct pci_bus *bus;
	struct test_sink sink;
	struct function one;
	struct function two;
	unsigned int resets;
};

static uint64_t table_read(void *context, uint64_t offset, unsigned int size)
{
	struct function *function = context;

	return offset < 0x800 ? msix_table_read(function->msix, offset, size)
			      : msix_pending_read(function->msix, offset - 0x800, size);
}

static void table_write(void *context, uint64_t offset, unsigned int size, uint64_t value)
{
	struct function *function = context;

	if (offset < 0x800)
		msix_table_write(function->msix, offset, size, value);
}

static const struct io_ops table_ops = { table_read, table_write };

static uint64_t plain_read(void *context, uint64_t offset, unsigned int size)
{
	(void)context;
	(void)size;
	return offset;
}

static void plain_write(void *context, uint64_t offset, unsigned int size, uint64_t value)
{
	(void)context;
	(void)offset;
	(void)size;
	(void)value;
}

static const struct io_ops plain_ops = { plain_read, plain_write };

static void moved(struct pci_device *pci, unsigned int bar)
{
	(void)bar;
	((struct function *)pci)->moves++;
}

static void written(struct pci_device *pci, unsigned int offset, unsigned int size)
{
	struct function *function = (struct function *)pci;

	(void)offset;
	(void)size;
	function->writes++;
	msix_config_written(function->msix);
}

static void plug(struct fixture *fixture, struct function *function)
{
	static const struct pci_identity identity = { 0x1af4, 0x1044, 0x1af4, 0x1100, 0x00ff00, 1 };

	pci_init(&function->pci, &identity);
	function->pci.moved = moved;
	function->pci.written = written;
	pci_set_bar(&function->pci, 0, 0x1000, true, &table_ops, function);
	pci_set_bar(&function->pci, 2, 0x10000, false, &plain_ops, function);
	assert_int_equal(
	    msix_create(&function->pci, &fixture->sink.sink, VECTORS, 0, 0, 0x800, &function->msix),
	    0);
	assert_int_equal(pci_plug(fixture->bus, &function->pci, -1), 0);
}

static void on_reset(void *context)
{
	((struct fixture *)context)->resets++;
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_int_equal(iobus_create(&fixture->ports), 0);
	assert_int_equal(iobus_create(&fixture->memory), 0);
	assert_int_equal(pci_bus_create(fixture->ports, fixture->memory, &fixture->bus), 0);
	pci_bus_on_reset(fixture->bus, on_reset, fixture);
	sink_init(&fixture->sink);
	plug(fixture, &fixture->one);
	plug(fixture, &fixture->two);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	pci_unplug(&fixture->one.pci);
	pci_unplug(&fixture->two.pci);
	msix_free(fixture->one.msix);
	msix_free(fixture->two.msix);
	assert_int_equal(fixture->sink.open_now, 0);
	pci_bus_free(fixture->bus);
	iobus_free(fixture->ports);
	iobus_free(fixture->memory);
	free(fixture);
	return 0;
}

static uint64_t get(struct fixture *fixture, unsigned int slot, unsigned int at, unsigned int size)
{
	uint64_t value;

	assert_true(iobus_read(fixture->memory, MEMMAP_ECAM + 0x8000 * slot + at, size, &value));
	return value;
}

static void put(
    struct fixture *fixture, unsigned int slot, unsigned int at, unsigned int size, uint64_t value)
{
	assert_true(iobus_write(fixture->memory, MEMMAP_ECAM + 0x8000 * slot + at, size, value));
}

/* Whether anybody answers at an address. */
static bool answers(struct fixture *fixture, uint64_t address)
{
	uint64_t value;

	return iobus_read(fixture->memory, address, 4, &value);
}

static void test_identity(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(get(fixture, 0, 0, 4), 0x0d578086);
	assert_int_equal(get(fixture, 0, 8, 4), 0x06000000);
	assert_int_equal(get(fixture, 1, 0, 4), 0x10441af4);
	assert_int_equal(get(fixture, 1, 8, 4), 0x00ff0001);
	assert_int_equal(get(fixture, 1, 0x2c, 4), 0x11001af4);
	assert_int_equal(get(fixture, 1, 6, 2), 0x10);
	assert_int_equal(get(fixture, 3, 0, 4), 0xffffffff);
	/* Another function, the extended space, an access of eight bytes. */
	assert_int_equal(get(fixture, 1, 0x1000, 4), 0xffffffff);
	assert_int_equal(get(fixture, 1, 0x100, 4), 0);
	assert_int_equal(get(fixture, 1, 0xff, 1), 0);
	assert_int_equal(get(fixture, 1, 0xfe, 4), 0);
	assert_true(get(fixture, 1, 0, 8) == UINT64_MAX);
	put(fixture, 1, 0, 4, 0);
	put(fixture, 1, 0xfff, 1, 0);
	put(fixture, 9, 0, 4, 0);
	assert_int_equal(get(fixture, 1, 0, 4), 0x10441af4);
}

static void test_ports(void **state)
{
	struct fixture *fixture = *state;
	uint64_t value;

	assert_true(iobus_write(fixture->ports, 0xcf8, 4, 0x80000803));
	assert_true(iobus_read(fixture->ports, 0xcf8, 4, &value));
	assert_int_equal(value, 0x80000800);
	assert_true(iobus_read(fixture->ports, 0xcfc, 4, &value));
	assert_int_equal(value, 0x10441af4);
	assert_true(iobus_read(fixture->ports, 0xcfe, 2, &value));
	assert_int_equal(value, 0x1044);
	assert_true(iobus_write(fixture->ports, 0xcf8, 4, 0x8000083c));
	assert_true(iobus_write(fixture->ports, 0xcfc, 1, 0x5a));
	assert_int_equal(get(fixture, 1, 0x3c, 1), 0x5a);
	/* Not enabled, bus 1, function 1, empty slot. */
	static const uint32_t nobody[] = { 0x00000800, 0x80010800, 0x80000900, 0x8000f800 };

	for (int i = 0; i < 4; i++) {
		assert_true(iobus_write(fixture->ports, 0xcf8, 4, nobody[i]));
		assert_true(iobus_read(fixture->ports, 0xcfc, 4, &value));
		assert_int_equal(value, 0xffffffff);
		assert_true(iobus_write(fixture->ports, 0xcfc, 4, 0));
	}
	/* The address takes 32 bits only. */
	assert_true(iobus_write(fixture->ports, 0xcf8, 2, 0));
	assert_true(iobus_read(fixture->ports, 0xcf8, 4, &value));
	assert_int_equal(value, 0x8000f800);
	assert_true(iobus_read(fixture->ports, 0xcf8, 2, &value));
	assert_int_equal(value, 0xffff);
}

static void test_reset_port(void **state)
{
	struct fixture *fixture = *state;

	test_out(fixture->ports, 0xcf9, 0x02);
	assert_int_equal(fixture->resets, 0);
	assert_int_equal(test_in(fixture->ports, 0xcf9), 0x02);
	test_out(fixture->ports, 0xcf9, 0x06);
	assert_int_equal(fixture->resets, 1);
	test_out(fixture->ports, 0xcf8, 0x06);
	assert_int_equal(fixture->resets, 1);
}

static void test_sizing(void **state)
{
	struct fixture *fixture = *state;
	uint32_t bar2 = (uint32_t)get(fixture, 1, 0x18, 4);

	assert_int_equal(bar2, MEMMAP_MMIO32 + SLOT_WINDOW);
	put(fixture, 1, 4, 2, 0);
	put(fixture, 1, 0x10, 4, 0xffffffff);
	put(fixture, 1, 0x14, 4, 0xffffffff);
	put(fixture, 1, 0x18, 4, 0xffffffff);
	put(fixture, 1, 0x1c, 4, 0xffffffff);
	assert_int_equal(get(fixture, 1, 0x10, 4), 0xfffff004);
	assert_int_equal(get(fixture, 1, 0x14, 4), 0xffffffff);
	assert_int_equal(get(fixture, 1, 0x18, 4), 0xffff0000);
	assert_int_equal(get(fixture, 1, 0x1c, 4), 0);
	put(fixture, 1, 0x30, 4, 0xffffffff); /* no ROM */
	assert_int_equal(get(fixture, 1, 0x30, 4), 0);
	/* Byte by byte works as well. */
	put(fixture, 1, 0x1a, 1, 0x34);
	assert_int_equal(get(fixture, 1, 0x18, 4), 0xff340000);
}

static void test_bars_move(void **state)
{
	struct fixture *fixture = *state;
	uint64_t at = MEMMAP_MMIO32 + SLOT_WINDOW;

	assert_true(answers(fixture, at));
	assert_int_equal(fixture->one.pci.bars[2].address, at);
	put(fixture, 1, 4, 2, 0);
	assert_false(answers(fixture, at));
	assert_int_equal(fixture->one.pci.bars[2].address, 0);
	assert_int_equal(fixture->one.moves, 4);
	put(fixture, 1, 0x18, 4, 0xd0000000);
	put(fixture, 1, 4, 2, 2);
	assert_true(answers(fixture, 0xd000fffc));
	assert_false(answers(fixture, 0xd0010000));
	/* While decoding is on: it follows. */
	put(fixture, 1, 0x18, 4, 0xd1000000);
	assert_false(answers(fixture, 0xd0000000));
	assert_true(answers(fixture, 0xd1000000));
	pci_reset(&fixture->one.pci);
	assert_true(answers(fixture, at));
	assert_false(answers(fixture, 0xd1000000));
}

/* A BAR over RAM, over the ECAM window, beyond 4 GiB, around the end: it answers nowhere. */
static void test_bar_out_of_the_window(void **state)
{
	struct fixture *fixture = *state;
	static const uint32_t places[] = { 0, 0x100000, 0xbfff0000, 0xe0000000, 0xfee00000,
		0xffff0000 };

	for (unsigned int i = 0; i < 6; i++) {
		put(fixture, 1, 0x18, 4, places[i]);
		assert_int_equal(fixture->one.pci.bars[2].address, 0);
	}
	put(fixture, 1, 0x14, 4, 1);
	assert_int_equal(fixture->one.pci.bars[0].address, 0);
	put(fixture, 1, 0x14, 4, 0xffffffff);
	assert_int_equal(fixture->one.pci.bars[0].address, 0);
	put(fixture, 1, 0x14, 4, 0);
	assert_int_not_equal(fixture->one.pci.bars[0].address, 0);
	put(fixture, 1, 0x18, 4, 0xdfff0000);
	assert_int_equal(fixture->one.pci.bars[2].address, 0xdfff0000);
	assert_int_equal(get(fixture, 1, 0, 4), 0x10441af4);
}

/* Two at one place: who was there first answers, the other does when it leaves and asks anew. */
static void test_bars_overlap(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, 1, 0x18, 4, 0xd0000000);
	put(fixture, 2, 0x18, 4, 0xd0000000);
	assert_int_equal(fixture->one.pci.bars[2].address, 0xd0000000);
	assert_int_equal(fixture->two.pci.bars[2].address, 0);
	put(fixture, 1, 0x18, 4, 0xd2000000);
	put(fixture, 2, 4, 2, 6);
	assert_int_equal(fixture->two.pci.bars[2].address, 0xd0000000);
	/* BARs of one function over each other. */
	put(fixture, 1, 0x10, 4, 0xd2000000);
	assert_int_equal(fixture->one.pci.bars[0].address, 0);
	assert_int_equal(fixture->one.pci.bars[2].address, 0xd2000000);
}

static void test_plug(void **state)
{
	struct fixture *fixture = *state;
	struct pci_device more[PCI_SLOTS];
	static const struct pci_identity identity = { .vendor = 1 };
	struct pci_device big;

	pci_init(&big, &identity);
	pci_set_bar(&big, 0, SLOT_WINDOW * 2, false, &plain_ops, NULL);
	assert_int_equal(pci_plug(fixture->bus, &big, 5), -ENOSPC);
	pci_init(&big, &identity);
	for (unsigned int i = 0; i < 3; i++)
		pci_set_bar(&big, i, SLOT_WINDOW / 2, false, &plain_ops, NULL);
	assert_int_equal(pci_plug(fixture->bus, &big, 5), -ENOSPC);
	assert_int_equal(get(fixture, 5, 0, 4), 0xffffffff);
	for (int i = 3; i < PCI_SLOTS; i++) {
		pci_init(&more[i], &identity);
		assert_int_equal(pci_plug(fixture->bus, &more[i], -1), 0);
		assert_int_equal(more[i].slot, i);
	}
	pci_init(&big, &identity);
	assert_int_equal(pci_plug(fixture->bus, &big, -1), -ENOSPC);
	assert_int_equal(pci_plug(fixture->bus, &big, 7), -EBUSY);
	assert_int_equal(pci_plug(fixture->bus, &big, PCI_SLOTS), -EBUSY);
	pci_unplug(&more[7]);
	pci_unplug(&more[7]);
	assert_int_equal(pci_plug(fixture->bus, &big, -1), 0);
	assert_int_equal(big.slot, 7);
}

static void test_capabilities(void **state)
{
	struct fixture *fixture = *state;
	struct pci_device pci;
	static const struct pci_identity identity = { .vendor = 1 };
	unsigned int at = (unsigned int)get(fixture, 1, 0x34, 1);

	assert_int_equal(at, 0x40);
	assert_int_equal(get(fixture, 1, at, 4), 0x00030011);
	assert_int_equal(get(fixture, 1, at + 4, 4), 0);
	assert_int_equal(get(fixture, 1, at + 8, 4), 0x800);
	pci_init(&pci, &identity);
	assert_int_equal(pci_add_capability(&pci, 9, 14), 0x40);
	assert_int_equal(pci_add_capability(&pci, 9, 16), 0x50);
	assert_int_equal(pci.config[0x41], 0x50);
	assert_int_equal(pci_add_capability(&pci, 9, 0x100), 0);
	assert_int_equal(pci_add_capability(&pci, 9, 0x9c), 0x60);
	assert_int_equal(pci_add_capability(&pci, 9, 1), 0);
}

static void table(struct fixture *fixture, unsigned int vector, uint32_t data, uint32_t control)
{
	uint64_t base = fixture->one.pci.bars[0].address + 16 * vector;

	assert_true(iobus_write(fixture->memory, base, 4, 0xfee01000));
	assert_true(iobus_write(fixture->memory, base + 4, 4, 0));
	assert_true(iobus_write(fixture->memory, base + 8, 4, data));
	assert_true(iobus_write(fixture->memory, base + 12, 4, control));
}

static uint64_t pending(struct fixture *fixture)
{
	uint64_t value;

	assert_true(
	    iobus_read(fixture->memory, fixture->one.pci.bars[0].address + 0x800, 8, &value));
	return value;
}

/* Masked one by one, all at once, or not enabled: pending; then delivered once. */
static void test_msix_masking(void **state)
{
	struct fixture *fixture = *state;
	struct msix *msix = fixture->one.msix;

	msix_raise(msix, 0);
	table(fixture, 0, 0x41, 0);
	table(fixture, 1, 0x42, 1);
	assert_int_equal(fixture->sink.sets, 0);
	assert_int_equal(pending(fixture), 1);
	put(fixture, 1, 0x42, 2, 0xc000);
	assert_int_equal(get(fixture, 1, 0x42, 2), 0xc003);
	assert_true(msix_is_enabled(msix));
	assert_int_equal(fixture->sink.sets, 0);
	put(fixture, 1, 0x42, 2, 0x8000);
	assert_int_equal(fixture->sink.sets, 1);
	assert_int_equal(fixture->sink.messages[0].data, 0x41);
	assert_true(fixture->sink.messages[0].address == 0xfee01000);
	assert_int_equal(sink_taken(&fixture->sink, 0), 1);
	assert_int_equal(pending(fixture), 0);
	msix_raise(msix, 1);
	msix_raise(msix, 1);
	msix_raise(msix, 77);
	assert_int_equal(pending(fixture), 2);
	assert_int_equal(sink_taken(&fixture->sink, 1), 0);
	table(fixture, 1, 0x43, 0);
	assert_int_equal(fixture->sink.messages[1].data, 0x43);
	assert_int_equal(sink_taken(&fixture->sink, 1), 1);
	assert_int_equal(pending(fixture), 0);
	put(fixture, 1, 0x42, 2, 0xc000);
	msix_raise(msix, 0);
	assert_int_equal(pending(fixture), 1);
	put(fixture, 1, 0x42, 2, 0x8000);
	assert_int_equal(sink_taken(&fixture->sink, 0), 1);
}

/* A kernel thread signals the descriptor: the same, without the VMM looking. */
static void test_msix_descriptor(void **state)
{
	struct fixture *fixture = *state;
	int fd = msix_fd(fixture->one.msix, 2);
	uint64_t one = 1;

	assert_int_equal(msix_fd(fixture->one.msix, VECTORS), -1);
	table(fixture, 2, 0x44, 1);
	put(fixture, 1, 0x42, 2, 0x8000);
	assert_int_equal(write(fd, &one, 8), 8);
	assert_int_equal(pending(fixture), 4);
	table(fixture, 2, 0x44, 0);
	assert_int_equal(sink_taken(&fixture->sink, 2), 1);
	assert_int_equal(write(fd, &one, 8), 8);
	assert_int_equal(sink_taken(&fixture->sink, 2), 1);
	/* A new message while unmasked goes through; the same one costs nothing. */
	unsigned int sets = fixture->sink.sets;

	table(fixture, 2, 0x44, 0);
	assert_int_equal(fixture->sink.sets, sets);
	table(fixture, 2, 0x45, 0);
	assert_int_equal(fixture->sink.messages[2].data, 0x45);
	pci_reset(&fixture->one.pci);
	assert_int_equal(write(fd, &one, 8), 8);
	msix_reset(fixture->one.msix);
	assert_false(fixture->sink.live[2]);
	assert_int_equal(pending(fixture), 0);
}

/* All that a guest can make of its registers is within the system calls of a vCPU's thread. */
static void test_registers_in_the_sandbox(void **state)
{
	struct fixture *fixture = *state;
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		struct why reason;
		bool right;

		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || seccomp_enter(SECCOMP_VCPU, &reason))
			syscall(SYS_exit_group, 1);
		msix_raise(fixture->one.msix, 0);
		right = pending(fixture) == 1;
		put(fixture, 1, 0x42, 2, 0x8000);
		table(fixture, 0, 0x41, 0);
		table(fixture, 0, 0x41, 1);
		put(fixture, 1, 4, 2, 0);
		put(fixture, 1, 4, 2, 6);
		/* Not by _exit(): the address sanitizer does more there than the filter lets it. */
		syscall(SYS_exit_group, right ? 0 : 2);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* Vectors that there are not, accesses of the wrong width or place. */
static void test_msix_table_accesses(void **state)
{
	struct fixture *fixture = *state;
	uint64_t base = fixture->one.pci.bars[0].address;
	uint64_t value;

	assert_true(iobus_write(fixture->memory, base + 16 * VECTORS, 4, 0x1234567c));
	assert_true(iobus_read(fixture->memory, base + 16 * VECTORS, 4, &value));
	assert_int_equal(value, 0);
	assert_true(iobus_write(fixture->memory, base + 8, 2, 0x1234));
	assert_true(iobus_write(fixture->memory, base + 9, 4, 0x1234));
	assert_true(iobus_write(fixture->memory, base + 4, 8, 0x1234));
	assert_true(iobus_read(fixture->memory, base + 8, 8, &value));
	assert_true(value == 0x100000000);
	assert_true(iobus_write(fixture->memory, base, 8, 0x11122233344ull));
	assert_true(iobus_write(fixture->memory, base + 8, 8, 0xfffffffe12345678ull));
	assert_true(iobus_read(fixture->memory, base, 8, &value));
	assert_true(value == 0x11122233344ull);
	assert_true(iobus_read(fixture->memory, base + 8, 8, &value));
	assert_true(value == 0x12345678);
	assert_true(iobus_read(fixture->memory, base + 0x808, 4, &value));
	assert_int_equal(value, 0);
	assert_true(iobus_read(fixture->memory, base + 0x804, 8, &value));
	assert_int_equal(value, 0);
}

static void test_msix_create_refuses(void **state)
{
	struct fixture *fixture = *state;
	struct msix *msix;
	struct pci_device pci;
	static const struct pci_identity identity = { .vendor = 1 };

	pci_init(&pci, &identity);
	assert_int_equal(msix_create(&pci, &fixture->sink.sink, 0, 0, 0, 0, &msix), -EINVAL);
	assert_int_equal(
	    msix_create(&pci, &fixture->sink.sink, MSIX_VECTORS_MAX + 1, 0, 0, 0, &msix), -EINVAL);
	/* Each route in turn cannot be opened; none is left behind. */
	for (unsigned int i = 1; i <= 3; i++) {
		pci_init(&pci, &identity);
		fixture->sink.fail_at = fixture->sink.opened + i;
		assert_int_equal(
		    msix_create(&pci, &fixture->sink.sink, 3, 0, 0, 0, &msix), -ENOSPC);
		assert_int_equal(fixture->sink.open_now, 2 * VECTORS);
	}
	fixture->sink.fail_at = 0;
	pci_init(&pci, &identity);
	assert_int_equal(pci_add_capability(&pci, 9, 0xb8), 0x40);
	assert_int_equal(msix_create(&pci, &fixture->sink.sink, 3, 0, 0, 0, &msix), -ENOSPC);
	msix_free(NULL);
}

static void save(struct function *function, struct buf *out)
{
	struct state_writer writer = { .out = out };

	*out = (struct buf)BUF_INIT;
	state_begin(&writer, "function", "", 1);
	pci_save(&function->pci, &writer);
	msix_save(function->msix, &writer);
	state_end(&writer);
}

static int load(struct function *function, const struct buf *state)
{
	struct state_reader reader;

	state_open(&reader, buf_text(state), state->length);
	state_enter(&reader, "function", "", 1);
	pci_load(&function->pci, &reader);
	msix_load(function->msix, &reader);
	return state_leave(&reader);
}

static void test_state(void **state)
{
	struct fixture *fixture = *state;
	struct device *bridge = pci_bus_device(fixture->bus);
	struct buf first;
	struct buf second;

	put(fixture, 1, 0x18, 4, 0xd0000000);
	put(fixture, 1, 0x42, 2, 0x8000);
	table(fixture, 0, 0x41, 0);
	table(fixture, 1, 0x42, 1);
	msix_raise(fixture->one.msix, 1);
	msix_raise(fixture->one.msix, 0);
	save(&fixture->one, &first);
	pci_reset(&fixture->one.pci);
	msix_reset(fixture->one.msix);
	assert_int_equal(load(&fixture->one, &first), 0);
	assert_int_equal(fixture->one.pci.bars[2].address, 0xd0000000);
	assert_true(fixture->sink.live[0]);
	assert_int_equal(pending(fixture), 2);
	save(&fixture->one, &second);
	assert_int_equal(first.length, second.length);
	assert_memory_equal(buf_text(&first), buf_text(&second), first.length);
	/* Into another kind of function. */
	fixture->two.pci.initial[2] = 0x45;
	assert_int_equal(load(&fixture->two, &first), -EINVAL);
	buf_done(&first);
	buf_done(&second);
	assert_true(iobus_write(fixture->ports, 0xcf8, 4, 0x80000810));
	test_round_trip(bridge, bridge);
	assert_true(bridge->ops->pause(bridge));
	bridge->ops->resume(bridge);
	test_cut_states(bridge);
}

/* Any access to configuration space: BARs stay within the window, apart, and as they read. */
static void test_noise(void **state)
{
	struct fixture *fixture = *state;
	uint32_t seed = 3;
	struct function *functions[] = { &fixture->one, &fixture->two };

	for (int i = 0; i < 10000; i++) {
		uint32_t noise = test_random(&seed);
		uint64_t at = MEMMAP_ECAM + (noise & 3) * 0x8000 + (noise >> 4 & 0xff);
		unsigned int size = 1u << (noise >> 13 & 3);
		uint64_t value = test_random(&seed);

		if (noise & 0x8000)
			at = MEMMAP_ECAM + (noise & 3) * 0x8000 +
			     (noise & 0x4000 ? 4 : 0x10 + (noise >> 4 & 12));
		if (noise & 0x10000)
			value = (value & 0x1fffffff) | 0xc0000000;
		if (noise & 0x100)
			iobus_write(fixture->memory, at, size, value);
		else
			iobus_read(fixture->memory, at, size, &value);
		for (int j = 0; j < 2; j++)
			for (unsigned int bar = 0; bar < 3; bar += 2) {
				uint64_t place = functions[j]->pci.bars[bar].address;
				uint64_t length = functions[j]->pci.bars[bar].size;

				assert_true(place == 0 || (place >= MEMMAP_MMIO32 &&
							      place + length <= MEMMAP_ECAM &&
							      place % length == 0));
			}
		if (noise % 1000 == 0) {
			pci_reset(&fixture->one.pci);
			pci_reset(&fixture->two.pci);
		}
	}
	assert_int_equal(get(fixture, 1, 0, 4), 0x10441af4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_identity),
		TEST(test_ports),
		TEST(test_reset_port),
		TEST(test_sizing),
		TEST(test_bars_move),
		TEST(test_bar_out_of_the_window),
		TEST(test_bars_overlap),
		TEST(test_plug),
		TEST(test_capabilities),
		TEST(test_msix_masking),
		TEST(test_msix_descriptor),
		TEST(test_registers_in_the_sandbox),
		TEST(test_msix_table_accesses),
		TEST(test_msix_create_refuses),
		TEST(test_state),
		TEST(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
