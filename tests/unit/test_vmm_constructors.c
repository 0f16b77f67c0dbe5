/* SPDX-License-Identifier: GPL-2.0-only */
/* Every allocation of a constructor fails once: it says so, and leaves nothing behind. */
#include <sys/socket.h>

#include "tests/unit/alloc.h"
#include "tests/unit/sink_test.h"
#include "vmm/backend/chardev.h"
#include "vmm/bus/msix.h"
#include "vmm/devices/hotplug.h"
#include "vmm/devices/pm.h"
#include "vmm/devices/pvpanic.h"
#include "vmm/devices/rtc.h"
#include "vmm/devices/serial.h"

struct fixture {
	struct loop *loop;
	struct iobus *ports;
	struct iobus *memory;
	struct test_sink sink;
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_int_equal(loop_create(&fixture->loop), 0);
	sink_init(&fixture->sink);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(fixture->sink.open_now, 0);
	loop_free(fixture->loop);
	free(fixture);
	return 0;
}

static int64_t wall(void *context)
{
	(void)context;
	return 0;
}

/* Buses of their own each time, since their tables grow by being used. */
static int with_buses(struct fixture *fixture, int (*create)(struct fixture *fixture))
{
	int result = iobus_create(&fixture->ports);

	fixture->memory = NULL;
	if (result)
		return result;
	result = iobus_create(&fixture->memory);
	if (!result)
		result = create(fixture);
	iobus_free(fixture->ports);
	iobus_free(fixture->memory);
	return result;
}

static int finish(int result, struct device **device)
{
	if (!result)
		(*device)->ops->free(*device);
	return result;
}

static int create_serial(struct fixture *fixture)
{
	const struct serial_config config = {
		.id = "com1", .ports = fixture->ports, .base = 0x3f8
	};
	struct device *device = NULL;

	return finish(serial_create(&config, &device), &device);
}

static int create_rtc(struct fixture *fixture)
{
	const struct rtc_config config = {
		.ports = fixture->ports, .loop = fixture->loop, .wall = wall
	};
	struct device *device = NULL;

	return finish(rtc_create(&config, &device), &device);
}

static int create_hotplug(struct fixture *fixture)
{
	const struct hotplug_config config = { .ports = fixture->ports };
	struct device *device;

	return finish(hotplug_create(&config, &device), &device);
}

static int create_pm(struct fixture *fixture)
{
	const struct pm_config config = { .ports = fixture->ports };
	struct device *device = NULL;

	return finish(pm_create(&config, &device), &device);
}

static int create_pvpanic(struct fixture *fixture)
{
	const struct pvpanic_config config = { .ports = fixture->ports };
	struct device *device = NULL;

	return finish(pvpanic_create(&config, &device), &device);
}

static int create_pci(struct fixture *fixture)
{
	static const struct pci_identity identity = { .vendor = 1 };
	struct pci_bus *bus;
	struct pci_device pci;
	struct msix *msix;
	int result = pci_bus_create(fixture->ports, fixture->memory, &bus);

	if (result)
		return result;
	pci_init(&pci, &identity);
	result = msix_create(&pci, &fixture->sink.sink, 2, 0, 0, 0x800, &msix);
	if (!result)
		msix_free(msix);
	pci_bus_free(bus);
	return result;
}

static void test_devices(void **state)
{
	struct fixture *fixture = *state;

	ALLOC_FAIL_EACH(with_buses(fixture, create_serial));
	ALLOC_FAIL_EACH(with_buses(fixture, create_rtc));
	ALLOC_FAIL_EACH(with_buses(fixture, create_pm));
	ALLOC_FAIL_EACH(with_buses(fixture, create_hotplug));
	ALLOC_FAIL_EACH(with_buses(fixture, create_pvpanic));
	ALLOC_FAIL_EACH(with_buses(fixture, create_pci));
}

/* The descriptors that were handed over are closed either way. */
static int create_chardev(struct fixture *fixture, int *ret_log, int *ret_reader)
{
	struct chardev *chardev;
	int pair[2];
	int log[2];
	int result;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(pipe(log), 0);
	*ret_log = log[0];
	*ret_reader = pair[1];
	result = chardev_create(fixture->loop, log[1], 4096, &chardev);
	if (result) {
		close(pair[0]);
		return result;
	}
	result = chardev_attach(chardev, pair[0], 0);
	chardev_free(chardev);
	return result;
}

static int create_chardev_once(struct fixture *fixture)
{
	int log;
	int reader;
	int result = create_chardev(fixture, &log, &reader);
	char byte;

	assert_int_equal(read(log, &byte, 1), 0);
	assert_int_equal(read(reader, &byte, 1), 0);
	close(log);
	close(reader);
	return result;
}

static void test_chardev(void **state)
{
	ALLOC_FAIL_EACH(create_chardev_once(*state));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_devices, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_chardev, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
