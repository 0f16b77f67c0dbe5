/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/device_xml.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/virsh/markup.h"
#include "cli/virsh/rate.h"

/* An attribute's name and the option that gives it; ends with a row without name. */
struct attribute {
	const char *name;
	const char *option;
};

static void add_attributes(struct shell *shell, struct buf *xml, const struct attribute *attributes)
{
	for (; attributes->name; attributes++)
		markup_attribute(xml, attributes->name, shell_text(shell, attributes->option));
}

/* An element of these; nothing where none of them is given. */
static void add_element(struct shell *shell, struct buf *xml, int indent, const char *name,
    const struct attribute *attributes)
{
	size_t before = xml->length;
	size_t begun;

	buf_printf(xml, "%*s<%s", indent, "", name);
	begun = xml->length;
	add_attributes(shell, xml, attributes);
	if (xml->length == begun)
		buf_cut(xml, before);
	else
		buf_puts(xml, "/>\n");
}

/* DOMAIN.BUS.SLOT.FUNCTION in hexadecimal; colons do as well. */
static bool parse_pci(const char *text, unsigned int part[4])
{
	int end = 0;

	return sscanf(text, "%x%*1[.:]%x%*1[.:]%x%*1[.:]%x%n", &part[0], &part[1], &part[2],
		   &part[3], &end) == 4 &&
	       !text[end];
}

static void add_pci(
    struct buf *xml, int indent, const unsigned int part[4], const char *multifunction)
{
	buf_printf(xml,
	    "%*s<address type='pci' domain='0x%.4x' bus='0x%.2x' slot='0x%.2x' function='0x%.1x'",
	    indent, "", part[0], part[1], part[2], part[3]);
	markup_attribute(xml, "multifunction", multifunction);
	buf_puts(xml, "/>\n");
}

/* "pci:0000.00.00.0" or "ccw:fe.0.0000". */
static bool add_address(struct shell *shell, struct buf *xml)
{
	const char *text = shell_text(shell, "address");
	const char *multifunction = shell_flag(shell, "multifunction") ? "on" : NULL;
	unsigned int part[4];
	int end = 0;

	if (!text)
		return true;
	if (!strncmp(text, "pci:", 4) && parse_pci(text + 4, part)) {
		add_pci(xml, 2, part, multifunction);
		return true;
	}
	if (!strncmp(text, "ccw:", 4) &&
	    sscanf(text + 4, "%x.%x.%x%n", &part[0], &part[1], &part[2], &end) == 3 &&
	    !text[4 + end]) {
		buf_printf(xml, "  <address type='ccw' cssid='0x%02x' ssid='0x%01x' devno='0x%04x'",
		    part[0], part[1], part[2]);
		buf_puts(xml, "/>\n");
		return true;
	}
	if (!strncmp(text, "pci:", 4) || !strncmp(text, "ccw:", 4))
		return shell_error("Invalid address.");
	return shell_error("expecting a pci:0000.00.00.00 or ccw:00.0.0000 address.");
}

/* Options that are of use together only: the first needs the second. */
static bool agree(struct shell *shell)
{
	static const char *const needs[][2] = { { "source-host-name", "source-protocol" },
		{ "source-host-transport", "source-protocol" },
		{ "source-host-socket", "source-protocol" },
		{ "source-host-socket", "source-host-transport" } };

	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (shell_flag(shell, needs[i][0]) && !shell_flag(shell, needs[i][1]))
			return shell_error(
			    "Option --%s is required by option --%s", needs[i][1], needs[i][0]);
	return shell_exclusive(shell, "source-host-name", "source-host-socket");
}

/* "host:port" in two; the text of the options does not change. */
static void add_host_name(struct buf *xml, const char *name)
{
	const char *colon = name ? strchr(name, ':') : NULL;
	struct buf host = BUF_INIT;

	if (colon)
		buf_add(&host, name, (size_t)(colon - name));
	markup_attribute(xml, "name", colon ? buf_text(&host) : name);
	markup_attribute(xml, "port", colon ? colon + 1 : NULL);
	buf_done(&host);
}

static void add_network_source(struct shell *shell, struct buf *xml)
{
	static const struct attribute source[] = { { "protocol", "source-protocol" },
		{ "name", "source" }, { 0 } };
	static const struct attribute before[] = { { "transport", "source-host-transport" },
		{ "socket", "source-host-socket" }, { 0 } };
	const char *name = shell_text(shell, "source-host-name");

	buf_puts(xml, "  <source");
	add_attributes(shell, xml, source);
	if (!name && !shell_flag(shell, "source-host-transport")) {
		buf_puts(xml, "/>\n");
		return;
	}
	buf_puts(xml, ">\n    <host");
	add_attributes(shell, xml, before);
	add_host_name(xml, name);
	buf_puts(xml, "/>\n  </source>\n");
}

/* "file", "block" or "network"; NULL with the fault told. */
static const char *source_type(struct shell *shell)
{
	const char *type = shell_text(shell, "sourcetype");
	const char *protocol = shell_text(shell, "source-protocol");
	struct stat status;

	if (type && strcmp(type, "file") != 0 && strcmp(type, "block") != 0 &&
	    strcmp(type, "network") != 0) {
		shell_error("Unknown source type: '%s'", type);
		return NULL;
	}
	if (!type)
		type = protocol ? "network"
		       : !stat(shell_text(shell, "source"), &status) && S_ISBLK(status.st_mode)
			   ? "block"
			   : "file";
	if (!protocol == !strcmp(type, "network")) {
		shell_error("--source-protocol option requires --sourcetype network");
		return NULL;
	}
	return type;
}

bool device_xml_disk(struct shell *shell, struct buf *xml)
{
	static const struct attribute driver[] = { { "name", "driver" }, { "type", "subdriver" },
		{ "iothread", "iothread" }, { "cache", "cache" }, { "io", "io" }, { 0 } };
	static const struct attribute target[] = { { "dev", "target" }, { "bus", "targetbus" },
		{ 0 } };
	const char *mode = shell_text(shell, "mode");
	const char *type;

	if (!agree(shell))
		return false;
	if (mode && strcmp(mode, "readonly") != 0 && strcmp(mode, "shareable") != 0)
		return shell_error("No support for %s in command 'attach-disk'", mode);
	type = source_type(shell);
	if (!type)
		return false;
	buf_printf(xml, "<disk type='%s'", type);
	markup_attribute(xml, "device", shell_text(shell, "type"));
	markup_attribute(xml, "rawio", shell_flag(shell, "rawio") ? "yes" : NULL);
	buf_puts(xml, ">\n");
	add_element(shell, xml, 2, "driver", driver);
	if (!strcmp(type, "network"))
		add_network_source(shell, xml);
	else
		markup_empty(xml, 2, "source", !strcmp(type, "block") ? "dev" : "file",
		    shell_text(shell, "source"));
	add_element(shell, xml, 2, "target", target);
	if (mode)
		buf_printf(xml, "  <%s/>\n", mode);
	markup_text(xml, 2, "serial", shell_text(shell, "serial"));
	markup_empty(xml, 2, "alias", "name", shell_text(shell, "alias"));
	markup_text(xml, 2, "wwn", shell_text(shell, "wwn"));
	if (!add_address(shell, xml))
		return false;
	buf_puts(xml, "</disk>\n");
	return true;
}

/* Of "0000:01:02.3", a device of the node. */
static bool add_hostdev(struct shell *shell, struct buf *xml)
{
	const char *source = shell_text(shell, "source");
	unsigned int part[4];

	if (!parse_pci(source, part))
		return shell_error("cannot parse pci address '%s' for network interface", source);
	buf_puts(xml, "  <source>\n");
	add_pci(xml, 4, part, NULL);
	buf_puts(xml, "  </source>\n");
	return true;
}

static bool add_interface_source(struct shell *shell, struct buf *xml, const char *type)
{
	static const char *const kinds[][2] = { { "network", "network" }, { "bridge", "bridge" },
		{ "direct", "dev" } };
	static const struct attribute socket[] = { { "path", "source" }, { "mode", "source-mode" },
		{ 0 } };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(type, kinds[i][0])) {
			markup_empty(xml, 2, "source", kinds[i][1], shell_text(shell, "source"));
			return true;
		}
	if (!strcmp(type, "hostdev"))
		return add_hostdev(shell, xml);
	if (!shell_flag(shell, "source-mode"))
		return shell_error("source-mode is mandatory");
	buf_puts(xml, "  <source type='unix'");
	add_attributes(shell, xml, socket);
	buf_puts(xml, "/>\n");
	return true;
}

static void add_rate(struct buf *xml, const char *name, const uint64_t values[RATE_FIELDS])
{
	buf_printf(xml, "    <%s", name);
	for (size_t i = 0; i < RATE_FIELDS; i++)
		if (values[i])
			buf_printf(xml, " %s='%llu'", rate_words[i], (unsigned long long)values[i]);
	buf_puts(xml, "/>\n");
}

static bool add_rates(struct shell *shell, struct buf *xml)
{
	static const char *const ways[] = { "inbound", "outbound" };
	bool any = false;

	for (size_t i = 0; i < 2; i++) {
		const char *text = shell_text(shell, ways[i]);
		uint64_t values[RATE_FIELDS];

		if (!text)
			continue;
		if (!rate_parse(text, i == 1, true, values))
			return false;
		if (!any)
			buf_puts(xml, "  <bandwidth>\n");
		any = true;
		add_rate(xml, ways[i], values);
	}
	if (any)
		buf_puts(xml, "  </bandwidth>\n");
	return true;
}

bool device_xml_interface(struct shell *shell, struct buf *xml)
{
	static const char *const types[] = { "network", "bridge", "direct", "hostdev", "vhostuser",
		NULL };
	static const struct {
		const char *element;
		const char *attribute;
		const char *option;
	} parts[] = { { "target", "dev", "target" }, { "mac", "address", "mac" },
		{ "script", "path", "script" }, { "model", "type", "model" },
		{ "alias", "name", "alias" } };
	const char *type = shell_text(shell, "type");
	const char *mode = shell_text(shell, "source-mode");
	size_t known = 0;

	while (types[known] && strcmp(types[known], type) != 0)
		known++;
	if (!types[known])
		return shell_error("No support for %s in command 'attach-interface'", type);
	if (mode && strcmp(mode, "server") != 0 && strcmp(mode, "client") != 0)
		return shell_error("Invalid source mode: %s", mode);
	buf_printf(xml, "<interface type='%s'", type);
	markup_attribute(xml, "managed", shell_flag(shell, "managed") ? "yes" : NULL);
	buf_puts(xml, ">\n");
	if (!add_interface_source(shell, xml, type))
		return false;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		markup_empty(xml, 2, parts[i].element, parts[i].attribute,
		    shell_text(shell, parts[i].option));
	if (!add_rates(shell, xml))
		return false;
	buf_puts(xml, "</interface>\n");
	return true;
}
