/* SPDX-License-Identifier: GPL-2.0-only */
/* The status screen on a physical console, with Enter as the way in. One process a console, under
 * runsv. */
#ifndef BERTH_CLI_CONSOLE_H
#define BERTH_CLI_CONSOLE_H

/* Serve /dev/TTY until it goes away. An exit code. */
int console_run(const char *tty);

#endif
