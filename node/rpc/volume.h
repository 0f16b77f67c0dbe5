/* SPDX-License-Identifier: GPL-2.0-only */
/* Volumes between the wire and the pools' folders, for who changes them or has streams of them. */
#ifndef BERTH_NODE_RPC_VOLUME_H
#define BERTH_NODE_RPC_VOLUME_H

#include "node/host/storage.h"
#include "node/server/call.h"

/* In the call's memory. */
struct rpc_vol volume_record(
    struct server_call *call, const struct conf_pool *pool, const struct storage_volume *volume);

/* Code 50 and nothing else. */
void volume_fail_missing(struct server_call *call, const char *what, const char *name);

/* A pool that is there; NULL with the call failed. */
const struct conf_pool *volume_pool(struct server_call *call, const struct rpc_pool *record);

/* A volume's pool; NULL with the call failed. */
const struct conf_pool *volume_of(
    struct server_call *call, const struct rpc_vol *record, struct storage_volume *ret_volume);

#endif
