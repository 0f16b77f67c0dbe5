/* SPDX-License-Identifier: GPL-2.0-only */
/* A watchdog of the kernel (Linux, Documentation/watchdog/watchdog-api.rst): once armed it resets
 * the machine unless it is fed in time. */
#ifndef BERTH_WATCHDOG_DEVICE_H
#define BERTH_WATCHDOG_DEVICE_H

#include <stddef.h>

#define DEVICE_NAME 64

/* The kernel's own, which needs no hardware, and is of no help when the kernel itself stands. */
#define DEVICE_SOFT "softdog"

struct device {
	int fd;			/* -1: none is armed */
	unsigned int timeout;	/* seconds, as the device took it */
	char name[DEVICE_NAME]; /* of its driver, or what that calls it */
};

/*
 * Choose and arm one. `choice` is "auto", the machine's own before the kernel's, or the name of a
 * driver, which is loaded. `sys` is where sysfs is, `dev` where devices are. -ENODEV when there is
 * none, or -errno; then none is armed.
 */
int device_arm(const char *choice, unsigned int timeout, const char *sys, const char *dev,
    struct device *ret_device);

/* 0 or -errno. */
int device_feed(const struct device *device);

/* Stop it, and give it up. Without this it stays armed, even when the process ends. */
void device_disarm(struct device *device);

#endif
