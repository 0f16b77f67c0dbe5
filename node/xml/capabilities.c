/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/xml/capabilities.h"

#include <string.h>

#include "node/host/host.h"
#include "xml/write.h"

#define CELL_CPUS 1024

/* Of each size: how many there are, or only that there is this size. */
static void pages(struct xml *xml, int cell, bool counted)
{
	struct host_pages sizes[HOST_PAGE_SIZES];
	unsigned int count = host_pages(cell, sizes, HOST_PAGE_SIZES);

	for (unsigned int i = 0; i < count; i++) {
		xml_begin(xml, "pages");
		xml_attribute(xml, "unit", "KiB");
		xml_attribute_format(xml, "size", "%u", sizes[i].kib);
		if (counted)
			xml_end_text_format(xml, "%llu", (unsigned long long)sizes[i].total);
		else
			xml_end(xml);
	}
}

static void cell(struct xml *xml, unsigned int number)
{
	static struct host_cell_cpu cpus[CELL_CPUS];
	struct host_memory memory = { 0 };
	unsigned int count = host_cell_cpus(number, cpus, CELL_CPUS);

	host_memory((int)number, &memory);
	xml_begin(xml, "cell");
	xml_attribute_format(xml, "id", "%u", number);
	xml_begin(xml, "memory");
	xml_attribute(xml, "unit", "KiB");
	xml_end_text_format(xml, "%llu", (unsigned long long)memory.total);
	pages(xml, (int)number, true);
	xml_begin(xml, "cpus");
	xml_attribute_format(xml, "num", "%u", count);
	for (unsigned int i = 0; i < count; i++) {
		xml_begin(xml, "cpu");
		xml_attribute_format(xml, "id", "%u", cpus[i].number);
		xml_attribute_format(xml, "socket_id", "%u", cpus[i].socket);
		xml_attribute(xml, "die_id", "0");
		xml_attribute_format(xml, "core_id", "%u", cpus[i].core);
		xml_attribute(xml, "siblings", cpus[i].siblings);
		xml_end(xml);
	}
	xml_end(xml);
	xml_end(xml);
}

static void host(struct xml *xml)
{
	struct host_cpus cpus;
	char uuid[37];

	host_cpus(&cpus);
	xml_begin(xml, "host");
	if (host_uuid(uuid))
		xml_text(xml, "uuid", uuid);
	xml_begin(xml, "cpu");
	xml_text(xml, "arch", "x86_64");
	xml_begin(xml, "topology");
	xml_attribute_format(xml, "sockets", "%u", cpus.sockets);
	xml_attribute(xml, "dies", "1");
	xml_attribute_format(xml, "cores", "%u", cpus.cores);
	xml_attribute_format(xml, "threads", "%u", cpus.threads);
	xml_end(xml);
	pages(xml, 0, false);
	xml_end(xml);
	xml_begin(xml, "topology");
	xml_begin(xml, "cells");
	xml_attribute_format(xml, "num", "%u", cpus.cells);
	for (unsigned int i = 0; i < cpus.cells; i++)
		cell(xml, i);
	xml_end(xml);
	xml_end(xml);
	xml_end(xml);
}

const char *xml_machine(const char *name)
{
	if (!strcmp(name, "q35") || !strncmp(name, "pc-q35", 6))
		return "q35";
	return !strcmp(name, "pc") || !strncmp(name, "pc-", 3) || !strncmp(name, "rhel", 4) ? "pc"
											    : NULL;
}

static void guest(struct xml *xml, const char *arch, const char *bits)
{
	static const char *const machines[] = { "pc", "q35" };

	xml_begin(xml, "guest");
	xml_text(xml, "os_type", "hvm");
	xml_begin(xml, "arch");
	xml_attribute(xml, "name", arch);
	xml_text(xml, "wordsize", bits);
	xml_text(xml, "emulator", XML_EMULATOR);
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		xml_begin(xml, "machine");
		xml_attribute_format(xml, "maxCpus", "%d", DEFINITION_VCPUS);
		xml_end_text(xml, machines[i]);
	}
	xml_empty(xml, "domain", "type", "kvm");
	xml_end(xml);
	xml_begin(xml, "features");
	xml_begin(xml, "acpi");
	xml_attribute(xml, "default", "on");
	xml_attribute(xml, "toggle", "yes");
	xml_end(xml);
	xml_begin(xml, "apic");
	xml_attribute(xml, "default", "on");
	xml_attribute(xml, "toggle", "no");
	xml_end(xml);
	xml_end(xml);
	xml_end(xml);
}

void xml_capabilities(struct buf *out)
{
	struct xml xml = { .out = out };

	xml_begin(&xml, "capabilities");
	host(&xml);
	guest(&xml, "i686", "32");
	guest(&xml, "x86_64", "64");
	xml_end(&xml);
}

/* <enum name='...'><value>...</value></enum>; the values end with NULL. */
static void choices(struct xml *xml, const char *name, const char *const *values)
{
	xml_begin(xml, "enum");
	xml_attribute(xml, "name", name);
	for (; *values; values++)
		xml_text(xml, "value", *values);
	xml_end(xml);
}

/* What a guest can have of a kind, as <enum>s; without any it can have none of it. */
static const struct part {
	const char *name;
	struct {
		const char *name;
		const char *values[3];
	} choices[4];
} device_parts[] = {
	{ "disk",
	    { { "diskDevice", { "disk" } }, { "bus", { "virtio" } }, { "model", { "virtio" } } } },
	/* Told "no", virt-install writes a machine for SPICE; told of none, one for VNC. */
	{ "graphics", { { "type", { 0 } } } },
	{ "video", { { 0 } } },
	{ "hostdev", { { 0 } } },
	{ "rng", { { "model", { "virtio" } }, { "backendModel", { "random", "builtin" } } } },
	{ "filesystem", { { 0 } } },
	{ "tpm", { { 0 } } },
	{ "redirdev", { { 0 } } },
	{ "channel", { { 0 } } },
	{ 0 },
};

static const struct part feature_parts[] = {
	{ "gic", { { 0 } } },
	{ "vmcoreinfo", { { 0 } } },
	{ "genid", { { 0 } } },
	{ "backup", { { 0 } } },
	{ "sev", { { 0 } } },
	{ "sgx", { { 0 } } },
	{ "hyperv", { { 0 } } },
	{ 0 },
};

static const struct part memory_part = { "memoryBacking", { { "sourceType", { "memfd" } } } };

static void write_part(struct xml *xml, const struct part *part)
{
	xml_begin(xml, part->name);
	xml_attribute(xml, "supported", part->choices[0].name ? "yes" : "no");
	for (size_t i = 0; part->choices[i].name; i++)
		choices(xml, part->choices[i].name, part->choices[i].values);
	xml_end(xml);
}

static void write_parts(struct xml *xml, const char *name, const struct part *parts)
{
	xml_begin(xml, name);
	for (; parts->name; parts++)
		write_part(xml, parts);
	xml_end(xml);
}

/* The processor is the machine's own, whatever that is; no other can be had. */
static void write_cpu(struct xml *xml)
{
	static const char *const migratable[] = { "off", NULL };
	static const char *const others[] = { "maximum", "host-model", "custom" };

	xml_begin(xml, "cpu");
	xml_begin(xml, "mode");
	xml_attribute(xml, "name", "host-passthrough");
	xml_attribute(xml, "supported", "yes");
	choices(xml, "hostPassthroughMigratable", migratable);
	xml_end(xml);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		xml_begin(xml, "mode");
		xml_attribute(xml, "name", others[i]);
		xml_attribute(xml, "supported", "no");
		xml_end(xml);
	}
	xml_end(xml);
}

void xml_domain_capabilities(const char *machine, struct buf *out)
{
	struct xml xml = { .out = out };

	xml_begin(&xml, "domainCapabilities");
	xml_text(&xml, "path", XML_EMULATOR);
	xml_text(&xml, "domain", "kvm");
	xml_text(&xml, "machine", machine);
	xml_text(&xml, "arch", "x86_64");
	xml_begin(&xml, "vcpu");
	xml_attribute_format(&xml, "max", "%d", DEFINITION_VCPUS);
	xml_end(&xml);
	xml_empty(&xml, "iothreads", "supported", "no");
	xml_begin(&xml, "os");
	xml_attribute(&xml, "supported", "yes");
	xml_empty(&xml, "loader", "supported", "no");
	xml_end(&xml);
	write_cpu(&xml);
	write_part(&xml, &memory_part);
	write_parts(&xml, "devices", device_parts);
	write_parts(&xml, "features", feature_parts);
	xml_end(&xml);
}

/* Of libvirt's types of pools: folders only, with volumes that are made raw. */
void xml_pool_capabilities(struct buf *out)
{
	static const char *const formats[] = { "raw", NULL };
	static const char *const others[] = { "fs", "netfs", "logical", "disk", "iscsi",
		"iscsi-direct", "scsi", "mpath", "rbd", "sheepdog", "gluster", "zfs", "vstorage" };
	struct xml xml = { .out = out };

	xml_begin(&xml, "storagepoolCapabilities");
	xml_begin(&xml, "pool");
	xml_attribute(&xml, "type", "dir");
	xml_attribute(&xml, "supported", "yes");
	xml_begin(&xml, "volOptions");
	xml_empty(&xml, "defaultFormat", "type", "raw");
	choices(&xml, "targetFormatType", formats);
	xml_end(&xml);
	xml_end(&xml);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		xml_begin(&xml, "pool");
		xml_attribute(&xml, "type", others[i]);
		xml_attribute(&xml, "supported", "no");
		xml_end(&xml);
	}
	xml_end(&xml);
}
