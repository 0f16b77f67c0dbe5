/* SPDX-License-Identifier: GPL-2.0-only */
/* Networks. */
#include <string.h>
#include <time.h>

#include "cli/virsh/affect.h"
#include "cli/virsh/commands.h"
#include "cli/virsh/files.h"
#include "cli/virsh/objects.h"
#include "cli/virsh/show.h"
#include "cli/virsh/table.h"

static const struct option network_only[] = { NETWORK, { 0 } };

static const struct option list_options[] = {
	{ "inactive", OPTION_FLAG, false, "networks that are down" },
	{ "all", OPTION_FLAG, false, "networks that are up and that are down" },
	{ "persistent", OPTION_FLAG, false, "networks with a definition" },
	{ "transient", OPTION_FLAG, false, "networks without" },
	{ "autostart", OPTION_FLAG, false, "networks that start with the node" },
	{ "no-autostart", OPTION_FLAG, false, "networks that do not" },
	{ "uuid", OPTION_FLAG, false, "UUIDs only" },
	{ "name", OPTION_FLAG, false, "names only" },
	{ "table", OPTION_FLAG, false, "a table (default)" },
	{ 0 },
};

static void add_row(struct shell *shell, struct table *table, const struct rpc_net *net)
{
	table_add(table, net->name);
	table_add(table, object_asks(shell, RPC_NETWORK_IS_ACTIVE, net) ? "active" : "inactive");
	table_add(table, object_autostart_text(shell, &object_networks, net));
	table_add(table, object_asks(shell, RPC_NETWORK_IS_PERSISTENT, net) ? "yes" : "no");
}

static bool cmd_net_list(struct shell *shell)
{
	static const char *const titles[] = { "Name", "State", "Autostart", "Persistent", NULL };
	struct rpc_connect_list_all_networks_args args = { 1, object_filter(shell) };
	bool uuid = shell_flag(shell, "uuid");
	bool name = shell_flag(shell, "name");
	uint32_t count;
	const struct rpc_net *nets = object_list(
	    shell, RPC_CONNECT_LIST_ALL_NETWORKS, &args, sizeof(*nets), object_compare, &count);
	struct table *table;
	char text[UUID_TEXT];

	if (!nets)
		return shell_error("Failed to list networks");
	table = uuid || name ? NULL : table_create(titles);
	for (uint32_t i = 0; i < count; i++) {
		if (uuid)
			shell_print("%s\n", uuid_text(nets[i].uuid, text));
		else if (name)
			shell_print("%s\n", nets[i].name);
		else
			add_row(shell, table, &nets[i]);
	}
	table_print(table, shell->quiet);
	table_free(table);
	return true;
}

static bool cmd_net_info(struct shell *shell)
{
	struct rpc_net net;
	struct rpc_network_get_bridge_name_ret bridge;
	char text[UUID_TEXT];

	if (!object_given(shell, &object_networks, BY_ANY, &net))
		return false;
	shell_print("%-15s %s\n", "Name:", net.name);
	shell_print("%-15s %s\n", "UUID:", uuid_text(net.uuid, text));
	shell_print("%-15s %s\n",
	    "Active:", object_asks(shell, RPC_NETWORK_IS_ACTIVE, &net) ? "yes" : "no");
	shell_print("%-15s %s\n",
	    "Persistent:", object_asks(shell, RPC_NETWORK_IS_PERSISTENT, &net) ? "yes" : "no");
	shell_print(
	    "%-15s %s\n", "Autostart:", object_autostart_text(shell, &object_networks, &net));
	if (shell_call(shell, RPC_NETWORK_GET_BRIDGE_NAME, &net, &bridge))
		shell_print("%-15s %s\n", "Bridge:", bridge.name);
	shell_forget_error(shell);
	return true;
}

static const struct option dumpxml_options[] = {
	NETWORK,
	{ "inactive", OPTION_FLAG, false, "its definition" },
	OPTION_XPATH,
	{ 0 },
};

static const struct option autostart_options[] = {
	NETWORK,
	{ "disable", OPTION_FLAG, false, "do not start it with the node" },
	{ 0 },
};

static const struct option leases_options[] = {
	NETWORK,
	{ "mac", OPTION_TEXT, false, "one MAC address" },
	{ 0 },
};

static const char *or_dash(const char *text)
{
	return text ? text : "-";
}

static bool cmd_net_dhcp_leases(struct shell *shell)
{
	static const char *const titles[] = { "Expiry Time", "MAC address", "Protocol",
		"IP address", "Hostname", "Client ID or DUID", NULL };
	struct rpc_network_get_dhcp_leases_args args = { .mac = shell_text(shell, "mac"),
		.need_results = 1 };
	struct rpc_network_get_dhcp_leases_ret ret;
	struct table *table;

	if (!object_given(shell, &object_networks, BY_ANY, &args.net))
		return false;
	if (!shell_call(shell, RPC_NETWORK_GET_DHCP_LEASES, &args, &ret))
		return shell_error("Failed to get leases info for %s", args.net.name);
	table = table_create(titles);
	for (uint32_t i = 0; i < ret.leases_count; i++) {
		const struct rpc_network_dhcp_lease *lease = &ret.leases[i];
		time_t end = (time_t)lease->expirytime;
		struct tm when;
		char text[32];

		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", localtime_r(&end, &when));
		table_add(table, text);
		table_add(table, or_dash(lease->mac));
		table_add(table, lease->type ? "ipv6" : "ipv4");
		table_add_format(table, "%s/%u", lease->ipaddr, lease->prefix);
		table_add(table, or_dash(lease->hostname));
		table_add(table, or_dash(lease->clientid));
	}
	table_print(table, shell->quiet);
	table_free(table);
	return true;
}

static const struct option file_options[] = {
	{ "file", OPTION_TEXT, true, "file with the network's XML" },
	{ "validate", OPTION_FLAG, false, "check the XML against the schema" },
	{ 0 },
};

static const struct option update_options[] = {
	NETWORK,
	{ "command", OPTION_TEXT, true, "add-first, add-last (add), delete or modify" },
	{ "section", OPTION_TEXT, true, "what of the network: ip-dhcp-host, dns-host and so on" },
	{ "xml", OPTION_TEXT, true, "file with the element, or the element itself" },
	{ "parent-index", OPTION_NUMBER, false, "which of several parents" },
	AFFECT,
	{ 0 },
};

/* The place of a word of option `option` in the list; 0, and told, when it is none of it. */
static uint32_t index_of(
    struct shell *shell, const char *option, const char *const *words, uint32_t count)
{
	const char *word = shell_text(shell, option);

	for (uint32_t i = 1; i < count; i++)
		if (!strcmp(words[i], word))
			return i;
	shell_error("unrecognized %s name '%s'", option, word);
	return 0;
}

#define COUNT(list) ((uint32_t)(sizeof(list) / sizeof((list)[0])))

/* What is to change, and how. False with the fault told. */
static bool update_of(struct shell *shell, struct rpc_network_update_args *args)
{
	/* libvirt: virNetworkUpdateCommand, virNetworkUpdateSection. */
	static const char *const commands[] = { "", "modify", "delete", "add-last", "add-first",
		"add" };
	static const char *const sections[] = { "", "bridge", "domain", "ip", "ip-dhcp-host",
		"ip-dhcp-range", "forward", "forward-interface", "forward-pf", "portgroup",
		"dns-host", "dns-txt", "dns-srv" };
	int64_t parent = -1;
	bool good = true;

	args->command = index_of(shell, "command", commands, COUNT(commands));
	if (args->command == COUNT(commands) - 1)
		args->command = 3;
	if (args->command)
		args->section = index_of(shell, "section", sections, COUNT(sections));
	if (!args->command || !args->section)
		return false;
	shell_number(shell, "parent-index", &parent, &good);
	args->parent_index = (int32_t)parent;
	return good;
}

static bool cmd_net_update(struct shell *shell)
{
	struct rpc_network_update_args args = { 0 };
	const char *xml = shell_text(shell, "xml");
	struct buf file = BUF_INIT;
	bool live;
	bool well;

	if (!affect_flags(shell, NULL, &args.flags) ||
	    !object_given(shell, &object_networks, BY_ANY, &args.net) || !update_of(shell, &args) ||
	    (*xml != '<' && !files_read(xml, &file)))
		return false;
	args.xml = *xml == '<' ? xml : buf_text(&file);
	well = shell_call(shell, RPC_NETWORK_UPDATE, &args, NULL);
	buf_done(&file);
	if (!well)
		return shell_error("Failed to update network %s", args.net.name);
	live = args.flags ? args.flags & AFFECT_LIVE
			  : object_asks(shell, RPC_NETWORK_IS_ACTIVE, &args.net);
	shell_print("Updated network %s %s%s%s", args.net.name,
	    args.flags & AFFECT_CONFIG || !live ? "persistent config" : "",
	    args.flags & AFFECT_CONFIG && live ? " and " : "", live ? "live state" : "");
	return true;
}

#define EDIT_XML 1u /* libvirt: VIR_NETWORK_XML_INACTIVE */

const struct command network_commands[] = {
	{ "net-autostart", object_run_autostart, autostart_options,
	    .help = "start a network with the node",
	    OBJECT_VERB(networks, RPC_NETWORK_SET_AUTOSTART, "failed", NULL) },
	{ "net-create", object_run_file, file_options,
	    .help = "start a network from an XML file, undefined",
	    OBJECT_VERB(networks, RPC_NETWORK_CREATE_XML, "create", "created",
		.flags = object_validate, .with_flags = RPC_NETWORK_CREATE_XML_FLAGS) },
	{ "net-define", object_run_file, file_options, .help = "define a network from an XML file",
	    OBJECT_VERB(networks, RPC_NETWORK_DEFINE_XML, "define", "defined",
		.flags = object_validate, .with_flags = RPC_NETWORK_DEFINE_XML_FLAGS) },
	{ "net-destroy", object_run, network_only, .help = "take a network down",
	    OBJECT_VERB(networks, RPC_NETWORK_DESTROY, "destroy", "destroyed") },
	{ "net-dhcp-leases", cmd_net_dhcp_leases, leases_options,
	    .help = "addresses that a network has given out" },
	{ "net-dumpxml", object_print_xml, dumpxml_options, .help = "a network's XML",
	    OBJECT_VERB(networks, 0, NULL) },
	{ "net-edit", object_run_edit, network_only, .help = "a network's XML in an editor",
	    OBJECT_VERB(networks, RPC_NETWORK_DEFINE_XML, NULL, .xml_flags = EDIT_XML) },
	{ "net-info", cmd_net_info, network_only, .help = "the main facts of a network" },
	{ "net-list", cmd_net_list, list_options, .help = "the networks" },
	{ "net-name", object_print_name, network_only, .help = "a network's name",
	    OBJECT_VERB(networks, 0, NULL, .how = BY_UUID) },
	{ "net-start", object_run, network_only, .help = "start a defined network",
	    OBJECT_VERB(networks, RPC_NETWORK_CREATE, "start", "started") },
	{ "net-undefine", object_run, network_only, .help = "remove a network's definition",
	    OBJECT_VERB(networks, RPC_NETWORK_UNDEFINE, "undefine", "has been undefined") },
	{ "net-update", cmd_net_update, update_options,
	    .help = "change a part of a network, at once too" },
	{ "net-uuid", object_print_uuid, network_only, .help = "a network's UUID",
	    OBJECT_VERB(networks, 0, NULL, .how = BY_NAME) },
	{ 0 },
};
