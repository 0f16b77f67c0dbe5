/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/devices/hotplug.h"

#include <errno.h>
#include <stdlib.h>

#include "vmm/core/memmap.h"

#define CAME 0
#define ASKED 4
#define EJECT 8
#define SLOTS 32

struct hotplug {
	struct device device; /* first */
	struct hotplug_config config;
	uint32_t came;
	uint32_t asked;
};

/* The method reads whole registers; nothing else is one. */
static uint64_t registers_read(void *context, uint64_t offset, unsigned int size)
{
	const struct hotplug *hotplug = context;

	if (size != 4)
		return 0;
	if (offset == CAME)
		return hotplug->came;
	return offset == ASKED ? hotplug->asked : 0;
}

static void registers_write(void *context, uint64_t offset, unsigned int size, uint64_t value)
{
	struct hotplug *hotplug = context;

	if (size != 4)
		return;
	if (offset == CAME)
		hotplug->came &= ~(uint32_t)value;
	else if (offset == ASKED)
		hotplug->asked &= ~(uint32_t)value;
	for (unsigned int slot = 0; offset == EJECT && slot < SLOTS; slot++)
		if (value >> slot & 1)
			hotplug->config.eject(hotplug->config.context, slot);
}

static const struct io_ops registers_ops = { registers_read, registers_write };

void hotplug_came(struct device *device, unsigned int slot)
{
	struct hotplug *hotplug = (struct hotplug *)device;

	hotplug->came |= 1u << slot;
	hotplug->config.notify(hotplug->config.context);
}

void hotplug_ask(struct device *device, unsigned int slot)
{
	struct hotplug *hotplug = (struct hotplug *)device;

	hotplug->asked |= 1u << slot;
	hotplug->config.notify(hotplug->config.context);
}

void hotplug_went(struct device *device, unsigned int slot)
{
	struct hotplug *hotplug = (struct hotplug *)device;

	hotplug->came &= ~(1u << slot);
	hotplug->asked &= ~(1u << slot);
}

static void hotplug_reset(struct device *device)
{
	struct hotplug *hotplug = (struct hotplug *)device;

	hotplug->came = 0;
	hotplug->asked = 0;
}

static bool hotplug_pause(struct device *device)
{
	(void)device;
	return true;
}

static void hotplug_resume(struct device *device)
{
	(void)device;
}

static void hotplug_save(struct device *device, struct state_writer *writer)
{
	const struct hotplug *hotplug = (const struct hotplug *)device;

	state_begin(writer, device->ops->name, device->id, 1);
	state_put(writer, "came", hotplug->came);
	state_put(writer, "asked", hotplug->asked);
	state_end(writer);
}

static int hotplug_load(struct device *device, struct state_reader *reader)
{
	struct hotplug *hotplug = (struct hotplug *)device;

	state_enter(reader, device->ops->name, device->id, 1);
	hotplug->came = (uint32_t)state_get(reader, "came", UINT32_MAX);
	hotplug->asked = (uint32_t)state_get(reader, "asked", UINT32_MAX);
	return state_leave(reader);
}

static void hotplug_free(struct device *device)
{
	struct hotplug *hotplug = (struct hotplug *)device;

	iobus_remove(hotplug->config.ports, MEMMAP_PORT_HOTPLUG);
	free(hotplug);
}

static const struct device_ops hotplug_ops = {
	.name = "hotplug",
	.reset = hotplug_reset,
	.pause = hotplug_pause,
	.resume = hotplug_resume,
	.save = hotplug_save,
	.load = hotplug_load,
	.free = hotplug_free,
};

int hotplug_create(const struct hotplug_config *config, struct device **ret_device)
{
	struct hotplug *hotplug = calloc(1, sizeof(*hotplug));
	int result;

	if (!hotplug)
		return -ENOMEM;
	hotplug->device.ops = &hotplug_ops;
	hotplug->config = *config;
	result = iobus_add(
	    config->ports, MEMMAP_PORT_HOTPLUG, MEMMAP_PORT_HOTPLUG_SIZE, &registers_ops, hotplug);
	if (result) {
		free(hotplug);
		return result;
	}
	*ret_device = &hotplug->device;
	return 0;
}
