/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/xen/domain.h"

#include <errno.h>
#include <string.h>

#include "lib/uuid.h"
#include "node/xen/device.h"

/* Xen's own: 128 MB, a weight of 256. */
#define USUAL_MEMORY 128
#define USUAL_WEIGHT 256
#define XML_WEIGHT 100

/* hvmloader is Xen's firmware, the node has its own; any other kernel is the guest's. */
static const char *own_kernel(const struct xen_guest *guest)
{
	const char *kernel = xen_text(guest, "kernel", NULL);

	return kernel && !strstr(kernel, "hvmloader") ? kernel : NULL;
}

static bool is_hvm(const struct xen_guest *guest)
{
	return !strcmp(xen_text(guest, "builder", "linux"), "hvm") ||
	       (xen_text(guest, "kernel", NULL) && !own_kernel(guest));
}

static void memory(const struct xen_guest *guest, struct xml *xml)
{
	unsigned long long now = xen_number(guest, "memory", USUAL_MEMORY);
	unsigned long long most = xen_number(guest, "maxmem", now);

	xml_begin(xml, "memory");
	xml_attribute(xml, "unit", "KiB");
	xml_end_text_format(xml, "%llu", (most < now ? now : most) * 1024);
	xml_begin(xml, "currentMemory");
	xml_attribute(xml, "unit", "KiB");
	xml_end_text_format(xml, "%llu", now * 1024);
}

static void processors(const struct xen_guest *guest, struct xml *xml)
{
	unsigned long long weight = xen_number(guest, "cpu_weight", USUAL_WEIGHT);
	struct buf cpus = BUF_INIT;

	for (const struct xen_value *value = xen_values(guest, "cpus"); value; value = value->next)
		buf_printf(&cpus, "%s%s", cpus.length ? "," : "", value->text);
	if (!cpus.length)
		buf_puts(&cpus, xen_text(guest, "cpu", "all"));
	xml_begin(xml, "vcpu");
	if (strcmp(buf_text(&cpus), "all") != 0)
		xml_attribute(xml, "cpuset", buf_text(&cpus));
	buf_done(&cpus);
	xml_end_text_format(xml, "%llu", (unsigned long long)xen_number(guest, "vcpus", 1));
	if (weight == USUAL_WEIGHT)
		return;
	weight = weight * XML_WEIGHT / USUAL_WEIGHT;
	xml_begin(xml, "cputune");
	xml_text_format(xml, "shares", "%llu", weight ? weight : 1);
	xml_end(xml);
}

/* The kernel's words that xm made of parameters of their own. */
static void command_line(const struct xen_guest *guest, struct buf *line)
{
	const char *ip = xen_text(guest, "ip", NULL);
	const char *server = xen_text(guest, "nfs_server", "");
	bool dhcp = strcmp(xen_text(guest, "dhcp", "off"), "off") != 0;

	if (xen_text(guest, "root", NULL))
		buf_printf(line, "root=%s ", xen_text(guest, "root", ""));
	if (ip || dhcp)
		buf_printf(line, "ip=%s:%s:%s:%s:%s:%s:%s ", ip ? ip : "", server,
		    xen_text(guest, "gateway", ""), xen_text(guest, "netmask", ""),
		    xen_text(guest, "hostname", ""), xen_text(guest, "interface", "eth0"),
		    dhcp ? "dhcp" : "off");
	if (xen_text(guest, "nfs_root", NULL))
		buf_printf(line, "nfsroot=%s:%s ", server, xen_text(guest, "nfs_root", ""));
	buf_puts(line, xen_text(guest, "extra", ""));
	while (line->length && line->data[line->length - 1] == ' ')
		buf_cut(line, line->length - 1);
}

static bool boot_order(struct xen_guest *guest, struct xml *xml)
{
	const char *order = xen_text(guest, "boot", "c");

	for (; *order; order++) {
		const char *device = *order == 'a'   ? "fd"
				     : *order == 'c' ? "hd"
				     : *order == 'd' ? "cdrom"
				     : *order == 'n' ? "network"
						     : NULL;

		if (!device)
			return xen_refuse(guest, xen_config_find(guest->settings, "boot"),
			    "\"%c\" is not among a, c, d and n", *order);
		xml_empty(xml, "boot", "dev", device);
	}
	return true;
}

static bool system_of(struct xen_guest *guest, struct xml *xml)
{
	const char *kernel = own_kernel(guest);
	struct buf line = BUF_INIT;

	xml_begin(xml, "os");
	xml_begin(xml, "type");
	xml_attribute(xml, "arch", "x86_64");
	xml_end_text(xml, "hvm");
	if (kernel) {
		xml_text(xml, "kernel", kernel);
		if (xen_text(guest, "ramdisk", NULL))
			xml_text(xml, "initrd", xen_text(guest, "ramdisk", ""));
		command_line(guest, &line);
		if (line.length)
			xml_text(xml, "cmdline", buf_text(&line));
		buf_done(&line);
	} else if (!boot_order(guest, xml)) {
		return false;
	}
	xml_end(xml);
	return true;
}

static void features(const struct xen_guest *guest, bool hvm, struct xml *xml)
{
	static const char *const names[] = { "acpi", "apic", "pae" };

	xml_begin(xml, "features");
	for (size_t i = 0; i < 3; i++) {
		/* A paravirtual guest had none of them, and its kernel here needs them. */
		if (hvm && !xen_flag(guest, names[i], true))
			continue;
		xml_begin(xml, names[i]);
		xml_end(xml);
	}
	xml_end(xml);
	xml_empty(
	    xml, "clock", "offset", xen_flag(guest, "localtime", false) ? "localtime" : "utc");
}

static bool ends(struct xen_guest *guest, struct xml *xml)
{
	static const struct {
		const char *name;
		const char *usual;
	} events[] = { { "on_poweroff", "destroy" }, { "on_reboot", "restart" },
		{ "on_crash", "restart" } };
	static const char *const actions[] = { "destroy", "restart", "preserve", NULL };

	for (size_t i = 0; i < 3; i++) {
		const char *action = xen_text(guest, events[i].name, events[i].usual);

		if (xen_choice(action, actions) < 0)
			return xen_refuse(guest, xen_config_find(guest->settings, events[i].name),
			    "\"%s\" is neither destroy, restart nor preserve", action);
		xml_text(xml, events[i].name, action);
	}
	return true;
}

static bool convert(struct xen_guest *guest, struct xml *xml)
{
	bool hvm = is_hvm(guest);
	const char *uuid = xen_text(guest, "uuid", NULL);
	uint8_t bytes[16];
	static const struct xen_setting nowhere = { .name = "name", .line = 1 };

	if (!xen_text(guest, "name", NULL))
		return xen_refuse(guest, &nowhere, "the file names no guest");
	if (uuid && !uuid_parse_loose(uuid, bytes))
		return xen_refuse(guest, xen_config_find(guest->settings, "uuid"),
		    "\"%s\" is no UUID; without the line a new one is made up", uuid);
	xml_begin(xml, "domain");
	xml_attribute(xml, "type", "kvm");
	xml_text(xml, "name", xen_text(guest, "name", ""));
	if (uuid)
		xml_text(xml, "uuid", uuid);
	memory(guest, xml);
	processors(guest, xml);
	if (!system_of(guest, xml))
		return false;
	features(guest, hvm, xml);
	if (!ends(guest, xml))
		return false;
	xml_begin(xml, "devices");
	xen_devices(guest, hvm, xml);
	xml_end(xml);
	xml_end(xml);
	return !guest->refused;
}

int xen_domain(const char *text, struct buf *ret_xml, struct buf *why)
{
	struct xen_setting *settings;
	struct xen_guest guest = { .why = why };
	struct xml xml = { .out = ret_xml };
	int error = -ENOMEM;

	guest.arena = arena_create(XEN_CONFIG_ARENA);
	if (!guest.arena)
		return error;
	if (!xen_config_parse(text, guest.arena, &settings, why)) {
		error = -EINVAL;
	} else {
		guest.settings = settings;
		error = xen_known_check(&guest) && convert(&guest, &xml) ? 0 : -EBADMSG;
	}
	arena_free(guest.arena);
	if (error)
		buf_cut(ret_xml, 0);
	return !error && !buf_ok(ret_xml) ? -ENOMEM : error;
}
