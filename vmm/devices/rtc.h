/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * MC146818A real-time clock with 128 bytes of CMOS at ports 0x70 and 0x71. Time is the node's wall
 * clock plus an offset, which the guest changes by setting the clock; nothing ticks while nobody
 * asks and no interrupt is enabled.
 */
#ifndef BERTH_VMM_DEVICES_RTC_H
#define BERTH_VMM_DEVICES_RTC_H

#include "lib/loop.h"
#include "vmm/bus/device.h"
#include "vmm/bus/iobus.h"
#include "vmm/core/irq_line.h"

struct rtc_config {
	struct iobus *ports;
	struct irq_line irq;
	struct loop *loop; /* for interrupts */
	/* What the guest's clock shows at power-on, in nanoseconds since 1970: UTC, or local time
	 * for guests that want it so. */
	int64_t (*wall)(void *context);
	void *context;
};

int rtc_create(const struct rtc_config *config, struct device **ret_device);

#endif
