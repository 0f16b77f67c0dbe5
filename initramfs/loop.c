/* SPDX-License-Identifier: GPL-2.0-only */
#include "initramfs/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Free number to node path; another user may take the number between the two calls, hence the loop
 * in the caller. */
static int free_device(char name[LOOP_NAME_SIZE])
{
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	int number;

	if (control < 0)
		return -errno;
	number = ioctl(control, LOOP_CTL_GET_FREE);
	if (number < 0) {
		number = -errno;
		close(control);
		return number;
	}
	close(control);
	snprintf(name, LOOP_NAME_SIZE, "/dev/loop%d", number);
	return 0;
}

static int configure(const char *name, int backing)
{
	struct loop_config config = {
		.fd = (__u32)backing,
		/* Direct I/O would be refused by the initramfs; a large block suits squashfs. */
		.block_size = 4096,
		.info = { .lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR },
	};
	int device = open(name, O_RDONLY | O_CLOEXEC);
	int error = 0;

	if (device < 0)
		return -errno;
	if (ioctl(device, LOOP_CONFIGURE, &config) < 0) {
		error = -errno;
		close(device);
	}
	/* On success the descriptor stays open: autoclear would release the device before it is
	 * mounted. */
	return error;
}

int loop_attach(const char *file, char ret_device[LOOP_NAME_SIZE])
{
	char name[LOOP_NAME_SIZE];
	int backing = open(file, O_RDONLY | O_CLOEXEC);
	int error = -EBUSY;

	if (backing < 0)
		return -errno;
	for (int attempt = 0; attempt < 8 && error == -EBUSY; attempt++) {
		error = free_device(name);
		if (!error)
			error = configure(name, backing);
	}
	close(backing);
	if (!error)
		snprintf(ret_device, LOOP_NAME_SIZE, "%s", name);
	return error;
}
