/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/xml/table_devices.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/num.h"
#include "node/guest/alias.h"
#include "node/guest/resources.h"
#include "node/xml/capabilities.h"
#include "node/xml/device.h"
#include "node/xml/flags.h"
#include "node/xml/forms.h"
#include "node/xml/live.h"
#include "node/xml/reading.h"
#include "node/xml/writing.h"

#define CONF(writing) ((writing)->guest->conf)

/* Interfaces */

static const struct netaddr_mac *nic_mac(struct xml_writing *writing)
{
	static const struct netaddr_mac none = { { 0 } };
	const struct conf_nic *nic = writing->object;
	const struct netaddr_mac *mac = writing->guest->macs ? &writing->guest->macs[writing->index]
							     : &nic->mac;

	return memcmp(mac, &none, sizeof(none)) ? mac : NULL;
}

static void name_nic(struct xml_writing *writing, struct buf *ret_name)
{
	char text[NETADDR_TEXT];

	if (nic_mac(writing))
		buf_puts(ret_name, netaddr_mac_text(nic_mac(writing), text));
}

static const char *identity_nic(const struct xml_element *of)
{
	return xml_tree_attribute(of, "mac", "address");
}

static bool write_mac(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	(void)row;
	(void)text;
	name_nic(writing, ret_value);
	return ret_value->length;
}

static bool begin_nic(struct xml_reading *reading, struct xml_element *of)
{
	const char *type = xml_tree_attribute(of, "", "type");

	if (type && (!strcmp(type, "network") || !strcmp(type, "bridge")))
		return true;
	return xml_refuse(reading, of, "type",
	    "interfaces of type \"%s\" are not there; use network or bridge", type ? type : "");
}

static bool read_bridge(struct xml_reading *reading, const struct xml_row *row,
    struct xml_element *of, const char *value, struct buf *ret_text)
{
	(void)row;
	for (const struct conf_network *network = reading->model->networks; network;
	     network = network->next)
		if (network->bridge && !strcmp(network->bridge, value)) {
			buf_puts(ret_text, network->name);
			return true;
		}
	return xml_refuse(reading, xml_tree_find(of, "source"), "bridge",
	    "no network has the bridge \"%s\": virsh net-list", value);
}

static bool write_tap(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	const char *tap = writing->guest->taps ? writing->guest->taps[writing->index] : NULL;

	(void)row;
	(void)text;
	buf_puts(ret_value, tap ? tap : "");
	return tap;
}

static bool write_link(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	(void)writing;
	(void)row;
	buf_puts(ret_value, text);
	return !strcmp(text, "down");
}

static void emit_nic_place(struct xml_writing *writing, const struct xml_row *row)
{
	const char *tap = writing->guest->taps ? writing->guest->taps[writing->index] : NULL;
	const struct netaddr_mac *mac = nic_mac(writing);
	char id[RESOURCE_ID];
	char alias[ALIAS_MAX];
	char key[64];

	(void)row;
	xml_writing_close(writing, writing->base);
	if (!tap || !mac)
		return;
	resources_nic_id(mac, id);
	snprintf(key, sizeof(key), "nic.%s", id);
	xml_write_place(writing, key, alias_of_nic(tap, alias));
}

static const struct xml_form form_nic_place = { .read = xml_read_alias, .emit = emit_nic_place };
static const struct xml_form form_mac = { .write = write_mac };
static const struct xml_form form_bridge = { .read = read_bridge, .write = xml_write_nothing };
static const struct xml_form form_tap = { .read = xml_read_nothing, .write = write_tap };
static const struct xml_form form_link = { .write = write_link };
static const struct xml_word network_words[] = { { "", "network" }, { 0 } };

static const struct xml_row nic_rows[] = {
	XML_ROW("@type", NULL, &xml_form_fixed, .words = network_words),
	XML_ROW("mac@address", "mac", &form_mac),
	XML_ROW("source@network", "network", &xml_form_same),
	XML_ROW("source@bridge", "network", &form_bridge, .note = "the network that has it"),
	XML_ROW("target@dev", NULL, &form_tap, .note = "of a guest that runs"),
	XML_ROW("model@type", "model", &xml_form_same,
	    .note = "none, or with a kernel e1000, e1000e: virtio"),
	XML_ROW("driver@queues", "queues", &xml_form_count),
	XML_ROW("bandwidth/inbound@average", "in", &xml_form_kib),
	XML_ROW("bandwidth/inbound@peak", "in-peak", &xml_form_kib),
	XML_ROW("bandwidth/inbound@burst", "in-burst", &xml_form_kib),
	XML_NOT("bandwidth/inbound@floor", "no rate is held free"),
	XML_ROW("bandwidth/outbound@average", "out", &xml_form_kib),
	XML_ROW("bandwidth/outbound@peak", "out-peak", &xml_form_kib),
	XML_ROW("bandwidth/outbound@burst", "out-burst", &xml_form_kib),
	XML_ROW("mtu@size", "mtu", &xml_form_count),
	XML_ROW("link@state", "link", &form_link),
	XML_ROW("boot@order", "boot", &xml_form_same),
	XML_ROW("alias@name", NULL, &form_nic_place, .note = LIVE),
	XML_NOT("virtualport", "there is no such switch"),
	XML_NOT("vlan", "name a network of the VLAN"),
	XML_NOT("filterref", "there are no filters; guests are held to their addresses anyway"),
	XML_NOT("ip", "addresses come from the network: virsh net-update"),
	XML_NOT("route", "routes come from the network"),
	XML_NOT("script", "no script is run"),
	XML_NOT("teaming", "interfaces cannot be teamed"),
	XML_NOT("port", "ports cannot be isolated"),
	XML_NOT("portForward", "ports are forwarded by the network"),
	{ 0 },
};
static const struct xml_group group_nic = { .key = "nic",
	.rows = nic_rows,
	.begin = begin_nic,
	.identity = identity_nic,
	.identity_of = name_nic };

/* Consoles: the first <serial> is also the first <console>, which some clients write alone. */

static bool is_virtio(const struct xml_element *console)
{
	const char *type = xml_tree_attribute(console, "target", "type");

	return type && !strcmp(type, "virtio");
}

static bool read_port(struct xml_reading *reading, struct xml_element *port, const char *bus)
{
	const char *type = xml_tree_attribute(port, "", "type");

	if (type && strcmp(type, "pty") != 0)
		return xml_refuse(
		    reading, port, "type", "consoles of type \"%s\" are not there; use pty", type);
	xml_say(reading, port, "serial", bus);
	return true;
}

static bool read_consoles(struct xml_reading *reading, const struct xml_row *row,
    struct xml_element *of, const char *value, struct buf *ret_text)
{
	struct xml_element *devices = of->children;
	bool serial = false;
	bool any = false;

	(void)row;
	(void)value;
	(void)ret_text;
	while (devices && strcmp(devices->name, "devices") != 0)
		devices = devices->next;
	for (struct xml_element *one = devices ? devices->children : NULL; one; one = one->next)
		if (!strcmp(one->name, "serial")) {
			if (!read_port(reading, one, "pty"))
				return false;
			serial = any = true;
			xml_use_all(one);
		}
	for (struct xml_element *one = devices ? devices->children : NULL; one; one = one->next)
		if (!strcmp(one->name, "console")) {
			if ((is_virtio(one) || !serial) &&
			    !read_port(reading, one, is_virtio(one) ? "pty bus=virtio" : "pty"))
				return false;
			serial = any = true;
			xml_use_all(one);
		}
	if (!any)
		xml_say(reading, of, "serial", "none");
	return true;
}

/* `count` is its number among all, and `port` among those of its bus. */
static void emit_port(struct xml_writing *writing, const char *path, const char *type,
    unsigned int port, unsigned int count)
{
	const char *tty = count ? NULL : writing->guest->console_path;
	bool virtio = !strcmp(type, "virtio");
	struct xml *xml = &writing->xml;
	char alias[ALIAS_MAX];
	char key[64];

	xml_domain_open(writing, path);
	xml_attribute(xml, "type", "pty");
	if (tty && !strcmp(path, "devices/console"))
		xml_attribute(xml, "tty", tty);
	if (tty)
		xml_empty(xml, "source", "path", tty);
	xml_begin(xml, "target");
	xml_attribute(xml, "type", type);
	xml_attribute_format(xml, "port", "%u", virtio ? count : port);
	xml_end(xml);
	/* As node/guest/resources numbers them. */
	snprintf(alias, sizeof(alias), "%s%u", virtio ? "console" : "serial", port);
	snprintf(key, sizeof(key), "console.%s", alias);
	if (virtio)
		xml_write_place(writing, key, alias);
	else
		xml_write_alias(writing, alias);
}

static void emit_consoles(struct xml_writing *writing, const struct xml_row *row)
{
	/* Without a line of its own a guest has one of each kind. */
	struct conf_serial second = { .bus = 1 };
	struct conf_serial usual = { .next = &second };
	const struct conf_serial *first = CONF(writing)->serials ? CONF(writing)->serials : &usual;
	unsigned int ports[2] = { 0 }; /* isa, virtio */
	unsigned int count = 0;

	(void)row;
	for (const struct conf_serial *one = first; one; one = one->next) {
		if (one->type == 2) /* none */
			continue;
		if (one->bus == 0) /* isa */
			emit_port(writing, "devices/serial", "isa-serial", ports[0]++, count);
		count++;
	}
	count = ports[0] = 0;
	for (const struct conf_serial *one = first; one; one = one->next) {
		if (one->type == 2 || (one->bus == 0 && count))
			continue;
		emit_port(writing, "devices/console", one->bus ? "virtio" : "serial",
		    ports[one->bus]++, count);
		count++;
	}
}

static const struct xml_form form_consoles = {
	.read = read_consoles, .emit = emit_consoles, .absent = true
};

/* The agent's channel comes unasked, and nobody is at its end yet: it is kept, unless the file has
 * it already. */

#define AGENT "org.qemu.guest_agent.0"

static bool read_channels(struct xml_reading *reading, const struct xml_row *row,
    struct xml_element *of, const char *value, struct buf *ret_text)
{
	const struct xml_element *devices = xml_tree_find(of, "devices");

	(void)row;
	(void)value;
	for (struct xml_element *one = devices->children; one; one = one->next) {
		const char *name = xml_tree_attribute(one, "target", "name");

		if (strcmp(one->name, "channel") != 0)
			continue;
		if (!name || strcmp(name, AGENT) != 0)
			return xml_refuse(
			    reading, one, NULL, "the only channel is that of the agent, " AGENT);
		one->used = reading->old && reading->old->agent;
		if (!one->used)
			continue;
		xml_use_all(one);
		if (!ret_text->length)
			buf_puts(ret_text, "yes");
	}
	return true;
}

static void emit_channels(struct xml_writing *writing, const struct xml_row *row)
{
	if (!CONF(writing)->agent)
		return;
	xml_domain_open(writing, row->path);
	xml_attribute(&writing->xml, "type", "unix");
	xml_begin(&writing->xml, "target");
	xml_attribute(&writing->xml, "type", "virtio");
	xml_attribute(&writing->xml, "name", AGENT);
	xml_end(&writing->xml);
}

static const struct xml_form form_channels = { .read = read_channels, .emit = emit_channels };

/* Screens */

static bool read_graphics_port(struct xml_reading *reading, const struct xml_row *row,
    struct xml_element *of, const char *value, struct buf *ret_text)
{
	const char *automatic = xml_tree_attribute(of, "", "autoport");

	(void)reading;
	(void)row;
	if (*value != '-' && strcmp(value, "0") != 0 &&
	    (!automatic || strcmp(automatic, "yes") != 0))
		buf_puts(ret_text, value);
	return true;
}

static bool write_graphics_port(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	(void)writing;
	if (!strcmp(row->path, "@autoport"))
		buf_puts(ret_value, CONF(writing)->graphics.port ? "no" : "yes");
	else
		buf_puts(ret_value, *text ? text : "-1");
	return true;
}

static bool write_password(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	(void)row;
	buf_puts(ret_value, text);
	return *text && writing->flags & XML_SECURE;
}

/* As an attribute, which old clients write and read, and as an element. */
static bool read_listen(struct xml_reading *reading, const struct xml_row *row,
    struct xml_element *of, const char *value, struct buf *ret_text)
{
	const char *type = xml_tree_attribute(of, "listen", "type");

	(void)row;
	if (type && strcmp(type, "address") != 0)
		return xml_refuse(
		    reading, xml_tree_find(of, "listen"), "type", "a screen listens on an address");
	buf_puts(ret_text, value);
	return true;
}

static bool write_listen(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	bool type = !strcmp(row->path, "listen@type");
	char address[NETADDR_TEXT];

	(void)text;
	if (!CONF(writing)->graphics.address.family)
		return false;
	buf_puts(
	    ret_value, type ? "address" : netaddr_text(&CONF(writing)->graphics.address, address));
	return true;
}

static bool has_screen(struct xml_writing *writing)
{
	return CONF(writing)->graphics.type || CONF(writing)->video.model ||
	       CONF(writing)->video.memory;
}

static const struct xml_form form_port = { .read = read_graphics_port,
	.write = write_graphics_port };
static const struct xml_form form_autoport = { .read = xml_read_nothing,
	.write = write_graphics_port };
static const struct xml_form form_password = { .write = write_password };
static const struct xml_form form_listen = { .read = read_listen, .write = write_listen };
static const struct xml_form form_listen_type = { .read = xml_read_nothing, .write = write_listen };
static const struct xml_word video_words[] = { { "std", "vga" }, { "virtio", "virtio" },
	{ "cirrus", "cirrus" }, { "none", "none" }, { "std", "bochs" }, { 0 } };

static const struct xml_row graphics_rows[] = {
	XML_ROW("@type", "type", &xml_form_same),
	XML_ROW("@port", "port", &form_port, .note = "-1, or with autoport: the first free one"),
	XML_ROW("@autoport", NULL, &form_autoport),
	XML_ROW("@keymap", "keymap", &xml_form_same),
	XML_ROW("@passwd", "password", &form_password),
	XML_ROW("@listen", "address", &form_listen),
	XML_ROW("listen@type", NULL, &form_listen_type),
	XML_ROW("listen@address", "address", &form_listen),
	{ 0 },
};
static const struct xml_group group_graphics = {
	.key = "graphics", .pick = "type", .picked = "vnc", .rows = graphics_rows
};

static const struct xml_row video_rows[] = {
	XML_ROW("@type", "model", &xml_form_words, .words = video_words),
	XML_ROW("@vram", "memory", &xml_form_kib),
	{ 0 },
};
static const struct xml_group group_video = {
	.key = "video", .rows = video_rows, .always = true, .wanted = has_screen
};

/* Input devices come unasked with a screen: those that the file does not have yet are kept. */
static bool input_left(struct xml_reading *reading, const struct xml_element *of)
{
	(void)of;
	return !reading->old || !reading->old->inputs;
}

static const struct xml_row input_rows[] = {
	XML_ROW("@type", "type", &xml_form_same),
	XML_ROW("@bus", "bus", &xml_form_same),
	{ 0 },
};
static const struct xml_group group_input = {
	.key = "input", .rows = input_rows, .left = input_left
};

/* Devices of the machine */

static bool read_number_of(
    const struct xml_element *of, const char *path, const char *name, unsigned int *ret_number)
{
	const char *text = xml_tree_attribute(of, path, name);
	uint64_t number;
	bool hex;

	if (!text)
		return false;
	/* Libvirt takes hexadecimal with its sign, and decimal. */
	hex = !strncmp(text, "0x", 2);
	text += hex ? 2 : 0;
	if (!num_take(&text, hex ? 16 : 10, UINT32_MAX, &number) || *text)
		return false;
	*ret_number = (unsigned int)number;
	return true;
}

static bool read_device(struct xml_reading *reading, const struct xml_row *row,
    struct xml_element *of, const char *value, struct buf *ret_text)
{
	struct xml_element *source = of->children;
	unsigned int v[4] = { 0 };

	(void)row;
	(void)value;
	while (source && strcmp(source->name, "source") != 0)
		source = source->next;
	if (!source)
		return xml_refuse(reading, of, NULL, "it lacks <source>");
	read_number_of(source, "address", "domain", &v[0]);
	if (read_number_of(source, "address", "bus", &v[1]) &&
	    read_number_of(source, "address", "slot", &v[2])) {
		read_number_of(source, "address", "function", &v[3]);
		buf_printf(ret_text, "pci:%04x:%02x:%02x.%x", v[0], v[1], v[2], v[3]);
	} else if (read_number_of(source, "vendor", "id", &v[0]) &&
		   read_number_of(source, "product", "id", &v[1])) {
		buf_printf(ret_text, "usb:%04x:%04x", v[0], v[1]);
	} else {
		return xml_refuse(
		    reading, source, NULL, "name a PCI address, or a USB vendor and product");
	}
	xml_use_all(source);
	return true;
}

static bool write_device_type(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	const struct conf_device *device = writing->object;

	(void)row;
	(void)text;
	buf_add(ret_value, device->source, 3);
	return true;
}

static void emit_device(struct xml_writing *writing, const struct xml_row *row)
{
	const struct conf_device *device = writing->object;
	/* "pci:0000:03:00.0" or "usb:VENDOR:PRODUCT", four digits each: conf/types_guest. */
	const char *address = device->source + 4;
	struct xml *xml = &writing->xml;

	xml_domain_open(writing, row->path);
	if (*device->source == 'u') {
		xml_begin(xml, "vendor");
		xml_attribute_format(xml, "id", "0x%.4s", address);
		xml_end(xml);
		xml_begin(xml, "product");
		xml_attribute_format(xml, "id", "0x%s", address + 5);
		xml_end(xml);
	} else {
		xml_device_address(xml, address);
	}
}

static const struct xml_form form_device = { .read = read_device, .emit = emit_device };
static const struct xml_form form_device_type = { .read = xml_read_nothing,
	.write = write_device_type };

static bool write_rom(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	(void)writing;
	(void)row;
	buf_puts(ret_value, "off");
	return !strcmp(text, "no");
}

static const struct xml_form form_rom = { .read = xml_read_words, .write = write_rom };
static const struct xml_word rom_words[] = { { "yes", "on" }, { "no", "off" }, { 0 } };
static const struct xml_word subsystem[] = { { "", "subsystem" }, { 0 } };
static const struct xml_word managed[] = { { "", "yes" }, { "", "no" }, { 0 } };

static const struct xml_row device_rows[] = {
	XML_ROW("@mode", NULL, &xml_form_must, .words = subsystem),
	XML_ROW("@type", NULL, &form_device_type),
	XML_ROW("@managed", NULL, &xml_form_must, .words = managed),
	XML_ROW("source", "device", &form_device),
	XML_ROW("boot@order", "boot", &xml_form_same),
	XML_ROW("rom@bar", "rom", &form_rom, .words = rom_words),
	{ 0 },
};
static const struct xml_group group_device = { .key = "device", .rows = device_rows };

/* Small ones */

static bool has_tpm(struct xml_writing *writing)
{
	return CONF(writing)->tpm;
}

static const struct xml_word tpm_words[] = { { "tis", "tpm-tis" }, { "crb", "tpm-crb" }, { 0 } };
static const struct xml_word emulator_words[] = { { "", "emulator" }, { 0 } };
static const struct xml_word tpm_versions[] = { { "", "2.0" }, { 0 } };

static const struct xml_row tpm_rows[] = {
	XML_ROW("@model", "tpm", &xml_form_words, .words = tpm_words),
	XML_ROW("backend@type", NULL, &xml_form_must, .words = emulator_words),
	XML_ROW("backend@version", NULL, &xml_form_must, .words = tpm_versions),
	{ 0 },
};
static const struct xml_group group_tpm = { .rows = tpm_rows, .wanted = has_tpm };

static const struct xml_word actions[] = { { "reset", "reset" }, { "poweroff", "poweroff" },
	{ "pause", "pause" }, { "dump", "dump" }, { "none", "none" }, { "poweroff", "shutdown" },
	{ 0 } };

static const struct xml_row watchdog_rows[] = {
	XML_ROW("@model", "model", &xml_form_same),
	XML_ROW("@action", "action", &xml_form_words, .words = actions),
	{ 0 },
};
static const struct xml_group group_watchdog = { .key = "watchdog", .rows = watchdog_rows };

/* Without a word about it a guest of the file has one, and of XML none. */
static bool read_rng(struct xml_reading *reading, const struct xml_row *row, struct xml_element *of,
    const char *value, struct buf *ret_text)
{
	const struct xml_element *rng = xml_tree_find(of, row->path);
	const char *model = rng ? xml_tree_attribute(rng, "backend", "model") : NULL;

	(void)value;
	if (model && strcmp(model, "random") != 0 && strcmp(model, "builtin") != 0)
		return xml_refuse(reading, xml_tree_find(rng, "backend"), "model",
		    "randomness comes from the node");
	buf_puts(ret_text, rng ? "yes" : "no");
	for (struct xml_element *child = rng ? rng->children : NULL; child; child = child->next)
		if (!strcmp(child->name, "backend"))
			xml_use_all(child);
	if (rng && xml_tree_own(rng, "model"))
		xml_tree_own(rng, "model")->used = true;
	return true;
}

static void emit_rng(struct xml_writing *writing, const struct xml_row *row)
{
	if (!CONF(writing)->rng)
		return;
	xml_domain_open(writing, row->path);
	xml_attribute(&writing->xml, "model", "virtio");
	xml_begin(&writing->xml, "backend");
	xml_attribute(&writing->xml, "model", "random");
	xml_end_text(&writing->xml, "/dev/urandom");
}

static const struct xml_form form_rng = { .read = read_rng, .emit = emit_rng, .absent = true };

static bool write_emulator(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	(void)writing;
	(void)row;
	(void)text;
	buf_puts(ret_value, XML_EMULATOR);
	return true;
}

static const struct xml_form form_emulator = { .read = xml_read_nothing, .write = write_emulator };
static const struct xml_word sounds[] = { { "none", "" }, { "ac97", "ac97" }, { "ich6", "ich6" },
	{ "ich9", "ich9" }, { "es1370", "es1370" }, { "sb16", "sb16" }, { 0 } };
static const struct xml_word balloons[] = { { "yes", "virtio" }, { "no", "none" },
	{ "yes", "virtio-transitional" }, { "yes", "virtio-non-transitional" }, { 0 } };

static bool read_period(struct xml_reading *reading, const struct xml_row *row,
    struct xml_element *of, const char *value, struct buf *ret_text)
{
	uint64_t seconds;

	if (!xml_number(reading, row, of, value, &seconds))
		return false;
	buf_printf(ret_text, "%" PRIu64 "s", seconds);
	return true;
}

static bool write_period(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	(void)row;
	(void)text;
	buf_printf(ret_value, "%" PRIu64, CONF(writing)->balloon_period);
	return CONF(writing)->balloon;
}

static const struct xml_form form_period = { .read = read_period, .write = write_period };
static const struct xml_word balloon_place[] = { { "balloon.balloon", "balloon0" }, { 0 } };
static const struct xml_word rng_place[] = { { "rng.rng", "rng0" }, { 0 } };

const struct xml_row xml_device_rows[] = {
	XML_ROW("devices/emulator", NULL, &form_emulator),
	{ "devices/disk", .fate = XML_GROUP, .group = &xml_group_disk },
	{ "devices/disk", .fate = XML_GROUP, .group = &xml_group_cdrom },
	{ "devices/disk", .fate = XML_GROUP, .group = &xml_group_floppy },
	{ "devices/interface", .fate = XML_GROUP, .group = &group_nic },
	XML_ROW("devices/serial", "serial", &form_consoles, .note = "none at all: serial = none"),
	XML_ROW("devices/console", NULL, &xml_form_nothing,
	    .note = "of virtio: serial = pty bus=virtio; else the first serial once more"),
	XML_ROW("devices/channel", "agent", &form_channels,
	    .note = "that of the agent is kept, others are refused"),
	{ "devices/graphics", .fate = XML_GROUP, .group = &group_graphics },
	{ "devices/video/model", .fate = XML_GROUP, .group = &group_video },
	{ "devices/hostdev", .fate = XML_GROUP, .group = &group_device },
	{ "devices/input", .fate = XML_GROUP, .group = &group_input,
	    .note = "kept, unless the file has some" },
	XML_ROW("devices/sound@model", "sound", &xml_form_words, .words = sounds),
	{ "devices/tpm", .fate = XML_GROUP, .group = &group_tpm },
	{ "devices/watchdog", .fate = XML_GROUP, .group = &group_watchdog },
	XML_ROW("devices/memballoon@model", "balloon", &xml_form_words, .words = balloons),
	XML_ROW("devices/memballoon/stats@period", "balloon-period", &form_period),
	XML_ROW("devices/memballoon/alias@name", NULL, &xml_form_place, .words = balloon_place,
	    .note = LIVE),
	XML_ROW("devices/rng", "rng", &form_rng, .note = "none: rng = no"),
	XML_ROW("devices/rng/alias@name", NULL, &xml_form_place, .words = rng_place, .note = LIVE),
	{ "devices/controller", .fate = XML_KEEP, .note = "a bus has what its devices need" },
	{ "devices/hub", .fate = XML_KEEP },
	{ "devices/audio", .fate = XML_KEEP },
	{ "devices/panic", .fate = XML_KEEP },
	XML_NOT("devices/*", "the node's virtual machines have no such device"),
	{ 0 },
};
