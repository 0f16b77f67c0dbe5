/* SPDX-License-Identifier: GPL-2.0-only */
/* Volumes of storage pools. */
#include "cli/virsh/commands.h"
#include "cli/virsh/objects.h"
#include "cli/virsh/pretty.h"
#include "cli/virsh/show.h"
#include "cli/virsh/table.h"

static const struct option volume_only[] = { VOLUME, VOLUME_POOL, { 0 } };

static const struct option dumpxml_options[] = { VOLUME, VOLUME_POOL, OPTION_XPATH, { 0 } };

static const struct option path_only[] = { { "vol", OPTION_TEXT, true, "key or path" }, { 0 } };

static const char *type_text(int type)
{
	static const char *const words[] = { "file", "block", "dir", "network", "net-dir",
		"ploop" };

	return (size_t)type < 6 ? words[type] : "unknown";
}

static const struct option list_options[] = {
	POOL,
	{ "details", OPTION_FLAG, false, "with types and sizes" },
	{ 0 },
};

/* Their pool's name comes first. */
static int compare(const void *one, const void *other)
{
	return object_compare(
	    &((const struct rpc_vol *)one)->name, &((const struct rpc_vol *)other)->name);
}

static void add_row(struct shell *shell, struct table *table, const struct rpc_vol *vol)
{
	struct rpc_storage_vol_get_path_ret path;
	struct rpc_storage_vol_get_info_ret info;
	char text[PRETTY_TEXT];

	table_add(table, vol->name);
	table_add(table, shell_call(shell, RPC_STORAGE_VOL_GET_PATH, vol, &path) ? path.name : "-");
	if (!shell_flag(shell, "details"))
		return;
	if (shell_call(shell, RPC_STORAGE_VOL_GET_INFO, vol, &info)) {
		table_add(table, type_text(info.type));
		table_add(table, pretty_capacity(info.capacity, text));
		table_add(table, pretty_capacity(info.allocation, text));
	} else {
		for (int i = 0; i < 3; i++)
			table_add(table, "unknown");
	}
	shell_forget_error(shell);
}

static bool cmd_vol_list(struct shell *shell)
{
	static const char *const titles[] = { "Name", "Path", NULL };
	static const char *const details[] = { "Name", "Path", "Type", "Capacity", "Allocation",
		NULL };
	struct rpc_storage_pool_list_all_volumes_args args = { .need_results = 1 };
	const struct rpc_vol *vols;
	struct table *table;
	uint32_t count;

	if (!object_given(shell, &object_pools, BY_ANY, &args.pool))
		return false;
	vols = object_list(
	    shell, RPC_STORAGE_POOL_LIST_ALL_VOLUMES, &args, sizeof(*vols), compare, &count);
	if (!vols)
		return shell_error("Failed to list volumes");
	table = table_create(shell_flag(shell, "details") ? details : titles);
	for (uint32_t i = 0; i < count; i++)
		add_row(shell, table, &vols[i]);
	table_print(table, shell->quiet);
	table_free(table);
	return true;
}

static const struct option info_options[] = {
	VOLUME,
	VOLUME_POOL,
	{ "bytes", OPTION_FLAG, false, "sizes in bytes" },
	{ "physical", OPTION_FLAG, false, "what is used in the place of what is allocated" },
	{ 0 },
};

static void print_size(const struct shell *shell, const char *title, uint64_t bytes)
{
	char text[PRETTY_TEXT];

	if (shell_flag(shell, "bytes"))
		shell_print("%-15s %llu bytes\n", title, (unsigned long long)bytes);
	else
		shell_print("%-15s %s\n", title, pretty_capacity(bytes, text));
}

static bool cmd_vol_info(struct shell *shell)
{
	struct rpc_storage_vol_get_info_flags_args args = { .flags = shell_flag(
								shell, "physical") };
	struct rpc_storage_vol_get_info_ret ret;

	if (!object_volume(shell, "pool", &args.vol))
		return false;
	shell_print("%-15s %s\n", "Name:", args.vol.name);
	if (!shell_call(shell,
		args.flags ? RPC_STORAGE_VOL_GET_INFO_FLAGS : RPC_STORAGE_VOL_GET_INFO, &args,
		&ret))
		return false;
	shell_print("%-15s %s\n", "Type:", type_text(ret.type));
	print_size(shell, "Capacity:", ret.capacity);
	print_size(shell, args.flags ? "Physical:" : "Allocation:", ret.allocation);
	return true;
}

static bool cmd_vol_dumpxml(struct shell *shell)
{
	struct rpc_storage_vol_get_xml_desc_args args = { .flags = 0 };
	struct rpc_storage_vol_get_xml_desc_ret ret;

	if (!object_volume(shell, "pool", &args.vol) ||
	    !shell_call(shell, RPC_STORAGE_VOL_GET_XML_DESC, &args, &ret))
		return false;
	return show_xml(shell, ret.xml);
}

static bool cmd_vol_path(struct shell *shell)
{
	struct rpc_vol vol;
	struct rpc_storage_vol_get_path_ret ret;

	if (!object_volume(shell, "pool", &vol) ||
	    !shell_call(shell, RPC_STORAGE_VOL_GET_PATH, &vol, &ret))
		return false;
	shell_print("%s\n", ret.name);
	return true;
}

static bool cmd_vol_key(struct shell *shell)
{
	struct rpc_vol vol;

	if (!object_volume(shell, "pool", &vol))
		return false;
	shell_print("%s\n", vol.key);
	return true;
}

static bool cmd_vol_name(struct shell *shell)
{
	struct rpc_vol vol;

	if (!object_volume(shell, NULL, &vol))
		return false;
	shell_print("%s\n", vol.name);
	return true;
}

static const struct option pool_options[] = {
	{ "vol", OPTION_TEXT, true, "key or path" },
	{ "uuid", OPTION_FLAG, false, "the pool's UUID in the place of its name" },
	{ 0 },
};

static bool cmd_vol_pool(struct shell *shell)
{
	struct rpc_vol vol;
	struct rpc_pool pool;
	char text[UUID_TEXT];

	if (!object_volume(shell, NULL, &vol) ||
	    !object_find(shell, &object_pools, vol.pool, BY_NAME, &pool))
		return false;
	shell_print("%s\n", shell_flag(shell, "uuid") ? uuid_text(pool.uuid, text) : pool.name);
	return true;
}

const struct command volume_commands[] = {
	{ "vol-dumpxml", cmd_vol_dumpxml, dumpxml_options, .help = "a volume's XML" },
	{ "vol-info", cmd_vol_info, info_options, .help = "the main facts of a volume" },
	{ "vol-key", cmd_vol_key, volume_only, .help = "a volume's key" },
	{ "vol-list", cmd_vol_list, list_options, .help = "the volumes of a pool" },
	{ "vol-name", cmd_vol_name, path_only, .help = "a volume's name" },
	{ "vol-path", cmd_vol_path, volume_only, .help = "a volume's path" },
	{ "vol-pool", cmd_vol_pool, pool_options, .help = "a volume's pool" },
	{ 0 },
};
