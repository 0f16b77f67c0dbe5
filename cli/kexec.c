/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/kexec.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli/exit_codes.h"

/* Linux, include/uapi/linux/reboot.h: LINUX_REBOOT_CMD_KEXEC. */
#define START_LOADED 0x45584543

static int fail(const char *what, const char *name)
{
	fprintf(stderr, "berth: cannot %s \"%s\": %s\n", what, name, strerror(errno));
	return EXIT_SYSTEM;
}

static int load(const char *kernel, const char *initrd, const char *line)
{
	int kernel_fd = open(kernel, O_RDONLY | O_CLOEXEC);
	int initrd_fd = open(initrd, O_RDONLY | O_CLOEXEC);
	int result = EXIT_WELL;

	if (kernel_fd < 0)
		result = fail("open", kernel);
	else if (initrd_fd < 0)
		result = fail("open", initrd);
	else if (syscall(SYS_kexec_file_load, kernel_fd, initrd_fd, strlen(line) + 1, line, 0UL) <
		 0)
		result = fail("load", kernel);
	if (kernel_fd >= 0)
		close(kernel_fd);
	if (initrd_fd >= 0)
		close(initrd_fd);
	return result;
}

int kexec_run(int count, char **arguments)
{
	if (count == 3)
		return load(arguments[0], arguments[1], arguments[2]);
	if (count)
		return EXIT_USAGE;
	reboot(START_LOADED);
	return fail("start", "the kernel that is loaded");
}
