/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/devices/pm.h"

#include "tests/unit/vmm_test.h"
#include "vmm/core/memmap.h"
#include "vmm/devices/pvpanic.h"

enum {
	STATUS = MEMMAP_PORT_PM,
	ENABLE = STATUS + 2,
	CONTROL = STATUS + 4,
	SLEEP = STATUS + 8,
	RESET
};

struct fixture {
	struct iobus *ports;
	struct device *pm;
	struct device *pvpanic;
	struct test_line line;
	unsigned int offs;
	unsigned int resets;
	unsigned int event;
	unsigned int events;
};

static void power_off(void *context)
{
	((struct fixture *)context)->offs++;
}

static void reset(void *context)
{
	((struct fixture *)context)->resets++;
}

static void event(void *context, unsigned int what)
{
	struct fixture *fixture = context;

	fixture->event = what;
	fixture->events++;
}

static struct device *create(struct fixture *fixture, struct iobus *ports, struct test_line *line)
{
	struct pm_config config = { ports, test_line(line), power_off, reset, fixture };
	struct device *pm;

	assert_int_equal(pm_create(&config, &pm), 0);
	return pm;
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct pvpanic_config config = { NULL, event, fixture };
	struct device *second;

	assert_int_equal(iobus_create(&fixture->ports), 0);
	fixture->pm = create(fixture, fixture->ports, &fixture->line);
	config.ports = fixture->ports;
	assert_int_equal(pvpanic_create(&config, &fixture->pvpanic), 0);
	assert_int_equal(pvpanic_create(&config, &second), -EEXIST);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	fixture->pm->ops->free(fixture->pm);
	fixture->pvpanic->ops->free(fixture->pvpanic);
	iobus_free(fixture->ports);
	free(fixture);
	return 0;
}

static uint16_t in16(struct fixture *fixture, uint64_t port)
{
	uint64_t value;

	assert_true(iobus_read(fixture->ports, port, 2, &value));
	return (uint16_t)value;
}

static void out16(struct fixture *fixture, uint64_t port, uint16_t value)
{
	assert_true(iobus_write(fixture->ports, port, 2, value));
}

static void test_power_button(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(in16(fixture, CONTROL), 1); /* ACPI mode */
	pm_power_button(fixture->pm);
	assert_false(fixture->line.level);
	assert_int_equal(in16(fixture, STATUS), 0x100);
	out16(fixture, ENABLE, 0xffff);
	assert_int_equal(in16(fixture, ENABLE), 0x520);
	assert_true(fixture->line.level);
	out16(fixture, STATUS, 0x20);
	assert_true(fixture->line.level);
	out16(fixture, STATUS, 0x100);
	assert_false(fixture->line.level);
	pm_power_button(fixture->pm);
	pm_power_button(fixture->pm);
	assert_int_equal(fixture->line.rises, 2);
	/* A byte clears its own bits only. */
	test_out(fixture->ports, STATUS, 0xff);
	assert_true(fixture->line.level);
	test_out(fixture->ports, STATUS + 1, 0x01);
	assert_false(fixture->line.level);
}

static void test_events(void **state)
{
	struct fixture *fixture = *state;
	const uint64_t status = STATUS + 12;
	const uint64_t enable = STATUS + 13;

	pm_raise_event(fixture->pm, 1);
	assert_false(fixture->line.level);
	assert_int_equal(test_in(fixture->ports, status), 2);
	test_out(fixture->ports, enable, 0x02);
	assert_true(fixture->line.level);
	assert_int_equal(test_in(fixture->ports, enable), 2);
	test_out(fixture->ports, status, 0xfd);
	assert_true(fixture->line.level);
	/* The line is shared. */
	out16(fixture, ENABLE, 0x100);
	pm_power_button(fixture->pm);
	test_out(fixture->ports, status, 0x02);
	assert_true(fixture->line.level);
	out16(fixture, STATUS, 0x100);
	assert_false(fixture->line.level);
	pm_raise_event(fixture->pm, 1);
	fixture->pm->ops->reset(fixture->pm);
	assert_false(fixture->line.level);
	assert_int_equal(test_in(fixture->ports, enable), 0);
}

static void test_sleep(void **state)
{
	struct fixture *fixture = *state;

	out16(fixture, CONTROL, MEMMAP_PM_S5 << 10);
	assert_int_equal(fixture->offs, 0);
	assert_int_equal(in16(fixture, CONTROL), MEMMAP_PM_S5 << 10 | 1);
	for (unsigned int type = 0; type < 8; type++) {
		out16(fixture, CONTROL, (uint16_t)(type << 10 | 0x2000));
		test_out(fixture->ports, SLEEP, (uint8_t)(type << 2 | 0x20));
	}
	assert_int_equal(fixture->offs, 2);
	assert_int_equal(in16(fixture, CONTROL) & 0x2000, 0);
	test_out(fixture->ports, RESET, 0);
	assert_int_equal(fixture->resets, 0);
	test_out(fixture->ports, RESET, MEMMAP_PM_RESET);
	assert_int_equal(fixture->resets, 1);
}

static void test_other_sizes(void **state)
{
	struct fixture *fixture = *state;
	uint64_t value;

	assert_true(iobus_write(fixture->ports, STATUS, 4, 0xffffffff));
	assert_true(iobus_read(fixture->ports, STATUS, 4, &value));
	assert_int_equal(value, 0x05200000);
	assert_true(iobus_read(fixture->ports, STATUS + 8, 8, &value));
	assert_int_equal(value, 0);
	assert_false(iobus_read(fixture->ports, STATUS + 14, 4, &value));
}

static void test_state(void **state)
{
	struct fixture *fixture = *state;
	struct iobus *ports;
	struct test_line line = { 0 };
	struct device *other;

	assert_int_equal(iobus_create(&ports), 0);
	other = create(fixture, ports, &line);
	out16(fixture, ENABLE, 0x100);
	out16(fixture, CONTROL, 0x1402);
	pm_power_button(fixture->pm);
	pm_raise_event(fixture->pm, 7);
	test_round_trip(fixture->pm, other);
	assert_true(line.level);
	test_cut_states(other);
	assert_false(line.level);
	test_round_trip(fixture->pvpanic, fixture->pvpanic);
	test_cut_states(fixture->pvpanic);
	other->ops->free(other);
	iobus_free(ports);
}

static void test_noise(void **state)
{
	struct fixture *fixture = *state;
	struct iobus *ports;
	struct test_line line = { 0 };
	struct device *other;
	uint32_t seed = 6;

	assert_int_equal(iobus_create(&ports), 0);
	other = create(fixture, ports, &line);
	for (int i = 0; i < 10000; i++) {
		uint32_t noise = test_random(&seed);
		uint64_t value;

		if (noise & 0x100)
			iobus_write(fixture->ports, STATUS + (noise & 15), 1u << (noise >> 4 & 3),
			    noise >> 12);
		else
			iobus_read(
			    fixture->ports, STATUS + (noise & 15), 1u << (noise >> 4 & 3), &value);
		if (noise % 17 == 0)
			pm_power_button(fixture->pm);
		if (noise % 19 == 0)
			pm_raise_event(fixture->pm, noise >> 3 & 7);
		if (noise % 97 == 0)
			test_round_trip(fixture->pm, other);
	}
	fixture->pm->ops->reset(fixture->pm);
	assert_false(fixture->line.level);
	assert_int_equal(in16(fixture, CONTROL), 1);
	other->ops->free(other);
	iobus_free(ports);
}

static void test_pvpanic(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(test_in(fixture->ports, MEMMAP_PORT_PVPANIC), 3);
	test_out(fixture->ports, MEMMAP_PORT_PVPANIC, 0);
	test_out(fixture->ports, MEMMAP_PORT_PVPANIC, 0xfc);
	assert_int_equal(fixture->events, 0);
	test_out(fixture->ports, MEMMAP_PORT_PVPANIC, 2);
	assert_int_equal(fixture->event, PVPANIC_CRASH_LOADED);
	test_out(fixture->ports, MEMMAP_PORT_PVPANIC, 3);
	assert_int_equal(fixture->event, PVPANIC_PANICKED);
	assert_int_equal(fixture->events, 2);
	fixture->pvpanic->ops->reset(fixture->pvpanic);
	assert_true(fixture->pvpanic->ops->pause(fixture->pvpanic));
	fixture->pvpanic->ops->resume(fixture->pvpanic);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_power_button, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_events, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_sleep, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_other_sizes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_state, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_noise, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_pvpanic, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
