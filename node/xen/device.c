/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/xen/device.h"

#include <stdlib.h>
#include <string.h>

#include "lib/num.h"

#define FIELDS 16

/* The fields of one value, and what they are called once more in messages. */
struct fields {
	const struct xen_setting *of;
	const char *whole;
	char *text[FIELDS];
	unsigned int count;
};

/* Cut at any of `separators`; blanks around a field are not of it. */
static bool cut(struct xen_guest *guest, const char *name, const char *value,
    const char *separators, struct fields *ret_fields)
{
	char *at = arena_copy(guest->arena, value, strlen(value));

	*ret_fields = (struct fields){ xen_config_find(guest->settings, name), value, { NULL }, 0 };
	for (;;) {
		size_t length;
		char *end;

		at += strspn(at, " ");
		length = strcspn(at, separators);
		if (ret_fields->count == FIELDS)
			return xen_refuse(
			    guest, ret_fields->of, "\"%s\" has too many fields", value);
		ret_fields->text[ret_fields->count++] = at;
		end = at + length;
		if (!*end) {
			while (end > at && end[-1] == ' ')
				*--end = '\0';
			return true;
		}
		*end++ = '\0';
		for (char *last = end - 2; last >= at && *last == ' '; last--)
			*last = '\0';
		at = end;
	}
}

/* The value of KEY=VALUE among them, or NULL. */
static const char *field(const struct fields *fields, const char *key)
{
	size_t length = strlen(key);

	for (unsigned int i = 0; i < fields->count; i++)
		if (!strncmp(fields->text[i], key, length) && fields->text[i][length] == '=')
			return fields->text[i] + length + 1;
	return NULL;
}

/* Whether each of KEY=VALUE has a key of the list. */
static bool only(struct xen_guest *guest, const struct fields *fields, const char *const *keys)
{
	for (unsigned int i = 0; i < fields->count; i++) {
		size_t length = strcspn(fields->text[i], "=");
		unsigned int k = 0;

		if (!*fields->text[i])
			continue;
		while (keys[k] && (strlen(keys[k]) != length ||
				      strncmp(keys[k], fields->text[i], length) != 0))
			k++;
		if (!keys[k])
			return xen_refuse(guest, fields->of,
			    "\"%s\" is not understood, or there is no such thing here",
			    fields->text[i]);
	}
	return true;
}

/* How a disk is opened: a prefix of its path, or of what is left of it. */
static const struct backend {
	const char *prefix;
	const char *format; /* NULL: of what follows */
	bool block;
} backends[] = {
	{ "phy:", "raw", true },
	{ "file:", "raw", false },
	{ "tap2:", NULL, false },
	{ "tap:", NULL, false },
	{ "aio:", "raw", false },
	{ "raw:", "raw", false },
	{ "sync:", "raw", false },
	{ "tapdisk:", NULL, false },
	{ "qcow2:", "qcow2", false },
};

/* The path behind its prefixes. */
static const char *backend_of(const char *path, const char **ret_format, bool *ret_block)
{
	*ret_format = "raw";
	*ret_block = !strncmp(path, "/dev/", 5);
	for (size_t i = 0; i < sizeof(backends) / sizeof(backends[0]); i++) {
		size_t length = strlen(backends[i].prefix);

		if (strncmp(path, backends[i].prefix, length) != 0)
			continue;
		path += length;
		*ret_block = backends[i].block;
		if (backends[i].format) {
			*ret_format = backends[i].format;
			break;
		}
	}
	return path;
}

static void write_disk(struct xml *xml, const char *device, bool block, const char *format,
    const char *path, const char *target, const char *bus, const char *mode)
{
	xml_begin(xml, "disk");
	xml_attribute(xml, "type", block ? "block" : "file");
	xml_attribute(xml, "device", device);
	xml_begin(xml, "driver");
	xml_attribute(xml, "name", "qemu");
	xml_attribute(xml, "type", format);
	xml_end(xml);
	if (*path)
		xml_empty(xml, "source", block ? "dev" : "file", path);
	xml_begin(xml, "target");
	xml_attribute(xml, "dev", target);
	xml_attribute(xml, "bus", bus);
	xml_end(xml);
	if (strcmp(mode, "w!") == 0) {
		xml_begin(xml, "shareable");
		xml_end(xml);
	} else if (mode[0] == 'r' || !strcmp(device, "cdrom")) {
		xml_begin(xml, "readonly");
		xml_end(xml);
	}
	xml_end(xml);
}

/*
 * "phy:DEVICE,TARGET,MODE". xvda and sda are vda here; hda stays on IDE with a fully virtualized
 * guest, which may have no driver for anything else.
 */
static bool disk(struct xen_guest *guest, bool hvm, const char *value, struct xml *xml)
{
	static const char *const modes[] = { "r", "w", "w!", "ro", "rw", NULL };
	struct fields fields;
	const char *format;
	const char *path;
	bool block;
	char *target;
	bool ide;
	bool cd;

	if (!cut(guest, "disk", value, ",", &fields))
		return false;
	if (fields.count < 3 || fields.count > 4 || !*fields.text[1])
		return xen_refuse(guest, fields.of, "\"%s\" is not DEVICE,TARGET,MODE", value);
	if (xen_choice(fields.text[2], modes) < 0)
		return xen_refuse(
		    guest, fields.of, "\"%s\": \"%s\" is neither r nor w", value, fields.text[2]);
	if (fields.count == 4 && strcmp(fields.text[3], "0") != 0)
		return xen_refuse(
		    guest, fields.of, "\"%s\": disks come from the node, from no guest", value);
	path = backend_of(fields.text[0], &format, &block);
	if (block && *path && *path != '/')
		path = arena_printf(guest->arena, "/dev/%s", path);
	else if (*path && *path != '/')
		return xen_refuse(guest, fields.of,
		    "\"%s\": \"%s\" is no absolute path, or opened in a way that there is not",
		    value, path);
	target = fields.text[1];
	if (!strncmp(target, "ioemu:", 6))
		target += 6;
	cd = strchr(target, ':') && !strcmp(strchr(target, ':'), ":cdrom");
	target[strcspn(target, ":")] = '\0';
	ide = hvm && !strncmp(target, "hd", 2);
	if (!ide)
		target = arena_printf(guest->arena, "vd%s",
		    target + (!strncmp(target, "xvd", 3) ? 3
				 : strlen(target) < 2	 ? 0
							 : 2));
	write_disk(xml, cd ? "cdrom" : "disk", block, format, path, target, ide ? "ide" : "virtio",
	    fields.text[2]);
	return true;
}

static void floppies(struct xen_guest *guest, struct xml *xml)
{
	static const char *const names[] = { "fda", "fdb" };

	for (size_t i = 0; i < 2; i++) {
		const char *path = xen_text(guest, names[i], "");
		const char *format;
		bool block;

		path = backend_of(path, &format, &block);
		if (*path)
			write_disk(xml, "floppy", block, format, path, names[i], "fdc", "w");
	}
}

/* "10MB/s@50ms": KiB a second, and how many at once when a window is named. */
static bool rate_of(const char *text, uint64_t *ret_average, uint64_t *ret_burst)
{
	static const char *const units[] = { "b/s", "Kb/s", "Mb/s", "Gb/s", "B/s", "KB/s", "MB/s",
		"GB/s" };
	const uint64_t scale[] = { 1, 1000, 1000000, 1000000000 };
	char number[NUM_TEXT] = "";
	size_t digits = strspn(text, "0123456789");
	size_t length = strcspn(text + digits, "@");
	const char *window = text + digits + length;
	uint64_t value;
	uint64_t milliseconds;
	size_t unit = 0;

	while (unit < 8 &&
	       (strlen(units[unit]) != length || strncmp(units[unit], text + digits, length) != 0))
		unit++;
	if (digits >= sizeof(number) || unit == 8)
		return false;
	memcpy(number, text, digits);
	if (!num_parse(number, UINT32_MAX, &value))
		return false;
	value *= scale[unit % 4];
	if (unit < 4)
		value /= 8;
	*ret_average = value / 1024 ? value / 1024 : 1;
	*ret_burst = 0;
	if (!*window)
		return true;
	digits = strspn(window + 1, "0123456789");
	if (!digits || digits >= sizeof(number))
		return false;
	memcpy(number, window + 1, digits);
	number[digits] = '\0';
	if (!num_parse(number, 60000, &milliseconds))
		return false;
	if (!strcmp(window + 1 + digits, "s"))
		milliseconds *= 1000;
	else if (strcmp(window + 1 + digits, "ms") != 0)
		return false;
	*ret_burst = *ret_average * milliseconds / 1000 + 1;
	return true;
}

static bool write_rate(struct xen_guest *guest, const struct fields *fields, struct xml *xml)
{
	const char *rate = field(fields, "rate");
	uint64_t average;
	uint64_t burst;

	if (!rate)
		return true;
	if (!rate_of(rate, &average, &burst))
		return xen_refuse(
		    guest, fields->of, "\"%s\" is no rate like 10MB/s or 250KB/s@50ms", rate);
	xml_begin(xml, "bandwidth");
	xml_begin(xml, "outbound");
	xml_attribute_format(xml, "average", "%llu", (unsigned long long)average);
	if (burst)
		xml_attribute_format(xml, "burst", "%llu", (unsigned long long)burst);
	xml_end(xml);
	xml_end(xml);
	return true;
}

/* "mac=…, bridge=xenbr0". Between the fields are commas, and in many files blanks. */
static bool interface(struct xen_guest *guest, bool hvm, const char *value, struct xml *xml)
{
	static const char *const keys[] = { "type", "mac", "bridge", "script", "vifname", "model",
		"rate", "ip", NULL };
	struct fields fields;
	const char *bridge;
	const char *type;
	const char *model;

	if (!cut(guest, "vif", value, ", ", &fields) || !only(guest, &fields, keys))
		return false;
	bridge = field(&fields, "bridge");
	type = field(&fields, "type");
	model = field(&fields, "model");
	if (field(&fields, "ip"))
		return xen_refuse(guest, fields.of,
		    "\"%s\": addresses come from the network; use host in [network]", value);
	xml_begin(xml, "interface");
	xml_attribute(xml, "type", bridge ? "bridge" : "network");
	if (field(&fields, "mac"))
		xml_empty(xml, "mac", "address", field(&fields, "mac"));
	xml_empty(xml, "source", bridge ? "bridge" : "network", bridge ? bridge : "default");
	if (!model)
		model = hvm && (!type || strcmp(type, "ioemu") == 0) ? "rtl8139" : "virtio";
	xml_empty(xml, "model", "type", model);
	if (!write_rate(guest, &fields, xml))
		return false;
	xml_end(xml);
	return true;
}

/* What vfb says in one value, and the older parameters one by one. */
static const char *screen_field(
    const struct xen_guest *guest, const struct fields *fields, const char *name)
{
	return fields->count ? field(fields, name) : xen_text(guest, name, NULL);
}

static bool screen(struct xen_guest *guest, const char *vfb, struct xml *xml)
{
	static const char *const keys[] = { "type", "vnc", "vncunused", "vncdisplay", "vnclisten",
		"vncpasswd", "keymap", "display", "xauthority", NULL };
	struct fields fields = { .count = 0 };
	const char *display;
	uint64_t number;

	if (vfb && (!cut(guest, "vfb", vfb, ",", &fields) || !only(guest, &fields, keys)))
		return false;
	if (vfb && field(&fields, "type") && strcmp(field(&fields, "type"), "vnc") != 0)
		return xen_refuse(guest, fields.of,
		    "\"%s\": the node has no screen to show guests on; use type=vnc", vfb);
	xml_begin(xml, "graphics");
	xml_attribute(xml, "type", "vnc");
	display = screen_field(guest, &fields, "vncdisplay");
	if (display && num_parse(display, 5000, &number)) {
		xml_attribute_format(xml, "port", "%llu", 5900 + (unsigned long long)number);
	} else {
		xml_attribute(xml, "port", "-1");
		xml_attribute(xml, "autoport", "yes");
	}
	if (screen_field(guest, &fields, "vnclisten"))
		xml_attribute(xml, "listen", screen_field(guest, &fields, "vnclisten"));
	if (screen_field(guest, &fields, "keymap"))
		xml_attribute(xml, "keymap", screen_field(guest, &fields, "keymap"));
	if (screen_field(guest, &fields, "vncpasswd"))
		xml_attribute(xml, "passwd", screen_field(guest, &fields, "vncpasswd"));
	xml_end(xml);
	return true;
}

static bool screens(struct xen_guest *guest, bool hvm, struct xml *xml)
{
	const char *vfb = xen_text(guest, "vfb", NULL);

	if (xen_flag(guest, "nographic", false) || (!vfb && !xen_flag(guest, "vnc", false)))
		return true;
	if (!screen(guest, vfb, xml))
		return false;
	xml_begin(xml, "video");
	xml_empty(
	    xml, "model", "type", hvm && !xen_flag(guest, "stdvga", false) ? "cirrus" : "vga");
	xml_end(xml);
	return true;
}

static bool input(struct xen_guest *guest, struct xml *xml)
{
	static const char *const kinds[] = { "tablet", "mouse", "keyboard", NULL };
	const char *kind = xen_text(guest, "usbdevice", NULL);

	if (!kind)
		return true;
	if (xen_choice(kind, kinds) < 0)
		return xen_refuse(guest, xen_config_find(guest->settings, "usbdevice"),
		    "\"%s\" is neither tablet, mouse nor keyboard", kind);
	xml_begin(xml, "input");
	xml_attribute(xml, "type", kind);
	xml_attribute(xml, "bus", "usb");
	xml_end(xml);
	return true;
}

static bool sound(struct xen_guest *guest, struct xml *xml)
{
	const char *model = xen_text(guest, "soundhw", NULL);

	if (!model)
		return true;
	if (strchr(model, ','))
		return xen_refuse(guest, xen_config_find(guest->settings, "soundhw"),
		    "\"%s\": a guest has one sound card", model);
	xml_empty(xml, "sound", "model", !strcmp(model, "all") ? "es1370" : model);
	return true;
}

/* "[DOMAIN:]BUS:DEVICE.FUNCTION", in hex digits. */
static bool pci(struct xen_guest *guest, const char *value, struct xml *xml)
{
	const struct xen_setting *of = xen_config_find(guest->settings, "pci");
	unsigned long part[4] = { 0 };
	unsigned int colons = 0;
	const char *at = value;

	for (const char *c = value; *c; c++)
		colons += *c == ':';
	for (unsigned int i = colons == 2 ? 0 : 1; i < 4; i++) {
		static const char ends[] = "::.";
		char *end;

		if (!*at || !strchr("0123456789abcdefABCDEF", *at))
			break;
		part[i] = strtoul(at, &end, 16);
		at = end;
		if (i < 3 && *at != ends[i])
			break;
		if (i < 3)
			at++;
		else if (!*at && part[0] <= 0xffff && part[1] <= 0xff && part[2] <= 0x1f &&
			 part[3] <= 7) {
			xml_begin(xml, "hostdev");
			xml_attribute(xml, "mode", "subsystem");
			xml_attribute(xml, "type", "pci");
			xml_attribute(xml, "managed", "yes");
			xml_begin(xml, "source");
			xml_begin(xml, "address");
			xml_attribute_format(xml, "domain", "0x%04lx", part[0]);
			xml_attribute_format(xml, "bus", "0x%02lx", part[1]);
			xml_attribute_format(xml, "slot", "0x%02lx", part[2]);
			xml_attribute_format(xml, "function", "0x%lx", part[3]);
			xml_end(xml);
			xml_end(xml);
			xml_end(xml);
			return true;
		}
	}
	return xen_refuse(guest, of, "\"%s\" is not BUS:DEVICE.FUNCTION", value);
}

static bool serial(struct xen_guest *guest, struct xml *xml)
{
	const char *kind = xen_text(guest, "serial", "pty");

	if (strcmp(kind, "pty") != 0)
		return !strcmp(kind, "none") ||
		       xen_refuse(guest, xen_config_find(guest->settings, "serial"),
			   "\"%s\": a serial port is a pty, read by virsh console", kind);
	xml_begin(xml, "serial");
	xml_attribute(xml, "type", "pty");
	xml_end(xml);
	xml_begin(xml, "console");
	xml_attribute(xml, "type", "pty");
	xml_end(xml);
	return true;
}

void xen_devices(struct xen_guest *guest, bool hvm, struct xml *xml)
{
	const struct xen_value *value;

	for (value = xen_values(guest, "disk"); value; value = value->next)
		if (!disk(guest, hvm, value->text, xml))
			return;
	floppies(guest, xml);
	for (value = xen_values(guest, "vif"); value; value = value->next)
		if (!interface(guest, hvm, value->text, xml))
			return;
	if (!serial(guest, xml) || !input(guest, xml) || !screens(guest, hvm, xml) ||
	    !sound(guest, xml))
		return;
	for (value = xen_values(guest, "pci"); value; value = value->next)
		if (!pci(guest, value->text, xml))
			return;
}
