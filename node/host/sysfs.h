/* SPDX-License-Identifier: GPL-2.0-only */
/* Attributes as the kernel has them in /sys: one line a file, links to other devices. */
#ifndef BERTH_NODE_HOST_SYSFS_H
#define BERTH_NODE_HOST_SYSFS_H

#include <stdbool.h>
#include <stddef.h>

#define SYSFS_PATH 512
#define SYSFS_LINE 256

/* Where the kernel's trees are: /sys and /proc, or a test's own. */
struct host_roots {
	const char *sys;
	const char *proc;
};

extern const struct host_roots host_roots;

/* The first line of a file without blanks around it. False, and "", when there is none or it is
 * empty; bytes that are no text become "?". */
bool sysfs_line(char line[SYSFS_LINE], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The number that a file begins with, or `otherwise`. */
long long sysfs_number(long long otherwise, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The last part of what a link points to. False, and "", when there is no link. */
bool sysfs_link(char name[SYSFS_LINE], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

bool sysfs_exists(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Each name of a folder in the order of the alphabet, until `each` says false. A folder that is
 * not there has none. */
void sysfs_names(const char *folder, bool (*each)(void *context, const char *name), void *context);

#endif
