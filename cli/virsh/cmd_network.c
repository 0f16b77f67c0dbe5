/* SPDX-License-Identifier: GPL-2.0-only */
/* Networks. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/virsh/commands.h"
#include "cli/virsh/files.h"
#include "cli/virsh/objects.h"
#include "cli/virsh/table.h"

#define NETWORK                                                                                    \
	{                                                                                          \
		"network", OPTION_TEXT, true, "name or UUID"                                       \
	}

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

/* libvirt: virConnectListAllNetworksFlags. */
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
	    ((const struct rpc_net *)one)->name, ((const struct rpc_net *)other)->name);
}

static bool asks(struct shell *shell, int32_t procedure, const struct rpc_net *net)
{
	struct rpc_network_is_active_ret ret = { 0 };

	if (shell_call(shell, procedure, net, &ret))
		return ret.active;
	shell_forget_error(shell);
	return false;
}

static const char *autostart_of(struct shell *shell, const struct rpc_net *net)
{
	struct rpc_network_get_autostart_args args = { *net };
	struct rpc_network_get_autostart_ret ret;

	if (shell_call(shell, RPC_NETWORK_GET_AUTOSTART, &args, &ret))
		return ret.autostart ? "yes" : "no";
	shell_forget_error(shell);
	return "no autostart";
}

static bool cmd_net_list(struct shell *shell)
{
	static const char *const titles[] = { "Name", "State", "Autostart", "Persistent", NULL };
	struct rpc_connect_list_all_networks_args args = { 1, filter_of(shell) };
	struct rpc_connect_list_all_networks_ret ret;
	bool uuid = shell_flag(shell, "uuid");
	bool name = shell_flag(shell, "name");
	struct table *table = uuid || name ? NULL : table_create(titles);
	struct rpc_net *nets;
	char text[UUID_TEXT];

	if (!shell_call(shell, RPC_CONNECT_LIST_ALL_NETWORKS, &args, &ret)) {
		table_free(table);
		return shell_error("Failed to list networks");
	}
	nets = rpc_memory_alloc(&shell->conn->memory, (ret.nets_count + 1) * sizeof(*nets));
	if (nets && ret.nets_count)
		memcpy(nets, ret.nets, ret.nets_count * sizeof(*nets));
	if (nets)
		qsort(nets, ret.nets_count, sizeof(*nets), compare);
	for (uint32_t i = 0; nets && i < ret.nets_count; i++) {
		if (uuid) {
			shell_print("%s\n", uuid_text(nets[i].uuid, text));
		} else if (name) {
			shell_print("%s\n", nets[i].name);
		} else {
			table_add(table, nets[i].name);
			table_add(table,
			    asks(shell, RPC_NETWORK_IS_ACTIVE, &nets[i]) ? "active" : "inactive");
			table_add(table, autostart_of(shell, &nets[i]));
			table_add(
			    table, asks(shell, RPC_NETWORK_IS_PERSISTENT, &nets[i]) ? "yes" : "no");
		}
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

	if (!object_network(shell, "network", BY_NAME | BY_UUID, &net))
		return false;
	shell_print("%-15s %s\n", "Name:", net.name);
	shell_print("%-15s %s\n", "UUID:", uuid_text(net.uuid, text));
	shell_print(
	    "%-15s %s\n", "Active:", asks(shell, RPC_NETWORK_IS_ACTIVE, &net) ? "yes" : "no");
	shell_print("%-15s %s\n",
	    "Persistent:", asks(shell, RPC_NETWORK_IS_PERSISTENT, &net) ? "yes" : "no");
	shell_print("%-15s %s\n", "Autostart:", autostart_of(shell, &net));
	if (shell_call(shell, RPC_NETWORK_GET_BRIDGE_NAME, &net, &bridge))
		shell_print("%-15s %s\n", "Bridge:", bridge.name);
	shell_forget_error(shell);
	return true;
}

static bool cmd_net_name(struct shell *shell)
{
	struct rpc_net net;

	if (!object_network(shell, "network", BY_UUID, &net))
		return false;
	shell_print("%s\n", net.name);
	return true;
}

static bool cmd_net_uuid(struct shell *shell)
{
	struct rpc_net net;
	char text[UUID_TEXT];

	if (!object_network(shell, "network", BY_NAME, &net))
		return false;
	shell_print("%s\n", uuid_text(net.uuid, text));
	return true;
}

static const struct option dumpxml_options[] = {
	NETWORK,
	{ "inactive", OPTION_FLAG, false, "its definition" },
	{ 0 },
};

static bool cmd_net_dumpxml(struct shell *shell)
{
	struct rpc_network_get_xml_desc_args args = { .flags = shell_flag(shell, "inactive") };
	struct rpc_network_get_xml_desc_ret ret;

	if (!object_network(shell, "network", BY_NAME | BY_UUID, &args.net) ||
	    !shell_call(shell, RPC_NETWORK_GET_XML_DESC, &args, &ret))
		return false;
	shell_print("%s", ret.xml);
	return true;
}

/* Commands that call one procedure of a network and say so. */
static bool simple(struct shell *shell, int32_t procedure, const char *fault, const char *success)
{
	struct rpc_net net;

	if (!object_network(shell, "network", BY_NAME | BY_UUID, &net))
		return false;
	if (!shell_call(shell, procedure, &net, NULL))
		return shell_error("Failed to %s network %s", fault, net.name);
	shell_extra(shell, "Network %s %s\n", net.name, success);
	return true;
}

static bool cmd_net_start(struct shell *shell)
{
	return simple(shell, RPC_NETWORK_CREATE, "start", "started");
}

static bool cmd_net_destroy(struct shell *shell)
{
	return simple(shell, RPC_NETWORK_DESTROY, "destroy", "destroyed");
}

static bool cmd_net_undefine(struct shell *shell)
{
	return simple(shell, RPC_NETWORK_UNDEFINE, "undefine", "has been undefined");
}

static const struct option autostart_options[] = {
	NETWORK,
	{ "disable", OPTION_FLAG, false, "do not start it with the node" },
	{ 0 },
};

static bool cmd_net_autostart(struct shell *shell)
{
	struct rpc_network_set_autostart_args args = { .autostart = !shell_flag(shell, "disable") };

	if (!object_network(shell, "network", BY_NAME | BY_UUID, &args.net))
		return false;
	if (!shell_call(shell, RPC_NETWORK_SET_AUTOSTART, &args, NULL))
		return shell_error(args.autostart ? "failed to mark network %s as autostarted"
						  : "failed to unmark network %s as autostarted",
		    args.net.name);
	shell_extra(shell, "Network %s %s as autostarted\n", args.net.name,
	    args.autostart ? "marked" : "unmarked");
	return true;
}

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

	if (!object_network(shell, "network", BY_NAME | BY_UUID, &args.net))
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

static bool from_file(
    struct shell *shell, int32_t procedure, const char *fault, const char *success)
{
	struct rpc_network_define_xml_args args;
	struct rpc_network_define_xml_ret ret;
	const char *file = shell_text(shell, "file");
	struct buf xml = BUF_INIT;
	bool well;

	if (!files_read(file, &xml))
		return false;
	args.xml = buf_text(&xml);
	well = shell_call(shell, procedure, &args, &ret);
	buf_done(&xml);
	if (!well)
		return shell_error("Failed to %s network from %s", fault, file);
	shell_extra(shell, "Network %s %s from %s\n", ret.net.name, success, file);
	return true;
}

static bool cmd_net_define(struct shell *shell)
{
	return from_file(shell, RPC_NETWORK_DEFINE_XML, "define", "defined");
}

static bool cmd_net_create(struct shell *shell)
{
	return from_file(shell, RPC_NETWORK_CREATE_XML, "create", "created");
}

const struct command network_commands[] = {
	{ "net-autostart", cmd_net_autostart, autostart_options,
	    .help = "start a network with the node" },
	{ "net-create", cmd_net_create, file_options,
	    .help = "start a network from an XML file, undefined" },
	{ "net-define", cmd_net_define, file_options, .help = "define a network from an XML file" },
	{ "net-destroy", cmd_net_destroy, network_only, .help = "take a network down" },
	{ "net-dhcp-leases", cmd_net_dhcp_leases, leases_options,
	    .help = "addresses that a network has given out" },
	{ "net-dumpxml", cmd_net_dumpxml, dumpxml_options, .help = "a network's XML" },
	{ "net-info", cmd_net_info, network_only, .help = "the main facts of a network" },
	{ "net-list", cmd_net_list, list_options, .help = "the networks" },
	{ "net-name", cmd_net_name, network_only, .help = "a network's name" },
	{ "net-start", cmd_net_start, network_only, .help = "start a defined network" },
	{ "net-undefine", cmd_net_undefine, network_only, .help = "remove a network's definition" },
	{ "net-uuid", cmd_net_uuid, network_only, .help = "a network's UUID" },
	{ 0 },
};
