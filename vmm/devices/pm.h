/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ACPI fixed hardware (ACPI 6.5, 4.8): PM1a event and control block with power button, sleep
 * control, the reset register, and a block of eight general-purpose events (4.8.4.1), at
 * MEMMAP_PORT_PM. There is no SMI: SCI_EN is always set.
 */
#ifndef BERTH_VMM_DEVICES_PM_H
#define BERTH_VMM_DEVICES_PM_H

#include "vmm/bus/device.h"
#include "vmm/bus/iobus.h"
#include "vmm/core/irq_line.h"

struct pm_config {
	struct iobus *ports;
	struct irq_line sci; /* level-triggered */
	/* Called from within the guest's write, with the lock held: to be noted, not done there. */
	void (*power_off)(void *context);
	void (*reset)(void *context);
	void *context;
};

int pm_create(const struct pm_config *config, struct device **ret_device);

/* Press it. The guest hears of it once it has enabled the event. */
void pm_power_button(struct device *device);
/* Event 0 to 7; likewise. */
void pm_raise_event(struct device *device, unsigned int event);

#endif
