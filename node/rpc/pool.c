/* SPDX-License-Identifier: GPL-2.0-only */
/* Storage pools: those of the file. All are persistent. */
#include "node/rpc/pool.h"

#include <errno.h>
#include <string.h>

#include "lib/uuid.h"
#include "node/rpc/events.h"
#include "node/rpc/guest.h"
#include "node/rpc/handlers.h"
#include "node/rpc/object.h"
#include "node/xml/pool.h"

static const struct conf_object *first(const struct conf_model *model)
{
	return (const struct conf_object *)model->pools;
}

const struct conf_pool *pool_first(struct server_call *call)
{
	return call->core->ops->model(call->core->driver)->pools;
}

bool pool_is_active(struct server_call *call, const struct conf_pool *pool)
{
	struct server_core *core = call->core;

	return pool->type != CONF_POOL_OFF && core->ops->pool_active &&
	       core->ops->pool_active(core->driver, pool);
}

static uint32_t traits(struct server_call *call, const struct conf_object *object)
{
	/* libvirt: dir 6, fs 7, netfs 8, logical 9, iscsi 11. */
	static const uint32_t types[] = { OBJECT_TYPES, OBJECT_TYPES << 1, OBJECT_TYPES << 2,
		OBJECT_TYPES << 3, OBJECT_TYPES << 5, OBJECT_TYPES };
	const struct conf_pool *pool = (const struct conf_pool *)object;

	if (pool->type == CONF_POOL_OFF)
		return 0;
	return (pool_is_active(call, pool) ? OBJECT_ACTIVE : OBJECT_INACTIVE) | OBJECT_PERSISTENT |
	       (pool->autostart ? OBJECT_AUTOSTART : OBJECT_NO_AUTOSTART) | types[pool->type];
}

static const char *uuid(const struct conf_object *object)
{
	return ((const struct conf_pool *)object)->uuid;
}

/* POOL/VOLUME. */
static bool used_by(const struct conf_guest *guest, const char *name)
{
	const struct conf_disk *const lists[] = { guest->disks, guest->cdroms, guest->floppies };
	size_t length = strlen(name);

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (const struct conf_disk *disk = lists[i]; disk; disk = disk->next)
			if (!strncmp(disk->source, name, length) && disk->source[length] == '/')
				return true;
	return false;
}

const struct object_kind rpc_pools = {
	.section = "pool",
	.missing = "Storage pool not found: no storage pool with matching",
	.code = RPC_ERR_NO_POOL,
	.from = RPC_FROM_STORAGE,
	.flags = 0x7ffff,
	.first = first,
	.uuid = uuid,
	.traits = traits,
	.used_by = used_by,
	.registration = RPC_CONNECT_STORAGE_POOL_EVENT_REGISTER_ANY,
	.lifecycle = RPC_STORAGE_POOL_EVENT_LIFECYCLE,
	.lifecycle_record = RPC_TYPE_STORAGE_POOL_EVENT_LIFECYCLE_ARGS,
};

const struct conf_pool *pool_of(struct server_call *call, const struct rpc_pool *record)
{
	return object_of(call, &rpc_pools, record);
}

static void reply_pool(struct server_call *call, const struct conf_pool *pool)
{
	struct rpc_net record = object_record(&rpc_pools, (const struct conf_object *)pool);

	call_reply(call, &record);
}

static void lookup_by_path(struct server_call *call)
{
	const struct rpc_storage_pool_lookup_by_target_path_args *args = call->arguments;
	char path[STORAGE_PATH];

	for (const struct conf_pool *pool = pool_first(call); pool; pool = pool->next)
		if (storage_path(pool, path) && !strcmp(path, args->path)) {
			reply_pool(call, pool);
			return;
		}
	call_fail(call, RPC_ERR_NO_POOL, RPC_FROM_STORAGE,
	    "Storage pool not found: no storage pool with matching target path '%s'", args->path);
}

static void lookup_by_volume(struct server_call *call)
{
	const struct rpc_storage_pool_lookup_by_volume_args *args = call->arguments;
	struct rpc_storage_pool_lookup_by_name_args name = { args->vol.pool };

	call->arguments = &name;
	object_by_name(call);
}

/* libvirt: virStoragePoolState. */
enum { STATE_INACTIVE, STATE_RUNNING = 2 };

static void get_info(struct server_call *call)
{
	const struct rpc_storage_pool_get_info_args *args = call->arguments;
	struct rpc_storage_pool_get_info_ret ret = { 0 };
	const struct conf_pool *pool = pool_of(call, &args->pool);
	struct storage_sizes sizes;

	if (!pool)
		return;
	if (pool_is_active(call, pool)) {
		ret.state = STATE_RUNNING;
		if (!storage_sizes(pool, &sizes)) {
			ret.capacity = sizes.capacity;
			ret.allocation = sizes.allocation;
			ret.available = sizes.available;
		}
	}
	call_reply(call, &ret);
}

static void get_xml(struct server_call *call)
{
	const struct rpc_storage_pool_get_xml_desc_args *args = call->arguments;
	const struct conf_pool *pool;
	struct storage_sizes sizes;
	struct buf buf = BUF_INIT;
	char uuid[UUID_TEXT];
	bool known;

	if (!call_check_flags(call, args->flags, 1))
		return;
	pool = pool_of(call, &args->pool);
	if (!pool)
		return;
	known = pool_is_active(call, pool) && !storage_sizes(pool, &sizes);
	xml_pool(pool, uuid_text(args->pool.uuid, uuid), known ? &sizes : NULL, &buf);
	call_reply_text(call, &buf);
}

/* Volumes are looked at anew each time, so there is nothing to refresh. */
static void refresh(struct server_call *call)
{
	const struct rpc_storage_pool_refresh_args *args = call->arguments;
	const struct conf_pool *pool;

	if (!call_check_flags(call, args->flags, 0))
		return;
	pool = pool_of(call, &args->pool);
	if (!pool)
		return;
	if (pool_is_active(call, pool)) {
		struct rpc_net record = object_record(&rpc_pools, (const struct conf_object *)pool);

		events_send_refresh(call->core, &record);
		call_reply(call, NULL);
	} else

		call_fail(call, RPC_ERR_OPERATION_INVALID, RPC_FROM_STORAGE,
		    "Requested operation is not valid: storage pool '%s' is not active",
		    pool->name);
}

const struct rpc_handler rpc_pool_handlers[] = {
	{ RPC_CONNECT_LIST_ALL_STORAGE_POOLS, object_list_all },
	{ RPC_CONNECT_NUM_OF_STORAGE_POOLS, object_num_of_active },
	{ RPC_CONNECT_NUM_OF_DEFINED_STORAGE_POOLS, object_num_of_inactive },
	{ RPC_CONNECT_LIST_STORAGE_POOLS, object_list_active },
	{ RPC_CONNECT_LIST_DEFINED_STORAGE_POOLS, object_list_inactive },
	{ RPC_STORAGE_POOL_LOOKUP_BY_NAME, object_by_name },
	{ RPC_STORAGE_POOL_LOOKUP_BY_UUID, object_by_uuid },
	{ RPC_STORAGE_POOL_LOOKUP_BY_VOLUME, lookup_by_volume },
	{ RPC_STORAGE_POOL_LOOKUP_BY_TARGET_PATH, lookup_by_path },
	{ RPC_STORAGE_POOL_GET_INFO, get_info },
	{ RPC_STORAGE_POOL_GET_XML_DESC, get_xml },
	{ RPC_STORAGE_POOL_GET_AUTOSTART, object_autostart },
	{ RPC_STORAGE_POOL_IS_ACTIVE, object_is_active },
	{ RPC_STORAGE_POOL_IS_PERSISTENT, object_is_persistent },
	{ RPC_STORAGE_POOL_REFRESH, refresh },
	{ 0 },
};
