/* SPDX-License-Identifier: GPL-2.0-only */
/* The device over virtio-pci, on real files (io_uring, and calls that wait) and on storage that
 * ends requests when the test says so. */
#include "vmm/devices/virtio_blk.h"

#include <sys/mman.h>

#include "tests/unit/virtio_test.h"
#include "vmm/backend/blk_raw.h"

#define SECTORS 64
#define HEADER BUFFERS
#define DATA (BUFFERS + 0x1000)
#define STATUS (BUFFERS + 0x8000)
#define NOT_YET 0xee

#define FLUSH_BIT (1ull << 9)
#define WCE_BIT (1ull << 11)
#define DISCARD_BIT (1ull << 13)
#define ZEROES_BIT (1ull << 14)

enum { IN, OUT, FLUSH = 4, GET_ID = 8, DISCARD = 11, WRITE_ZEROES = 13 };
enum { OK, IOERR, UNSUPP };

/* Storage whose requests end when the test says so. */
struct slow_blk {
	struct blk blk;
	struct blk_request *requests[64];
	unsigned int count; /* submitted so far */
	unsigned int open;
	unsigned int freed;
};

static uint64_t slow_size(struct blk *blk)
{
	(void)blk;
	return SECTORS * 512;
}

static void slow_submit(struct blk *blk, struct blk_request *request)
{
	struct slow_blk *slow = (struct slow_blk *)(void *)blk;

	assert_true(slow->count < 64);
	slow->requests[slow->count++] = request;
	slow->open++;
}

static void slow_kick(struct blk *blk)
{
	(void)blk;
}

static unsigned int slow_in_flight(const struct blk *blk)
{
	return ((const struct slow_blk *)(const void *)blk)->open;
}

static void slow_free(struct blk *blk)
{
	((struct slow_blk *)(void *)blk)->freed++;
}

static const struct blk_ops slow_ops = { slow_size, slow_submit, slow_kick, slow_in_flight,
	slow_free };

static void slow_end(struct slow_blk *slow, unsigned int index, int result)
{
	struct blk_request *request = slow->requests[index];

	assert_non_null(request);
	slow->requests[index] = NULL;
	slow->open--;
	request->done(request, result);
	slow->blk.ended(slow->blk.context);
}

struct fixture {
	struct test_machine machine;
	struct slow_blk slow;
	struct virtio *virtio;
	struct virtio_pci *pci;
	int fd;
	unsigned int no_space;
	uint16_t requests; /* so far */
};

static void count_no_space(void *context, const char *id)
{
	struct fixture *fixture = context;

	assert_string_equal(id, "vda");
	fixture->no_space++;
}

static void plug(struct fixture *fixture, struct blk *blk, const struct virtio_blk_limits *limits)
{
	struct virtio_pci_host host = { fixture->machine.bus, &fixture->machine.sink.sink, NULL };
	struct virtio_blk_config config = { .id = "vda",
		.serial = "SERIAL-OF-THIS-DISK-IS-LONG",
		.mem = fixture->machine.mem,
		.loop = fixture->machine.loop,
		.blk = blk,
		.queues = 1,
		.limits = limits ? *limits : (struct virtio_blk_limits){ 0 },
		.no_space = count_no_space,
		.context = fixture };

	assert_int_equal(virtio_blk_create(&config, &fixture->virtio), 0);
	assert_int_equal(virtio_pci_create(&host, fixture->virtio, 1, &fixture->pci), 0);
}

static struct fixture *fixture_create(void)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	machine_init(&fixture->machine);
	fixture->slow.blk = (struct blk){
		.ops = &slow_ops, .can_discard = true, .can_write_zeroes = true, .block_size = 512
	};
	fixture->fd = -1;
	return fixture;
}

static void fixture_free(struct fixture *fixture)
{
	struct device *device = virtio_pci_device(fixture->pci);

	device->ops->free(device);
	machine_done(&fixture->machine);
	free(fixture);
}

/* On a file of zeros. */
static struct fixture *on_file(bool synchronous, bool read_only, uint64_t features)
{
	struct fixture *fixture = fixture_create();
	struct blk_raw_options options = {
		.synchronous = synchronous, .read_only = read_only, .discard = true
	};
	struct blk *blk;

	fixture->fd = memfd_create("disk", MFD_CLOEXEC);
	assert_int_equal(ftruncate(fixture->fd, SECTORS * 512), 0);
	assert_int_equal(
	    blk_raw_create(fixture->machine.loop, dup(fixture->fd), &options, &blk), 0);
	plug(fixture, blk, NULL);
	drive(&fixture->machine, features, 1);
	return fixture;
}

static void file_done(struct fixture *fixture)
{
	close(fixture->fd);
	fixture_free(fixture);
}

static struct fixture *on_slow(uint64_t features, const struct virtio_blk_limits *limits)
{
	struct fixture *fixture = fixture_create();

	plug(fixture, &fixture->slow.blk, limits);
	drive(&fixture->machine, features, 1);
	return fixture;
}

/* Offer a request of header, data and status by three descriptors of slot `slot`. */
static void offer(struct fixture *fixture, unsigned int slot, uint32_t type, uint64_t sector,
    uint32_t data_length)
{
	struct guest_mem *mem = fixture->machine.mem;
	unsigned int head = 3 * slot;
	bool is_write = type != IN && type != GET_ID;
	unsigned int status = data_length ? head + 2 : head + 1;

	put_mem(mem, HEADER + 64 * slot, type, 8);
	put_mem(mem, HEADER + 64 * slot + 8, sector, 8);
	put_mem(mem, STATUS + slot, NOT_YET, 1);
	put_desc(mem, 0, head, HEADER + 64 * slot, 16, NEXT, (uint16_t)(head + 1));
	if (data_length)
		put_desc(mem, 0, head + 1, DATA + 0x1000 * slot, data_length,
		    is_write ? NEXT : NEXT | WRITE, (uint16_t)(head + 2));
	put_desc(mem, 0, status, STATUS + slot, 1, WRITE, 0);
	offer_head(mem, 0, (uint16_t)head);
	drive_notify(&fixture->machine, 0);
}

static uint8_t status_of(struct fixture *fixture, unsigned int slot)
{
	return (uint8_t)get_mem(fixture->machine.mem, STATUS + slot, 1);
}

/* Turn the loop until a request has its status. */
static uint8_t wait_status(struct fixture *fixture, unsigned int slot)
{
	for (int i = 0; i < 1000 && status_of(fixture, slot) == NOT_YET; i++) {
		machine_turn(&fixture->machine);
		usleep(100);
	}
	fixture->requests++;
	return status_of(fixture, slot);
}

static uint8_t request(
    struct fixture *fixture, uint32_t type, uint64_t sector, uint32_t data_length)
{
	offer(fixture, 0, type, sector, data_length);
	return wait_status(fixture, 0);
}

static void check_file(bool synchronous)
{
	struct fixture *fixture = on_file(synchronous, false, FLUSH_BIT | DISCARD_BIT | ZEROES_BIT);
	struct guest_mem *mem = fixture->machine.mem;
	char text[1024];

	for (unsigned int i = 0; i < 1024; i += 8)
		put_mem(mem, DATA + i, 0x4142434445464748 + i, 8);
	assert_int_equal(request(fixture, OUT, 3, 1024), OK);
	assert_int_equal(used_length(mem, 0, 0, 0), 1);
	assert_true(sink_taken(&fixture->machine.sink, 1) > 0);
	assert_int_equal(pread(fixture->fd, text, sizeof(text), 3 * 512), sizeof(text));
	assert_int_equal(text[0], 0x48);
	assert_int_equal(request(fixture, FLUSH, 0, 0), OK);
	for (unsigned int i = 0; i < 1024; i += 8)
		put_mem(mem, DATA + i, 0, 8);
	assert_int_equal(request(fixture, IN, 3, 1024), OK);
	assert_int_equal(used_length(mem, 0, 2, 0), 1025);
	guest_mem_read(mem, DATA, text, sizeof(text));
	for (unsigned int i = 0; i < 1024; i += 8)
		assert_int_equal(get_mem(mem, DATA + i, 8), 0x4142434445464748 + i);
	/* Sector 3 is discarded, sector 4 written with zeros. */
	put_mem(mem, DATA, 3, 8);
	put_mem(mem, DATA + 8, 1, 8);
	assert_int_equal(request(fixture, DISCARD, 0, 16), OK);
	put_mem(mem, DATA, 4, 8);
	assert_int_equal(request(fixture, WRITE_ZEROES, 0, 16), OK);
	memset(text, 1, sizeof(text));
	assert_int_equal(pread(fixture->fd, text, sizeof(text), 3 * 512), sizeof(text));
	for (unsigned int i = 512; i < 1024; i++)
		assert_int_equal(text[i], 0);
	assert_int_equal(virtio_blk_stats(fixture->virtio)->read_bytes, 1024);
	assert_int_equal(virtio_blk_stats(fixture->virtio)->write_requests, 1);
	assert_int_equal(virtio_blk_stats(fixture->virtio)->flush_requests, 1);
	file_done(fixture);
}

static void test_file(void **state)
{
	(void)state;
	check_file(false);
}

static void test_file_without_uring(void **state)
{
	(void)state;
	check_file(true);
}

/* The end of a file that is no whole number of what was asked reads as zeros. */
static void test_file_that_was_cut(void **state)
{
	struct fixture *fixture = on_file(false, false, 0);

	(void)state;
	put_mem(fixture->machine.mem, DATA, 0xffff, 2);
	put_mem(fixture->machine.mem, DATA + 1022, 0xffff, 2);
	assert_int_equal(pwrite(fixture->fd, "x", 1, 512), 1);
	assert_int_equal(ftruncate(fixture->fd, 700), 0);
	assert_int_equal(request(fixture, IN, 1, 1024), OK);
	assert_int_equal(get_mem(fixture->machine.mem, DATA, 2), 'x');
	assert_int_equal(get_mem(fixture->machine.mem, DATA + 1022, 2), 0);
	file_done(fixture);
}

static void test_id(void **state)
{
	struct fixture *fixture = on_file(false, false, 0);
	char id[21] = "";

	(void)state;
	assert_int_equal(request(fixture, GET_ID, 0, 20), OK);
	guest_mem_read(fixture->machine.mem, DATA, id, 20);
	assert_string_equal(id, "SERIAL-OF-THIS-DISK-");
	assert_int_equal(request(fixture, GET_ID, 0, 19), IOERR);
	file_done(fixture);
}

static void test_read_only(void **state)
{
	struct fixture *fixture = on_file(false, true, 0);

	(void)state;
	assert_int_equal(request(fixture, OUT, 0, 512), IOERR);
	assert_int_equal(request(fixture, IN, 0, 512), OK);
	put_mem(fixture->machine.mem, DATA, 0, 8);
	put_mem(fixture->machine.mem, DATA + 8, 1, 8);
	/* Not offered, so not negotiated. */
	assert_int_equal(request(fixture, DISCARD, 0, 16), UNSUPP);
	assert_int_equal(request(fixture, WRITE_ZEROES, 0, 16), UNSUPP);
	file_done(fixture);
}

static void test_beyond_the_end(void **state)
{
	static const uint64_t sectors[] = { SECTORS, SECTORS - 1, 1ull << 55, UINT64_MAX,
		UINT64_MAX - 1 };
	struct fixture *fixture = on_file(false, false, DISCARD_BIT);

	(void)state;
	for (size_t i = 0; i < sizeof(sectors) / sizeof(sectors[0]); i++) {
		assert_int_equal(request(fixture, IN, sectors[i], 1024), IOERR);
		assert_int_equal(request(fixture, OUT, sectors[i], 1024), IOERR);
		put_mem(fixture->machine.mem, DATA, sectors[i], 8);
		put_mem(fixture->machine.mem, DATA + 8, 2, 8);
		assert_int_equal(request(fixture, DISCARD, 0, 16), IOERR);
	}
	assert_int_equal(request(fixture, IN, 0, 513), IOERR);
	assert_int_equal(request(fixture, IN, SECTORS - 2, 1024), OK);
	file_done(fixture);
}

static void test_strange_requests(void **state)
{
	struct fixture *fixture = on_file(false, false, DISCARD_BIT | ZEROES_BIT);
	struct guest_mem *mem = fixture->machine.mem;

	(void)state;
	assert_int_equal(request(fixture, 2, 0, 0), UNSUPP);
	assert_int_equal(request(fixture, 0xffffffff, 0, 512), UNSUPP);
	assert_int_equal(request(fixture, DISCARD, 0, 15), IOERR);
	put_mem(mem, DATA, 0, 8);
	put_mem(mem, DATA + 8, 1 | 1ull << 32, 8); /* a discard with a flag */
	assert_int_equal(request(fixture, DISCARD, 0, 16), UNSUPP);
	assert_int_equal(request(fixture, WRITE_ZEROES, 0, 16), OK);
	put_mem(mem, DATA + 8, 1 | 2ull << 32, 8);
	assert_int_equal(request(fixture, WRITE_ZEROES, 0, 16), UNSUPP);
	put_mem(mem, DATA + 8, 0xffffffff, 8);
	assert_int_equal(request(fixture, WRITE_ZEROES, 0, 16), IOERR);
	/* A header of 8 bytes. */
	put_desc(mem, 0, 0, HEADER, 8, NEXT, 1);
	put_desc(mem, 0, 1, STATUS, 1, WRITE, 0);
	put_mem(mem, STATUS, NOT_YET, 1);
	offer_head(mem, 0, 0);
	drive_notify(&fixture->machine, 0);
	assert_int_equal(wait_status(fixture, 0), UNSUPP);
	assert_int_equal(fixture->virtio->status & VIRTIO_NEEDS_RESET, 0);
	file_done(fixture);
}

static void test_no_place_for_a_status(void **state)
{
	struct fixture *fixture = on_file(false, false, 0);
	struct guest_mem *mem = fixture->machine.mem;

	(void)state;
	put_mem(mem, HEADER, OUT, 8);
	put_desc(mem, 0, 0, HEADER, 528, 0, 0);
	offer_head(mem, 0, 0);
	drive_notify(&fixture->machine, 0);
	assert_int_equal(fixture->virtio->status & VIRTIO_NEEDS_RESET, VIRTIO_NEEDS_RESET);
	/* After a reset it works again. */
	drive(&fixture->machine, 0, 1);
	assert_int_equal(request(fixture, IN, 0, 512), OK);
	file_done(fixture);
}

/* Durable one by one unless the guest can flush and has not switched that off. */
static void test_cache_modes(void **state)
{
	static const struct {
		uint64_t features;
		int writeback; /* written to the configuration; -1: not */
		bool durable;
	} cases[] = {
		{ 0, -1, true },
		{ FLUSH_BIT, -1, false },
		{ FLUSH_BIT | WCE_BIT, -1, false },
		{ FLUSH_BIT | WCE_BIT, 0, true },
		{ FLUSH_BIT | WCE_BIT, 1, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture *fixture = on_slow(cases[i].features, NULL);

		if (cases[i].writeback >= 0)
			mmio_put(&fixture->machine, CONFIG + 32, 1, (uint64_t)cases[i].writeback);
		offer(fixture, 0, OUT, 0, 512);
		assert_int_equal(fixture->slow.requests[0]->durable, cases[i].durable);
		slow_end(&fixture->slow, 0, 0);
		fixture_free(fixture);
	}
}

/* A flush goes to the storage with what was written before it ended already: the write's end is not
 * held back, and no flush is answered by the device itself. */
static void test_flush_reaches_the_storage(void **state)
{
	struct fixture *fixture = on_slow(FLUSH_BIT, NULL);

	(void)state;
	offer(fixture, 0, OUT, 0, 512);
	offer(fixture, 1, FLUSH, 0, 0);
	assert_int_equal(fixture->slow.count, 2);
	assert_int_equal(fixture->slow.requests[1]->op, BLK_FLUSH);
	assert_int_equal(status_of(fixture, 1), NOT_YET);
	slow_end(&fixture->slow, 0, 0);
	assert_int_equal(status_of(fixture, 0), OK);
	assert_int_equal(status_of(fixture, 1), NOT_YET);
	slow_end(&fixture->slow, 1, -EIO);
	assert_int_equal(status_of(fixture, 1), IOERR);
	fixture_free(fixture);
}

static void test_same_head_twice_in_flight(void **state)
{
	struct fixture *fixture = on_slow(0, NULL);

	(void)state;
	offer(fixture, 0, IN, 0, 512);
	offer(fixture, 0, IN, 0, 512);
	assert_int_equal(fixture->slow.count, 1);
	assert_int_equal(fixture->virtio->status & VIRTIO_NEEDS_RESET, VIRTIO_NEEDS_RESET);
	slow_end(&fixture->slow, 0, 0);
	fixture_free(fixture);
}

/* The guest resets the device with a read under way: its status stays as it is until the storage
 * has let the buffers go. */
static void test_reset_waits_for_the_storage(void **state)
{
	struct fixture *fixture = on_slow(0, NULL);

	(void)state;
	offer(fixture, 0, IN, 0, 512);
	mmio_put(&fixture->machine, COMMON + 20, 1, 0);
	machine_turn(&fixture->machine);
	assert_int_not_equal(mmio_get(&fixture->machine, COMMON + 20, 1), 0);
	slow_end(&fixture->slow, 0, 0);
	machine_turn(&fixture->machine);
	assert_int_equal(mmio_get(&fixture->machine, COMMON + 20, 1), 0);
	drive(&fixture->machine, 0, 1);
	offer(fixture, 0, IN, 0, 512);
	assert_int_equal(fixture->slow.count, 2);
	slow_end(&fixture->slow, 1, 0);
	assert_int_equal(status_of(fixture, 0), OK);
	fixture_free(fixture);
}

static void test_pause_drains(void **state)
{
	struct fixture *fixture = on_slow(0, NULL);
	struct device *device = virtio_pci_device(fixture->pci);

	(void)state;
	offer(fixture, 0, IN, 0, 512);
	assert_false(device->ops->pause(device));
	offer(fixture, 1, IN, 0, 512);
	assert_int_equal(fixture->slow.count, 1);
	slow_end(&fixture->slow, 0, 0);
	assert_true(device->ops->pause(device));
	device->ops->resume(device);
	machine_turn(&fixture->machine);
	assert_int_equal(fixture->slow.count, 2);
	slow_end(&fixture->slow, 1, 0);
	assert_int_equal(status_of(fixture, 1), OK);
	fixture_free(fixture);
}

/* Held, told once, and tried again one by one when resumed; what comes in the meantime waits. */
static void test_no_space(void **state)
{
	struct fixture *fixture = on_slow(0, NULL);
	struct device *device = virtio_pci_device(fixture->pci);

	(void)state;
	offer(fixture, 0, OUT, 0, 512);
	offer(fixture, 1, OUT, 1, 512);
	slow_end(&fixture->slow, 0, -ENOSPC);
	slow_end(&fixture->slow, 1, -EDQUOT);
	assert_int_equal(fixture->no_space, 1);
	assert_int_equal(status_of(fixture, 0), NOT_YET);
	offer(fixture, 2, IN, 0, 512);
	assert_int_equal(fixture->slow.count, 2);
	/* There is still no room: told again after one try. */
	assert_true(device->ops->pause(device));
	device->ops->resume(device);
	machine_turn(&fixture->machine);
	assert_int_equal(fixture->slow.count, 3);
	slow_end(&fixture->slow, 2, -ENOSPC);
	machine_turn(&fixture->machine);
	assert_int_equal(fixture->no_space, 2);
	assert_int_equal(fixture->slow.count, 3);
	/* Now there is: the rest follows the first. */
	assert_true(device->ops->pause(device));
	device->ops->resume(device);
	machine_turn(&fixture->machine);
	assert_int_equal(fixture->slow.count, 4);
	slow_end(&fixture->slow, 3, 0);
	machine_turn(&fixture->machine);
	assert_int_equal(fixture->slow.count, 6);
	for (unsigned int i = 4; i < 6; i++)
		slow_end(&fixture->slow, i, 0);
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(status_of(fixture, i), OK);
	assert_int_equal(fixture->no_space, 2);
	fixture_free(fixture);
}

/* Saved while a write waits for space, loaded into another machine with the same memory: the write
 * is done there. */
static void test_saved_while_held(void **state)
{
	struct fixture *fixture = on_slow(0, NULL);
	struct fixture *other = fixture_create();
	struct device *device = virtio_pci_device(fixture->pci);
	struct device *target;
	struct buf saved;
	uint8_t page[4096];

	(void)state;
	offer(fixture, 0, OUT, 5, 512);
	slow_end(&fixture->slow, 0, -ENOSPC);
	assert_true(device->ops->pause(device));
	test_save(device, &saved);
	for (uint64_t at = 0; at < RAM_SIZE; at += sizeof(page)) {
		guest_mem_read(fixture->machine.mem, at, page, sizeof(page));
		guest_mem_write(other->machine.mem, at, page, sizeof(page));
	}
	plug(other, &other->slow.blk, NULL);
	target = virtio_pci_device(other->pci);
	assert_true(target->ops->pause(target));
	assert_int_equal(test_load(target, &saved), 0);
	target->ops->resume(target);
	assert_int_equal(other->slow.count, 1);
	assert_int_equal(other->slow.requests[0]->offset, 5 * 512);
	slow_end(&other->slow, 0, 0);
	assert_int_equal(status_of(other, 0), OK);
	buf_done(&saved);
	fixture_free(other);
	fixture_free(fixture);
}

static void test_limits(void **state)
{
	struct fixture *fixture = on_slow(0, &(struct virtio_blk_limits){ .reads = 10 });
	uint64_t began = fixture->machine.now;

	(void)state;
	offer(fixture, 0, IN, 0, 512);
	offer(fixture, 1, IN, 0, 512);
	offer(fixture, 2, OUT, 0, 512); /* behind it in the queue */
	assert_int_equal(fixture->slow.count, 1);
	while (fixture->slow.count < 3)
		machine_turn(&fixture->machine);
	/* A tenth of a second for the second read. */
	assert_in_range(fixture->machine.now - began, 90000000, 120000000);
	for (unsigned int i = 0; i < 3; i++)
		slow_end(&fixture->slow, i, 0);
	fixture_free(fixture);
}

static void test_resize(void **state)
{
	struct fixture *fixture = on_file(false, false, 0);

	(void)state;
	assert_int_equal(mmio_get(&fixture->machine, CONFIG, 8), SECTORS);
	assert_int_equal(ftruncate(fixture->fd, 2 * SECTORS * 512), 0);
	virtio_blk_resized(fixture->virtio);
	assert_int_equal(sink_taken(&fixture->machine.sink, 0), 1);
	assert_int_equal(mmio_get(&fixture->machine, CONFIG, 8), 2 * SECTORS);
	assert_int_equal(request(fixture, IN, SECTORS, 512), OK);
	file_done(fixture);
}

/* Chains of noise, with the status looked for nowhere: the device must live, and work after a
 * reset. */
static void test_noise(void **state)
{
	struct fixture *fixture = on_file(true, false, DISCARD_BIT | ZEROES_BIT | FLUSH_BIT);
	struct guest_mem *mem = fixture->machine.mem;
	uint32_t seed = 12345;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		if (fixture->virtio->status & VIRTIO_NEEDS_RESET || round % 50 == 0)
			drive(&fixture->machine, DISCARD_BIT | ZEROES_BIT, 1);
		for (unsigned int i = 0; i < QUEUE_SIZE; i++)
			put_desc(mem, 0, i, BUFFERS + test_random(&seed) % 0x20000,
			    test_random(&seed) % 2048, (uint16_t)(test_random(&seed) % 4),
			    (uint16_t)(test_random(&seed) % QUEUE_SIZE));
		for (unsigned int i = 0; i < 0x2000; i += 256)
			put_mem(mem, BUFFERS + i, test_random(&seed) % 16, 8);
		offer_head(mem, 0, (uint16_t)(test_random(&seed) % (QUEUE_SIZE + 1)));
		drive_notify(&fixture->machine, 0);
		machine_turn(&fixture->machine);
	}
	drive(&fixture->machine, 0, 1);
	assert_int_equal(request(fixture, IN, 0, 512), OK);
	file_done(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_file_without_uring),
		cmocka_unit_test(test_file_that_was_cut),
		cmocka_unit_test(test_id),
		cmocka_unit_test(test_read_only),
		cmocka_unit_test(test_beyond_the_end),
		cmocka_unit_test(test_strange_requests),
		cmocka_unit_test(test_no_place_for_a_status),
		cmocka_unit_test(test_cache_modes),
		cmocka_unit_test(test_flush_reaches_the_storage),
		cmocka_unit_test(test_same_head_twice_in_flight),
		cmocka_unit_test(test_reset_waits_for_the_storage),
		cmocka_unit_test(test_pause_drains),
		cmocka_unit_test(test_no_space),
		cmocka_unit_test(test_saved_while_held),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_resize),
		cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
