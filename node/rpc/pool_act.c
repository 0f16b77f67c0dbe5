/* SPDX-License-Identifier: GPL-2.0-only */
/* Pools defined, started, stopped and removed. What the file has no place for is refused. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/rpc/guest.h"
#include "node/rpc/handlers.h"
#include "node/rpc/object_change.h"
#include "node/rpc/pool.h"
#include "node/xml/pool_in.h"

static const struct conf_object *object_of_pool(const struct conf_pool *pool)
{
	return (const struct conf_object *)pool;
}

/* A pool that is up, or down, as the operation needs it. NULL with the call failed. */
static const struct conf_pool *pool_that_is(
    struct server_call *call, const struct rpc_pool *record, bool active)
{
	const struct conf_pool *pool = pool_of(call, record);

	if (!pool || pool_is_active(call, pool) == active)
		return pool;
	call_fail(call, RPC_ERR_OPERATION_INVALID, RPC_FROM_STORAGE,
	    "Requested operation is not valid: storage pool '%s' is %s active", pool->name,
	    active ? "not" : "already");
	return NULL;
}

static void tell(struct server_call *call, const struct conf_pool *pool, enum object_event event)
{
	struct rpc_net record = object_record(&rpc_pools, object_of_pool(pool));

	events_send_object(call->core, &rpc_pools, &record, event);
}

/* The file's form of a path: below the data volume where it is that. NULL with the call failed. */
static const char *path_of(struct server_call *call, const char *path)
{
	const char *root = call->core->ops->pool_root;
	const char *own = storage_known(path);

	if (own)
		return own;
	if (root && !strncmp(path, root, strlen(root)))
		return path + strlen(root);
	if (!root)
		return path;
	call_fail_xml(call, RPC_FROM_STORAGE, -EBADMSG,
	    "pool/target/path: only folders of the data volume outlive a start of the node: /data/..., /var/lib/libvirt/images, /var/lib/libvirt/boot");
	return NULL;
}

static void define(struct server_call *call, const struct xml_pool_in *wish, object_then then)
{
	static const char *const known[] = { "type", "path", "uuid", "autostart", NULL };
	const struct conf_pool *pool = object_named(call, &rpc_pools, wish->name);
	const char *path = path_of(call, wish->path);
	struct xml_section section = { .name = wish->name,
		.uuid = *wish->uuid ? wish->uuid : NULL };

	if (!path)
		return;
	section.arena = arena_create(OBJECT_ARENA);
	if (!section.arena) {
		call_fail_errno(call, -ENOMEM, NULL);
		return;
	}
	xml_section_say(&section, "path", "%s", xml_section_word(&section, path));
	object_say_uuid(call, &section);
	/* libvirt: what is new does not start with the node until that is asked for. */
	if (!pool || !pool->autostart)
		xml_section_say(&section, "autostart", "no");
	object_define(call, &section, known, then);
	arena_free(section.arena);
}

/* False with the call failed. */
static bool is_folder(struct server_call *call, const char *path)
{
	struct stat status;

	if (!stat(path, &status) && S_ISDIR(status.st_mode))
		return true;
	call_fail(call, RPC_ERR_SYSTEM, RPC_FROM_STORAGE,
	    "cannot open path '%s': No such file or directory", path);
	return false;
}

/* With `there` its folder is. */
static void define_text(struct server_call *call, const char *xml, bool there, object_then then)
{
	struct xml_pool_in wish;
	struct buf why = BUF_INIT;
	int error = xml_pool_in(xml, &wish, &why);

	if (error)
		call_fail_xml(call, RPC_FROM_STORAGE, error, buf_text(&why));
	else if ((!there || is_folder(call, wish.path)) &&
		 object_may_be(call, wish.name, *wish.uuid ? wish.uuid : NULL, then))
		define(call, &wish, then);
	buf_done(&why);
}

static void define_xml(struct server_call *call)
{
	const struct rpc_storage_pool_define_xml_args *args = call->arguments;

	if (call_check_flags(call, args->flags, 1))
		define_text(call, args->xml, false, NULL);
}

static void undefine(struct server_call *call)
{
	const struct rpc_storage_pool_undefine_args *args = call->arguments;
	const struct conf_pool *pool = pool_of(call, &args->pool);

	if (!pool)
		return;
	if (pool_is_active(call, pool))
		call_fail(call, RPC_ERR_OPERATION_INVALID, RPC_FROM_STORAGE,
		    "Requested operation is not valid: storage pool '%s' is still active",
		    pool->name);
	else
		object_undefine(call, object_of_pool(pool), "type", "off");
}

/* What it is now must not change with what it is at the node's next start. */
static bool pin(struct server_call *call, const struct conf_pool *pool)
{
	struct server_core *core = call->core;
	int error = core->ops->pool_set_active ? core->ops->pool_set_active(core->driver,
						     pool->name, pool_is_active(call, pool))
					       : -EOPNOTSUPP;

	if (error)
		call_fail_errno(call, error, NULL);
	return !error;
}

static void set_autostart(struct server_call *call)
{
	const struct rpc_storage_pool_set_autostart_args *args = call->arguments;
	const struct conf_pool *pool = pool_of(call, &args->pool);

	if (pool && pin(call, pool))
		object_set(call, object_of_pool(pool), "autostart", args->autostart ? "yes" : "no");
}

static bool has_folder(struct server_call *call, const struct conf_pool *pool, char *path)
{
	if (!storage_path(pool, path)) {
		call_fail(call, RPC_ERR_OPERATION_UNSUPPORTED, RPC_FROM_STORAGE,
		    "Operation not supported: only pools of type dir are run by this node yet");
		return false;
	}
	return is_folder(call, path);
}

/* `returned`: the pool is the answer. */
static void set_active(
    struct server_call *call, const struct conf_pool *pool, bool active, bool returned)
{
	struct server_core *core = call->core;
	int error = core->ops->pool_set_active
			? core->ops->pool_set_active(core->driver, pool->name, active)
			: -EOPNOTSUPP;
	struct rpc_net record;

	if (error) {
		call_fail_errno(call, error, NULL);
		return;
	}
	tell(call, pool, active ? OBJECT_STARTED : OBJECT_STOPPED);
	record = object_record(&rpc_pools, object_of_pool(pool));
	call_reply(call, returned ? &record : NULL);
}

/* With the folders above it. */
static int make_folder(const char *path)
{
	char part[STORAGE_PATH];

	for (const char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s", (int)(at - path), path);
		if (mkdir(part, 0755) && errno != EEXIST)
			return -errno;
	}
	/* /var/lib/libvirt/images leads to where there may be nothing yet. */
	if (mkdir(path, 0711) && errno != EEXIST)
		return -errno;
	return 0;
}

/* False with the call failed. */
static bool make(struct server_call *call, const struct conf_pool *pool)
{
	char path[STORAGE_PATH];
	int error = storage_path(pool, path) ? make_folder(path) : -EOPNOTSUPP;

	if (error)
		call_fail(call, RPC_ERR_SYSTEM, RPC_FROM_STORAGE, "cannot create path '%s': %s",
		    path, strerror(-error));
	else
		tell(call, pool, OBJECT_BUILT);
	return !error;
}

/* libvirt: virStoragePoolCreateFlags; all of them make the folder. */
#define CREATE_WITH_BUILD 1u

static void start(
    struct server_call *call, const struct conf_pool *pool, uint32_t flags, bool returned)
{
	char path[STORAGE_PATH];

	if ((!flags || make(call, pool)) && has_folder(call, pool, path))
		set_active(call, pool, true, returned);
}

static void create(struct server_call *call)
{
	const struct rpc_storage_pool_create_args *args = call->arguments;
	const struct conf_pool *pool;

	if (!call_check_flags(call, args->flags, CREATE_WITH_BUILD))
		return;
	pool = pool_that_is(call, &args->pool, false);
	if (pool)
		start(call, pool, args->flags, false);
}

static void start_defined(struct server_call *call, const struct conf_object *object)
{
	const struct rpc_storage_pool_create_xml_args *args = call->arguments;

	start(call, (const struct conf_pool *)object, args->flags, true);
}

/* What is not in the file is not there: what is created is defined and started, and stays until it
 * is undefined. */
static void create_xml(struct server_call *call)
{
	const struct rpc_storage_pool_create_xml_args *args = call->arguments;

	if (call_check_flags(call, args->flags, CREATE_WITH_BUILD))
		define_text(call, args->xml, !args->flags, start_defined);
}

static void destroy(struct server_call *call)
{
	const struct rpc_storage_pool_destroy_args *args = call->arguments;
	const struct conf_pool *pool = pool_that_is(call, &args->pool, true);

	if (pool)
		set_active(call, pool, false, false);
}

static void build(struct server_call *call)
{
	const struct rpc_storage_pool_build_args *args = call->arguments;
	const struct conf_pool *pool;

	if (!call_check_flags(call, args->flags, 0))
		return;
	pool = pool_that_is(call, &args->pool, false);
	if (pool && make(call, pool))
		call_reply(call, NULL);
}

/* Only a folder that is empty goes. */
static void delete (struct server_call *call)
{
	const struct rpc_storage_pool_delete_args *args = call->arguments;
	const struct conf_pool *pool;
	char path[STORAGE_PATH];

	if (!call_check_flags(call, args->flags, 0))
		return;
	pool = pool_of(call, &args->pool);
	if (!pool)
		return;
	if (pool_is_active(call, pool)) {
		call_fail(call, RPC_ERR_OPERATION_INVALID, RPC_FROM_STORAGE,
		    "Requested operation is not valid: storage pool '%s' is still active",
		    pool->name);
		return;
	}
	if (!has_folder(call, pool, path))
		return;
	if (rmdir(path)) {
		call_fail(call, RPC_ERR_SYSTEM, RPC_FROM_STORAGE, "failed to remove pool '%s': %s",
		    pool->name, strerror(errno));
		return;
	}
	tell(call, pool, OBJECT_DELETED);
	call_reply(call, NULL);
}

const struct rpc_handler rpc_pool_act_handlers[] = {
	{ RPC_STORAGE_POOL_DEFINE_XML, define_xml },
	{ RPC_STORAGE_POOL_CREATE_XML, create_xml },
	{ RPC_STORAGE_POOL_UNDEFINE, undefine },
	{ RPC_STORAGE_POOL_SET_AUTOSTART, set_autostart },
	{ RPC_STORAGE_POOL_CREATE, create },
	{ RPC_STORAGE_POOL_DESTROY, destroy },
	{ RPC_STORAGE_POOL_BUILD, build },
	{ RPC_STORAGE_POOL_DELETE, delete },
	{ 0 },
};
