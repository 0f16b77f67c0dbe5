/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/backend/ioctls.h"

#include <errno.h>
#include <sys/ioctl.h>

static int call_kernel(void *context, int fd, unsigned long request, void *argument)
{
	int result = ioctl(fd, request, argument);

	(void)context;
	return result < 0 ? -errno : result;
}

const struct ioctls ioctls_kernel = { call_kernel, 0 };
