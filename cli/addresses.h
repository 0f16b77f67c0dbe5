/* SPDX-License-Identifier: GPL-2.0-only */
/* The node's addresses, for people. */
#ifndef BERTH_CLI_ADDRESSES_H
#define BERTH_CLI_ADDRESSES_H

#include "lib/buf.h"

/* One "INTERFACE ADDRESS" a line: global ones of interfaces that are up, IPv4 first. */
void addresses_list(struct buf *buf);

#endif
