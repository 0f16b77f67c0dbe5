/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/bus/iobus.h"

#include <errno.h>

#include "tests/unit/vmm_test.h"

struct sample {
	struct iobus *bus;
	uint64_t offset;
	uint64_t value;
	unsigned int size;
	unsigned int writes;
};

static uint64_t sample_read(void *context, uint64_t offset, unsigned int size)
{
	struct sample *sample = context;

	sample->offset = offset;
	sample->size = size;
	return 0x1122334455667788;
}

static void sample_write(void *context, uint64_t offset, unsigned int size, uint64_t value)
{
	struct sample *sample = context;

	sample->offset = offset;
	sample->size = size;
	sample->value = value;
	sample->writes++;
}

static const struct io_ops sample_ops = { sample_read, sample_write };

static void test_ranges(void **state)
{
	struct sample samples[3] = { 0 };
	struct iobus *bus;
	uint64_t value;

	(void)state;
	assert_int_equal(iobus_create(&bus), 0);
	assert_int_equal(iobus_add(bus, 0x100, 0x10, &sample_ops, &samples[0]), 0);
	assert_int_equal(iobus_add(bus, 0x80, 0x10, &sample_ops, &samples[1]), 0);
	assert_int_equal(iobus_add(bus, 0x90, 0x70, &sample_ops, &samples[2]), 0);
	assert_int_equal(iobus_add(bus, 0x10f, 1, &sample_ops, &samples[0]), -EEXIST);
	assert_int_equal(iobus_add(bus, 0x10, 0x1000, &sample_ops, &samples[0]), -EEXIST);
	assert_int_equal(iobus_add(bus, 0x200, 0, &sample_ops, &samples[0]), -EINVAL);
	assert_int_equal(iobus_add(bus, UINT64_MAX, 2, &sample_ops, &samples[0]), -EINVAL);
	assert_int_equal(iobus_add(bus, UINT64_MAX, 1, &sample_ops, &samples[0]), 0);
	assert_true(iobus_read(bus, 0x10c, 4, &value));
	assert_int_equal(value, 0x55667788);
	assert_int_equal(samples[0].offset, 0xc);
	assert_true(iobus_write(bus, 0x8f, 1, 0x1ff));
	assert_int_equal(samples[1].value, 0xff);
	assert_int_equal(samples[1].offset, 0xf);
	assert_true(iobus_write(bus, 0x90, 8, 1));
	assert_int_equal(samples[2].size, 8);
	assert_true(iobus_read(bus, UINT64_MAX, 1, &value));
	iobus_remove(bus, 0x91);
	assert_true(iobus_read(bus, 0x90, 1, &value));
	iobus_remove(bus, 0x90);
	assert_false(iobus_read(bus, 0x90, 1, &value));
	iobus_free(bus);
	iobus_free(NULL);
}

/* Nobody there, across an end, across two devices, of an odd size: all ones, swallowed. */
static void test_unclaimed(void **state)
{
	struct sample sample = { 0 };
	struct iobus *bus;
	uint64_t value;

	(void)state;
	assert_int_equal(iobus_create(&bus), 0);
	assert_false(iobus_read(bus, 0, 4, &value));
	assert_int_equal(value, 0xffffffff);
	assert_int_equal(iobus_add(bus, 0x100, 4, &sample_ops, &sample), 0);
	assert_int_equal(iobus_add(bus, 0x104, 4, &sample_ops, &sample), 0);
	assert_false(iobus_read(bus, 0xff, 2, &value));
	assert_int_equal(value, 0xffff);
	assert_false(iobus_read(bus, 0x102, 4, &value));
	assert_false(iobus_read(bus, 0x100, 8, &value));
	assert_true(value == UINT64_MAX);
	assert_false(iobus_read(bus, 0x100, 3, &value));
	assert_false(iobus_read(bus, 0x100, 0, &value));
	assert_false(iobus_write(bus, 0x106, 4, 0));
	assert_false(iobus_write(bus, UINT64_MAX, 8, 0));
	assert_int_equal(sample.writes, 0);
	iobus_free(bus);
}

static void move_away(void *context, uint64_t offset, unsigned int size, uint64_t value)
{
	struct sample *sample = context;

	(void)offset;
	(void)size;
	iobus_remove(sample->bus, 0x1000);
	for (uint64_t i = 0; i < 40; i++)
		assert_int_equal(
		    iobus_add(sample->bus, value + i * 16, 16, &sample_ops, sample), 0);
}

static const struct io_ops moving_ops = { sample_read, move_away };

static void test_device_moves_itself(void **state)
{
	struct sample sample = { 0 };
	uint64_t value;

	(void)state;
	assert_int_equal(iobus_create(&sample.bus), 0);
	assert_int_equal(iobus_add(sample.bus, 0x1000, 16, &moving_ops, &sample), 0);
	assert_true(iobus_write(sample.bus, 0x1004, 4, 0x2000));
	assert_false(iobus_read(sample.bus, 0x1004, 4, &value));
	assert_true(iobus_read(sample.bus, 0x2004, 4, &value));
	iobus_free(sample.bus);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_unclaimed),
		cmocka_unit_test(test_device_moves_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
