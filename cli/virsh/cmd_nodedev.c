/* SPDX-License-Identifier: GPL-2.0-only */
/* Devices of the node. */
#include <string.h>

#include "cli/virsh/commands.h"
#include "cli/virsh/files.h"
#include "cli/virsh/objects.h"
#include "cli/virsh/show.h"

#define DEVICE                                                                                     \
	{                                                                                          \
		"device", OPTION_TEXT, true, "name of a device"                                    \
	}

#define INDENT_MAX 256

/* libvirt: virConnectListAllNodeDeviceFlags; a capability's place is its bit. */
static const char *const capabilities[] = { "system", "pci", "usb_device", "usb", "net",
	"scsi_host", "scsi_target", "scsi", "storage", "fc_host", "vports", "scsi_generic", "drm",
	"mdev_types", "mdev", "ccw", "css", "vdpa", "ap_card", "ap_queue", "ap_matrix", "vpd" };
#define LIST_INACTIVE (1u << 30)
#define LIST_ACTIVE (1u << 31)

static const struct option device_only[] = { DEVICE, { 0 } };

static const struct option dumpxml_options[] = { DEVICE, OPTION_XPATH, { 0 } };

static const struct option list_options[] = {
	{ "tree", OPTION_FLAG, false, "each below the one that it is on" },
	{ "cap", OPTION_TEXT, false, "capabilities, with commas between them" },
	{ "inactive", OPTION_FLAG, false, "devices that are defined only" },
	{ "all", OPTION_FLAG, false, "these and those that are there" },
	{ 0 },
};

/* "pci,net" as flags; false with a word that is none. */
static bool parse_capabilities(const char *text, uint32_t *flags)
{
	while (*text) {
		size_t length = strcspn(text, ",");
		size_t bit = 0;
		size_t count = sizeof(capabilities) / sizeof(capabilities[0]);

		while (bit < count && (strlen(capabilities[bit]) != length ||
					  strncmp(capabilities[bit], text, length) != 0))
			bit++;
		if (bit == count)
			return false;
		*flags |= 1u << bit;
		text += length;
		text += *text == ',';
	}
	return true;
}

struct tree {
	const char **names;
	const char **parents; /* NULL of a root */
	uint32_t count;
	char indent[INDENT_MAX];
};

static bool is_below(const struct tree *tree, uint32_t child, uint32_t parent)
{
	return tree->parents[child] && !strcmp(tree->parents[child], tree->names[parent]);
}

/* The devices below `at`, each with what is below it. A line of its own ends each of such groups.
 */
static void print_below(struct tree *tree, uint32_t at)
{
	size_t indent = strlen(tree->indent);
	uint32_t last = tree->count;

	for (uint32_t i = 0; i < tree->count; i++)
		if (is_below(tree, i, at))
			last = i;
	if (last == tree->count || indent + 5 > INDENT_MAX)
		return;
	shell_print("%s  |\n", tree->indent);
	for (uint32_t i = 0; i < tree->count; i++) {
		bool more;

		if (!is_below(tree, i, at))
			continue;
		shell_print("%s  +- %s\n", tree->indent, tree->names[i]);
		strcpy(tree->indent + indent, i == last ? "    " : "  | ");
		more = false;
		for (uint32_t child = 0; child < tree->count && !more; child++)
			more = is_below(tree, child, i);
		print_below(tree, i);
		if (i == last && !more)
			shell_print("%s\n", tree->indent);
		tree->indent[indent] = '\0';
	}
}

static bool print_tree(struct shell *shell, const struct rpc_nodedev *devices, uint32_t count)
{
	struct rpc_memory *memory = &shell->conn->memory;
	struct tree tree = { .count = count };

	tree.names = rpc_memory_alloc(memory, (count + 1) * sizeof(*tree.names));
	tree.parents = rpc_memory_alloc(memory, (count + 1) * sizeof(*tree.parents));
	if (!tree.names || !tree.parents)
		return shell_error("not enough memory for %u devices", count);
	for (uint32_t i = 0; i < count; i++) {
		struct rpc_node_device_get_parent_args args = { devices[i].name };
		struct rpc_node_device_get_parent_ret ret = { NULL };

		tree.names[i] = devices[i].name;
		/* One that has gone meanwhile is a root. */
		if (shell_call(shell, RPC_NODE_DEVICE_GET_PARENT, &args, &ret))
			tree.parents[i] = ret.parent_name;
		else
			shell_forget_error(shell);
	}
	for (uint32_t i = 0; i < count; i++) {
		if (tree.parents[i])
			continue;
		shell_print("%s\n", tree.names[i]);
		print_below(&tree, i);
	}
	return true;
}

static bool cmd_list(struct shell *shell)
{
	struct rpc_connect_list_all_node_devices_args args = { .need_results = 1 };
	const char *wanted = shell_text(shell, "cap");
	bool inactive = shell_flag(shell, "inactive");
	const struct rpc_nodedev *devices;
	uint32_t count;

	if (shell_flag(shell, "tree") && (wanted || inactive))
		return shell_error("Option --tree is incompatible with --cap and --inactive");
	if (wanted && !parse_capabilities(wanted, &args.flags))
		return shell_error("Invalid capability type");
	if (inactive || shell_flag(shell, "all"))
		args.flags |= LIST_INACTIVE;
	if (!inactive)
		args.flags |= LIST_ACTIVE;
	devices = object_list(shell, RPC_CONNECT_LIST_ALL_NODE_DEVICES, &args, sizeof(*devices),
	    object_compare, &count);
	if (!devices)
		return shell_error("Failed to list node devices");
	if (shell_flag(shell, "tree"))
		return print_tree(shell, devices, count);
	for (uint32_t i = 0; i < count; i++)
		shell_print("%s\n", devices[i].name);
	return true;
}

static void print_answer(
    struct shell *shell, const char *title, int32_t procedure, const struct rpc_nodedev *device)
{
	struct rpc_node_device_is_active_ret ret;

	if (shell_call(shell, procedure, device, &ret))
		shell_print("%-15s %s\n", title, ret.active ? "yes" : "no");
	else
		shell_forget_error(shell);
}

static bool cmd_info(struct shell *shell)
{
	struct rpc_node_device_get_parent_ret parent;
	struct rpc_nodedev device;

	if (!object_given(shell, &object_devices, BY_ANY, &device))
		return false;
	shell_print("%-15s %s\n", "Name:", device.name);
	if (!shell_call(shell, RPC_NODE_DEVICE_GET_PARENT, &device, &parent))
		return false;
	shell_print("%-15s %s\n", "Parent:", parent.parent_name ? parent.parent_name : "");
	print_answer(shell, "Active:", RPC_NODE_DEVICE_IS_ACTIVE, &device);
	print_answer(shell, "Persistent:", RPC_NODE_DEVICE_IS_PERSISTENT, &device);
	print_answer(shell, "Autostart:", RPC_NODE_DEVICE_GET_AUTOSTART, &device);
	return true;
}

static const struct option detach_options[] = {
	DEVICE,
	{ "driver", OPTION_TEXT, false, "driver that takes it" },
	{ 0 },
};

static bool cmd_detach(struct shell *shell)
{
	struct rpc_node_device_detach_flags_args args = { .driver_name = shell_text(
							      shell, "driver") };
	struct rpc_nodedev device;

	if (!object_given(shell, &object_devices, BY_ANY, &device))
		return false;
	args.name = device.name;
	if (!shell_call(shell,
		args.driver_name ? RPC_NODE_DEVICE_DETACH_FLAGS : RPC_NODE_DEVICE_DETTACH, &args,
		NULL))
		return shell_error("Failed to detach device %s", device.name);
	shell_extra(shell, "Device %s detached\n", device.name);
	return true;
}

/* What is done with devices that are made, and how its end is told. */
struct act {
	int32_t procedure;
	const char *fault;
	const char *before; /* the name */
	const char *quote;  /* around it */
	const char *after;
};

/* The field of a command's row. */
#define ACT(...)                                                                                   \
	.what = &(const struct act)                                                                \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}

static bool cmd_act(struct shell *shell)
{
	const struct act *act = shell->command->what;
	struct rpc_node_device_create_args args = { .flags = 0 };
	struct rpc_nodedev device;

	if (!object_given(shell, &object_devices, BY_ANY, &device))
		return false;
	args.name = device.name;
	if (!shell_call(shell, act->procedure, &args, NULL))
		return shell_error("%s%s%s%s", act->fault, act->quote, device.name, act->quote);
	shell_extra(
	    shell, "%s%s%s%s%s\n", act->before, act->quote, device.name, act->quote, act->after);
	return true;
}

static const struct option file_options[] = {
	{ "file", OPTION_TEXT, true, "file with the device's XML" },
	{ "validate", OPTION_FLAG, false, "check the XML against the schema" },
	{ 0 },
};

/* Both procedures take and give the same; `quote` is around the file's name, and the device's. */
static bool make(
    struct shell *shell, int32_t procedure, const char *verb, const char *done, const char *quote)
{
	struct rpc_node_device_create_xml_args args = { .flags = object_flags(
							    shell, object_validate) };
	const char *file = shell_text(shell, "file");
	struct rpc_nodedev device;
	struct buf xml = BUF_INIT;
	bool well;

	if (!files_read(file, &xml))
		return false;
	args.xml_desc = buf_text(&xml);
	well = shell_call(shell, procedure, &args, &device);
	buf_done(&xml);
	if (!well)
		return shell_error(
		    "Failed to %s node device from %s%s%s", verb, quote, file, quote);
	shell_extra(shell, "Node device %s%s%s %s from %s%s%s\n", quote, device.name, quote, done,
	    quote, file, quote);
	return true;
}

static bool cmd_create(struct shell *shell)
{
	return make(shell, RPC_NODE_DEVICE_CREATE_XML, "create", "created", "");
}

static bool cmd_define(struct shell *shell)
{
	return make(shell, RPC_NODE_DEVICE_DEFINE_XML, "define", "defined", "'");
}

static const struct option autostart_options[] = {
	DEVICE,
	{ "disable", OPTION_FLAG, false, "do not start it with the node" },
	{ 0 },
};

const struct command nodedev_commands[] = {
	{ "nodedev-autostart", object_run_autostart, autostart_options,
	    .help = "start a device with the node, or not",
	    OBJECT_VERB(devices, RPC_NODE_DEVICE_SET_AUTOSTART, "failed", NULL) },
	{ "nodedev-create", cmd_create, file_options,
	    .help = "make a device from an XML file, undefined" },
	{ "nodedev-define", cmd_define, file_options, .help = "define a device from an XML file" },
	{ "nodedev-destroy", cmd_act, device_only, .help = "remove a device that was made",
	    ACT(RPC_NODE_DEVICE_DESTROY, "Failed to destroy node device ", "Destroyed node device ",
		"'", "") },
	{ "nodedev-start", cmd_act, device_only, .help = "make a device that is defined",
	    ACT(RPC_NODE_DEVICE_CREATE, "Failed to start device ", "Device ", "", " started") },
	{ "nodedev-undefine", cmd_act, device_only, .help = "remove a device's definition",
	    ACT(RPC_NODE_DEVICE_UNDEFINE, "Failed to undefine node device ",
		"Undefined node device ", "'", "") },
	{ "nodedev-detach", cmd_detach, detach_options, .help = "take a device from its driver" },
	{ "nodedev-dettach", cmd_detach, detach_options, .help = "the same", .hidden = true },
	{ "nodedev-dumpxml", object_print_xml, dumpxml_options, .help = "a device's XML",
	    OBJECT_VERB(devices, 0, NULL) },
	{ "nodedev-info", cmd_info, device_only, .help = "the main facts of a device" },
	{ "nodedev-list", cmd_list, list_options, .help = "the node's devices" },
	{ "nodedev-reattach", object_run, device_only, .help = "give a device back to its driver",
	    OBJECT_VERB(devices, RPC_NODE_DEVICE_RE_ATTACH, "re-attach", "re-attached") },
	{ "nodedev-reset", object_run, device_only, .help = "reset a device",
	    OBJECT_VERB(devices, RPC_NODE_DEVICE_RESET, "reset", "reset") },
	{ 0 },
};
