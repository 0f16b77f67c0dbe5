/* SPDX-License-Identifier: GPL-2.0-only */
/* Sections of networks and pools, changed for clients. */
#ifndef BERTH_NODE_RPC_OBJECT_CHANGE_H
#define BERTH_NODE_RPC_OBJECT_CHANGE_H

#include "node/rpc/events.h"
#include "node/rpc/object.h"
#include "node/xml/section.h"

#define OBJECT_ARENA (4u * 1024 * 1024)

/* Of a client's: that name and UUID are free or those of one object, which is not up when it is to
 * be started. `uuid` may be NULL. False with the call failed (code 9). */
bool object_may_be(struct server_call *call, const char *name, const char *uuid, bool started);

/* The line that keeps the identity which a client gives, or which it is to keep. */
void object_say_uuid(struct server_call *call, struct xml_section *section);

/*
 * Have the file say it, in the section of an object that is there already or in a new one: lines
 * that say the same stay as they are, and so do those of keys that `known` (ends with NULL) does
 * not name. Ends the call, with the object's record; or hands it over to `then`, if there is one,
 * once the file says it.
 */
typedef void (*object_then)(struct server_call *call, const struct conf_object *object);
void object_define(struct server_call *call, const struct xml_section *section,
    const char *const *known, object_then then);

/* Take the section out; it ends the call. `off` says so in the file where otherwise there would be
 * one that is built in. */
void object_undefine(struct server_call *call, const struct conf_object *object,
    const char *off_key, const char *off_value);

/* Set a key of one that is there; it ends the call. */
void object_set(
    struct server_call *call, const struct conf_object *object, const char *key, const char *value);

/* Edits of one object's section; they end the call. A built-in one gets its lines first. */
void object_edit(struct server_call *call, const struct conf_object *object,
    const struct conf_edit *edits, size_t count);

#endif
