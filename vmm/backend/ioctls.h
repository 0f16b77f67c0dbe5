/* SPDX-License-Identifier: GPL-2.0-only */
/* The one way to the kernel's tap and vhost drivers, so that a test can answer in their place. */
#ifndef BERTH_VMM_BACKEND_IOCTLS_H
#define BERTH_VMM_BACKEND_IOCTLS_H

struct ioctls {
	/* What ioctl(2) gave, or -errno. */
	int (*call)(void *context, int fd, unsigned long request, void *argument);
	void *context;
};

/* The kernel itself. */
extern const struct ioctls ioctls_kernel;

#endif
