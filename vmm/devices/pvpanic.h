/* SPDX-License-Identifier: GPL-2.0-only */
/* The port at which a guest says that it has crashed (QEMU docs/specs/pvpanic, ISA form). */
#ifndef BERTH_VMM_DEVICES_PVPANIC_H
#define BERTH_VMM_DEVICES_PVPANIC_H

#include "vmm/bus/device.h"
#include "vmm/bus/iobus.h"

#define PVPANIC_PANICKED 0x01	  /* it stops here */
#define PVPANIC_CRASH_LOADED 0x02 /* its crash kernel is about to run */

struct pvpanic_config {
	struct iobus *ports;
	/* `event` is one of the above. Called from within the guest's write, with the lock held: to
	 * be noted, not done there. */
	void (*event)(void *context, unsigned int event);
	void *context;
};

int pvpanic_create(const struct pvpanic_config *config, struct device **ret_device);

#endif
