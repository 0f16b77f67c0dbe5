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

/* What is the same for every machine stands here as it is written. */
static const char guest[] = "  <guest>\n"
			    "    <os_type>hvm</os_type>\n"
			    "    <arch name='%s'>\n"
			    "      <wordsize>%s</wordsize>\n"
			    "      <emulator>" XML_EMULATOR "</emulator>\n"
			    "      <machine maxCpus='%d'>pc</machine>\n"
			    "      <machine maxCpus='%d'>q35</machine>\n"
			    "      <domain type='kvm'/>\n"
			    "    </arch>\n"
			    "    <features>\n"
			    "      <acpi default='on' toggle='yes'/>\n"
			    "      <apic default='on' toggle='no'/>\n"
			    "    </features>\n"
			    "  </guest>\n";

void xml_capabilities(struct buf *out)
{
	struct xml xml = { .out = out };

	xml_begin(&xml, "capabilities");
	host(&xml);
	buf_printf(out, guest, "i686", "32", DEFINITION_VCPUS, DEFINITION_VCPUS);
	buf_printf(out, guest, "x86_64", "64", DEFINITION_VCPUS, DEFINITION_VCPUS);
	xml_end(&xml);
}

/*
 * The processor is the machine's own, whatever that is; no other can be had. Of devices a guest has
 * those kinds that are there, and what they can be. Graphics: told "no", virt-install writes a
 * machine for SPICE; told of none, one for VNC.
 */
static const char domain[] = "<domainCapabilities>\n"
			     "  <path>" XML_EMULATOR "</path>\n"
			     "  <domain>kvm</domain>\n"
			     "  <machine>%s</machine>\n"
			     "  <arch>x86_64</arch>\n"
			     "  <vcpu max='%d'/>\n"
			     "  <iothreads supported='no'/>\n"
			     "  <os supported='yes'>\n"
			     "    <loader supported='no'/>\n"
			     "  </os>\n"
			     "  <cpu>\n"
			     "    <mode name='host-passthrough' supported='yes'>\n"
			     "      <enum name='hostPassthroughMigratable'>\n"
			     "        <value>off</value>\n"
			     "      </enum>\n"
			     "    </mode>\n"
			     "    <mode name='maximum' supported='no'/>\n"
			     "    <mode name='host-model' supported='no'/>\n"
			     "    <mode name='custom' supported='no'/>\n"
			     "  </cpu>\n"
			     "  <memoryBacking supported='yes'>\n"
			     "    <enum name='sourceType'>\n"
			     "      <value>memfd</value>\n"
			     "    </enum>\n"
			     "  </memoryBacking>\n"
			     "  <devices>\n"
			     "    <disk supported='yes'>\n"
			     "      <enum name='diskDevice'>\n"
			     "        <value>disk</value>\n"
			     "      </enum>\n"
			     "      <enum name='bus'>\n"
			     "        <value>virtio</value>\n"
			     "      </enum>\n"
			     "      <enum name='model'>\n"
			     "        <value>virtio</value>\n"
			     "      </enum>\n"
			     "    </disk>\n"
			     "    <graphics supported='yes'>\n"
			     "      <enum name='type'/>\n"
			     "    </graphics>\n"
			     "    <video supported='no'/>\n"
			     "    <hostdev supported='no'/>\n"
			     "    <rng supported='yes'>\n"
			     "      <enum name='model'>\n"
			     "        <value>virtio</value>\n"
			     "      </enum>\n"
			     "      <enum name='backendModel'>\n"
			     "        <value>random</value>\n"
			     "        <value>builtin</value>\n"
			     "      </enum>\n"
			     "    </rng>\n"
			     "    <filesystem supported='no'/>\n"
			     "    <tpm supported='no'/>\n"
			     "    <redirdev supported='no'/>\n"
			     "    <channel supported='no'/>\n"
			     "  </devices>\n"
			     "  <features>\n"
			     "    <gic supported='no'/>\n"
			     "    <vmcoreinfo supported='no'/>\n"
			     "    <genid supported='no'/>\n"
			     "    <backup supported='no'/>\n"
			     "    <sev supported='no'/>\n"
			     "    <sgx supported='no'/>\n"
			     "    <hyperv supported='no'/>\n"
			     "  </features>\n"
			     "</domainCapabilities>\n";

void xml_domain_capabilities(const char *machine, struct buf *out)
{
	buf_printf(out, domain, machine, DEFINITION_VCPUS);
}

/* Of libvirt's types of pools: folders only, with volumes that are made raw. */
static const char pool[] = "<storagepoolCapabilities>\n"
			   "  <pool type='dir' supported='yes'>\n"
			   "    <volOptions>\n"
			   "      <defaultFormat type='raw'/>\n"
			   "      <enum name='targetFormatType'>\n"
			   "        <value>raw</value>\n"
			   "      </enum>\n"
			   "    </volOptions>\n"
			   "  </pool>\n"
			   "  <pool type='fs' supported='no'/>\n"
			   "  <pool type='netfs' supported='no'/>\n"
			   "  <pool type='logical' supported='no'/>\n"
			   "  <pool type='disk' supported='no'/>\n"
			   "  <pool type='iscsi' supported='no'/>\n"
			   "  <pool type='iscsi-direct' supported='no'/>\n"
			   "  <pool type='scsi' supported='no'/>\n"
			   "  <pool type='mpath' supported='no'/>\n"
			   "  <pool type='rbd' supported='no'/>\n"
			   "  <pool type='sheepdog' supported='no'/>\n"
			   "  <pool type='gluster' supported='no'/>\n"
			   "  <pool type='zfs' supported='no'/>\n"
			   "  <pool type='vstorage' supported='no'/>\n"
			   "</storagepoolCapabilities>\n";

void xml_pool_capabilities(struct buf *out)
{
	buf_puts(out, pool);
}
