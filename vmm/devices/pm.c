/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/devices/pm.h"

#include <errno.h>
#include <stdlib.h>

#include "vmm/core/memmap.h"

#define VERSION 2

/* PM1 status and enable bits (4.8.3.1), the ones that exist here. */
#define PM1_GLOBAL 0x0020
#define PM1_POWER_BUTTON 0x0100
#define PM1_WAKE 0x8000
#define PM1_STATUS_BITS (PM1_GLOBAL | PM1_POWER_BUTTON | PM1_WAKE)
#define PM1_RTC 0x0400 /* never happens, but Linux complains where it cannot be enabled */
#define PM1_ENABLE_BITS (PM1_GLOBAL | PM1_POWER_BUTTON | PM1_RTC)
/* PM1 control bits (4.8.3.2). */
#define PM1_SCI_ENABLED 0x0001
#define PM1_SLEEP_TYPE_SHIFT 10
#define PM1_SLEEP_ENABLE 0x2000
#define PM1_KEPT 0x1c02 /* SLP_TYP and BM_RLD read back; SLP_EN and GBL_RLS do not */
/* Where general-purpose event status and enable are (4.8.4.1): a byte each. */
#define EVENT_STATUS 12
#define EVENT_ENABLE 13
/* Sleep control (4.8.3.7). */
#define SLEEP_TYPE_SHIFT 2
#define SLEEP_ENABLE 0x20

struct pm {
	struct device device; /* first */
	struct pm_config config;
	uint16_t status;
	uint16_t enabled;
	uint16_t control;
	uint8_t events; /* general-purpose ones */
	uint8_t events_enabled;
	bool level; /* of the SCI line */
};

static void update_sci(struct pm *pm)
{
	bool level = (pm->status & pm->enabled) || (pm->events & pm->events_enabled);

	if (level == pm->level)
		return;
	pm->level = level;
	irq_line_set(&pm->config.sci, level);
}

/* One byte of the block. */
static uint8_t read_byte(const struct pm *pm, uint64_t offset)
{
	uint16_t control = pm->control | PM1_SCI_ENABLED;

	switch (offset) {
	case 0:
	case 1:
		return (uint8_t)(pm->status >> (8 * offset));
	case 2:
	case 3:
		return (uint8_t)(pm->enabled >> (8 * (offset - 2)));
	case 4:
	case 5:
		return (uint8_t)(control >> (8 * (offset - 4)));
	case EVENT_STATUS:
		return pm->events;
	case EVENT_ENABLE:
		return pm->events_enabled;
	default:
		return 0;
	}
}

static void sleep_now(struct pm *pm, unsigned int type)
{
	/* There is no other sleep than soft off. */
	if (type == MEMMAP_PM_S5)
		pm->config.power_off(pm->config.context);
}

static void write_byte(struct pm *pm, uint64_t offset, uint8_t value)
{
	unsigned int shift = offset & 1 ? 8 : 0;
	uint16_t bits = (uint16_t)(value << shift);
	uint16_t others = shift ? 0x00ff : 0xff00;

	switch (offset) {
	case 0:
	case 1:
		pm->status &= (uint16_t)~bits; /* ones clear */
		break;
	case 2:
	case 3:
		pm->enabled = (uint16_t)((pm->enabled & others) | (bits & PM1_ENABLE_BITS));
		break;
	case 4:
	case 5:
		pm->control = (uint16_t)((pm->control & others) | (bits & PM1_KEPT));
		if (bits & PM1_SLEEP_ENABLE)
			sleep_now(pm, (pm->control >> PM1_SLEEP_TYPE_SHIFT) & 7);
		break;
	case 8:
		if (value & SLEEP_ENABLE)
			sleep_now(pm, (value >> SLEEP_TYPE_SHIFT) & 7);
		break;
	case 9:
		if (value == MEMMAP_PM_RESET)
			pm->config.reset(pm->config.context);
		break;
	case EVENT_STATUS:
		pm->events &= (uint8_t)~value; /* ones clear */
		break;
	case EVENT_ENABLE:
		pm->events_enabled = value;
		break;
	default:
		break;
	}
}

static uint64_t block_read(void *context, uint64_t offset, unsigned int size)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < size; i++)
		value |= (uint64_t)read_byte(context, offset + i) << (8 * i);
	return value;
}

static void block_write(void *context, uint64_t offset, unsigned int size, uint64_t value)
{
	for (unsigned int i = 0; i < size; i++)
		write_byte(context, offset + i, (uint8_t)(value >> (8 * i)));
	update_sci(context);
}

static const struct io_ops block_ops = { block_read, block_write };

void pm_power_button(struct device *device)
{
	struct pm *pm = (struct pm *)device;

	pm->status |= PM1_POWER_BUTTON;
	update_sci(pm);
}

void pm_raise_event(struct device *device, unsigned int event)
{
	struct pm *pm = (struct pm *)device;

	pm->events |= (uint8_t)(1u << event);
	update_sci(pm);
}

static void pm_reset(struct device *device)
{
	struct pm *pm = (struct pm *)device;

	pm->status = 0;
	pm->enabled = 0;
	pm->control = 0;
	pm->events = 0;
	pm->events_enabled = 0;
	update_sci(pm);
}

static bool pm_pause(struct device *device)
{
	(void)device;
	return true;
}

static void pm_resume(struct device *device)
{
	(void)device;
}

static void pm_save(struct device *device, struct state_writer *writer)
{
	const struct pm *pm = (const struct pm *)device;

	state_begin(writer, device->ops->name, device->id, VERSION);
	state_put(writer, "pm1-status", pm->status);
	state_put(writer, "pm1-enabled", pm->enabled);
	state_put(writer, "pm1-control", pm->control);
	state_put(writer, "events", pm->events);
	state_put(writer, "events-enabled", pm->events_enabled);
	state_end(writer);
}

static int pm_load(struct device *device, struct state_reader *reader)
{
	struct pm *pm = (struct pm *)device;
	int result;

	state_enter(reader, device->ops->name, device->id, VERSION);
	pm->status = (uint16_t)state_get(reader, "pm1-status", 0xffff) & PM1_STATUS_BITS;
	pm->enabled = (uint16_t)state_get(reader, "pm1-enabled", 0xffff) & PM1_ENABLE_BITS;
	pm->control = (uint16_t)state_get(reader, "pm1-control", 0xffff) & PM1_KEPT;
	pm->events = (uint8_t)state_get(reader, "events", 0xff);
	pm->events_enabled = (uint8_t)state_get(reader, "events-enabled", 0xff);
	result = state_leave(reader);
	if (!result)
		update_sci(pm);
	return result;
}

static void pm_free(struct device *device)
{
	struct pm *pm = (struct pm *)device;

	iobus_remove(pm->config.ports, MEMMAP_PORT_PM);
	free(pm);
}

static const struct device_ops pm_ops = {
	.name = "pm",
	.reset = pm_reset,
	.pause = pm_pause,
	.resume = pm_resume,
	.save = pm_save,
	.load = pm_load,
	.free = pm_free,
};

int pm_create(const struct pm_config *config, struct device **ret_device)
{
	struct pm *pm = calloc(1, sizeof(*pm));
	int result;

	if (!pm)
		return -ENOMEM;
	pm->device.ops = &pm_ops;
	pm->config = *config;
	result = iobus_add(config->ports, MEMMAP_PORT_PM, MEMMAP_PORT_PM_SIZE, &block_ops, pm);
	if (result) {
		free(pm);
		return result;
	}
	*ret_device = &pm->device;
	return 0;
}
