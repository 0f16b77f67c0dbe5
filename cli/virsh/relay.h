/* SPDX-License-Identifier: GPL-2.0-only */
/* virt-ssh-helper: what libvirt's clients run on the node over ssh, with the protocol on stdin and
 * stdout. */
#ifndef BERTH_CLI_VIRSH_RELAY_H
#define BERTH_CLI_VIRSH_RELAY_H

/* virt-ssh-helper [-r] [URI]; the exit code. */
int relay_main(int argc, char **argv);

/* As nc: what libvirt's clients run with -U where they find no helper, or are told not to look for
 * it; anything else is BusyBox's. */
int relay_netcat(int argc, char **argv);

#endif
