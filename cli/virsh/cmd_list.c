/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/cmd_list.h"

#include <string.h>

#include "cli/virsh/objects.h"
#include "cli/virsh/states.h"
#include "cli/virsh/table.h"

const struct option list_options[] = {
	{ "inactive", OPTION_FLAG, false, "guests that are off" },
	{ "all", OPTION_FLAG, false, "guests that run and guests that are off" },
	{ "transient", OPTION_FLAG, false, "guests without a definition" },
	{ "persistent", OPTION_FLAG, false, "guests with a definition" },
	{ "with-snapshot", OPTION_FLAG, false, "guests with a snapshot" },
	{ "without-snapshot", OPTION_FLAG, false, "guests without a snapshot" },
	{ "with-checkpoint", OPTION_FLAG, false, "guests with a checkpoint" },
	{ "without-checkpoint", OPTION_FLAG, false, "guests without a checkpoint" },
	{ "state-running", OPTION_FLAG, false, "guests that run" },
	{ "state-paused", OPTION_FLAG, false, "guests that are paused" },
	{ "state-shutoff", OPTION_FLAG, false, "guests that are off" },
	{ "state-other", OPTION_FLAG, false, "guests in any other state" },
	{ "autostart", OPTION_FLAG, false, "guests that start with the node" },
	{ "no-autostart", OPTION_FLAG, false, "guests that do not" },
	{ "with-managed-save", OPTION_FLAG, false, "guests with a saved state" },
	{ "without-managed-save", OPTION_FLAG, false, "guests without one" },
	{ "uuid", OPTION_FLAG, false, "UUIDs only" },
	{ "name", OPTION_FLAG, false, "names only" },
	{ "id", OPTION_FLAG, false, "ids only" },
	{ "table", OPTION_FLAG, false, "a table (default)" },
	{ "managed-save", OPTION_FLAG, false, "tell in the table which have a saved state" },
	{ "title", OPTION_FLAG, false, "with titles" },
	{ 0 },
};

/* libvirt: virConnectListAllDomainsFlags. */
static uint32_t filter_of(const struct shell *shell)
{
	static const struct {
		const char *option;
		uint32_t flag;
	} filters[] = { { "persistent", 4 }, { "transient", 8 }, { "state-running", 16 },
		{ "state-paused", 32 }, { "state-shutoff", 64 }, { "state-other", 128 },
		{ "with-managed-save", 256 }, { "without-managed-save", 512 },
		{ "autostart", 1024 }, { "no-autostart", 2048 }, { "with-snapshot", 4096 },
		{ "without-snapshot", 8192 }, { "with-checkpoint", 16384 },
		{ "without-checkpoint", 32768 } };
	uint32_t flags = shell_flag(shell, "inactive") ? 2 : 1;

	if (shell_flag(shell, "all"))
		flags = 3;
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++)
		if (shell_flag(shell, filters[i].option))
			flags |= filters[i].flag;
	return flags;
}

/* Those that run by id, then the others by name. */
static int compare(const void *one, const void *other)
{
	const struct rpc_dom *a = one;
	const struct rpc_dom *b = other;

	if (a->id >= 0 && b->id >= 0)
		return a->id < b->id ? -1 : a->id > b->id;
	if (a->id >= 0 || b->id >= 0)
		return a->id >= 0 ? -1 : 1;
	return strcasecmp(a->name, b->name);
}

static int state_of(struct shell *shell, const struct rpc_dom *dom)
{
	struct rpc_domain_get_state_args args = { *dom, 0 };
	struct rpc_domain_get_state_ret ret;
	struct rpc_domain_get_info_args old = { *dom };
	struct rpc_domain_get_info_ret info;

	if (shell_call(shell, RPC_DOMAIN_GET_STATE, &args, &ret))
		return ret.state;
	if (shell->conn->error.code == RPC_ERR_NO_SUPPORT &&
	    shell_call(shell, RPC_DOMAIN_GET_INFO, &old, &info))
		return (int)info.state;
	shell_forget_error(shell);
	return -1;
}

bool is_saved(struct shell *shell, const struct rpc_dom *dom)
{
	struct rpc_domain_has_managed_save_image_args args = { *dom, 0 };
	struct rpc_domain_has_managed_save_image_ret ret;

	if (shell_call(shell, RPC_DOMAIN_HAS_MANAGED_SAVE_IMAGE, &args, &ret))
		return ret.result;
	shell_forget_error(shell);
	return false;
}

static const char *title_of(struct shell *shell, const struct rpc_dom *dom)
{
	struct rpc_domain_get_metadata_args args = { .dom = *dom, .type = 1 };
	struct rpc_domain_get_metadata_ret ret;

	if (shell_call(shell, RPC_DOMAIN_GET_METADATA, &args, &ret))
		return ret.metadata;
	shell_forget_error(shell);
	return "";
}

static void add_row(struct shell *shell, struct table *table, const struct rpc_dom *dom)
{
	int state = state_of(shell, dom);

	if (state < 0)
		return;
	if (dom->id >= 0)
		table_add_format(table, "%d", dom->id);
	else
		table_add(table, "-");
	table_add(table, dom->name);
	if (shell_flag(shell, "managed-save") && state == 5 && is_saved(shell, dom))
		table_add(table, "saved");
	else
		table_add(table, state_text(state));
	if (shell_flag(shell, "title"))
		table_add(table, title_of(shell, dom));
}

/* What stands in the place of a table. */
static void print_plain(const struct shell *shell, const struct rpc_dom *dom)
{
	bool uuid = shell_flag(shell, "uuid");
	bool name = shell_flag(shell, "name");
	bool id = shell_flag(shell, "id");
	char text[UUID_TEXT];

	if (uuid)
		shell_print("%s", uuid_text(dom->uuid, text));
	if (id && dom->id >= 0)
		shell_print("%s%d", uuid ? " " : "", dom->id);
	else if (id && (uuid || name))
		shell_print("%s-", uuid ? " " : "");
	else if (id)
		return;
	if (name)
		shell_print("%s%s", uuid || id ? " " : "", dom->name);
	shell_print("\n");
}

bool cmd_list(struct shell *shell)
{
	static const char *const titles[] = { "Id", "Name", "State", NULL };
	static const char *const with_title[] = { "Id", "Name", "State", "Title", NULL };
	bool plain = shell_flag(shell, "uuid") || shell_flag(shell, "name") ||
		     shell_flag(shell, "id");
	struct table *table = NULL;
	struct rpc_connect_list_all_domains_args args = { 1, filter_of(shell) };
	const struct rpc_dom *doms;
	uint32_t count;

	for (const char *const *other = (const char *const[]){ "name", "uuid", "id", NULL }; *other;
	     other++)
		if (shell_flag(shell, "table") && shell_flag(shell, *other))
			return shell_error(
			    "Options --table and --%s are mutually exclusive", *other);
	doms = object_list(
	    shell, RPC_CONNECT_LIST_ALL_DOMAINS, &args, sizeof(*doms), compare, &count);
	if (!doms)
		return shell_error("Failed to list domains");
	if (!plain)
		table = table_create(shell_flag(shell, "title") ? with_title : titles);
	for (uint32_t i = 0; i < count; i++) {
		if (plain)
			print_plain(shell, &doms[i]);
		else
			add_row(shell, table, &doms[i]);
	}
	table_print(table, shell->quiet);
	table_free(table);
	return true;
}
