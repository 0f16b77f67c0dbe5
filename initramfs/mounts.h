/* SPDX-License-Identifier: GPL-2.0-only */
/* What is mounted before /sbin/init starts, as two tables, and the change of root. */
#ifndef BERTH_INITRAMFS_MOUNTS_H
#define BERTH_INITRAMFS_MOUNTS_H

struct mount_entry {
	const char *type;
	const char *target;
	unsigned long flags; /* MS_* of mount(2) */
	const char *options; /* for the file system, or NULL */
};

/* In the initramfs, for loop devices to work; and below the new root. Both end with a NULL target.
 */
extern const struct mount_entry mounts_early[];
extern const struct mount_entry mounts_late[];

/* Mount one entry, making its folder where there is none. 0 or -errno. */
int mounts_apply(const struct mount_entry *entry);

/* Mount the squashfs on `device` read-only on `target`. 0 or -errno. */
int mounts_root(const char *device, const char *target);

/* Show what a further archive of the initrd brought for /lib/firmware below `root`, where modules'
 * requests look; nothing to do where there was none. 0 or -errno. */
int mounts_firmware(const char *root);

/* Move what mounts_early mounted below `root`. 0 or -errno. */
int mounts_move(const char *root);

/* Make `root` the root and working directory of this process and of all that follow. 0 or -errno.
 */
int mounts_switch_root(const char *root);

#endif
