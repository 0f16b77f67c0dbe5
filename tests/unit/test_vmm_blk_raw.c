/* SPDX-License-Identifier: GPL-2.0-only */
/* Storage in a file against a model of it in memory: batches of random requests that do not touch
 * each other, more than the ring holds, through the page cache and past it. */
#include "vmm/backend/blk_raw.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/vmm_test.h"

#define BLOCK 4096
#define BLOCKS 64
#define ROUNDS 60

struct fixture {
	struct loop *loop;
	struct blk *blk;
	int fd;
	unsigned int done;
	unsigned int ended;
	uint32_t seed;
	uint8_t model[BLOCKS * BLOCK];
};

struct job {
	struct blk_request request;
	struct fixture *fixture;
	struct iovec iov[3];
	uint8_t *data; /* BLOCK bytes from an address that may be odd */
	void *memory;
	bool is_done;
};

static void job_done(struct blk_request *request, int result)
{
	struct job *job = request->context;

	assert_int_equal(result, 0);
	assert_false(job->is_done);
	job->is_done = true;
	job->fixture->done++;
}

static void count_ended(void *context)
{
	((struct fixture *)context)->ended++;
}

/* A file without a name; past the page cache where the file system lets it. */
static int open_file(bool direct)
{
	char name[] = "/tmp/berth-blk-XXXXXX";
	int fd = mkostemp(name, O_CLOEXEC);

	assert_true(fd >= 0);
	unlink(name);
	assert_int_equal(ftruncate(fd, BLOCKS * BLOCK), 0);
	if (direct && fcntl(fd, F_SETFL, O_DIRECT)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* What the file holds already is where the model begins: zeros. */
static struct fixture *fixture_create(bool direct, bool synchronous)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct blk_raw_options options = {
		.synchronous = synchronous, .discard = true, .depth = 8
	};

	fixture->fd = open_file(direct);
	if (fixture->fd < 0) {
		free(fixture);
		return NULL;
	}
	fixture->seed = 0x1234567;
	assert_int_equal(loop_create(&fixture->loop), 0);
	assert_int_equal(
	    blk_raw_create(fixture->loop, dup(fixture->fd), &options, &fixture->blk), 0);
	fixture->blk->ended = count_ended;
	fixture->blk->context = fixture;
	assert_int_equal(fixture->blk->ops->size(fixture->blk), BLOCKS * BLOCK);
	return fixture;
}

static void fixture_free(struct fixture *fixture)
{
	assert_int_equal(fixture->blk->ops->in_flight(fixture->blk), 0);
	fixture->blk->ops->free(fixture->blk);
	loop_free(fixture->loop);
	close(fixture->fd);
	free(fixture);
}

/* Buffers in up to three parts; where they begin is anywhere. */
static void prepare(struct fixture *fixture, struct job *job, unsigned int block)
{
	uint32_t choice = test_random(&fixture->seed);
	size_t first = choice & 1 ? BLOCK : 1 + choice / 8 % 2000;
	size_t second = first < BLOCK ? 512 : 0;

	*job = (struct job){ .fixture = fixture };
	assert_int_equal(posix_memalign(&job->memory, BLOCK, 2 * BLOCK), 0);
	job->data = (uint8_t *)job->memory + (choice & 2 ? 0 : choice / 16 % 4000);
	job->iov[0] = (struct iovec){ job->data, first };
	job->iov[1] = (struct iovec){ job->data + first, second };
	job->iov[2] = (struct iovec){ job->data + first + second, BLOCK - first - second };
	job->request = (struct blk_request){ .op = (enum blk_op)(choice / 4 % 5),
		.durable = choice & 0x40,
		.unmap = choice & 0x80,
		.offset = (uint64_t)block * BLOCK,
		.length = BLOCK,
		.iov = job->iov,
		.iov_count = second ? 3 : 1,
		.done = job_done,
		.context = job };
	for (size_t i = 0; i < BLOCK; i++)
		job->data[i] = (uint8_t)test_random(&fixture->seed);
}

/* What the request that has ended means for the model. A discard may leave what was there. */
static void settle(struct fixture *fixture, struct job *job)
{
	uint8_t *place = fixture->model + job->request.offset;

	switch (job->request.op) {
	case BLK_READ:
		assert_memory_equal(job->data, place, BLOCK);
		break;
	case BLK_WRITE:
		memcpy(place, job->data, BLOCK);
		break;
	case BLK_WRITE_ZEROES:
		memset(place, 0, BLOCK);
		break;
	case BLK_DISCARD:
		assert_int_equal(
		    pread(fixture->fd, job->memory, BLOCK, (off_t)job->request.offset), BLOCK);
		memcpy(place, job->memory, BLOCK);
		break;
	case BLK_FLUSH:
		break;
	}
	free(job->memory);
}

static void run_batch(struct fixture *fixture, unsigned int count)
{
	static struct job jobs[BLOCKS];
	unsigned int start = test_random(&fixture->seed) % BLOCKS;

	fixture->done = 0;
	for (unsigned int i = 0; i < count; i++) {
		prepare(fixture, &jobs[i], (start + 5 * i) % BLOCKS);
		fixture->blk->ops->submit(fixture->blk, &jobs[i].request);
	}
	assert_int_equal(fixture->blk->ops->in_flight(fixture->blk), count);
	fixture->blk->ops->kick(fixture->blk);
	/* Never from within a call of the device's. */
	assert_int_equal(fixture->done, 0);
	while (fixture->done < count)
		assert_int_equal(loop_step(fixture->loop, 1000), 0);
	assert_int_equal(fixture->blk->ops->in_flight(fixture->blk), 0);
	for (unsigned int i = 0; i < count; i++)
		settle(fixture, &jobs[i]);
}

static void compare(bool direct, bool synchronous)
{
	struct fixture *fixture = fixture_create(direct, synchronous);
	uint8_t *whole;

	if (!fixture)
		skip();
	for (int round = 0; round < ROUNDS; round++)
		run_batch(fixture, 1 + test_random(&fixture->seed) % BLOCKS);
	assert_true(fixture->ended > 0);
	whole = aligned_alloc(BLOCK, BLOCKS * BLOCK);
	assert_int_equal(pread(fixture->fd, whole, BLOCKS * BLOCK, 0), BLOCKS * BLOCK);
	assert_memory_equal(whole, fixture->model, BLOCKS * BLOCK);
	free(whole);
	fixture_free(fixture);
}

static void test_ring(void **state)
{
	(void)state;
	compare(false, false);
}

static void test_calls(void **state)
{
	(void)state;
	compare(false, true);
}

static void test_ring_past_the_cache(void **state)
{
	(void)state;
	compare(true, false);
}

static void test_calls_past_the_cache(void **state)
{
	(void)state;
	compare(true, true);
}

static void note_result(struct blk_request *request, int result)
{
	*(int *)request->context = result;
}

static int run_one(struct loop *loop, struct blk *blk, struct blk_request *request)
{
	int result = 1;

	request->done = note_result;
	request->context = &result;
	blk->ops->submit(blk, request);
	blk->ops->kick(blk);
	while (result == 1)
		assert_int_equal(loop_step(loop, 1000), 0);
	return result;
}

/* The last sector of a file that ends within one: zeros behind the end, and room for data. */
static void end_within_a_sector(bool direct, bool synchronous)
{
	struct fixture *fixture = fixture_create(direct, synchronous);
	uint8_t *data = aligned_alloc(BLOCK, BLOCK);
	struct iovec iov = { data, 512 };
	struct blk_request request = {
		.op = BLK_READ, .offset = BLOCK, .length = 512, .iov = &iov, .iov_count = 1
	};

	if (!fixture || fixture->blk->block_size != 512) {
		free(data);
		skip();
	}
	assert_int_equal(ftruncate(fixture->fd, BLOCK + 100), 0);
	assert_int_equal(fixture->blk->ops->size(fixture->blk), BLOCK + 512);
	memset(data, 0xa5, BLOCK);
	assert_int_equal(run_one(fixture->loop, fixture->blk, &request), 0);
	assert_memory_equal(data, fixture->model, 512);
	assert_int_equal(lseek(fixture->fd, 0, SEEK_END), BLOCK + 100);
	memset(data, 0x5a, 512);
	request.op = BLK_WRITE;
	assert_int_equal(run_one(fixture->loop, fixture->blk, &request), 0);
	assert_int_equal(lseek(fixture->fd, 0, SEEK_END), BLOCK + 512);
	memset(data, 0, 512);
	request.op = BLK_READ;
	assert_int_equal(run_one(fixture->loop, fixture->blk, &request), 0);
	for (size_t i = 0; i < 512; i++)
		assert_int_equal(data[i], 0x5a);
	free(data);
	fixture_free(fixture);
}

static void test_end_within_a_sector(void **state)
{
	(void)state;
	end_within_a_sector(false, false);
	end_within_a_sector(false, true);
}

static void test_end_within_a_sector_past_the_cache(void **state)
{
	(void)state;
	end_within_a_sector(true, false);
	end_within_a_sector(true, true);
}

/* A descriptor that cannot be written to: each way says so, and goes on. */
static void test_errors(void **state)
{
	uint8_t data[512] = { 0 };
	struct iovec iov = { data, sizeof(data) };

	(void)state;
	for (int synchronous = 0; synchronous < 2; synchronous++) {
		struct blk_raw_options options = { .synchronous = synchronous };
		int memory = memfd_create("disk", MFD_CLOEXEC);
		char path[64];
		struct loop *loop;
		struct blk *blk;
		struct blk_request request = {
			.op = BLK_WRITE, .length = sizeof(data), .iov = &iov, .iov_count = 1
		};

		assert_int_equal(ftruncate(memory, BLOCK), 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", memory);
		assert_int_equal(loop_create(&loop), 0);
		assert_int_equal(
		    blk_raw_create(loop, open(path, O_RDONLY | O_CLOEXEC), &options, &blk), 0);
		assert_int_equal(run_one(loop, blk, &request), -EBADF);
		request.op = BLK_READ;
		assert_int_equal(run_one(loop, blk, &request), 0);
		blk->ops->free(blk);
		loop_free(loop);
		close(memory);
	}
}

static void test_no_descriptor(void **state)
{
	struct blk_raw_options options = { 0 };
	struct loop *loop;
	struct blk *blk;

	(void)state;
	assert_int_equal(loop_create(&loop), 0);
	assert_int_equal(blk_raw_create(loop, -1, &options, &blk), -EBADF);
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ring),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_ring_past_the_cache),
		cmocka_unit_test(test_calls_past_the_cache),
		cmocka_unit_test(test_end_within_a_sector),
		cmocka_unit_test(test_end_within_a_sector_past_the_cache),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_no_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
