/* SPDX-License-Identifier: GPL-2.0-only */
/* Storage pools: those of the file. All are persistent. */
#include "node/rpc/pool.h"

#include <errno.h>
#include <string.h>

#include "node/host/ident.h"
#include "node/rpc/guest.h"
#include "node/rpc/handlers.h"
#include "node/xml/pool.h"

static struct rpc_pool record_of(const struct conf_pool *pool)
{
	struct rpc_pool record = { .name = pool->name };

	ident_uuid("pool", pool->name, record.uuid);
	return record;
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

const struct conf_pool *pool_of(struct server_call *call, const struct rpc_pool *record)
{
	char text[GUEST_UUID_TEXT];

	for (const struct conf_pool *pool = pool_first(call); pool; pool = pool->next) {
		struct rpc_pool one = record_of(pool);

		if (!memcmp(one.uuid, record->uuid, sizeof(one.uuid)))
			return pool;
	}
	call_fail(call, RPC_ERR_NO_POOL, RPC_FROM_STORAGE,
	    "Storage pool not found: no storage pool with matching uuid '%s' (%s)",
	    guest_uuid_text(record->uuid, text), record->name);
	return NULL;
}

/* libvirt: virConnectListAllStoragePoolsFlags. */
enum { LIST_INACTIVE = 1, LIST_ACTIVE = 2, LIST_DIR = 64, LIST_FLAGS = 0x7ffff };

static bool is_listed(struct server_call *call, const struct conf_pool *pool, uint32_t flags)
{
	/* Bits of the types that there are: dir 6, fs 7, netfs 8, logical 9, iscsi 11. */
	static const uint32_t types[] = { LIST_DIR, LIST_DIR << 1, LIST_DIR << 2, LIST_DIR << 3,
		LIST_DIR << 5, LIST_DIR };
	uint32_t has = (pool_is_active(call, pool) ? LIST_ACTIVE : LIST_INACTIVE) | 4u |
		       (pool->autostart ? 16u : 32u) | types[pool->type];
	static const uint32_t groups[] = { 3, 12, 48, LIST_FLAGS & ~63u };

	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (flags & groups[i] && !(flags & has & groups[i]))
			return false;
	return true;
}

static struct rpc_pool *list(struct server_call *call, uint32_t flags, uint32_t *ret_count)
{
	struct rpc_pool *pools;
	uint32_t room = 1;

	for (const struct conf_pool *pool = pool_first(call); pool; pool = pool->next)
		room++;
	pools = rpc_memory_alloc(&call->memory, room * sizeof(*pools));
	*ret_count = 0;
	if (!pools) {
		call_fail_errno(call, -ENOMEM, NULL);
		return NULL;
	}
	for (const struct conf_pool *pool = pool_first(call); pool; pool = pool->next)
		if (is_listed(call, pool, flags))
			pools[(*ret_count)++] = record_of(pool);
	return pools;
}

static void list_all(struct server_call *call)
{
	const struct rpc_connect_list_all_storage_pools_args *args = call->arguments;
	struct rpc_connect_list_all_storage_pools_ret ret = { 0 };

	if (!call_check_flags(call, args->flags, LIST_FLAGS))
		return;
	ret.pools = list(call, args->flags, &ret.ret);
	if (!ret.pools)
		return;
	ret.pools_count = args->need_results ? ret.ret : 0;
	call_reply(call, &ret);
}

static void num_of(struct server_call *call, uint32_t flags)
{
	struct rpc_connect_num_of_storage_pools_ret ret;
	uint32_t count;

	if (!list(call, flags, &count))
		return;
	ret.num = (int32_t)count;
	call_reply(call, &ret);
}

static void num_of_active(struct server_call *call)
{
	num_of(call, LIST_ACTIVE);
}

static void num_of_inactive(struct server_call *call)
{
	num_of(call, LIST_INACTIVE);
}

static void list_names(struct server_call *call, uint32_t flags)
{
	const struct rpc_connect_list_storage_pools_args *args = call->arguments;
	struct rpc_connect_list_storage_pools_ret ret = { 0 };
	const char **names;
	uint32_t count;
	struct rpc_pool *pools = list(call, flags, &count);

	if (!pools)
		return;
	names = rpc_memory_alloc(&call->memory, (count + 1) * sizeof(*names));
	while (names && ret.names_count < count && (int64_t)ret.names_count < args->maxnames) {
		names[ret.names_count] = pools[ret.names_count].name;
		ret.names_count++;
	}
	ret.names = names;
	call_reply(call, &ret);
}

static void list_active(struct server_call *call)
{
	list_names(call, LIST_ACTIVE);
}

static void list_inactive(struct server_call *call)
{
	list_names(call, LIST_INACTIVE);
}

static void lookup_by_name(struct server_call *call)
{
	const struct rpc_storage_pool_lookup_by_name_args *args = call->arguments;
	struct rpc_storage_pool_lookup_by_name_ret ret;

	for (const struct conf_pool *pool = pool_first(call); pool; pool = pool->next)
		if (!strcmp(pool->name, args->name)) {
			ret.pool = record_of(pool);
			call_reply(call, &ret);
			return;
		}
	call_fail(call, RPC_ERR_NO_POOL, RPC_FROM_STORAGE,
	    "Storage pool not found: no storage pool with matching name '%s'", args->name);
}

static void lookup_by_uuid(struct server_call *call)
{
	const struct rpc_storage_pool_lookup_by_uuid_args *args = call->arguments;
	struct rpc_storage_pool_lookup_by_uuid_ret ret;
	struct rpc_pool wanted = { .name = "" };
	const struct conf_pool *pool;

	memcpy(wanted.uuid, args->uuid, sizeof(wanted.uuid));
	pool = pool_of(call, &wanted);
	if (!pool)
		return;
	ret.pool = record_of(pool);
	call_reply(call, &ret);
}

static void lookup_by_path(struct server_call *call)
{
	const struct rpc_storage_pool_lookup_by_target_path_args *args = call->arguments;
	struct rpc_storage_pool_lookup_by_target_path_ret ret;
	char path[STORAGE_PATH];

	for (const struct conf_pool *pool = pool_first(call); pool; pool = pool->next)
		if (storage_path(pool, path) && !strcmp(path, args->path)) {
			ret.pool = record_of(pool);
			call_reply(call, &ret);
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
	lookup_by_name(call);
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
	struct rpc_storage_pool_get_xml_desc_ret ret;
	const struct conf_pool *pool;
	struct storage_sizes sizes;
	struct buf buf = BUF_INIT;
	char uuid[GUEST_UUID_TEXT];
	bool known;

	if (!call_check_flags(call, args->flags, 1))
		return;
	pool = pool_of(call, &args->pool);
	if (!pool)
		return;
	known = pool_is_active(call, pool) && !storage_sizes(pool, &sizes);
	xml_pool(pool, guest_uuid_text(args->pool.uuid, uuid), known ? &sizes : NULL, &buf);
	ret.xml = buf_text(&buf);
	if (buf_ok(&buf))
		call_reply(call, &ret);
	else
		call_fail_errno(call, -ENOMEM, NULL);
	buf_done(&buf);
}

static void get_autostart(struct server_call *call)
{
	const struct rpc_storage_pool_get_autostart_args *args = call->arguments;
	struct rpc_storage_pool_get_autostart_ret ret;
	const struct conf_pool *pool = pool_of(call, &args->pool);

	if (!pool)
		return;
	ret.autostart = pool->autostart;
	call_reply(call, &ret);
}

static void is_active(struct server_call *call)
{
	const struct rpc_storage_pool_is_active_args *args = call->arguments;
	struct rpc_storage_pool_is_active_ret ret;
	const struct conf_pool *pool = pool_of(call, &args->pool);

	if (!pool)
		return;
	ret.active = pool_is_active(call, pool);
	call_reply(call, &ret);
}

static void is_persistent(struct server_call *call)
{
	const struct rpc_storage_pool_is_persistent_args *args = call->arguments;
	struct rpc_storage_pool_is_persistent_ret ret = { 1 };

	if (pool_of(call, &args->pool))
		call_reply(call, &ret);
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
	if (pool_is_active(call, pool))
		call_reply(call, NULL);
	else
		call_fail(call, RPC_ERR_OPERATION_INVALID, RPC_FROM_STORAGE,
		    "Requested operation is not valid: storage pool '%s' is not active",
		    pool->name);
}

const struct rpc_handler rpc_pool_handlers[] = {
	{ RPC_CONNECT_LIST_ALL_STORAGE_POOLS, list_all },
	{ RPC_CONNECT_NUM_OF_STORAGE_POOLS, num_of_active },
	{ RPC_CONNECT_NUM_OF_DEFINED_STORAGE_POOLS, num_of_inactive },
	{ RPC_CONNECT_LIST_STORAGE_POOLS, list_active },
	{ RPC_CONNECT_LIST_DEFINED_STORAGE_POOLS, list_inactive },
	{ RPC_STORAGE_POOL_LOOKUP_BY_NAME, lookup_by_name },
	{ RPC_STORAGE_POOL_LOOKUP_BY_UUID, lookup_by_uuid },
	{ RPC_STORAGE_POOL_LOOKUP_BY_VOLUME, lookup_by_volume },
	{ RPC_STORAGE_POOL_LOOKUP_BY_TARGET_PATH, lookup_by_path },
	{ RPC_STORAGE_POOL_GET_INFO, get_info },
	{ RPC_STORAGE_POOL_GET_XML_DESC, get_xml },
	{ RPC_STORAGE_POOL_GET_AUTOSTART, get_autostart },
	{ RPC_STORAGE_POOL_IS_ACTIVE, is_active },
	{ RPC_STORAGE_POOL_IS_PERSISTENT, is_persistent },
	{ RPC_STORAGE_POOL_REFRESH, refresh },
	{ 0 },
};
