/* SPDX-License-Identifier: GPL-2.0-only */
/* Another kernel without the firmware in between (kexec_file_load(2)). */
#ifndef BERTH_CLI_KEXEC_H
#define BERTH_CLI_KEXEC_H

/* Arguments: KERNEL INITRD COMMAND-LINE loads them; none starts what is loaded, at once. An exit
 * code. */
int kexec_run(int count, char **arguments);

#endif
