/* SPDX-License-Identifier: GPL-2.0-only */
/* A guest that is there, defined anew by XML that was made of its own. */
#ifndef BERTH_NODE_RPC_DEFINITION_H
#define BERTH_NODE_RPC_DEFINITION_H

#include "node/server/call.h"

/* The call, which returns nothing, is answered when it is stored; before that `then`, if there is
 * one, tells others. */
void definition_change(
    struct server_call *call, const char *xml, void (*then)(struct server_call *call));

#endif
