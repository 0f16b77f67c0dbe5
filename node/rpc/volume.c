/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Volumes of pools that are folders, as they are seen. A volume's key is its path. That one is not
 * there is code 50 and nothing else: virt-install goes on with that, and with nothing else.
 */
#include "node/rpc/volume.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "conf/render.h"
#include "node/rpc/handlers.h"
#include "node/rpc/pool.h"
#include "node/xml/pool.h"

#define LIST_MAX 16384 /* of the protocol */

struct rpc_vol volume_record(
    struct server_call *call, const struct conf_pool *pool, const struct storage_volume *volume)
{
	struct rpc_vol record = { .pool = pool->name,
		.name = rpc_memory_string(&call->memory, volume->name),
		.key = rpc_memory_string(&call->memory, volume->path) };

	return record;
}

void volume_fail_missing(struct server_call *call, const char *what, const char *name)
{
	call_fail(call, RPC_ERR_NO_VOL, RPC_FROM_STORAGE,
	    "Storage volume not found: no storage vol with matching %s '%s'", what, name);
}

const struct conf_pool *volume_pool(struct server_call *call, const struct rpc_pool *record)
{
	const struct conf_pool *pool = pool_of(call, record);

	if (!pool || pool_is_active(call, pool))
		return pool;
	call_fail(call, RPC_ERR_OPERATION_INVALID, RPC_FROM_STORAGE,
	    "Requested operation is not valid: storage pool '%s' is not active", pool->name);
	return NULL;
}

struct listing {
	struct server_call *call;
	const struct conf_pool *pool;
	struct rpc_vol *vols;
	uint32_t count;
	uint32_t room;
	bool failed;
};

static bool add(void *context, const struct storage_volume *volume)
{
	struct listing *listing = context;

	if (listing->count == listing->room) {
		uint32_t room = listing->room ? listing->room * 2 : 64;
		struct rpc_vol *vols = rpc_memory_alloc(
		    &listing->call->memory, room * sizeof(*vols));

		if (!vols) {
			listing->failed = true;
			return false;
		}
		if (listing->count)
			memcpy(vols, listing->vols, listing->count * sizeof(*vols));
		listing->vols = vols;
		listing->room = room;
	}
	listing->vols[listing->count] = volume_record(listing->call, listing->pool, volume);
	listing->failed |= !listing->vols[listing->count].name ||
			   !listing->vols[listing->count].key;
	listing->count++;
	return !listing->failed && listing->count < LIST_MAX;
}

/* The volumes of a pool, in the call's memory. False with the call failed. */
static bool list(
    struct server_call *call, const struct rpc_pool *record, struct listing *ret_listing)
{
	*ret_listing = (struct listing){ .call = call, .pool = volume_pool(call, record) };
	if (!ret_listing->pool)
		return false;
	storage_volumes(ret_listing->pool, add, ret_listing);
	if (!ret_listing->failed)
		return true;
	call_fail_errno(call, -ENOMEM, NULL);
	return false;
}

static void list_all(struct server_call *call)
{
	const struct rpc_storage_pool_list_all_volumes_args *args = call->arguments;
	struct rpc_storage_pool_list_all_volumes_ret ret = { 0 };
	struct listing listing;

	if (!call_check_flags(call, args->flags, 0) || !list(call, &args->pool, &listing))
		return;
	ret.ret = listing.count;
	ret.vols = listing.vols;
	ret.vols_count = args->need_results ? listing.count : 0;
	call_reply(call, &ret);
}

static void num_of(struct server_call *call)
{
	const struct rpc_storage_pool_num_of_volumes_args *args = call->arguments;
	struct listing listing;

	if (!list(call, &args->pool, &listing))
		return;
	call_reply_number(call, (int32_t)listing.count);
}

static void list_names(struct server_call *call)
{
	const struct rpc_storage_pool_list_volumes_args *args = call->arguments;
	struct listing listing;

	if (list(call, &args->pool, &listing))
		call_reply_names(call, &listing.vols->name, sizeof(*listing.vols), listing.count,
		    args->maxnames);
}

static void lookup_by_name(struct server_call *call)
{
	const struct rpc_storage_vol_lookup_by_name_args *args = call->arguments;
	struct rpc_storage_vol_lookup_by_name_ret ret;
	const struct conf_pool *pool = volume_pool(call, &args->pool);
	struct storage_volume volume;

	if (!pool)
		return;
	if (storage_volume(pool, args->name, &volume)) {
		volume_fail_missing(call, "name", args->name);
		return;
	}
	ret.vol = volume_record(call, pool, &volume);
	call_reply(call, &ret);
}

/* The name of the volume of `pool` that `path` leads to, by either path of its folder; or NULL. */
static const char *name_in(const struct conf_pool *pool, const char *path)
{
	char folders[2][STORAGE_PATH];
	int length = snprintf(folders[1], STORAGE_PATH, CONF_DATA_FOLDER "/%s", pool->path);

	if (!storage_path(pool, folders[0]))
		return NULL;
	for (int i = 0; i < (length < STORAGE_PATH ? 2 : 1); i++) {
		size_t folder = strlen(folders[i]);

		if (!strncmp(path, folders[i], folder) && path[folder] == '/')
			return path + folder + 1;
	}
	return NULL;
}

/* The pool that a path lies in, and the volume there. */
static bool find_path(struct server_call *call, const char *path, const struct conf_pool **ret_pool,
    struct storage_volume *ret_volume)
{
	for (const struct conf_pool *pool = pool_first(call); pool; pool = pool->next) {
		const char *name = pool_is_active(call, pool) ? name_in(pool, path) : NULL;

		if (!name || storage_volume(pool, name, ret_volume))
			continue;
		*ret_pool = pool;
		return true;
	}
	return false;
}

static void lookup(struct server_call *call, const char *what, const char *path)
{
	struct rpc_storage_vol_lookup_by_path_ret ret;
	const struct conf_pool *pool;
	struct storage_volume volume;

	if (!find_path(call, path, &pool, &volume)) {
		volume_fail_missing(call, what, path);
		return;
	}
	ret.vol = volume_record(call, pool, &volume);
	call_reply(call, &ret);
}

static void lookup_by_key(struct server_call *call)
{
	const struct rpc_storage_vol_lookup_by_key_args *args = call->arguments;

	lookup(call, "key", args->key);
}

static void lookup_by_path(struct server_call *call)
{
	const struct rpc_storage_vol_lookup_by_path_args *args = call->arguments;

	lookup(call, "path", args->path);
}

const struct conf_pool *volume_of(
    struct server_call *call, const struct rpc_vol *record, struct storage_volume *ret_volume)
{
	for (const struct conf_pool *pool = pool_first(call); pool; pool = pool->next)
		if (!strcmp(pool->name, record->pool) && pool_is_active(call, pool) &&
		    !storage_volume(pool, record->name, ret_volume))
			return pool;
	volume_fail_missing(call, "name", record->name);
	return NULL;
}

static void get_info(struct server_call *call)
{
	const struct rpc_storage_vol_get_info_args *args = call->arguments;
	struct rpc_storage_vol_get_info_ret ret;
	struct storage_volume volume;

	if (!volume_of(call, &args->vol, &volume))
		return;
	ret.type = (char)volume.type;
	ret.capacity = volume.capacity;
	ret.allocation = volume.allocation;
	call_reply(call, &ret);
}

/* libvirt: VIR_STORAGE_VOL_GET_PHYSICAL; here the allocation is what is used. */
static void get_info_flags(struct server_call *call)
{
	const struct rpc_storage_vol_get_info_flags_args *args = call->arguments;

	if (call_check_flags(call, args->flags, 1))
		get_info(call);
}

static void get_xml(struct server_call *call)
{
	const struct rpc_storage_vol_get_xml_desc_args *args = call->arguments;
	struct storage_volume volume;
	struct buf buf = BUF_INIT;

	if (!call_check_flags(call, args->flags, 0) || !volume_of(call, &args->vol, &volume))
		return;
	xml_volume(&volume, &buf);
	call_reply_text(call, &buf);
}

static void get_path(struct server_call *call)
{
	const struct rpc_storage_vol_get_path_args *args = call->arguments;
	struct rpc_storage_vol_get_path_ret ret;
	struct storage_volume volume;

	if (!volume_of(call, &args->vol, &volume))
		return;
	ret.name = volume.path;
	call_reply(call, &ret);
}

const struct rpc_handler rpc_volume_handlers[] = {
	{ RPC_STORAGE_POOL_LIST_ALL_VOLUMES, list_all },
	{ RPC_STORAGE_POOL_NUM_OF_VOLUMES, num_of },
	{ RPC_STORAGE_POOL_LIST_VOLUMES, list_names },
	{ RPC_STORAGE_VOL_LOOKUP_BY_NAME, lookup_by_name },
	{ RPC_STORAGE_VOL_LOOKUP_BY_KEY, lookup_by_key },
	{ RPC_STORAGE_VOL_LOOKUP_BY_PATH, lookup_by_path },
	{ RPC_STORAGE_VOL_GET_INFO, get_info },
	{ RPC_STORAGE_VOL_GET_INFO_FLAGS, get_info_flags },
	{ RPC_STORAGE_VOL_GET_XML_DESC, get_xml },
	{ RPC_STORAGE_VOL_GET_PATH, get_path },
	{ 0 },
};
