/* SPDX-License-Identifier: GPL-2.0-only */
/* A machine without processors and KVM: its buses, what plugging needs, and a log of its events. */
#ifndef BERTH_TESTS_PLUG_TEST_H
#define BERTH_TESTS_PLUG_TEST_H

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/virtio_test.h"
#include "vmm/devices/hotplug.h"
#include "vmm/devices/pm.h"
#include "vmm/machine_parts.h"

#define PLUG_CAME MEMMAP_PORT_HOTPLUG
#define PLUG_ASKED (PLUG_CAME + 4)
#define PLUG_EJECT (PLUG_CAME + 8)

struct plug_rig {
	struct test_machine test; /* the driver's view of slot 1 */
	struct machine machine;
	struct test_line sci;
	char events[1024];
};

static inline void plug_event(void *context, const char *text)
{
	struct plug_rig *rig = context;
	size_t length = strlen(rig->events);

	snprintf(rig->events + length, sizeof(rig->events) - length, "%s;", text);
}

static inline void plug_notify(void *context)
{
	pm_raise_event(((struct machine *)context)->pm, MEMMAP_PM_PLUG);
}

static inline void plug_ignore(void *context)
{
	(void)context;
}

static inline void plug_add_fixed(struct plug_rig *rig, const char *id, struct device *device)
{
	struct machine_device *entry = &rig->machine.devices[rig->machine.device_count++];

	*entry = (struct machine_device){ .kind = MACHINE_FIXED, .device = device };
	snprintf(entry->id, sizeof(entry->id), "%s", id);
}

static inline void plug_init(struct plug_rig *rig)
{
	struct machine *machine = &rig->machine;
	struct hotplug_config hotplug = {
		.notify = plug_notify, .eject = machine_ejected, .context = machine
	};
	struct pm_config pm = { .power_off = plug_ignore, .reset = plug_ignore };

	*rig = (struct plug_rig){ .events = "" };
	machine_init(&rig->test);
	machine->state = MACHINE_RUNNING;
	machine->ops = (struct machine_ops){ .event = plug_event, .context = rig };
	machine->io_loop = rig->test.loop;
	machine->ports = rig->test.ports;
	machine->memory = rig->test.memory;
	machine->pci = rig->test.bus;
	machine->mem = rig->test.mem;
	machine->host = (struct virtio_pci_host){ .bus = rig->test.bus,
		.msi = &rig->test.sink.sink };
	pthread_mutex_init(&machine->lock, NULL);
	assert_int_equal(loop_create(&machine->main_loop), 0);
	loop_set_clock(machine->main_loop, &rig->test.now);
	machine->requested = (struct loop_call){ .run = machine_collect, .context = machine };
	loop_timer_init(&machine->draining, machine->main_loop, machine_collect, machine);
	pm.ports = hotplug.ports = machine->ports;
	pm.sci = test_line(&rig->sci);
	assert_int_equal(pm_create(&pm, &machine->pm), 0);
	assert_int_equal(hotplug_create(&hotplug, &machine->hotplug), 0);
	plug_add_fixed(rig, "pm", machine->pm);
	plug_add_fixed(rig, "hotplug", machine->hotplug);
}

/* The main thread's turn, and that of the devices before it. */
static inline void plug_turn(struct plug_rig *rig)
{
	machine_turn(&rig->test);
	for (int i = 0; i < 3; i++) {
		rig->test.now += 2000000;
		assert_int_equal(loop_step(rig->machine.main_loop, 0), 0);
	}
}

static inline void plug_done(struct plug_rig *rig)
{
	struct machine *machine = &rig->machine;

	/* Nothing may be in flight when a device is freed. */
	for (unsigned int i = 0; i < machine->device_count; i++)
		while (!machine->devices[i].device->ops->pause(machine->devices[i].device))
			machine_turn(&rig->test);
	while (machine->device_count) {
		struct device *device = machine->devices[--machine->device_count].device;

		device->ops->free(device);
	}
	loop_free(machine->main_loop);
	pthread_mutex_destroy(&machine->lock);
	machine_done(&rig->test);
}

static inline int plug_disk(struct plug_rig *rig, const char *id, int fd)
{
	struct definition_disk disk = { .fd = fd, .queues = 1 };
	struct why reason;

	snprintf(disk.id, sizeof(disk.id), "%s", id);
	return machine_add_disk(&rig->machine, &disk, &reason);
}

/* A file of 64 KiB in memory. */
static inline int plug_file(void)
{
	int fd = memfd_create("disk", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 65536), 0);
	return fd;
}

#endif
