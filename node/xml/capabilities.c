/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/xml/capabilities.h"

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

static void guest(struct xml *xml, const char *arch, const char *bits)
{
	xml_begin(xml, "guest");
	xml_text(xml, "os_type", "hvm");
	xml_begin(xml, "arch");
	xml_attribute(xml, "name", arch);
	xml_text(xml, "wordsize", bits);
	xml_text(xml, "emulator", XML_EMULATOR);
	xml_begin(xml, "machine");
	xml_attribute(xml, "maxCpus", "255");
	xml_end_text(xml, "pc");
	xml_begin(xml, "machine");
	xml_attribute(xml, "maxCpus", "255");
	xml_end_text(xml, "q35");
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

static void devices(struct xml *xml)
{
	static const char *const disks[] = { "disk", NULL };
	static const char *const buses[] = { "virtio", NULL };
	static const char *const models[] = { "virtio", NULL };
	static const char *const rng[] = { "random", NULL };

	xml_begin(xml, "devices");
	xml_begin(xml, "disk");
	xml_attribute(xml, "supported", "yes");
	choices(xml, "diskDevice", disks);
	choices(xml, "bus", buses);
	xml_end(xml);
	xml_empty(xml, "graphics", "supported", "no");
	xml_empty(xml, "video", "supported", "no");
	xml_empty(xml, "hostdev", "supported", "no");
	xml_begin(xml, "rng");
	xml_attribute(xml, "supported", "yes");
	choices(xml, "model", models);
	choices(xml, "backendModel", rng);
	xml_end(xml);
	xml_empty(xml, "filesystem", "supported", "no");
	xml_empty(xml, "tpm", "supported", "no");
	xml_end(xml);
}

void xml_domain_capabilities(const char *machine, struct buf *out)
{
	static const char *const migratable[] = { "off", NULL };
	struct xml xml = { .out = out };

	xml_begin(&xml, "domainCapabilities");
	xml_text(&xml, "path", XML_EMULATOR);
	xml_text(&xml, "domain", "kvm");
	xml_text(&xml, "machine", machine);
	xml_text(&xml, "arch", "x86_64");
	xml_empty(&xml, "vcpu", "max", "255");
	xml_begin(&xml, "os");
	xml_attribute(&xml, "supported", "yes");
	xml_empty(&xml, "loader", "supported", "no");
	xml_end(&xml);
	xml_begin(&xml, "cpu");
	xml_begin(&xml, "mode");
	xml_attribute(&xml, "name", "host-passthrough");
	xml_attribute(&xml, "supported", "yes");
	choices(&xml, "hostPassthroughMigratable", migratable);
	xml_end(&xml);
	xml_begin(&xml, "mode");
	xml_attribute(&xml, "name", "maximum");
	xml_attribute(&xml, "supported", "no");
	xml_end(&xml);
	xml_begin(&xml, "mode");
	xml_attribute(&xml, "name", "host-model");
	xml_attribute(&xml, "supported", "no");
	xml_end(&xml);
	xml_begin(&xml, "mode");
	xml_attribute(&xml, "name", "custom");
	xml_attribute(&xml, "supported", "no");
	xml_end(&xml);
	xml_end(&xml);
	devices(&xml);
	xml_begin(&xml, "features");
	xml_empty(&xml, "gic", "supported", "no");
	xml_empty(&xml, "vmcoreinfo", "supported", "no");
	xml_empty(&xml, "genid", "supported", "no");
	xml_empty(&xml, "sev", "supported", "no");
	xml_end(&xml);
	xml_end(&xml);
}
