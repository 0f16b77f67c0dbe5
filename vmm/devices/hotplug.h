/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the guest learns of slots whose device comes or is to go, for the methods of dsdt.asl: three
 * registers of 32 bits at MEMMAP_PORT_HOTPLUG, a bit a slot. Slots with something new and slots to
 * give back are cleared by ones; a one in the third gives a slot back.
 */
#ifndef BERTH_VMM_DEVICES_HOTPLUG_H
#define BERTH_VMM_DEVICES_HOTPLUG_H

#include "vmm/bus/device.h"
#include "vmm/bus/iobus.h"

struct hotplug_config {
	struct iobus *ports;
	/* Ask the guest to read the registers. */
	void (*notify)(void *context);
	/* The guest has given this slot back, whether it was asked to or not; called from within
	 * its write, with the lock held. */
	void (*eject)(void *context, unsigned int slot);
	void *context;
};

int hotplug_create(const struct hotplug_config *config, struct device **ret_device);

/* Tell the guest of a device in this slot, and that it is to give one back; again is no error. */
void hotplug_came(struct device *device, unsigned int slot);
void hotplug_ask(struct device *device, unsigned int slot);
/* The slot is empty: there is nothing more to tell of it. */
void hotplug_went(struct device *device, unsigned int slot);

#endif
