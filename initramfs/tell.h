/* SPDX-License-Identifier: GPL-2.0-only */
/* The last words of early boot, for every place where somebody may be looking. */
#ifndef BERTH_INITRAMFS_TELL_H
#define BERTH_INITRAMFS_TELL_H

#include <stddef.h>

#define TELL_CONSOLES 5
#define TELL_NAME 16

/*
 * The tty names that a message belongs on besides /dev/console: UARTs that the driver found, of
 * `uarts` (/proc/tty/driver/serial, which lists a port that is not there as uart:unknown), without
 * those in `active` (/sys/class/tty/console/active), for /dev/console reaches them. How many.
 */
size_t tell_extra_consoles(
    const char *uarts, const char *active, char ret_names[TELL_CONSOLES][TELL_NAME]);

/*
 * Write `text` to the kernel's log, to /dev/console and to each live UART. `root` is where the new
 * root stands: /dev, /proc and /sys may have been moved there. Waits for no reader, never
 * fails.
 */
void tell_all(const char *root, const char *text);

#endif
