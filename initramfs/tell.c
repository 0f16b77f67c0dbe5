/* SPDX-License-Identifier: GPL-2.0-only */
#include "initramfs/tell.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#include "lib/spcr.h"

/* Whether `word` is one of the blank-separated words of `list`. */
static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	while (*list) {
		size_t span = strcspn(list, " \n");

		if (span == length && !strncmp(list, word, length))
			return true;
		list += span + (list[span] != '\0');
	}
	return false;
}

size_t tell_extra_consoles(
    const char *uarts, const char *active, char ret_names[TELL_CONSOLES][TELL_NAME])
{
	size_t count = 0;

	while (*uarts && count < TELL_CONSOLES) {
		size_t digits = strspn(uarts, "0123456789");
		const char *rest = uarts + digits;

		/* "0: uart:16550A port:000003F8 irq:4 ..."; the first line is a heading. */
		if (digits && digits < 4 && !strncmp(rest, ": uart:", 7) &&
		    strncmp(rest + 7, "unknown", 7)) {
			snprintf(ret_names[count], TELL_NAME, "ttyS%.*s", (int)digits, uarts);
			count += !has_word(active, ret_names[count]);
		}
		uarts += strcspn(uarts, "\n");
		uarts += *uarts == '\n';
	}
	return count;
}

/* A path below "/" or, once what stands there has been moved, below `root`. */
static int open_either(const char *root, const char *path, int flags)
{
	char moved[PATH_MAX];
	int fd = open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0 && (size_t)snprintf(moved, sizeof(moved), "%s%s", root, path) < sizeof(moved))
		fd = open(moved, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	return fd;
}

static void read_text(const char *root, const char *path, char *text, size_t size)
{
	int fd = open_either(root, path, O_RDONLY);
	ssize_t got = fd < 0 ? -1 : read(fd, text, size - 1);

	text[got > 0 ? got : 0] = '\0';
	if (fd >= 0)
		close(fd);
}

/* The speed of the consoles later; the driver's own would be 9600. `path` is /dev/ttyS0 or the
 * like. */
static void set_speed(int fd, const char *root, const char *path)
{
	struct termios settings;
	char sys[PATH_MAX];
	speed_t speed;

	if (tcgetattr(fd, &settings) < 0)
		return;
	snprintf(sys, sizeof(sys), "%s/sys", access("/sys/class", F_OK) ? root : "");
	speed = spcr_speed(sys, path + strlen("/dev/"));
	cfsetispeed(&settings, speed);
	cfsetospeed(&settings, speed);
	settings.c_cflag |= CLOCAL;
	tcsetattr(fd, TCSANOW, &settings);
}

static void tell(const char *root, const char *path, const char *before, const char *text)
{
	char line[512];
	int fd = open_either(root, path, O_WRONLY);

	if (fd < 0)
		return;
	if (strstr(path, "/ttyS"))
		set_speed(fd, root, path);
	snprintf(line, sizeof(line), "%s%s%s", before, text, *before == '\n' ? "\n" : "");
	/* There is nobody left to tell of a failed write. The close waits for a slow line, half a
	 * minute at most (tty_port(9), closing_wait). */
	if (write(fd, line, strlen(line)) < 0)
		line[0] = '\0';
	close(fd);
}

void tell_all(const char *root, const char *text)
{
	char names[TELL_CONSOLES][TELL_NAME];
	char uarts[4096];
	char active[256];
	char path[32];
	size_t count;

	/* Where not even devtmpfs could be mounted. */
	mknod("/dev/kmsg", S_IFCHR | 0600, makedev(1, 11));
	/* An error's level (Documentation/ABI/testing/dev-kmsg); a quiet kernel does not print it,
	 * hence the rest. */
	tell(root, "/dev/kmsg", "<3>", text);
	tell(root, "/dev/console", "\n", text);
	read_text(root, "/proc/tty/driver/serial", uarts, sizeof(uarts));
	read_text(root, "/sys/class/tty/console/active", active, sizeof(active));
	count = tell_extra_consoles(uarts, active, names);
	for (size_t i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "/dev/%s", names[i]);
		tell(root, path, "\n", text);
	}
}
