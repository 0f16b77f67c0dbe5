/* SPDX-License-Identifier: GPL-2.0-only */
#include "initramfs/mounts.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRMWARE "/lib/firmware"
#define PLAIN (MS_NOSUID | MS_NODEV | MS_NOEXEC)

const struct mount_entry mounts_early[] = {
	{ "devtmpfs", "/dev", MS_NOSUID, "mode=0755" },
	{ "proc", "/proc", PLAIN, NULL },
	{ "sysfs", "/sys", PLAIN, NULL },
	{ 0 },
};

/* Sizes bound what a runaway log or a mistaken copy can take from the guests' memory. */
const struct mount_entry mounts_late[] = {
	{ "tmpfs", "/new/run", MS_NOSUID | MS_NODEV, "mode=0755,size=32m" },
	{ "tmpfs", "/new/tmp", MS_NOSUID | MS_NODEV, "mode=1777,size=25%" },
	{ "tmpfs", "/new/var", MS_NOSUID | MS_NODEV, "mode=0755,size=64m" },
	{ 0 },
};

int mounts_apply(const struct mount_entry *entry)
{
	if (mkdir(entry->target, 0755) < 0 && errno != EEXIST && errno != EROFS)
		return -errno;
	/* The kernel may have mounted devtmpfs already. */
	if (mount(entry->type, entry->target, entry->type, entry->flags, entry->options) < 0 &&
	    errno != EBUSY)
		return -errno;
	return 0;
}

int mounts_root(const char *device, const char *target)
{
	if (mkdir(target, 0755) < 0 && errno != EEXIST)
		return -errno;
	/* Not nosuid: that would also refuse the change of SELinux domain when a program starts. */
	return mount(device, target, "squashfs", MS_RDONLY | MS_NODEV, NULL) < 0 ? -errno : 0;
}

int mounts_firmware(const char *root)
{
	char target[64];

	if (access(FIRMWARE, F_OK) < 0)
		return errno == ENOENT ? 0 : -errno;
	snprintf(target, sizeof(target), "%s" FIRMWARE, root);
	return mount(FIRMWARE, target, NULL, MS_BIND, NULL) < 0 ? -errno : 0;
}

int mounts_move(const char *root)
{
	char target[64];

	for (const struct mount_entry *entry = mounts_early; entry->target; entry++) {
		snprintf(target, sizeof(target), "%s%s", root, entry->target);
		if (mount(entry->target, target, NULL, MS_MOVE, NULL) < 0)
			return -errno;
	}
	return 0;
}

int mounts_switch_root(const char *root)
{
	/* The initramfs cannot be unmounted; the new root is laid over it
	 * (Documentation/filesystems/ramfs-rootfs-initramfs.rst, "What is initramfs?"). */
	if (chdir(root) < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 ||
	    chdir("/") < 0)
		return -errno;
	return 0;
}
