/* SPDX-License-Identifier: GPL-2.0-only */
/* Loop devices: a file as a read-only block device (loop(4); the kernel's
 * include/uapi/linux/loop.h). */
#ifndef BERTH_INITRAMFS_LOOP_H
#define BERTH_INITRAMFS_LOOP_H

#define LOOP_NAME_SIZE 32

/*
 * Attach `file` to a free loop device, read-only, to be released with its last user. `ret_device`
 * gets the device node's path and is written on success only. 0 or -errno.
 */
int loop_attach(const char *file, char ret_device[LOOP_NAME_SIZE]);

#endif
