/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every device is: one file with its state, its constructor, and this table. All functions are
 * called with the machine's lock held; none may block or fail for what the guest did.
 */
#ifndef BERTH_VMM_BUS_DEVICE_H
#define BERTH_VMM_BUS_DEVICE_H

#include <stdbool.h>

#include "vmm/core/state.h"

#define DEVICE_ID_MAX 31

struct device;

struct device_ops {
	const char *name; /* of the kind; names its section of saved state */
	/* As after power-on. What is in flight is drained first. */
	void (*reset)(struct device *device);
	/* Stop; on return the device touches no guest memory and raises no interrupt. False while
	 * something is still in flight: the caller runs the loop and asks again. */
	bool (*pause)(struct device *device);
	void (*resume)(struct device *device);
	/* Sections of its own, from state_begin() to state_end(). */
	void (*save)(struct device *device, struct state_writer *writer);
	/* Into a device as after reset, paused. 0 or the reader's error; then the device is to be
	 * reset or freed. */
	int (*load)(struct device *device, struct state_reader *reader);
	void (*free)(struct device *device);
};

struct device {
	const struct device_ops *ops;
	char id[DEVICE_ID_MAX + 1]; /* of this one, unique among its kind */
};

#endif
