/* SPDX-License-Identifier: GPL-2.0-only */
/* Events: who asked for which, and telling them. */
#ifndef BERTH_NODE_RPC_EVENTS_H
#define BERTH_NODE_RPC_EVENTS_H

#include "node/server/call.h"

/* Of a guest, to all who asked, as often as they did. */
void events_send_lifecycle(
    struct server_core *core, const struct driver_guest *guest, int32_t event, int32_t detail);
void events_send_reboot(struct server_core *core, const struct driver_guest *guest);
void events_send_added(
    struct server_core *core, const struct driver_guest *guest, const char *alias);
/* Of guest->full_disk. */
void events_send_no_space(
    struct server_core *core, const struct driver_guest *guest, const char *alias);
void events_send_memory(struct server_core *core, const struct driver_guest *guest, uint64_t bytes);
void events_send_removed(
    struct server_core *core, const struct driver_guest *guest, const char *alias);
void events_send_job(
    struct server_core *core, const struct driver_guest *guest, const struct driver_job *job);
/* `type` is libvirt's virDomainMetadataType; `uri` that of an element, or NULL. */
void events_send_metadata(
    struct server_core *core, const struct driver_guest *guest, int32_t type, const char *uri);

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
