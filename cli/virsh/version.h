/* SPDX-License-Identifier: GPL-2.0-only */
/* The version of libvirt whose protocol and commands these are. */
#ifndef BERTH_CLI_VIRSH_VERSION_H
#define BERTH_CLI_VIRSH_VERSION_H

#define VIRSH_LIBRARY 11003000ull
#define VIRSH_VERSION "11.3.0"

#endif
