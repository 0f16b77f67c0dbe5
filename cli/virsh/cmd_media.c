/* SPDX-License-Identifier: GPL-2.0-only */
/* What is in a drive, and whether an interface has its link: devices' XML with one part of it
 * another. */
#include <string.h>

#include "cli/virsh/affect.h"
#include "cli/virsh/commands.h"
#include "cli/virsh/markup.h"
#include "cli/virsh/objects.h"
#include "xml/read.h"

#define FORCE 4u /* libvirt: VIR_DOMAIN_DEVICE_MODIFY_FORCE */

static bool update(
    struct shell *shell, const struct rpc_dom *dom, const struct buf *device, uint32_t flags)
{
	struct rpc_domain_update_device_flags_args args = { *dom, buf_text(device), flags };

	return shell_call(shell, RPC_DOMAIN_UPDATE_DEVICE_FLAGS, &args, NULL);
}

/* The guest's XML: of its definition with --config, else as it is. NULL with the fault told. */
static const char *xml_of(struct shell *shell, struct rpc_dom *ret_dom)
{
	uint32_t flags = shell_flag(shell, "config") ? 2 : 0; /* libvirt: VIR_DOMAIN_XML_INACTIVE */

	if (!object_domain(shell, "domain", BY_ANY, ret_dom))
		return NULL;
	return object_xml(shell, &object_domains, ret_dom, flags);
}

static bool is_word(const char *text, const char *word)
{
	return text && !strcmp(text, word);
}

static const struct option media_options[] = {
	DOMAIN,
	{ "path", OPTION_TEXT, true, "target or source of a drive" },
	{ "source", OPTION_TEXT, false, "what is put in" },
	{ "eject", OPTION_FLAG, false, "take out what is in" },
	{ "insert", OPTION_FLAG, false, "only where nothing is in" },
	{ "update", OPTION_FLAG, false, "in the place of what is in (default)" },
	OPTION_CURRENT,
	OPTION_LIVE,
	OPTION_CONFIG,
	{ "force", OPTION_FLAG, false, "even against the guest's will" },
	{ "print-xml", OPTION_FLAG, false, "print the XML, and change nothing" },
	{ "block", OPTION_FLAG, false, "the source is a block device" },
	{ 0 },
};

static const char *media_of(const struct xml_element *drive)
{
	const char *file = xml_tree_attribute(drive, "source", "file");

	return file ? file : xml_tree_attribute(drive, "source", "dev");
}

static const struct xml_element *find_drive(const struct xml_element *root, const char *wanted)
{
	for (const struct xml_element *disk = root ? xml_tree_find(root, "devices/disk") : NULL;
	     disk; disk = xml_tree_next(disk)) {
		const char *device = xml_tree_attribute(disk, "", "device");

		if ((is_word(device, "cdrom") || is_word(device, "floppy")) &&
		    (is_word(xml_tree_attribute(disk, "target", "dev"), wanted) ||
			is_word(media_of(disk), wanted)))
			return disk;
	}
	return NULL;
}

enum action { UPDATE, EJECT, INSERT };

static bool may(struct shell *shell, const struct xml_element *drive, enum action action)
{
	const char *path = shell_text(shell, "path");
	const char *source = shell_text(shell, "source");

	if (!media_of(drive) && (action == EJECT || (shell_flag(shell, "update") && !source)))
		return shell_error("The disk device '%s' doesn't have media", path);
	if (action != EJECT && !source)
		return shell_error("New disk media source was not specified");
	if (action == INSERT && media_of(drive))
		return shell_error("The disk device '%s' already has media", path);
	return true;
}

/* The text of `xml` from `begin` to `end`, without `out`, which may be NULL. */
static void add_without(
    struct buf *part, const char *xml, size_t begin, size_t end, const struct xml_element *out)
{
	if (!out || out->begin < begin || out->end > end) {
		buf_add(part, xml + begin, end - begin);
		return;
	}
	buf_add(part, xml + begin, out->begin - begin);
	buf_add(part, xml + out->end, end - out->end);
}

/* The drive's XML with `source` in it, or with nothing. */
static void write_drive(struct buf *part, const char *xml, const struct xml_element *drive,
    const char *source, bool block)
{
	const struct xml_element *old = xml_tree_find(drive, "source");
	const struct xml_element *target = xml_tree_find(drive, "target");
	size_t begin = drive->begin + strcspn(xml + drive->begin, ">") + 1;
	size_t line = target->begin;

	buf_puts(part, "<disk");
	for (size_t i = 0; i < drive->count; i++)
		markup_attribute(part, drive->attributes[i].name,
		    source && !strcmp(drive->attributes[i].name, "type")
			? block ? "block" : "file"
			: drive->attributes[i].value);
	buf_puts(part, ">");
	add_without(part, xml, begin, target->begin, old);
	while (line > begin && xml[line - 1] != '\n')
		line--;
	if (source) {
		markup_empty(part, 0, "source", block ? "dev" : "file", source);
		buf_add(part, xml + line, target->begin - line);
	}
	add_without(part, xml, target->begin, drive->end, old);
}

static bool change_drive(struct shell *shell, const struct rpc_dom *dom, const char *xml,
    const struct xml_element *drive, uint32_t flags)
{
	static const char *const verbs[] = { "update", "eject", "insert" };
	static const char *const done[] = { "updated", "ejected", "inserted" };
	enum action action = shell_flag(shell, "eject")	   ? EJECT
			     : shell_flag(shell, "insert") ? INSERT
							   : UPDATE;
	struct buf part = BUF_INIT;
	bool well = true;

	if (!may(shell, drive, action))
		return false;
	write_drive(&part, xml, drive, action == EJECT ? NULL : shell_text(shell, "source"),
	    shell_flag(shell, "block"));
	if (shell_flag(shell, "print-xml"))
		shell_print("%s", buf_text(&part));
	else if ((well = update(
		      shell, dom, &part, flags | (shell_flag(shell, "force") ? FORCE : 0))))
		shell_print("Successfully %s media.", done[action]);
	else
		shell_error("Failed to complete action %s on media", verbs[action]);
	buf_done(&part);
	return well;
}

static bool cmd_change_media(struct shell *shell)
{
	const char *path = shell_text(shell, "path");
	struct xml_element *root;
	const struct xml_element *drive;
	struct rpc_dom dom;
	uint32_t flags;
	const char *xml;
	bool well;

	if (!shell_exclusive(shell, "eject", "insert") ||
	    !shell_exclusive(shell, "eject", "update") ||
	    !shell_exclusive(shell, "insert", "update") || !affect_flags(shell, NULL, &flags))
		return false;
	xml = xml_of(shell, &dom);
	if (!xml)
		return false;
	root = xml_tree_read(xml, strlen(xml));
	drive = find_drive(root, path);
	if (drive && xml_tree_find(drive, "target"))
		well = change_drive(shell, &dom, xml, drive, flags);
	else
		well = shell_error("No disk found whose source path or target is %s", path);
	xml_tree_free(root);
	return well;
}

static const struct option getlink_options[] = {
	DOMAIN,
	{ "interface", OPTION_TEXT, true, "MAC address or name" },
	{ "config", OPTION_FLAG, false, "of its definition" },
	{ 0 },
};

/* By MAC address or name. */
static const struct xml_element *find_interface(const struct xml_element *root, const char *wanted)
{
	for (const struct xml_element *one = root ? xml_tree_find(root, "devices/interface") : NULL;
	     one; one = xml_tree_next(one)) {
		const char *mac = xml_tree_attribute(one, "mac", "address");

		if ((mac && !strcasecmp(mac, wanted)) ||
		    is_word(xml_tree_attribute(one, "target", "dev"), wanted))
			return one;
	}
	return NULL;
}

static bool cmd_getlink(struct shell *shell)
{
	const char *name = shell_text(shell, "interface");
	struct rpc_dom dom;
	const char *xml = xml_of(shell, &dom);
	struct xml_element *root = xml ? xml_tree_read(xml, strlen(xml)) : NULL;
	const struct xml_element *interface = xml ? find_interface(root, name) : NULL;

	if (xml && !interface)
		shell_error(
		    "Interface (%s: %s) not found.", strchr(name, ':') ? "mac" : "dev", name);
	if (interface) {
		const char *state = xml_tree_attribute(interface, "link", "state");

		shell_print("%s %s", name, state ? state : "up");
	}
	xml_tree_free(root);
	return interface != NULL;
}

static const struct option setlink_options[] = {
	DOMAIN,
	{ "interface", OPTION_TEXT, true, "MAC address or name" },
	{ "state", OPTION_TEXT, true, "up or down" },
	{ "config", OPTION_FLAG, false, "of its definition" },
	{ "print-xml", OPTION_FLAG, false, "print the XML, and change nothing" },
	{ 0 },
};

static bool change_link(struct shell *shell, const struct rpc_dom *dom, const char *xml,
    const struct xml_element *interface)
{
	/* libvirt: VIR_DOMAIN_AFFECT_CONFIG, VIR_DOMAIN_AFFECT_LIVE. */
	uint32_t flags = shell_flag(shell, "config") || dom->id < 0 ? AFFECT_CONFIG : AFFECT_LIVE;
	size_t end = interface->end - strlen("</interface>");
	struct buf part = BUF_INIT;
	bool well = true;

	add_without(&part, xml, interface->begin, end, xml_tree_find(interface, "link"));
	markup_empty(&part, 0, "link", "state", shell_text(shell, "state"));
	buf_puts(&part, "</interface>");
	if (shell_flag(shell, "print-xml"))
		shell_print("%s", buf_text(&part));
	else if ((well = update(shell, dom, &part, flags)))
		shell_extra(shell, "Device updated successfully\n");
	else
		shell_error("Failed to update interface link state");
	buf_done(&part);
	return well;
}

static bool cmd_setlink(struct shell *shell)
{
	const char *state = shell_text(shell, "state");
	struct xml_element *root;
	const struct xml_element *interface;
	struct rpc_dom dom;
	const char *xml;
	bool well;

	if (strcmp(state, "up") != 0 && strcmp(state, "down") != 0)
		return shell_error("invalid link state '%s'", state);
	xml = xml_of(shell, &dom);
	if (!xml)
		return false;
	root = xml_tree_read(xml, strlen(xml));
	interface = find_interface(root, shell_text(shell, "interface"));
	well = interface ? change_link(shell, &dom, xml, interface)
			 : shell_error("interface '%s' not found", shell_text(shell, "interface"));
	xml_tree_free(root);
	return well;
}

const struct command media_commands[] = {
	{ "change-media", cmd_change_media, media_options, .help = "what is in a drive" },
	{ "domif-setlink", cmd_setlink, setlink_options,
	    .help = "put in the cable of a network interface, or pull it" },
	{ 0 },
};

const struct command link_commands[] = {
	{ "domif-getlink", cmd_getlink, getlink_options,
	    .help = "whether a network interface has its cable" },
	{ 0 },
};
