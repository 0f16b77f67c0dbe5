/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/install_xml.h"

#include <stdlib.h>
#include <string.h>

#include "cli/virsh/shell.h"
#include "xml/write.h"

static void memory(const struct install *install, struct xml *xml)
{
	unsigned long long now = install->memory * 1024;
	unsigned long long most = install->memory_most * 1024;

	xml_text_format(xml, "memory", "%llu", most > now ? most : now);
	xml_text_format(xml, "currentMemory", "%llu", now);
}

static void processors(const struct install *install, struct xml *xml)
{
	unsigned long long now = install->vcpus;
	unsigned long long most = install->vcpus_most;

	xml_begin(xml, "vcpu");
	if (install->cpuset && strcmp(install->cpuset, "auto") != 0)
		xml_attribute(xml, "cpuset", install->cpuset);
	if (most > now)
		xml_attribute_format(xml, "current", "%llu", now);
	xml_end_text_format(xml, "%llu", most > now ? most : now);
}

static void boot(struct xml *xml, const char *device)
{
	xml_empty(xml, "boot", "dev", device);
}

/* The order of --boot: its fields that are names of devices. */
static bool boot_named(const struct install *install, struct xml *xml)
{
	static const char *const names[] = { "hd", "cdrom", "network", "fd" };
	bool any = false;

	for (unsigned int i = 0; i < install->boot.count; i++) {
		const char *name = strcmp(install->boot.field[i].name, "dev")
				       ? install->boot.field[i].name
				       : install->boot.field[i].value;

		for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++)
			if (!strcmp(names[n], name)) {
				boot(xml, names[n]);
				any = true;
			}
	}
	return any;
}

static bool wants_uefi(const struct install *install)
{
	const char *first = install_field(&install->boot, "dev");

	return install_field(&install->boot, "uefi") || (first && !strcmp(first, "uefi"));
}

static void system_of(const struct install *install, const struct install_parts *parts,
    bool installing, struct xml *xml)
{
	const char *kernel = install_field(&install->boot, "kernel");
	const char *initrd = install_field(&install->boot, "initrd");
	const char *words = install_field(&install->boot, "kernel_args");

	if (installing && *parts->kernel) {
		kernel = parts->kernel;
		initrd = parts->initrd;
		words = install->extra;
	}
	xml_begin(xml, "os");
	if (wants_uefi(install))
		xml_attribute(xml, "firmware", "efi");
	xml_begin(xml, "type");
	xml_attribute(xml, "arch", "x86_64");
	xml_attribute(xml, "machine", install->machine ? install->machine : "q35");
	xml_end_text(xml, "hvm");
	if (kernel) {
		xml_text(xml, "kernel", kernel);
		if (initrd && *initrd)
			xml_text(xml, "initrd", initrd);
		if (words)
			xml_text(xml, "cmdline", words);
	} else {
		if (installing && (install->cdrom || install->pxe))
			boot(xml, install->cdrom ? "cdrom" : "network");
		if (!boot_named(install, xml) && install->disk_count)
			boot(xml, "hd");
		else if (!installing && !install->disk_count && install->pxe)
			boot(xml, "network");
	}
	xml_end(xml);
}

static void mark(struct xml *xml, const char *element)
{
	xml_begin(xml, element);
	xml_end(xml);
}

static void timer(struct xml *xml, const char *name, const char *attribute, const char *value)
{
	xml_begin(xml, "timer");
	xml_attribute(xml, "name", name);
	xml_attribute(xml, attribute, value);
	xml_end(xml);
}

/* A model, or one of the ways to have the node's own. */
static void cpu_model(const char *cpu, struct xml *xml)
{
	if (!strcmp(cpu, "host"))
		xml_attribute(xml, "mode", "host-passthrough");
	else if (!strncmp(cpu, "host-", 5) || !strcmp(cpu, "maximum"))
		xml_attribute(xml, "mode", cpu);
	else
		xml_attribute(xml, "mode", "custom");
	if (strncmp(cpu, "host", 4) != 0 && strcmp(cpu, "maximum") != 0)
		xml_text(xml, "model", cpu);
}

static void platform(const struct install *install, struct xml *xml)
{
	const char *sockets = install_field(&install->topology, "sockets");
	const char *cores = install_field(&install->topology, "cores");
	const char *threads = install_field(&install->topology, "threads");

	xml_begin(xml, "features");
	if (!install->no_acpi)
		mark(xml, "acpi");
	if (!install->no_apic)
		mark(xml, "apic");
	xml_end(xml);
	if (install->cpu || sockets || cores || threads) {
		xml_begin(xml, "cpu");
		if (install->cpu)
			cpu_model(install->cpu, xml);
		if (sockets || cores || threads) {
			xml_begin(xml, "topology");
			xml_attribute(xml, "sockets", sockets ? sockets : "1");
			xml_attribute(xml, "cores", cores ? cores : "1");
			xml_attribute(xml, "threads", threads ? threads : "1");
			xml_end(xml);
		}
		xml_end(xml);
	}
	xml_begin(xml, "clock");
	xml_attribute(xml, "offset", "utc");
	timer(xml, "rtc", "tickpolicy", "catchup");
	timer(xml, "pit", "tickpolicy", "delay");
	timer(xml, "hpet", "present", "no");
	xml_end(xml);
}

static void driver(const struct install_disk *disk, bool cd, struct xml *xml)
{
	const struct install_fields *fields = disk->fields;
	static const char *const names[] = { "cache", "io", "discard" };
	const char *format = cd ? "raw" : install_field(fields, "format");

	xml_begin(xml, "driver");
	xml_attribute(xml, "name", "qemu");
	if (!format)
		format = *disk->format ? disk->format : "raw";
	xml_attribute(xml, "type", format);
	for (size_t i = 0; !cd && i < 3; i++)
		if (install_field(fields, names[i]))
			xml_attribute(xml, names[i], install_field(fields, names[i]));
	xml_end(xml);
}

/* The next name on a bus: "vda", "sda", "hda", "fda". */
static void target(const char *bus, unsigned int used[4], struct xml *xml)
{
	static const char *const prefixes[] = { "vd", "sd", "hd", "fd" };
	size_t kind = !strcmp(bus, "ide")      ? 2
		      : !strcmp(bus, "fdc")    ? 3
		      : !strcmp(bus, "virtio") ? 0
					       : 1;

	xml_begin(xml, "target");
	xml_attribute_format(xml, "dev", "%s%c", prefixes[kind], 'a' + (int)(used[kind]++ % 26));
	xml_attribute(xml, "bus", bus);
	xml_end(xml);
}

static void disk(const struct install *install, const struct install_disk *disk, bool ejected,
    unsigned int used[4], struct xml *xml)
{
	const char *perms = install_field(disk->fields, "perms");
	const char *bus = install_field(disk->fields, "bus");
	bool cd = !strcmp(disk->device, "cdrom");
	bool block = !strncmp(disk->path, "/dev/", 5);
	bool pc = install->machine && !strncmp(install->machine, "pc", 2);

	if (!bus)
		bus = cd				? (pc ? "ide" : "sata")
		      : !strcmp(disk->device, "floppy") ? "fdc"
							: "virtio";
	xml_begin(xml, "disk");
	xml_attribute(xml, "type", block ? "block" : "file");
	xml_attribute(xml, "device", disk->device);
	if (*disk->path && !ejected) {
		driver(disk, cd, xml);
		xml_empty(xml, "source", block ? "dev" : "file", disk->path);
	}
	target(bus, used, xml);
	if (cd || install_field(disk->fields, "readonly") || (perms && !strcmp(perms, "ro")))
		mark(xml, "readonly");
	if (install_field(disk->fields, "shareable") || (perms && !strcmp(perms, "sh")))
		mark(xml, "shareable");
	if (install_field(disk->fields, "serial"))
		xml_text(xml, "serial", install_field(disk->fields, "serial"));
	xml_end(xml);
}

static void nic(
    const struct install *install, const struct install_fields *fields, bool first, struct xml *xml)
{
	const char *bridge = install_field(fields, "bridge");
	const char *network = install_field(fields, "network");
	const char *mac = install_field(fields, "mac");
	const char *model = install_field(fields, "model");

	if (network && !strcmp(network, "none"))
		return;
	if (!mac && first)
		mac = install->mac;
	xml_begin(xml, "interface");
	xml_attribute(xml, "type", bridge ? "bridge" : "network");
	xml_empty(xml, "source", bridge ? "bridge" : "network",
	    bridge    ? bridge
	    : network ? network
		      : "default");
	if (mac && strcmp(mac, "RANDOM") != 0)
		xml_empty(xml, "mac", "address", mac);
	xml_empty(xml, "model", "type", model ? model : "virtio");
	xml_end(xml);
}

static bool has_screen(const struct install *install)
{
	const char *type = install_field(&install->graphics, "type");

	return type && strcmp(type, "none") != 0;
}

static void screen(const struct install *install, struct xml *xml)
{
	static const struct {
		const char *field;
		const char *attribute;
	} names[] = { { "listen", "listen" }, { "keymap", "keymap" }, { "password", "passwd" } };
	const char *port = install_field(&install->graphics, "port");

	if (!has_screen(install))
		return;
	xml_begin(xml, "input");
	xml_attribute(xml, "type", "tablet");
	xml_attribute(xml, "bus", "usb");
	xml_end(xml);
	xml_begin(xml, "graphics");
	xml_attribute(xml, "type", install_field(&install->graphics, "type"));
	xml_attribute(xml, "port", port ? port : "-1");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = install_field(&install->graphics, names[i].field);

		if (!value && !strcmp(names[i].field, "keymap"))
			value = install->keymap;
		if (value)
			xml_attribute(xml, names[i].attribute, value);
	}
	xml_end(xml);
	xml_begin(xml, "video");
	xml_empty(xml, "model", "type", "vga");
	xml_end(xml);
}

/* "pci_0000_00_1a_7", "0000:00:1a.7" or "00:1a.7". */
static bool device(const char *name, struct xml *xml)
{
	static const char *const names[] = { "domain", "bus", "slot", "function" };
	const char *at = strncmp(name, "pci_", 4) ? name : name + 4;
	unsigned long part[4] = { 0 };
	unsigned int count = 0;

	for (; count < 4 && *at; count++) {
		char *end;

		part[count] = strtoul(at, &end, 16);
		if (end == at || (*end && !strchr("_:.", *end)))
			break;
		at = *end ? end + 1 : end;
	}
	if (*at || count < 3)
		return shell_error(
		    "--host-device: \"%s\" is no PCI device: virsh nodedev-list --cap pci", name);
	if (count == 3) {
		memmove(part + 1, part, 3 * sizeof(part[0]));
		part[0] = 0;
	}
	xml_begin(xml, "hostdev");
	xml_attribute(xml, "mode", "subsystem");
	xml_attribute(xml, "type", "pci");
	xml_attribute(xml, "managed", "yes");
	xml_begin(xml, "source");
	xml_begin(xml, "address");
	for (size_t i = 0; i < 4; i++)
		xml_attribute_format(xml, names[i], "%lu", part[i]);
	xml_end(xml);
	xml_end(xml);
	xml_end(xml);
	return true;
}

/* What comes with every guest whose system knows virtio. */
static void usual_devices(struct xml *xml)
{
	xml_empty(xml, "memballoon", "model", "virtio");
	xml_begin(xml, "rng");
	xml_attribute(xml, "model", "virtio");
	xml_begin(xml, "backend");
	xml_attribute(xml, "model", "random");
	xml_end_text(xml, "/dev/urandom");
	xml_end(xml);
}

static bool devices(const struct install *install, const struct install_parts *parts,
    bool installing, struct xml *xml)
{
	static const struct install_fields usual_nic = { .count = 0 };
	const char *action = install_field(&install->watchdog, "action");
	unsigned int used[4] = { 0 };

	xml_begin(xml, "devices");
	for (unsigned int i = 0; i < parts->disk_count; i++)
		disk(install, &parts->disks[i],
		    !installing && install->cdrom && i + 1 == parts->disk_count, used, xml);
	if (!install->no_nics && !install->nic_count)
		nic(install, &usual_nic, true, xml);
	for (unsigned int i = 0; !install->no_nics && i < install->nic_count; i++)
		nic(install, &install->nics[i], !i, xml);
	xml_empty(xml, "console", "type", "pty");
	xml_begin(xml, "channel");
	xml_attribute(xml, "type", "unix");
	xml_empty(xml, "source", "mode", "bind");
	xml_begin(xml, "target");
	xml_attribute(xml, "type", "virtio");
	xml_attribute(xml, "name", "org.qemu.guest_agent.0");
	xml_end(xml);
	xml_end(xml);
	screen(install, xml);
	if (install->sound)
		xml_empty(xml, "sound", "model", install->sound);
	if (install_field(&install->watchdog, "model")) {
		xml_begin(xml, "watchdog");
		xml_attribute(xml, "model", install_field(&install->watchdog, "model"));
		xml_attribute(xml, "action", action ? action : "reset");
		xml_end(xml);
	}
	for (unsigned int i = 0; i < install->device_count; i++)
		if (!device(install->devices[i], xml))
			return false;
	usual_devices(xml);
	xml_end(xml);
	return true;
}

bool install_xml(const struct install *install, const struct install_parts *parts, bool installing,
    struct buf *ret_xml)
{
	struct xml xml = { .out = ret_xml };
	const char *description = install->description;
	const char *uuid = *parts->uuid ? parts->uuid : install->uuid;

	xml_begin(&xml, "domain");
	xml_attribute(&xml, "type", "kvm");
	xml_text(&xml, "name", install->name);
	if (uuid)
		xml_text(&xml, "uuid", uuid);
	if (install_field(&install->metadata, "title"))
		xml_text(&xml, "title", install_field(&install->metadata, "title"));
	if (!description)
		description = install_field(&install->metadata, "description");
	if (description)
		xml_text(&xml, "description", description);
	memory(install, &xml);
	processors(install, &xml);
	system_of(install, parts, installing, &xml);
	platform(install, &xml);
	xml_begin(&xml, "pm");
	xml_empty(&xml, "suspend-to-mem", "enabled", "no");
	xml_empty(&xml, "suspend-to-disk", "enabled", "no");
	xml_end(&xml);
	if (!devices(install, parts, installing, &xml))
		return false;
	if (installing && (install->cdrom || install->pxe || install->location))
		xml_text(&xml, "on_reboot", "destroy");
	xml_end(&xml);
	return true;
}
