/* SPDX-License-Identifier: GPL-2.0-only */
/* From a whole message to the handler of its procedure. */
#ifndef BERTH_NODE_RPC_DISPATCH_H
#define BERTH_NODE_RPC_DISPATCH_H

#include "node/server/call.h"

/* `client->server` begins with the struct server_core. */
void rpc_dispatch(struct client *client, const uint8_t *data, size_t length);

/* Whether a procedure is served, for documentation and its test. */
bool rpc_is_served(int32_t procedure);

#endif
