/* SPDX-License-Identifier: GPL-2.0-only */
/* virt-install: a guest out of options, made and started. */
#ifndef BERTH_CLI_VIRSH_INSTALL_H
#define BERTH_CLI_VIRSH_INSTALL_H

#include "cli/virsh/shell.h"

/* The whole program; its exit code. */
int install_main(struct shell *shell, int argc, char **argv);

#endif
