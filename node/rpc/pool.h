/* SPDX-License-Identifier: GPL-2.0-only */
/* Pools between the wire and the model, for who serves their volumes. */
#ifndef BERTH_NODE_RPC_POOL_H
#define BERTH_NODE_RPC_POOL_H

#include "node/server/call.h"

const struct conf_pool *pool_first(struct server_call *call);
bool pool_is_active(struct server_call *call, const struct conf_pool *pool);

/* NULL with the call failed (code 49). */
const struct conf_pool *pool_of(struct server_call *call, const struct rpc_pool *record);

#endif
