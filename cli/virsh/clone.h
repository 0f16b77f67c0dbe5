/* SPDX-License-Identifier: GPL-2.0-only */
/* virt-clone: another guest like one that is there, with copies of its disks. */
#ifndef BERTH_CLI_VIRSH_CLONE_H
#define BERTH_CLI_VIRSH_CLONE_H

#include "cli/virsh/shell.h"

/* The whole program; its exit code. */
int clone_main(struct shell *shell, int argc, char **argv);

#endif
