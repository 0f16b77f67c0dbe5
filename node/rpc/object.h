/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is asked alike of networks and of pools: lists, lookups, whether they are up, start with the
 * node, are defined. The family that a procedure is of tells the kind; on the wire both are a name
 * and a UUID.
 */
#ifndef BERTH_NODE_RPC_OBJECT_H
#define BERTH_NODE_RPC_OBJECT_H

#include "conf/schema.h"
#include "node/server/call.h"

/* libvirt: virConnectListAllNetworksFlags, virConnectListAllStoragePoolsFlags; the latter has types
 * of pools from OBJECT_TYPES on. */
enum {
	OBJECT_INACTIVE = 1,
	OBJECT_ACTIVE = 2,
	OBJECT_PERSISTENT = 4,
	OBJECT_TRANSIENT = 8,
	OBJECT_AUTOSTART = 16,
	OBJECT_NO_AUTOSTART = 32,
	OBJECT_TYPES = 64,
};

struct object_kind {
	const char *section; /* of the file, and in the UUID */
	const char *missing; /* what a lookup that fails says, up to its key */
	enum rpc_error_code code;
	enum rpc_error_from from;
	uint32_t flags; /* that a list may be asked for */
	const struct conf_object *(*first)(const struct conf_model *model);
	const char *(*uuid)(const struct conf_object *object); /* that the file gives, or NULL */
	/* 0: the file says that there is none of this name. */
	uint32_t (*traits)(struct server_call *call, const struct conf_object *object);
	/* Whether the guest's definition names one of this name. */
	bool (*used_by)(const struct conf_guest *guest, const char *name);
	int32_t registration; /* procedure by which clients ask for events */
	int32_t lifecycle;    /* procedure of the event */
	enum rpc_type lifecycle_record;
};

/* How it is named on the wire. */
struct rpc_net object_record(const struct object_kind *kind, const struct conf_object *object);

/* By UUID, as procedures name objects. NULL with the call failed. */
const void *object_of(struct server_call *call, const struct object_kind *kind, const void *record);

/* By name, without failing a call. */
const void *object_named(
    struct server_call *call, const struct object_kind *kind, const char *name);

/* Handlers. */
void object_list_all(struct server_call *call);
void object_num_of_active(struct server_call *call);
void object_num_of_inactive(struct server_call *call);
void object_list_active(struct server_call *call);
void object_list_inactive(struct server_call *call);
void object_by_name(struct server_call *call);
void object_by_uuid(struct server_call *call);
void object_autostart(struct server_call *call);
void object_is_active(struct server_call *call);
void object_is_persistent(struct server_call *call);

#endif
