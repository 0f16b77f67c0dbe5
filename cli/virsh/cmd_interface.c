/* SPDX-License-Identifier: GPL-2.0-only */
/* The node's own network interfaces. */
#include "cli/virsh/commands.h"
#include "cli/virsh/objects.h"
#include "cli/virsh/show.h"
#include "cli/virsh/table.h"

static const struct option list_options[] = {
	{ "inactive", OPTION_FLAG, false, "interfaces that are down" },
	{ "all", OPTION_FLAG, false, "interfaces that are up and that are down" },
	{ 0 },
};

static bool cmd_list(struct shell *shell)
{
	static const char *const titles[] = { "Name", "State", "MAC Address", NULL };
	struct rpc_connect_list_all_interfaces_args args = { 1, 2 };
	const struct rpc_iface *ifaces;
	struct table *table;
	uint32_t count;

	if (shell_flag(shell, "inactive"))
		args.flags = 1;
	if (shell_flag(shell, "all"))
		args.flags = 3;
	ifaces = object_list(
	    shell, RPC_CONNECT_LIST_ALL_INTERFACES, &args, sizeof(*ifaces), object_compare, &count);
	if (!ifaces)
		return shell_error("Failed to list interfaces");
	table = table_create(titles);
	for (uint32_t i = 0; i < count; i++) {
		table_add(table, ifaces[i].name);
		table_add(table, object_asks(shell, RPC_INTERFACE_IS_ACTIVE, &ifaces[i])
				     ? "active"
				     : "inactive");
		table_add(table, ifaces[i].mac);
	}
	table_print(table, shell->quiet);
	table_free(table);
	return true;
}

static const struct option interface_only[] = {
	{ "interface", OPTION_TEXT, true, "name or MAC address" },
	{ 0 },
};

static const struct option dumpxml_options[] = {
	{ "interface", OPTION_TEXT, true, "name or MAC address" },
	{ "inactive", OPTION_FLAG, false, "its definition" },
	OPTION_XPATH,
	{ 0 },
};

#define INACTIVE 1u /* libvirt: VIR_INTERFACE_XML_INACTIVE */

static bool cmd_mac(struct shell *shell)
{
	struct rpc_iface iface;

	if (!object_given(shell, &object_interfaces, BY_NAME, &iface))
		return false;
	shell_print("%s\n", iface.mac);
	return true;
}

static const struct option file_options[] = {
	{ "file", OPTION_TEXT, true, "file with the interface's XML" },
	{ "validate", OPTION_FLAG, false, "check the XML against the schema" },
	{ 0 },
};

static bool change(struct shell *shell, int32_t procedure, const char *what, const char *success)
{
	struct rpc_interface_change_begin_args args = { 0 };

	if (!shell_call(shell, procedure, &args, NULL))
		return shell_error("Failed to %s network config change transaction", what);
	shell_extra(shell, "Network config change transaction %s\n", success);
	return true;
}

static bool cmd_begin(struct shell *shell)
{
	return change(shell, RPC_INTERFACE_CHANGE_BEGIN, "begin", "started");
}

static bool cmd_commit(struct shell *shell)
{
	return change(shell, RPC_INTERFACE_CHANGE_COMMIT, "commit", "committed");
}

static bool cmd_rollback(struct shell *shell)
{
	return change(shell, RPC_INTERFACE_CHANGE_ROLLBACK, "rollback", "rolled back");
}

const struct command interface_commands[] = {
	{ "iface-begin", cmd_begin, NULL, .help = "remember the interfaces as they are" },
	{ "iface-commit", cmd_commit, NULL, .help = "keep what was changed since" },
	{ "iface-define", object_run_file, file_options,
	    .help = "define an interface from an XML file",
	    OBJECT_VERB(interfaces, RPC_INTERFACE_DEFINE_XML, "define", "defined",
		.flags = object_validate) },
	{ "iface-destroy", object_run, interface_only, .help = "take an interface down",
	    OBJECT_VERB(interfaces, RPC_INTERFACE_DESTROY, "destroy", "destroyed") },
	{ "iface-dumpxml", object_print_xml, dumpxml_options, .help = "an interface's XML",
	    OBJECT_VERB(interfaces, 0, NULL) },
	{ "iface-edit", object_run_edit, interface_only, .help = "an interface's XML in an editor",
	    OBJECT_VERB(interfaces, RPC_INTERFACE_DEFINE_XML, NULL, .xml_flags = INACTIVE) },
	{ "iface-list", cmd_list, list_options, .help = "the node's network interfaces" },
	{ "iface-mac", cmd_mac, interface_only, .help = "an interface's MAC address" },
	{ "iface-name", object_print_name, interface_only, .help = "the interface of a MAC address",
	    OBJECT_VERB(interfaces, 0, NULL, .how = BY_MAC) },
	{ "iface-rollback", cmd_rollback, NULL, .help = "go back to what was remembered" },
	{ "iface-start", object_run, interface_only, .help = "bring an interface up",
	    OBJECT_VERB(interfaces, RPC_INTERFACE_CREATE, "start", "started") },
	{ "iface-undefine", object_run, interface_only, .help = "remove an interface's definition",
	    OBJECT_VERB(interfaces, RPC_INTERFACE_UNDEFINE, "undefine", "undefined") },
	{ 0 },
};
