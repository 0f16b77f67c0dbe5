/* SPDX-License-Identifier: GPL-2.0-only */
/* The status screen: what the node is, and what is not well with it, on one page of 80 columns. */
#ifndef BERTH_CLI_STATUS_H
#define BERTH_CLI_STATUS_H

#include <stdbool.h>

#include "lib/buf.h"

/* `addresses` appends the node's addresses; a test gives its own. True when all is well. */
bool status_text(void (*addresses)(struct buf *buf), struct buf *buf);

#endif
