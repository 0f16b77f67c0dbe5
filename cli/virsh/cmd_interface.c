/* SPDX-License-Identifier: GPL-2.0-only */
/* The node's own network interfaces. */
#include <stdlib.h>
#include <string.h>

#include "cli/virsh/commands.h"
#include "cli/virsh/files.h"
#include "cli/virsh/table.h"

static const struct option list_options[] = {
	{ "inactive", OPTION_FLAG, false, "interfaces that are down" },
	{ "all", OPTION_FLAG, false, "interfaces that are up and that are down" },
	{ 0 },
};

static int compare(const void *one, const void *other)
{
	return strcasecmp(
	    ((const struct rpc_iface *)one)->name, ((const struct rpc_iface *)other)->name);
}

static bool is_active(struct shell *shell, const struct rpc_iface *iface)
{
	struct rpc_interface_is_active_ret ret;

	if (shell_call(shell, RPC_INTERFACE_IS_ACTIVE, iface, &ret))
		return ret.active;
	shell_forget_error(shell);
	return false;
}

static bool cmd_list(struct shell *shell)
{
	static const char *const titles[] = { "Name", "State", "MAC Address", NULL };
	struct rpc_connect_list_all_interfaces_args args = { 1, 2 };
	struct rpc_connect_list_all_interfaces_ret ret;
	struct rpc_iface *ifaces;
	struct table *table;

	if (shell_flag(shell, "inactive"))
		args.flags = 1;
	if (shell_flag(shell, "all"))
		args.flags = 3;
	if (!shell_call(shell, RPC_CONNECT_LIST_ALL_INTERFACES, &args, &ret))
		return shell_error("Failed to list interfaces");
	ifaces = rpc_memory_alloc(&shell->conn->memory, (ret.ifaces_count + 1) * sizeof(*ifaces));
	if (!ifaces)
		return shell_error("not enough memory for %u interfaces", ret.ifaces_count);
	if (ret.ifaces_count)
		memcpy(ifaces, ret.ifaces, ret.ifaces_count * sizeof(*ifaces));
	qsort(ifaces, ret.ifaces_count, sizeof(*ifaces), compare);
	table = table_create(titles);
	for (uint32_t i = 0; i < ret.ifaces_count; i++) {
		table_add(table, ifaces[i].name);
		table_add(table, is_active(shell, &ifaces[i]) ? "active" : "inactive");
		table_add(table, ifaces[i].mac);
	}
	table_print(table, shell->quiet);
	table_free(table);
	return true;
}

enum { BY_INTERFACE = 1, BY_MAC = 2 };

static bool is_mac(const char *text)
{
	return strlen(text) == 17 && strspn(text, "0123456789abcdefABCDEF:") == 17 &&
	       text[2] == ':';
}

/* The interface that option "interface" names; tells when there is none. */
static bool interface_of(struct shell *shell, unsigned int how, struct rpc_iface *ret_iface)
{
	const char *text = shell_text(shell, "interface");
	struct rpc_interface_lookup_by_name_args args = { text };
	struct rpc_interface_lookup_by_name_ret ret;
	bool found = false;

	if (is_mac(text) && how & BY_MAC)
		found = shell_call(shell, RPC_INTERFACE_LOOKUP_BY_MAC_STRING, &args, &ret);
	else if (!is_mac(text) && how & BY_INTERFACE)
		found = shell_call(shell, RPC_INTERFACE_LOOKUP_BY_NAME, &args, &ret);
	if (!found)
		return shell_error("failed to get interface '%s'", text);
	*ret_iface = ret.iface;
	return true;
}

static const struct option interface_only[] = {
	{ "interface", OPTION_TEXT, true, "name or MAC address" },
	{ 0 },
};

static const struct option dumpxml_options[] = {
	{ "interface", OPTION_TEXT, true, "name or MAC address" },
	{ "inactive", OPTION_FLAG, false, "its definition" },
	{ 0 },
};

static bool cmd_dumpxml(struct shell *shell)
{
	struct rpc_interface_get_xml_desc_args args = { .flags = shell_flag(shell, "inactive") };
	struct rpc_interface_get_xml_desc_ret ret;

	if (!interface_of(shell, BY_INTERFACE | BY_MAC, &args.iface) ||
	    !shell_call(shell, RPC_INTERFACE_GET_XML_DESC, &args, &ret))
		return false;
	shell_print("%s", ret.xml);
	return true;
}

static bool cmd_mac(struct shell *shell)
{
	struct rpc_iface iface;

	if (!interface_of(shell, BY_INTERFACE, &iface))
		return false;
	shell_print("%s\n", iface.mac);
	return true;
}

static bool cmd_name(struct shell *shell)
{
	struct rpc_iface iface;

	if (!interface_of(shell, BY_MAC, &iface))
		return false;
	shell_print("%s\n", iface.name);
	return true;
}

/* What changes an interface: the procedure, and how it is told. */
static bool simple(struct shell *shell, int32_t procedure, const char *fault, const char *success)
{
	/* What is more than the interface is the flags, of those that have them. */
	struct rpc_interface_create_args args = { .flags = 0 };

	if (!interface_of(shell, BY_INTERFACE | BY_MAC, &args.iface))
		return false;
	if (!shell_call(shell, procedure, &args, NULL))
		return shell_error("Failed to %s interface %s", fault, args.iface.name);
	shell_extra(shell, "Interface %s %s\n", args.iface.name, success);
	return true;
}

static bool cmd_start(struct shell *shell)
{
	return simple(shell, RPC_INTERFACE_CREATE, "start", "started");
}

static bool cmd_destroy(struct shell *shell)
{
	return simple(shell, RPC_INTERFACE_DESTROY, "destroy", "destroyed");
}

static bool cmd_undefine(struct shell *shell)
{
	return simple(shell, RPC_INTERFACE_UNDEFINE, "undefine", "undefined");
}

static const struct option file_options[] = {
	{ "file", OPTION_TEXT, true, "file with the interface's XML" },
	{ "validate", OPTION_FLAG, false, "check the XML against the schema" },
	{ 0 },
};

static bool cmd_define(struct shell *shell)
{
	struct rpc_interface_define_xml_args args = { 0 };
	struct rpc_interface_define_xml_ret ret;
	const char *file = shell_text(shell, "file");
	struct buf xml = BUF_INIT;
	bool well;

	if (!files_read(file, &xml))
		return false;
	args.xml = buf_text(&xml);
	well = shell_call(shell, RPC_INTERFACE_DEFINE_XML, &args, &ret);
	buf_done(&xml);
	if (!well)
		return shell_error("Failed to define interface from %s", file);
	shell_extra(shell, "Interface %s defined from %s\n", ret.iface.name, file);
	return true;
}

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
	{ "iface-define", cmd_define, file_options,
	    .help = "define an interface from an XML file" },
	{ "iface-destroy", cmd_destroy, interface_only, .help = "take an interface down" },
	{ "iface-dumpxml", cmd_dumpxml, dumpxml_options, .help = "an interface's XML" },
	{ "iface-list", cmd_list, list_options, .help = "the node's network interfaces" },
	{ "iface-mac", cmd_mac, interface_only, .help = "an interface's MAC address" },
	{ "iface-name", cmd_name, interface_only, .help = "the interface of a MAC address" },
	{ "iface-rollback", cmd_rollback, NULL, .help = "go back to what was remembered" },
	{ "iface-start", cmd_start, interface_only, .help = "bring an interface up" },
	{ "iface-undefine", cmd_undefine, interface_only,
	    .help = "remove an interface's definition" },
	{ 0 },
};
