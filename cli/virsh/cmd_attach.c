/* SPDX-License-Identifier: GPL-2.0-only */
/* Devices of a guest, its XML in an editor, its name. */
#include <string.h>

#include "cli/virsh/affect.h"
#include "cli/virsh/commands.h"
#include "cli/virsh/device_xml.h"
#include "cli/virsh/files.h"
#include "cli/virsh/objects.h"
#include "xml/read.h"

#define UPDATE_FORCE 4u /* libvirt: VIR_DOMAIN_DEVICE_MODIFY_FORCE */

enum verb { ATTACH, DETACH, UPDATE };

static bool change(struct shell *shell, const struct rpc_dom *dom, enum verb verb, const char *xml)
{
	static const int32_t plain[] = { RPC_DOMAIN_ATTACH_DEVICE, RPC_DOMAIN_DETACH_DEVICE, 0 };
	static const int32_t flagged[] = { RPC_DOMAIN_ATTACH_DEVICE_FLAGS,
		RPC_DOMAIN_DETACH_DEVICE_FLAGS, RPC_DOMAIN_UPDATE_DEVICE_FLAGS };
	/* All three have the same arguments. */
	struct rpc_domain_attach_device_flags_args args = { .dom = *dom, .xml = xml };
	struct rpc_domain_attach_device_args old = { *dom, xml };

	if (!affect_flags(shell, dom, &args.flags))
		return false;
	if (!affect_said(shell) && plain[verb])
		return shell_call(shell, plain[verb], &old, NULL);
	if (shell_flag(shell, "force"))
		args.flags |= UPDATE_FORCE;
	return shell_call(shell, flagged[verb], &args, NULL);
}

static const struct option device_options[] = {
	DOMAIN,
	{ "file", OPTION_TEXT, true, "file with the device's XML" },
	AFFECT_PERSISTENT,
	{ 0 },
};

static const struct option update_options[] = {
	DOMAIN,
	{ "file", OPTION_TEXT, true, "file with the device's XML" },
	AFFECT_PERSISTENT,
	{ "force", OPTION_FLAG, false, "even against the guest's will" },
	{ 0 },
};

static bool change_by_file(struct shell *shell, enum verb verb)
{
	static const char *const done[] = { "attached", "detached", "updated" };
	static const char *const faults[] = { "attach", "detach", "update" };
	const char *file = shell_text(shell, "file");
	struct buf xml = BUF_INIT;
	struct rpc_dom dom;
	bool well;

	if (!affect_agree(shell) || !object_domain(shell, "domain", BY_ANY, &dom) ||
	    !files_read(file, &xml))
		return false;
	well = change(shell, &dom, verb, buf_text(&xml));
	buf_done(&xml);
	if (!well)
		return shell_error("Failed to %s device from %s", faults[verb], file);
	shell_extra(shell, "Device %s successfully\n", done[verb]);
	return true;
}

static bool cmd_attach_device(struct shell *shell)
{
	return change_by_file(shell, ATTACH);
}

static bool cmd_detach_device(struct shell *shell)
{
	return change_by_file(shell, DETACH);
}

static bool cmd_update_device(struct shell *shell)
{
	return change_by_file(shell, UPDATE);
}

static const struct option alias_options[] = {
	DOMAIN,
	{ "alias", OPTION_TEXT, true, "the device's alias" },
	AFFECT,
	{ 0 },
};

static bool cmd_detach_device_alias(struct shell *shell)
{
	struct rpc_domain_detach_device_alias_args args = { .alias = shell_text(shell, "alias") };

	if (!object_domain(shell, "domain", BY_ANY, &args.dom) ||
	    !affect_flags(shell, &args.dom, &args.flags))
		return false;
	if (!shell_call(shell, RPC_DOMAIN_DETACH_DEVICE_ALIAS, &args, NULL))
		return shell_error("Failed to detach device with alias %s", args.alias);
	shell_extra(shell, "Device detach request sent successfully\n");
	return true;
}

/* What was made `well`: print it with --print-xml, else attach it. */
static bool attach(
    struct shell *shell, bool well, struct buf *xml, const char *what, const char *capital)
{
	struct rpc_dom dom;

	if (well && shell_flag(shell, "print-xml")) {
		shell_print("%s", buf_text(xml));
		buf_done(xml);
		return true;
	}
	well = well && affect_agree(shell) && object_domain(shell, "domain", BY_ANY, &dom);
	if (well && !change(shell, &dom, ATTACH, buf_text(xml)))
		well = shell_error("Failed to attach %s", what);
	else if (well)
		shell_extra(shell, "%s attached successfully\n", capital);
	buf_done(xml);
	return well;
}

#define PRINT_XML                                                                                  \
	{                                                                                          \
		"print-xml", OPTION_FLAG, false, "print the XML, and change nothing"               \
	}

static const struct option attach_disk_options[] = {
	DOMAIN,
	{ "source", OPTION_EMPTY, true, "the disk's file or device" },
	{ "target", OPTION_TEXT, true, "its name in the guest's definition" },
	{ "targetbus", OPTION_TEXT, false, "its bus" },
	{ "driver", OPTION_TEXT, false, "name of its driver" },
	{ "subdriver", OPTION_TEXT, false, "format of its content" },
	{ "iothread", OPTION_TEXT, false, "I/O thread that serves it" },
	{ "cache", OPTION_TEXT, false, "cache mode" },
	{ "io", OPTION_TEXT, false, "how it is read and written" },
	{ "type", OPTION_TEXT, false, "disk, cdrom or floppy" },
	{ "mode", OPTION_TEXT, false, "readonly or shareable" },
	{ "sourcetype", OPTION_TEXT, false, "file, block or network" },
	{ "serial", OPTION_TEXT, false, "its serial number" },
	{ "wwn", OPTION_TEXT, false, "its World Wide Name" },
	{ "alias", OPTION_TEXT, false, "what it is called by detach-device-alias" },
	{ "rawio", OPTION_FLAG, false, "with the rights for raw I/O" },
	{ "address", OPTION_TEXT, false, "where in the guest: pci:0000.00.05.0" },
	{ "multifunction", OPTION_FLAG, false, "as one of several functions there" },
	PRINT_XML,
	{ "source-protocol", OPTION_TEXT, false, "protocol of a disk on the network" },
	{ "source-host-name", OPTION_TEXT, false, "host that has it, and its port" },
	{ "source-host-transport", OPTION_TEXT, false, "how to reach it: tcp, unix" },
	{ "source-host-socket", OPTION_TEXT, false, "socket that it is behind" },
	AFFECT_PERSISTENT,
	{ 0 },
};

static bool cmd_attach_disk(struct shell *shell)
{
	struct buf xml = BUF_INIT;

	return attach(shell, device_xml_disk(shell, &xml), &xml, "disk", "Disk");
}

static const struct option attach_interface_options[] = {
	DOMAIN,
	{ "type", OPTION_TEXT, true, "network, bridge or direct" },
	{ "source", OPTION_TEXT, true, "which" },
	{ "target", OPTION_TEXT, false, "its name on the node" },
	{ "mac", OPTION_TEXT, false, "its MAC address" },
	{ "script", OPTION_TEXT, false, "program that puts it on its bridge" },
	{ "model", OPTION_TEXT, false, "its model" },
	{ "alias", OPTION_TEXT, false, "what it is called by detach-device-alias" },
	{ "inbound", OPTION_TEXT, false, "average[,peak[,burst]] in KiB a second, and KiB" },
	{ "outbound", OPTION_TEXT, false, "average[,peak[,burst]] in KiB a second, and KiB" },
	AFFECT_PERSISTENT,
	PRINT_XML,
	{ "managed", OPTION_FLAG, false, "taken from its driver and given back" },
	{ "source-mode", OPTION_TEXT, false, "of a socket: server or client" },
	{ 0 },
};

static bool cmd_attach_interface(struct shell *shell)
{
	struct buf xml = BUF_INIT;

	return attach(shell, device_xml_interface(shell, &xml), &xml, "interface", "Interface");
}

/* The guest's XML, of its definition with --config; the call's memory. NULL with the fault told. */
static const char *xml_of(struct shell *shell, struct rpc_dom *ret_dom, struct buf *ret_xml)
{
	struct rpc_domain_get_xml_desc_args args = { .flags = shell_flag(shell, "config") ? 2u
											  : 0 };
	struct rpc_domain_get_xml_desc_ret ret;

	if (!affect_agree(shell) || !object_domain(shell, "domain", BY_ANY, &args.dom))
		return NULL;
	*ret_dom = args.dom;
	if (!shell_call(shell, RPC_DOMAIN_GET_XML_DESC, &args, &ret))
		return NULL;
	buf_puts(ret_xml, ret.xml);
	return buf_text(ret_xml);
}

static bool detach_part(struct shell *shell, const struct rpc_dom *dom, const char *xml,
    const struct xml_element *device, const char *what, const char *capital)
{
	struct buf part = BUF_INIT;
	bool well;

	buf_add(&part, xml + device->begin, device->end - device->begin);
	if (shell_flag(shell, "print-xml")) {
		shell_print("%s", buf_text(&part));
		buf_done(&part);
		return true;
	}
	well = change(shell, dom, DETACH, buf_text(&part));
	buf_done(&part);
	if (!well)
		return shell_error("Failed to detach %s", what);
	shell_extra(shell, "%s detached successfully\n", capital);
	return true;
}

static const struct option detach_disk_options[] = {
	DOMAIN,
	{ "target", OPTION_TEXT, true, "its name in the guest's definition, or its path" },
	AFFECT_PERSISTENT,
	PRINT_XML,
	{ 0 },
};

static const struct xml_element *find_disk(const struct xml_element *root, const char *wanted)
{
	const struct xml_element *disk = xml_tree_find(root, "devices/disk");

	for (; disk; disk = xml_tree_next(disk)) {
		const char *names[] = { xml_tree_attribute(disk, "target", "dev"),
			xml_tree_attribute(disk, "source", "file"),
			xml_tree_attribute(disk, "source", "dev") };

		for (size_t i = 0; i < 3; i++)
			if (names[i] && !strcmp(names[i], wanted))
				return disk;
	}
	return NULL;
}

static bool cmd_detach_disk(struct shell *shell)
{
	const char *target = shell_text(shell, "target");
	struct buf xml = BUF_INIT;
	struct rpc_dom dom;
	const char *text = xml_of(shell, &dom, &xml);
	struct xml_element *root = text ? xml_tree_read(text, xml.length) : NULL;
	const struct xml_element *disk = root ? find_disk(root, target) : NULL;
	bool well = false;

	if (disk)
		well = detach_part(shell, &dom, text, disk, "disk", "Disk");
	else if (root)
		shell_error("No disk found whose source path or target is %s", target);
	xml_tree_free(root);
	buf_done(&xml);
	return well;
}

static const struct option detach_interface_options[] = {
	DOMAIN,
	{ "type", OPTION_TEXT, true, "network or bridge" },
	{ "mac", OPTION_TEXT, false, "its MAC address" },
	AFFECT_PERSISTENT,
	PRINT_XML,
	{ 0 },
};

/* The one that is meant; NULL with the fault told. */
static const struct xml_element *find_interface(
    const struct xml_element *root, const char *type, const char *mac)
{
	const struct xml_element *one = xml_tree_find(root, "devices/interface");
	const struct xml_element *found = NULL;
	unsigned int count = 0;

	for (; one; one = xml_tree_next(one)) {
		const char *its = xml_tree_attribute(one, "", "type");
		const char *address = xml_tree_attribute(one, "mac", "address");

		if (!its || strcmp(its, type) != 0)
			continue;
		count++;
		if (!mac || (address && !strcmp(address, mac)))
			found = one;
	}
	if (!count)
		shell_error("No interface found whose type is %s", type);
	else if (!found)
		shell_error("No interface with MAC address %s was found", mac);
	else if (!mac && count > 1) {
		shell_error(
		    "Domain has %u interfaces. Please specify which one to detach using --mac",
		    count);
		found = NULL;
	}
	return found;
}

static bool cmd_detach_interface(struct shell *shell)
{
	struct buf xml = BUF_INIT;
	struct rpc_dom dom;
	const char *text = xml_of(shell, &dom, &xml);
	struct xml_element *root = text ? xml_tree_read(text, xml.length) : NULL;
	const struct xml_element *interface =
	    root ? find_interface(root, shell_text(shell, "type"), shell_text(shell, "mac")) : NULL;
	bool well = interface &&
		    detach_part(shell, &dom, text, interface, "interface", "Interface");

	if (root && !interface)
		shell_error("Failed to detach interface");
	xml_tree_free(root);
	buf_done(&xml);
	return well;
}

static const struct option rename_options[] = {
	DOMAIN,
	{ "new-name", OPTION_TEXT, true, "what it is to be called" },
	{ 0 },
};

static bool cmd_domrename(struct shell *shell)
{
	struct rpc_domain_rename_args args = { .new_name = shell_text(shell, "new-name") };
	struct rpc_domain_rename_ret ret;

	if (!object_domain(shell, "domain", BY_ANY, &args.dom) ||
	    !shell_call(shell, RPC_DOMAIN_RENAME, &args, &ret))
		return false;
	shell_extra(shell, "Domain successfully renamed\n");
	return true;
}

static const struct option edit_options[] = {
	DOMAIN,
	{ "skip-validate", OPTION_FLAG, false, "do not check the XML against the schema" },
	{ 0 },
};

/* libvirt: VIR_DOMAIN_XML_SECURE and VIR_DOMAIN_XML_INACTIVE. */
#define EDIT_XML 3u

const struct command attach_commands[] = {
	{ "attach-device", cmd_attach_device, device_options,
	    .help = "add a device from an XML file" },
	{ "attach-disk", cmd_attach_disk, attach_disk_options, .help = "add a disk" },
	{ "attach-interface", cmd_attach_interface, attach_interface_options,
	    .help = "add a network interface" },
	{ "detach-device", cmd_detach_device, device_options,
	    .help = "take away a device, named by an XML file" },
	{ "detach-device-alias", cmd_detach_device_alias, alias_options,
	    .help = "take away a device, named by its alias" },
	{ "detach-disk", cmd_detach_disk, detach_disk_options, .help = "take away a disk" },
	{ "detach-interface", cmd_detach_interface, detach_interface_options,
	    .help = "take away a network interface" },
	{ "domrename", cmd_domrename, rename_options, .help = "give a guest another name" },
	{ "edit", object_run_edit, edit_options, .help = "a guest's XML in an editor",
	    OBJECT_VERB(domains, RPC_DOMAIN_DEFINE_XML, .with_flags = RPC_DOMAIN_DEFINE_XML_FLAGS,
		.xml_flags = EDIT_XML) },
	{ "update-device", cmd_update_device, update_options,
	    .help = "change a device as an XML file says" },
	{ 0 },
};
