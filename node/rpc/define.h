/* SPDX-License-Identifier: GPL-2.0-only */
/* Editing a guest's section for a client. */
#ifndef BERTH_NODE_RPC_DEFINE_H
#define BERTH_NODE_RPC_DEFINE_H

#include "node/rpc/guest.h"

/* One edit of the section of the guest that the call has found; it ends the call. */
void define_edit(
    struct server_call *call, enum conf_edit_verb verb, const char *key, const char *value);

/* Its memory, or what that may grow to; it ends the call. */
void define_memory(struct server_call *call, uint64_t kib, bool maximum);

#endif
