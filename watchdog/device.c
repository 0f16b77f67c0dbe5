/* SPDX-License-Identifier: GPL-2.0-only */
#include "watchdog/device.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/watchdog.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/proc.h"

#define MODPROBE_SECONDS 10

/* What the kernel's own calls itself (Linux, drivers/watchdog/softdog.c). */
#define SOFT_IDENTITY "Software Watchdog"

/* A watchdog that the kernel has: "watchdog0", and what its driver is called. */
struct candidate {
	char node[32];
	char name[DEVICE_NAME];
};

/* The module behind it; false for one that names no device, as the kernel's own, and some others.
 */
static bool find_module(const char *sys, struct candidate *candidate)
{
	char path[PATH_MAX];
	char target[PATH_MAX];

	snprintf(
	    path, sizeof(path), "%s/class/watchdog/%s/device/driver/module", sys, candidate->node);
	if (!realpath(path, target))
		return false;
	snprintf(candidate->name, sizeof(candidate->name), "%s", basename(target));
	return true;
}

/* By its module, else by what it calls itself ("i6300ESB timer"). */
static void find_name(const char *sys, struct candidate *candidate)
{
	struct buf text = BUF_INIT;
	char path[PATH_MAX];

	if (find_module(sys, candidate))
		return;
	snprintf(path, sizeof(path), "%s/class/watchdog/%s/identity", sys, candidate->node);
	candidate->name[0] = '\0';
	if (!file_read(path, DEVICE_NAME, &text))
		snprintf(candidate->name, sizeof(candidate->name), "%.*s",
		    (int)strcspn(buf_text(&text), "\n"), buf_text(&text));
	buf_done(&text);
	if (!strcmp(candidate->name, SOFT_IDENTITY))
		strcpy(candidate->name, DEVICE_SOFT);
}

/* Whether one is of `driver`; for NULL, whether one is the machine's own. */
static bool find(const char *sys, const char *driver, struct candidate *ret_candidate)
{
	char path[PATH_MAX];
	struct dirent *entry;
	bool found = false;
	DIR *folder;

	snprintf(path, sizeof(path), "%s/class/watchdog", sys);
	folder = opendir(path);
	while (folder && !found && (entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(ret_candidate->node, sizeof(ret_candidate->node), "%.31s", entry->d_name);
		find_name(sys, ret_candidate);
		found = driver ? !strncasecmp(ret_candidate->name, driver, strlen(driver))
			       : strcmp(ret_candidate->name, DEVICE_SOFT) != 0;
	}
	if (folder)
		closedir(folder);
	return found;
}

/* Load a driver; what comes of it shows in sysfs. */
static void load(const char *driver)
{
	char modprobe[] = "modprobe";
	char quiet[] = "-q";
	char name[DEVICE_NAME];
	char *arguments[] = { modprobe, quiet, name, NULL };
	struct buf output = BUF_INIT;

	snprintf(name, sizeof(name), "%s", driver);
	(void)proc_run(arguments, MODPROBE_SECONDS, 0, &output);
	buf_done(&output);
}

static bool choose(const char *choice, const char *sys, struct candidate *ret_candidate)
{
	if (strcmp(choice, "auto")) {
		if (!find(sys, choice, ret_candidate))
			load(choice);
		return find(sys, choice, ret_candidate);
	}
	if (find(sys, NULL, ret_candidate))
		return true;
	load(DEVICE_SOFT);
	return find(sys, DEVICE_SOFT, ret_candidate);
}

int device_arm(const char *choice, unsigned int timeout, const char *sys, const char *dev,
    struct device *ret_device)
{
	struct candidate candidate;
	int seconds = (int)timeout;
	char path[PATH_MAX];
	int error;

	ret_device->fd = -1;
	if (!choose(choice, sys, &candidate))
		return -ENODEV;
	snprintf(path, sizeof(path), "%s/%s", dev, candidate.node);
	ret_device->fd = open(path, O_WRONLY | O_CLOEXEC);
	if (ret_device->fd < 0)
		return -errno;
	snprintf(ret_device->name, sizeof(ret_device->name), "%s", candidate.name);
	/* It takes the next time that it can count, or none of its own choice. */
	if (ioctl(ret_device->fd, WDIOC_SETTIMEOUT, &seconds) < 0 &&
	    ioctl(ret_device->fd, WDIOC_GETTIMEOUT, &seconds) < 0) {
		error = -errno;
		device_disarm(ret_device);
		return error;
	}
	ret_device->timeout = seconds > 0 ? (unsigned int)seconds : timeout;
	return 0;
}

int device_feed(const struct device *device)
{
	int unused;

	return ioctl(device->fd, WDIOC_KEEPALIVE, &unused) < 0 ? -errno : 0;
}

void device_disarm(struct device *device)
{
	if (device->fd < 0)
		return;
	/* The magic close. A driver that cannot be stopped ignores it. */
	if (write(device->fd, "V", 1) != 1)
		perror("berth-watchdog: cannot stop the watchdog");
	close(device->fd);
	device->fd = -1;
}
