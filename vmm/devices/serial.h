/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * 16550A UART (National Semiconductor PC16550D data sheet, June 1995) between eight ports and a
 * chardev. The wire is infinitely fast: a byte written is sent at once, so the transmitter is
 * always empty and the guest never waits.
 */
#ifndef BERTH_VMM_DEVICES_SERIAL_H
#define BERTH_VMM_DEVICES_SERIAL_H

#include "vmm/bus/device.h"
#include "vmm/bus/iobus.h"
#include "vmm/core/irq_line.h"

struct chardev;

struct serial_config {
	const char *id;
	struct iobus *ports;
	uint16_t base;
	struct irq_line irq;
	struct chardev *chardev; /* stays the caller's and outlives the device; NULL: no cable */
};

int serial_create(const struct serial_config *config, struct device **ret_device);

#endif
