/* SPDX-License-Identifier: GPL-2.0-only */
/* Records of both kinds, and of the procedures' arguments and answers, are of one shape: those of
 * networks stand for either. */
#include "node/rpc/object.h"

#include <errno.h>
#include <string.h>

#include "lib/uuid.h"
#include "node/rpc/guest.h"

#define SAME(of_networks, of_pools)                                                                \
	_Static_assert(sizeof(struct rpc_##of_networks) == sizeof(struct rpc_##of_pools),          \
	    "networks and pools are of one shape on the wire")

SAME(net, pool);
SAME(connect_list_all_networks_args, connect_list_all_storage_pools_args);
SAME(connect_list_all_networks_ret, connect_list_all_storage_pools_ret);
SAME(connect_list_networks_ret, connect_list_storage_pools_ret);
SAME(network_lookup_by_name_ret, storage_pool_lookup_by_name_ret);
SAME(network_is_active_ret, storage_pool_is_active_ret);

struct rpc_net object_record(const struct object_kind *kind, const struct conf_object *object)
{
	struct rpc_net record = { .name = object->name };

	if (!kind->uuid(object) || !uuid_parse(kind->uuid(object), record.uuid))
		uuid_of_name(kind->section, object->name, record.uuid);
	return record;
}

/* The first of those from `object` on that is there. */
static const struct conf_object *there(
    struct server_call *call, const struct object_kind *kind, const struct conf_object *object)
{
	while (object && !kind->traits(call, object))
		object = object->next;
	return object;
}

static const struct conf_object *first(struct server_call *call, const struct object_kind *kind)
{
	return there(call, kind, kind->first(call->core->ops->model(call->core->driver)));
}

static const struct conf_object *next(
    struct server_call *call, const struct object_kind *kind, const struct conf_object *object)
{
	return there(call, kind, object->next);
}

static const struct conf_object *find(
    struct server_call *call, const struct object_kind *kind, const uint8_t uuid[16])
{
	for (const struct conf_object *object = first(call, kind); object;
	     object = next(call, kind, object)) {
		struct rpc_net one = object_record(kind, object);

		if (!memcmp(one.uuid, uuid, sizeof(one.uuid)))
			return object;
	}
	return NULL;
}

const void *object_of(struct server_call *call, const struct object_kind *kind, const void *record)
{
	const struct rpc_net *net = record;
	const struct conf_object *object = find(call, kind, net->uuid);
	char text[UUID_TEXT];

	if (!object)
		call_fail(call, kind->code, kind->from, "%s uuid '%s' (%s)", kind->missing,
		    uuid_text(net->uuid, text), net->name);
	return object;
}

const void *object_named(struct server_call *call, const struct object_kind *kind, const char *name)
{
	const struct conf_object *object = first(call, kind);

	while (object && strcmp(object->name, name) != 0)
		object = next(call, kind, object);
	return object;
}

/* Bits of one group are alternatives. */
static bool is_listed(uint32_t traits, uint32_t flags)
{
	static const uint32_t groups[] = { OBJECT_INACTIVE | OBJECT_ACTIVE,
		OBJECT_PERSISTENT | OBJECT_TRANSIENT, OBJECT_AUTOSTART | OBJECT_NO_AUTOSTART,
		~(OBJECT_TYPES - 1u) };

	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (flags & groups[i] && !(flags & traits & groups[i]))
			return false;
	return true;
}

/* Those that `flags` select, in the call's memory. NULL with the call failed. */
static struct rpc_net *list(struct server_call *call, uint32_t flags, uint32_t *ret_count)
{
	const struct object_kind *kind = call->kind;
	struct rpc_net *records;
	uint32_t room = 1;

	for (const struct conf_object *object = first(call, kind); object;
	     object = next(call, kind, object))
		room++;
	records = rpc_memory_alloc(&call->memory, room * sizeof(*records));
	*ret_count = 0;
	if (!records) {
		call_fail_errno(call, -ENOMEM, NULL);
		return NULL;
	}
	for (const struct conf_object *object = first(call, kind); object;
	     object = next(call, kind, object))
		if (is_listed(kind->traits(call, object), flags))
			records[(*ret_count)++] = object_record(kind, object);
	return records;
}

void object_list_all(struct server_call *call)
{
	const struct rpc_connect_list_all_networks_args *args = call->arguments;
	struct rpc_connect_list_all_networks_ret ret = { 0 };

	if (!call_check_flags(call, args->flags, call->kind->flags))
		return;
	ret.nets = list(call, args->flags, &ret.ret);
	if (!ret.nets)
		return;
	ret.nets_count = args->need_results ? ret.ret : 0;
	call_reply(call, &ret);
}

static void num_of(struct server_call *call, uint32_t flags)
{
	uint32_t count;

	if (!list(call, flags, &count))
		return;
	call_reply_number(call, (int32_t)count);
}

void object_num_of_active(struct server_call *call)
{
	num_of(call, OBJECT_ACTIVE);
}

void object_num_of_inactive(struct server_call *call)
{
	num_of(call, OBJECT_INACTIVE);
}

static void list_names(struct server_call *call, uint32_t flags)
{
	const struct rpc_connect_list_networks_args *args = call->arguments;
	uint32_t count;
	struct rpc_net *records = list(call, flags, &count);

	if (records)
		call_reply_names(call, &records->name, sizeof(*records), count, args->maxnames);
}

void object_list_active(struct server_call *call)
{
	list_names(call, OBJECT_ACTIVE);
}

void object_list_inactive(struct server_call *call)
{
	list_names(call, OBJECT_INACTIVE);
}

void object_by_name(struct server_call *call)
{
	const struct rpc_network_lookup_by_name_args *args = call->arguments;
	const struct object_kind *kind = call->kind;
	struct rpc_network_lookup_by_name_ret ret;
	const struct conf_object *object = object_named(call, kind, args->name);

	if (!object) {
		call_fail(call, kind->code, kind->from, "%s name '%s'", kind->missing, args->name);
		return;
	}
	ret.net = object_record(kind, object);
	call_reply(call, &ret);
}

void object_by_uuid(struct server_call *call)
{
	const struct rpc_network_lookup_by_uuid_args *args = call->arguments;
	struct rpc_network_lookup_by_uuid_ret ret;
	struct rpc_net wanted = { .name = "" };
	const struct conf_object *object;

	memcpy(wanted.uuid, args->uuid, sizeof(wanted.uuid));
	object = object_of(call, call->kind, &wanted);
	if (!object)
		return;
	ret.net = object_record(call->kind, object);
	call_reply(call, &ret);
}

/* Whether the object that the call names has a trait. */
static void answer_trait(struct server_call *call, uint32_t trait)
{
	const struct conf_object *object = object_of(call, call->kind, call->arguments);

	if (!object)
		return;
	call_reply_number(call, (call->kind->traits(call, object) & trait) != 0);
}

void object_autostart(struct server_call *call)
{
	answer_trait(call, OBJECT_AUTOSTART);
}

void object_is_active(struct server_call *call)
{
	answer_trait(call, OBJECT_ACTIVE);
}

void object_is_persistent(struct server_call *call)
{
	answer_trait(call, OBJECT_PERSISTENT);
}
