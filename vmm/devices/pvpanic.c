/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/devices/pvpanic.h"

#include <errno.h>
#include <stdlib.h>

#include "vmm/core/memmap.h"

struct pvpanic {
	struct device device; /* first */
	struct pvpanic_config config;
};

/* The events that it knows. */
static uint64_t port_read(void *context, uint64_t offset, unsigned int size)
{
	(void)context;
	(void)offset;
	(void)size;
	return PVPANIC_PANICKED | PVPANIC_CRASH_LOADED;
}

static void port_write(void *context, uint64_t offset, unsigned int size, uint64_t value)
{
	struct pvpanic *pvpanic = context;

	(void)offset;
	(void)size;
	if (value & PVPANIC_PANICKED)
		pvpanic->config.event(pvpanic->config.context, PVPANIC_PANICKED);
	else if (value & PVPANIC_CRASH_LOADED)
		pvpanic->config.event(pvpanic->config.context, PVPANIC_CRASH_LOADED);
}

static const struct io_ops port_ops = { port_read, port_write };

static void pvpanic_reset(struct device *device)
{
	(void)device;
}

static bool pvpanic_pause(struct device *device)
{
	(void)device;
	return true;
}

/* It has no state; its section says that it was there. */
static void pvpanic_save(struct device *device, struct state_writer *writer)
{
	state_begin(writer, device->ops->name, device->id, 1);
	state_end(writer);
}

static int pvpanic_load(struct device *device, struct state_reader *reader)
{
	state_enter(reader, device->ops->name, device->id, 1);
	return state_leave(reader);
}

static void pvpanic_free(struct device *device)
{
	struct pvpanic *pvpanic = (struct pvpanic *)device;

	iobus_remove(pvpanic->config.ports, MEMMAP_PORT_PVPANIC);
	free(pvpanic);
}

static const struct device_ops pvpanic_ops = {
	.name = "pvpanic",
	.reset = pvpanic_reset,
	.pause = pvpanic_pause,
	.resume = pvpanic_reset,
	.save = pvpanic_save,
	.load = pvpanic_load,
	.free = pvpanic_free,
};

int pvpanic_create(const struct pvpanic_config *config, struct device **ret_device)
{
	struct pvpanic *pvpanic = calloc(1, sizeof(*pvpanic));
	int result;

	if (!pvpanic)
		return -ENOMEM;
	pvpanic->device.ops = &pvpanic_ops;
	pvpanic->config = *config;
	result = iobus_add(config->ports, MEMMAP_PORT_PVPANIC, 1, &port_ops, pvpanic);
	if (result) {
		free(pvpanic);
		return result;
	}
	*ret_device = &pvpanic->device;
	return 0;
}
