/* SPDX-License-Identifier: GPL-2.0-only */
/* Storage pools. */
#include <stdlib.h>
#include <string.h>

#include "cli/virsh/commands.h"
#include "cli/virsh/files.h"
#include "cli/virsh/objects.h"
#include "cli/virsh/pretty.h"
#include "cli/virsh/table.h"

#define POOL                                                                                       \
	{                                                                                          \
		"pool", OPTION_TEXT, true, "name or UUID"                                          \
	}

static const struct option pool_only[] = { POOL, { 0 } };

static const struct option list_options[] = {
	{ "inactive", OPTION_FLAG, false, "pools that are not started" },
	{ "all", OPTION_FLAG, false, "pools that are and that are not" },
	{ "transient", OPTION_FLAG, false, "pools without a definition" },
	{ "persistent", OPTION_FLAG, false, "pools with a definition" },
	{ "autostart", OPTION_FLAG, false, "pools that start with the node" },
	{ "no-autostart", OPTION_FLAG, false, "pools that do not" },
	{ "details", OPTION_FLAG, false, "with sizes" },
	{ "uuid", OPTION_FLAG, false, "UUIDs only" },
	{ "name", OPTION_FLAG, false, "names only" },
	{ 0 },
};

/* libvirt: virConnectListAllStoragePoolsFlags. */
static uint32_t filter_of(const struct shell *shell)
{
	uint32_t flags = shell_flag(shell, "inactive") ? 1 : 2;

	if (shell_flag(shell, "all"))
		flags = 3;
	return flags | (shell_flag(shell, "persistent") ? 4u : 0) |
	       (shell_flag(shell, "transient") ? 8u : 0) |
	       (shell_flag(shell, "autostart") ? 16u : 0) |
	       (shell_flag(shell, "no-autostart") ? 32u : 0);
}

static int compare(const void *one, const void *other)
{
	return strcasecmp(
	    ((const struct rpc_pool *)one)->name, ((const struct rpc_pool *)other)->name);
}

static bool asks(struct shell *shell, int32_t procedure, const struct rpc_pool *pool)
{
	struct rpc_storage_pool_is_active_ret ret = { 0 };

	if (shell_call(shell, procedure, pool, &ret))
		return ret.active;
	shell_forget_error(shell);
	return false;
}

static const char *autostart_of(struct shell *shell, const struct rpc_pool *pool)
{
	struct rpc_storage_pool_get_autostart_ret ret;

	if (shell_call(shell, RPC_STORAGE_POOL_GET_AUTOSTART, pool, &ret))
		return ret.autostart ? "yes" : "no";
	shell_forget_error(shell);
	return "no autostart";
}

static const char *state_text_of(uint32_t state)
{
	static const char *const words[] = { "inactive", "building", "running", "degraded",
		"inaccessible" };

	return state < 5 ? words[state] : "unknown";
}

static void add_row(struct shell *shell, struct table *table, const struct rpc_pool *pool)
{
	table_add(table, pool->name);
	table_add(table, asks(shell, RPC_STORAGE_POOL_IS_ACTIVE, pool) ? "active" : "inactive");
	table_add(table, autostart_of(shell, pool));
}

static void add_details(struct shell *shell, struct table *table, const struct rpc_pool *pool)
{
	struct rpc_storage_pool_get_info_ret info = { 0 };
	char text[PRETTY_TEXT];
	bool known = shell_call(shell, RPC_STORAGE_POOL_GET_INFO, pool, &info);
	bool running = known && info.state;

	shell_forget_error(shell);
	table_add(table, pool->name);
	table_add(table, known ? state_text_of(info.state) : "inactive");
	table_add(table, autostart_of(shell, pool));
	table_add(table, asks(shell, RPC_STORAGE_POOL_IS_PERSISTENT, pool) ? "yes" : "no");
	table_add(table, running ? pretty_capacity(info.capacity, text) : "-");
	table_add(table, running ? pretty_capacity(info.allocation, text) : "-");
	table_add(table, running ? pretty_capacity(info.available, text) : "-");
}

static bool cmd_pool_list(struct shell *shell)
{
	static const char *const titles[] = { "Name", "State", "Autostart", NULL };
	static const char *const details[] = { "Name", "State", "Autostart", "Persistent",
		"Capacity", "Allocation", "Available", NULL };
	struct rpc_connect_list_all_storage_pools_args args = { 1, filter_of(shell) };
	struct rpc_connect_list_all_storage_pools_ret ret;
	bool plain = shell_flag(shell, "uuid") || shell_flag(shell, "name");
	bool detailed = shell_flag(shell, "details");
	struct table *table;
	struct rpc_pool *pools;
	char text[UUID_TEXT];

	if (!shell_call(shell, RPC_CONNECT_LIST_ALL_STORAGE_POOLS, &args, &ret))
		return shell_error("Failed to list pools");
	pools = rpc_memory_alloc(&shell->conn->memory, (ret.pools_count + 1) * sizeof(*pools));
	if (!pools)
		return shell_error("out of memory");
	if (ret.pools_count)
		memcpy(pools, ret.pools, ret.pools_count * sizeof(*pools));
	qsort(pools, ret.pools_count, sizeof(*pools), compare);
	table = plain ? NULL : table_create(detailed ? details : titles);
	for (uint32_t i = 0; i < ret.pools_count; i++) {
		if (shell_flag(shell, "uuid"))
			shell_print("%s\n", uuid_text(pools[i].uuid, text));
		else if (plain)
			shell_print("%-20s\n", pools[i].name);
		else if (detailed)
			add_details(shell, table, &pools[i]);
		else
			add_row(shell, table, &pools[i]);
	}
	table_print(table, shell->quiet);
	table_free(table);
	return true;
}

static const struct option info_options[] = {
	POOL,
	{ "bytes", OPTION_FLAG, false, "sizes in bytes" },
	{ 0 },
};

static void print_size(const struct shell *shell, const char *title, uint64_t bytes)
{
	char text[PRETTY_TEXT];

	if (shell_flag(shell, "bytes"))
		shell_print("%-15s %llu\n", title, (unsigned long long)bytes);
	else
		shell_print("%-15s %s\n", title, pretty_capacity(bytes, text));
}

static bool cmd_pool_info(struct shell *shell)
{
	struct rpc_pool pool;
	struct rpc_storage_pool_get_info_ret info;
	char text[UUID_TEXT];

	if (!object_pool(shell, "pool", BY_NAME | BY_UUID, &pool))
		return false;
	shell_print("%-15s %s\n", "Name:", pool.name);
	shell_print("%-15s %s\n", "UUID:", uuid_text(pool.uuid, text));
	if (!shell_call(shell, RPC_STORAGE_POOL_GET_INFO, &pool, &info))
		return false;
	shell_print("%-15s %s\n", "State:", state_text_of(info.state));
	shell_print("%-15s %s\n",
	    "Persistent:", asks(shell, RPC_STORAGE_POOL_IS_PERSISTENT, &pool) ? "yes" : "no");
	shell_print("%-15s %s\n", "Autostart:", autostart_of(shell, &pool));
	if (info.state == 2 || info.state == 3) {
		print_size(shell, "Capacity:", info.capacity);
		print_size(shell, "Allocation:", info.allocation);
		print_size(shell, "Available:", info.available);
	}
	return true;
}

static bool cmd_pool_name(struct shell *shell)
{
	struct rpc_pool pool;

	if (!object_pool(shell, "pool", BY_UUID, &pool))
		return false;
	shell_print("%s\n", pool.name);
	return true;
}

static bool cmd_pool_uuid(struct shell *shell)
{
	struct rpc_pool pool;
	char text[UUID_TEXT];

	if (!object_pool(shell, "pool", BY_NAME, &pool))
		return false;
	shell_print("%s\n", uuid_text(pool.uuid, text));
	return true;
}

static const struct option dumpxml_options[] = {
	POOL,
	{ "inactive", OPTION_FLAG, false, "its definition" },
	{ 0 },
};

static bool cmd_pool_dumpxml(struct shell *shell)
{
	struct rpc_storage_pool_get_xml_desc_args args = { .flags = shell_flag(shell, "inactive") };
	struct rpc_storage_pool_get_xml_desc_ret ret;

	if (!object_pool(shell, "pool", BY_NAME | BY_UUID, &args.pool) ||
	    !shell_call(shell, RPC_STORAGE_POOL_GET_XML_DESC, &args, &ret))
		return false;
	shell_print("%s", ret.xml);
	return true;
}

/* Commands that call one procedure of a pool, with flags of 0 where it has some, and say so. */
static bool simple(struct shell *shell, int32_t procedure, const char *fault, const char *success)
{
	struct rpc_storage_pool_create_args args = { .flags = 0 };

	if (!object_pool(shell, "pool", BY_NAME | BY_UUID, &args.pool))
		return false;
	if (!shell_call(shell, procedure, &args, NULL))
		return shell_error("Failed to %s pool %s", fault, args.pool.name);
	shell_extra(shell, "Pool %s %s\n", args.pool.name, success);
	return true;
}

static bool cmd_pool_start(struct shell *shell)
{
	return simple(shell, RPC_STORAGE_POOL_CREATE, "start", "started");
}

static bool cmd_pool_destroy(struct shell *shell)
{
	return simple(shell, RPC_STORAGE_POOL_DESTROY, "destroy", "destroyed");
}

static bool cmd_pool_build(struct shell *shell)
{
	return simple(shell, RPC_STORAGE_POOL_BUILD, "build", "built");
}

static bool cmd_pool_delete(struct shell *shell)
{
	return simple(shell, RPC_STORAGE_POOL_DELETE, "delete", "deleted");
}

static bool cmd_pool_undefine(struct shell *shell)
{
	return simple(shell, RPC_STORAGE_POOL_UNDEFINE, "undefine", "has been undefined");
}

static bool cmd_pool_refresh(struct shell *shell)
{
	return simple(shell, RPC_STORAGE_POOL_REFRESH, "refresh", "refreshed");
}

static const struct option autostart_options[] = {
	POOL,
	{ "disable", OPTION_FLAG, false, "do not start it with the node" },
	{ 0 },
};

static bool cmd_pool_autostart(struct shell *shell)
{
	struct rpc_storage_pool_set_autostart_args args = { .autostart = !shell_flag(
								shell, "disable") };

	if (!object_pool(shell, "pool", BY_NAME | BY_UUID, &args.pool))
		return false;
	if (!shell_call(shell, RPC_STORAGE_POOL_SET_AUTOSTART, &args, NULL))
		return shell_error(args.autostart ? "failed to mark pool %s as autostarted"
						  : "failed to unmark pool %s as autostarted",
		    args.pool.name);
	shell_extra(shell, "Pool %s %s as autostarted\n", args.pool.name,
	    args.autostart ? "marked" : "unmarked");
	return true;
}

static const struct option file_options[] = {
	{ "file", OPTION_TEXT, true, "file with the pool's XML" },
	{ 0 },
};

static bool from_file(
    struct shell *shell, int32_t procedure, const char *fault, const char *success)
{
	struct rpc_storage_pool_define_xml_args args = { .flags = 0 };
	struct rpc_storage_pool_define_xml_ret ret;
	const char *file = shell_text(shell, "file");
	struct buf xml = BUF_INIT;
	bool well;

	if (!files_read(file, &xml))
		return false;
	args.xml = buf_text(&xml);
	well = shell_call(shell, procedure, &args, &ret);
	buf_done(&xml);
	if (!well)
		return shell_error("Failed to %s pool from %s", fault, file);
	shell_extra(shell, "Pool %s %s from %s\n", ret.pool.name, success, file);
	return true;
}

static bool cmd_pool_define(struct shell *shell)
{
	return from_file(shell, RPC_STORAGE_POOL_DEFINE_XML, "define", "defined");
}

static bool cmd_pool_create(struct shell *shell)
{
	return from_file(shell, RPC_STORAGE_POOL_CREATE_XML, "create", "created");
}

const struct command pool_commands[] = {
	{ "pool-autostart", cmd_pool_autostart, autostart_options,
	    .help = "start a pool with the node" },
	{ "pool-build", cmd_pool_build, pool_only, .help = "make what a pool is kept in" },
	{ "pool-create", cmd_pool_create, file_options,
	    .help = "start a pool from an XML file, undefined" },
	{ "pool-define", cmd_pool_define, file_options, .help = "define a pool from an XML file" },
	{ "pool-delete", cmd_pool_delete, pool_only, .help = "remove what a pool is kept in" },
	{ "pool-destroy", cmd_pool_destroy, pool_only, .help = "stop a pool" },
	{ "pool-dumpxml", cmd_pool_dumpxml, dumpxml_options, .help = "a pool's XML" },
	{ "pool-info", cmd_pool_info, info_options, .help = "the main facts of a pool" },
	{ "pool-list", cmd_pool_list, list_options, .help = "the pools" },
	{ "pool-name", cmd_pool_name, pool_only, .help = "a pool's name" },
	{ "pool-refresh", cmd_pool_refresh, pool_only, .help = "look again at a pool's volumes" },
	{ "pool-start", cmd_pool_start, pool_only, .help = "start a defined pool" },
	{ "pool-undefine", cmd_pool_undefine, pool_only, .help = "remove a pool's definition" },
	{ "pool-uuid", cmd_pool_uuid, pool_only, .help = "a pool's UUID" },
	{ 0 },
};
