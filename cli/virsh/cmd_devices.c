/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/cmd_devices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/virsh/objects.h"
#include "cli/virsh/table.h"
#include "xml/read.h"

/* The guest's XML as a tree, the caller's to free; NULL with the fault told. */
static struct xml_element *tree_of(struct shell *shell, uint32_t flags, struct rpc_dom *ret_dom)
{
	struct rpc_domain_get_xml_desc_args args = { .flags = flags };
	struct rpc_domain_get_xml_desc_ret ret;
	struct xml_element *tree;

	if (!object_domain(shell, "domain", BY_ANY, &args.dom) ||
	    !shell_call(shell, RPC_DOMAIN_GET_XML_DESC, &args, &ret))
		return NULL;
	*ret_dom = args.dom;
	tree = xml_tree_read(ret.xml, strlen(ret.xml));
	if (!tree)
		shell_error("the guest's XML cannot be read");
	return tree;
}

static const char *or_dash(const char *text)
{
	return text && *text ? text : "-";
}

/* What a disk's source is, whichever kind it has. */
static const char *source_of(const struct xml_element *device)
{
	static const char *const names[] = { "file", "dev", "dir", "name", "volume", "network",
		"bridge", "path" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = xml_tree_attribute(device, "source", names[i]);

		if (value)
			return value;
	}
	return NULL;
}

const struct option domblklist_options[] = {
	DOMAIN,
	{ "inactive", OPTION_FLAG, false, "of its definition" },
	{ "details", OPTION_FLAG, false, "with type and device" },
	{ 0 },
};

bool cmd_domblklist(struct shell *shell)
{
	static const char *const titles[] = { "Target", "Source", NULL };
	static const char *const details[] = { "Type", "Device", "Target", "Source", NULL };
	bool detailed = shell_flag(shell, "details");
	struct rpc_dom dom;
	struct xml_element *tree = tree_of(shell, shell_flag(shell, "inactive") ? 2 : 0, &dom);
	struct table *table;

	if (!tree)
		return false;
	table = table_create(detailed ? details : titles);
	for (const struct xml_element *disk = xml_tree_find(tree, "devices/disk"); disk;
	     disk = xml_tree_next(disk)) {
		if (detailed) {
			table_add(table, or_dash(xml_tree_attribute(disk, "", "type")));
			table_add(table, or_dash(xml_tree_attribute(disk, "", "device")));
		}
		table_add(table, or_dash(xml_tree_attribute(disk, "target", "dev")));
		table_add(table, or_dash(source_of(disk)));
	}
	table_print(table, shell->quiet);
	table_free(table);
	xml_tree_free(tree);
	return true;
}

const struct option domiflist_options[] = {
	DOMAIN,
	{ "inactive", OPTION_FLAG, false, "of its definition" },
	{ 0 },
};

static const char *nic_source(const struct xml_element *nic)
{
	static const char *const names[] = { "network", "bridge", "dev", "name" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = xml_tree_attribute(nic, "source", names[i]);

		if (value)
			return value;
	}
	return NULL;
}

bool cmd_domiflist(struct shell *shell)
{
	static const char *const titles[] = { "Interface", "Type", "Source", "Model", "MAC", NULL };
	struct rpc_dom dom;
	struct xml_element *tree = tree_of(shell, shell_flag(shell, "inactive") ? 2 : 0, &dom);
	struct table *table;

	if (!tree)
		return false;
	table = table_create(titles);
	for (const struct xml_element *nic = xml_tree_find(tree, "devices/interface"); nic;
	     nic = xml_tree_next(nic)) {
		table_add(table, or_dash(xml_tree_attribute(nic, "target", "dev")));
		table_add(table, or_dash(xml_tree_attribute(nic, "", "type")));
		table_add(table, or_dash(nic_source(nic)));
		table_add(table, or_dash(xml_tree_attribute(nic, "model", "type")));
		table_add(table, or_dash(xml_tree_attribute(nic, "mac", "address")));
	}
	table_print(table, shell->quiet);
	table_free(table);
	xml_tree_free(tree);
	return true;
}

const struct option domifaddr_options[] = {
	DOMAIN,
	{ "interface", OPTION_TEXT, false, "one of its interfaces" },
	{ "full", OPTION_FLAG, false, "name and MAC address on each line" },
	{ "source", OPTION_TEXT, false, "lease, agent or arp" },
	{ 0 },
};

static void print_addresses(const struct shell *shell, const struct rpc_domain_interface *one)
{
	bool full = shell_flag(shell, "full");

	if (!one->addrs_count) {
		shell_print(
		    " %-10s %-17s    %s\n", one->name, or_dash(one->hwaddr), "N/A          N/A");
		return;
	}
	for (uint32_t i = 0; i < one->addrs_count; i++) {
		const struct rpc_domain_ip_addr *address = &one->addrs[i];
		char text[80];

		snprintf(text, sizeof(text), "%-12s %s/%u", address->type ? "ipv6" : "ipv4",
		    address->addr, address->prefix);
		if (full || i == 0)
			shell_print(" %-10s %-17s    %s\n", one->name, or_dash(one->hwaddr), text);
		else
			shell_print(" %-10s %-17s    %s\n", "-", "-", text);
	}
}

bool cmd_domifaddr(struct shell *shell)
{
	static const char *const sources[] = { "lease", "agent", "arp" };
	const char *source = shell_text(shell, "source");
	const char *wanted = shell_text(shell, "interface");
	struct rpc_domain_interface_addresses_args args = { .flags = 0 };
	struct rpc_domain_interface_addresses_ret ret;

	if (!object_domain(shell, "domain", BY_ANY, &args.dom))
		return false;
	while (source && args.source < 3 && strcmp(sources[args.source], source) != 0)
		args.source++;
	if (args.source == 3)
		return shell_error("Unknown data source '%s'", source);
	if (!shell_call(shell, RPC_DOMAIN_INTERFACE_ADDRESSES, &args, &ret))
		return shell_error("Failed to query for interfaces addresses");
	shell_extra(shell, " %-10s %-20s %-8s     %s\n%s%s\n", "Name", "MAC address", "Protocol",
	    "Address", "--------------------------------------------------",
	    "-----------------------------");
	for (uint32_t i = 0; i < ret.ifaces_count; i++)
		if (!wanted || !strcmp(ret.ifaces[i].name, wanted))
			print_addresses(shell, &ret.ifaces[i]);
	return true;
}

bool cmd_ttyconsole(struct shell *shell)
{
	struct rpc_dom dom;
	struct xml_element *tree = tree_of(shell, 0, &dom);
	const char *tty;

	if (!tree)
		return false;
	tty = xml_tree_attribute(tree, "devices/console", "tty");
	if (tty)
		shell_print("%s\n", tty);
	xml_tree_free(tree);
	return tty != NULL;
}

/* The screen of `type`, or the first; NULL when there is none. */
static const struct xml_element *screen(const struct xml_element *tree, const char *type)
{
	const struct xml_element *one = xml_tree_find(tree, "devices/graphics");

	while (type && one && strcmp(or_dash(xml_tree_attribute(one, "", "type")), type) != 0)
		one = xml_tree_next(one);
	return one;
}

/* Where it listens, as somebody on the node calls it; "" for everywhere there. */
static const char *listening(const struct xml_element *graphics)
{
	const char *address = xml_tree_attribute(graphics, "listen", "address");

	if (!address)
		address = xml_tree_attribute(graphics, "", "listen");
	if (!address || !strcmp(address, "0.0.0.0") || !strcmp(address, "::"))
		return "";
	return address;
}

#define VNC_BASE 5900

bool cmd_vncdisplay(struct shell *shell)
{
	struct rpc_dom dom;
	struct xml_element *tree = tree_of(shell, 0, &dom);
	const struct xml_element *graphics;
	const char *port;

	if (!tree)
		return false;
	graphics = screen(tree, "vnc");
	port = graphics ? xml_tree_attribute(graphics, "", "port") : NULL;
	if (!port || strtol(port, NULL, 10) < 0) {
		xml_tree_free(tree);
		return shell_error("Failed to get VNC port. Is this domain using VNC?");
	}
	shell_print("%s:%ld\n", listening(graphics), strtol(port, NULL, 10) - VNC_BASE);
	xml_tree_free(tree);
	return true;
}

const struct option domdisplay_options[] = {
	DOMAIN,
	{ "include-password", OPTION_FLAG, false, "with its password" },
	{ "type", OPTION_TEXT, false, "vnc, spice or rdp" },
	{ "all", OPTION_FLAG, false, "all of them" },
	{ 0 },
};

bool cmd_domdisplay(struct shell *shell)
{
	struct rpc_dom dom;
	struct xml_element *tree = tree_of(
	    shell, shell_flag(shell, "include-password") ? 1 : 0, &dom);
	const struct xml_element *graphics;
	const char *port;
	const char *password;
	const char *host;

	if (!tree)
		return false;
	graphics = screen(tree, shell_text(shell, "type"));
	port = graphics ? xml_tree_attribute(graphics, "", "port") : NULL;
	if (!port || strtol(port, NULL, 10) <= 0) {
		xml_tree_free(tree);
		return shell_error("No graphical display found");
	}
	password = shell_flag(shell, "include-password")
		       ? xml_tree_attribute(graphics, "", "passwd")
		       : NULL;
	host = listening(graphics);
	shell_print("%s://%s%s%s%s:%ld\n", xml_tree_attribute(graphics, "", "type"),
	    password ? ":" : "", password ? password : "", password ? "@" : "",
	    *host ? host : "localhost", strtol(port, NULL, 10) - VNC_BASE);
	xml_tree_free(tree);
	return true;
}
