/* SPDX-License-Identifier: GPL-2.0-only */
/* Events: who asked for which, and telling them. */
#ifndef BERTH_NODE_RPC_EVENTS_H
#define BERTH_NODE_RPC_EVENTS_H

#include "node/server/call.h"

/* To one client, as often as it asked for it. */
void events_send_lifecycle(
    struct client *client, const struct driver_guest *guest, int32_t event, int32_t detail);
void events_send_reboot(struct client *client, const struct driver_guest *guest);

struct object_kind;
struct rpc_net;

/* A network's or a pool's, to all who asked (libvirt: virNetworkEventLifecycleType,
 * virStoragePoolEventLifecycleType). */
enum object_event {
	OBJECT_DEFINED,
	OBJECT_UNDEFINED,
	OBJECT_STARTED,
	OBJECT_STOPPED,
	OBJECT_BUILT,
	OBJECT_DELETED,
};
void events_send_object(struct server_core *core, const struct object_kind *kind,
    const struct rpc_net *record, enum object_event event);
void events_send_refresh(struct server_core *core, const struct rpc_net *record);

#endif
