/* SPDX-License-Identifier: GPL-2.0-only */
/* `berth update`, `berth rollback` and `berth install`: other versions in the slots of the boot
 * partition, and on other disks. berth(8), berth-update(7). */
#ifndef BERTH_CLI_UPDATE_H
#define BERTH_CLI_UPDATE_H

/* Everything after the verb on the command line. An exit code each. */
int update_run(int count, char **arguments);
int rollback_run(int count, char **arguments);
int install_run(int count, char **arguments);

#endif
