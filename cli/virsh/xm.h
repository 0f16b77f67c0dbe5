/* SPDX-License-Identifier: GPL-2.0-only */
/* xm: the words of Xen's command for what virsh does. */
#ifndef BERTH_CLI_VIRSH_XM_H
#define BERTH_CLI_VIRSH_XM_H

#include "cli/virsh/shell.h"

/* The whole program; its exit code. */
int xm_main(struct shell *shell, int argc, char **argv);

#endif
