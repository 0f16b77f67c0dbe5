/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/power.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "cli/exit_codes.h"
#include "lib/file.h"

/* For /usr/lib/berth/shutdown. */
#define KEXEC_WISH "/run/berth/state/kexec"

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

int power_reboot_kexec(void)
{
	int error = file_replace(KEXEC_WISH, "", 0, 0644);

	if (error)
		fprintf(stderr, "berth: cannot write \"%s\": %s; the firmware comes in between\n",
		    KEXEC_WISH, strerror(-error));
	return power_reboot(false);
}
