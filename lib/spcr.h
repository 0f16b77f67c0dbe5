/* SPDX-License-Identifier: GPL-2.0-only */
/* The speed of a serial port, as the firmware's table says (Microsoft, Serial Port Console
 * Redirection Table). */
#ifndef BERTH_LIB_SPCR_H
#define BERTH_LIB_SPCR_H

#include <termios.h>

/* Without a table, of a port that it does not name, and where it says "as it is": what the boot
 * menus of the image speak. */
#define SPCR_DEFAULT B115200

/* For the port `tty` (ttyS0); `sys` is where sysfs stands. */
speed_t spcr_speed(const char *sys, const char *tty);

#endif
