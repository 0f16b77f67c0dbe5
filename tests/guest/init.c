/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The first process of the small guest: says that user space is reached, then hands over to the
 * set-up script.
 *
 * A program of its own, so that the line which start times are measured by does not wait for a
 * shell. PID 1: it must never return; without the script the guest's kernel panics, which a test
 * sees.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <time.h>
#include <unistd.h>

#define SETUP "/etc/guest/setup"

int main(void)
{
	struct timespec up = { 0 };
	char line[64];
	int fd, length;

	mount("dev", "/dev", "devtmpfs", MS_NOSUID, "mode=0755");
	fd = open("/dev/console", O_RDWR | O_NOCTTY);
	for (int i = 0; fd >= 0 && i <= 2; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
	clock_gettime(CLOCK_BOOTTIME, &up);
	length = snprintf(line, sizeof(line), "guest-init: up after %lld.%02ld s\n",
	    (long long)up.tv_sec, up.tv_nsec / 10000000);
	if (write(STDOUT_FILENO, line, (size_t)length) != length)
		sleep(1);
	execl(SETUP, SETUP, (char *)NULL);
	return 1;
}
