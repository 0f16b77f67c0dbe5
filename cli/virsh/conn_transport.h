/* SPDX-License-Identifier: GPL-2.0-only */
/* How a connection's bytes get to the node: a Unix socket, or a program that takes them there. */
#ifndef BERTH_CLI_VIRSH_CONN_TRANSPORT_H
#define BERTH_CLI_VIRSH_CONN_TRANSPORT_H

#include <stddef.h>
#include <sys/types.h>

#include "cli/virsh/uri.h"

/* What came of it. */
struct conn_transport {
	int fd;
	pid_t ssh; /* or 0 */
	char fault[512];
};

/* 0 with a descriptor, or a code of rpc/error.h with the fault told in words. */
int conn_connect(const struct uri *uri, bool read_only, struct conn_transport *ret_transport);

#endif
