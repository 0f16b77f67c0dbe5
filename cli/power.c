/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/power.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "cli/exit_codes.h"

/* BusyBox init: SIGUSR2 powers off, SIGTERM reboots (its init.c, "Signals"). */
static int ask_init(int signal_number, int command, bool force, const char *what)
{
	if (force) {
		sync();
		if (reboot(command) == 0)
			return EXIT_WELL;
	} else if (kill(1, signal_number) == 0) {
		printf("%s: services stop first\n", what);
		return EXIT_WELL;
	}
	fprintf(stderr, "berth: cannot %s: %s\n", what, strerror(errno));
	return EXIT_SYSTEM;
}

int power_off(bool force)
{
	return ask_init(SIGUSR2, RB_POWER_OFF, force, "power off");
}

int power_reboot(bool force)
{
	return ask_init(SIGTERM, RB_AUTOBOOT, force, "reboot");
}
