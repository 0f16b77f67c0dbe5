/* SPDX-License-Identifier: GPL-2.0-only */
/* Switching the node off and starting it anew, through BusyBox init. */
#ifndef BERTH_CLI_POWER_H
#define BERTH_CLI_POWER_H

#include <stdbool.h>

/* Ask init to stop everything, then power off or reboot; with `force`, do it at once. An exit code.
 */
int power_off(bool force);
int power_reboot(bool force);

/* Start anew without the firmware, if the kernel that is to be booted can be loaded into memory;
 * else through it. */
int power_reboot_kexec(void);

#endif
