/* SPDX-License-Identifier: GPL-2.0-only */
/* The memory that guests share. What they are promised may be more than there is; what they hold
 * may not, so that they never take what the node needs to go on. */
#ifndef BERTH_NODE_GUEST_MEMORY_H
#define BERTH_NODE_GUEST_MEMORY_H

#include <stdint.h>

#include "conf/model_guest.h"
#include "lib/buf.h"
#include "node/guest/paths.h"

/* Bound what guests hold together, and look whether there is room for one more. 0, or -ENOMEM with
 * one line in `why`. */
int memory_admit(const struct node_paths *paths, const struct conf_guest *guest, struct buf *why);

#endif
