/* SPDX-License-Identifier: GPL-2.0-only */
/* Storage pools. */
#include <string.h>

#include "cli/virsh/commands.h"
#include "cli/virsh/objects.h"
#include "cli/virsh/pretty.h"
#include "cli/virsh/show.h"
#include "cli/virsh/table.h"

static const struct option pool_only[] = { POOL, { 0 } };

static const struct option list_options[] = {
	{ "inactive", OPTION_FLAG, false, "pools that are not started" },
	{ "all", OPTION_FLAG, false, "pools that are and that are not" },
	{ "transient", OPTION_FLAG, false, "pools without a definition" },
	{ "persistent", OPTION_FLAG, false, "pools with a definition" },
	{ "autostart", OPTION_FLAG, false, "pools that start with the node" },
	{ "no-autostart", OPTION_FLAG, false, "pools that do not" },
	{ "type", OPTION_TEXT, false, "pools of these types, with commas between them" },
	{ "details", OPTION_FLAG, false, "with sizes" },
	{ "uuid", OPTION_FLAG, false, "UUIDs only" },
	{ "name", OPTION_FLAG, false, "names only" },
	{ 0 },
};

static const char *state_text_of(uint32_t state)
{
	static const char *const words[] = { "inactive", "building", "running", "degraded",
		"inaccessible" };

	return state < 5 ? words[state] : "unknown";
}

static void add_row(struct shell *shell, struct table *table, const struct rpc_pool *pool)
{
	table_add(table, pool->name);
	table_add(
	    table, object_asks(shell, RPC_STORAGE_POOL_IS_ACTIVE, pool) ? "active" : "inactive");
	table_add(table, object_autostart_text(shell, &object_pools, pool));
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
	table_add(table, object_autostart_text(shell, &object_pools, pool));
	table_add(table, object_asks(shell, RPC_STORAGE_POOL_IS_PERSISTENT, pool) ? "yes" : "no");
	table_add(table, running ? pretty_capacity(info.capacity, text) : "-");
	table_add(table, running ? pretty_capacity(info.allocation, text) : "-");
	table_add(table, running ? pretty_capacity(info.available, text) : "-");
}

/* libvirt: virConnectListAllStoragePoolsFlags, where the first type is bit 6. */
static bool types_wanted(const char *list, uint32_t *ret_flags)
{
	static const char *const types[] = { "dir", "fs", "netfs", "logical", "disk", "iscsi",
		"scsi", "mpath", "rbd", "sheepdog", "gluster", "zfs", "vstorage", "iscsi-direct" };
	const size_t known = sizeof(types) / sizeof(types[0]);

	*ret_flags = 0;
	for (const char *at = list; at && *at;) {
		size_t length = strcspn(at, ",");
		size_t type = 0;

		while (type < known &&
		       (strlen(types[type]) != length || strncmp(types[type], at, length) != 0))
			type++;
		if (type == known)
			return shell_error("Invalid pool type '%s'", list);
		*ret_flags |= 64u << type;
		at += length + (at[length] == ',');
	}
	return true;
}

static bool cmd_pool_list(struct shell *shell)
{
	static const char *const titles[] = { "Name", "State", "Autostart", NULL };
	static const char *const details[] = { "Name", "State", "Autostart", "Persistent",
		"Capacity", "Allocation", "Available", NULL };
	struct rpc_connect_list_all_storage_pools_args args = { .need_results = 1 };
	bool plain = shell_flag(shell, "uuid") || shell_flag(shell, "name");
	bool detailed = shell_flag(shell, "details");
	uint32_t count;
	const struct rpc_pool *pools;
	struct table *table;
	char text[UUID_TEXT];

	if (!types_wanted(shell_text(shell, "type"), &args.flags))
		return false;
	args.flags |= object_filter(shell);
	pools = object_list(shell, RPC_CONNECT_LIST_ALL_STORAGE_POOLS, &args, sizeof(*pools),
	    object_compare, &count);
	if (!pools)
		return shell_error("Failed to list pools");
	table = plain ? NULL : table_create(detailed ? details : titles);
	for (uint32_t i = 0; i < count; i++) {
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

	if (!object_given(shell, &object_pools, BY_ANY, &pool))
		return false;
	shell_print("%-15s %s\n", "Name:", pool.name);
	shell_print("%-15s %s\n", "UUID:", uuid_text(pool.uuid, text));
	if (!shell_call(shell, RPC_STORAGE_POOL_GET_INFO, &pool, &info))
		return false;
	shell_print("%-15s %s\n", "State:", state_text_of(info.state));
	shell_print("%-15s %s\n", "Persistent:",
	    object_asks(shell, RPC_STORAGE_POOL_IS_PERSISTENT, &pool) ? "yes" : "no");
	shell_print("%-15s %s\n", "Autostart:", object_autostart_text(shell, &object_pools, &pool));
	if (info.state == 2 || info.state == 3) {
		print_size(shell, "Capacity:", info.capacity);
		print_size(shell, "Allocation:", info.allocation);
		print_size(shell, "Available:", info.available);
	}
	return true;
}

static const struct option dumpxml_options[] = {
	POOL,
	{ "inactive", OPTION_FLAG, false, "its definition" },
	OPTION_XPATH,
	{ 0 },
};

static const struct option autostart_options[] = {
	POOL,
	{ "disable", OPTION_FLAG, false, "do not start it with the node" },
	{ 0 },
};

#define EDIT_XML 1u /* libvirt: VIR_STORAGE_XML_INACTIVE */

static bool cmd_capabilities(struct shell *shell)
{
	struct rpc_connect_get_storage_pool_capabilities_args args = { 0 };
	struct rpc_connect_get_storage_pool_capabilities_ret ret;

	if (!shell_call(shell, RPC_CONNECT_GET_STORAGE_POOL_CAPABILITIES, &args, &ret))
		return shell_error("failed to get storage pool capabilities");
	shell_print("%s\n", ret.capabilities);
	return true;
}

const struct command pool_commands[] = {
	{ "pool-autostart", object_run_autostart, autostart_options,
	    .help = "start a pool with the node",
	    OBJECT_VERB(pools, RPC_STORAGE_POOL_SET_AUTOSTART, "failed", NULL) },
	{ "pool-capabilities", cmd_capabilities, NULL, .help = "what pools can be, as XML" },
	{ "pool-delete", object_run, pool_only, .help = "remove what a pool is kept in",
	    OBJECT_VERB(pools, RPC_STORAGE_POOL_DELETE, "delete", "deleted") },
	{ "pool-destroy", object_run, pool_only, .help = "stop a pool",
	    OBJECT_VERB(pools, RPC_STORAGE_POOL_DESTROY, "destroy", "destroyed") },
	{ "pool-dumpxml", object_print_xml, dumpxml_options, .help = "a pool's XML",
	    OBJECT_VERB(pools, 0, NULL) },
	{ "pool-edit", object_run_edit, pool_only, .help = "a pool's XML in an editor",
	    OBJECT_VERB(pools, RPC_STORAGE_POOL_DEFINE_XML, NULL, .xml_flags = EDIT_XML) },
	{ "pool-info", cmd_pool_info, info_options, .help = "the main facts of a pool" },
	{ "pool-list", cmd_pool_list, list_options, .help = "the pools" },
	{ "pool-name", object_print_name, pool_only, .help = "a pool's name",
	    OBJECT_VERB(pools, 0, NULL, .how = BY_UUID) },
	{ "pool-refresh", object_run, pool_only, .help = "look again at a pool's volumes",
	    OBJECT_VERB(pools, RPC_STORAGE_POOL_REFRESH, "refresh", "refreshed") },
	{ "pool-undefine", object_run, pool_only, .help = "remove a pool's definition",
	    OBJECT_VERB(pools, RPC_STORAGE_POOL_UNDEFINE, "undefine", "has been undefined") },
	{ "pool-uuid", object_print_uuid, pool_only, .help = "a pool's UUID",
	    OBJECT_VERB(pools, 0, NULL, .how = BY_NAME) },
	{ 0 },
};
