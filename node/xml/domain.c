/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/xml/domain.h"

#include <string.h>

#include "conf/render.h"
#include "node/xml/capabilities.h"
#include "node/xml/devices.h"

static void memory(struct xml *xml, const struct conf_guest *guest)
{
	static const char *const pages[] = { NULL, "2048", "1048576" };
	uint64_t most = guest->memory_max ? guest->memory_max : guest->memory;

	xml_begin(xml, "memory");
	xml_attribute(xml, "unit", "KiB");
	xml_end_text_format(xml, "%llu", (unsigned long long)most / 1024);
	xml_begin(xml, "currentMemory");
	xml_attribute(xml, "unit", "KiB");
	xml_end_text_format(xml, "%llu", (unsigned long long)guest->memory / 1024);
	if (!guest->hugepages)
		return;
	xml_begin(xml, "memoryBacking");
	xml_begin(xml, "hugepages");
	xml_begin(xml, "page");
	xml_attribute(xml, "size", pages[guest->hugepages]);
	xml_attribute(xml, "unit", "KiB");
	xml_end(xml);
	xml_end(xml);
	xml_end(xml);
}

#define CAP_PERIOD 100000 /* microseconds */
#define WEIGHT_DEFAULT 100

static void processors(struct xml *xml, const struct conf_guest *guest)
{
	uint64_t most = guest->vcpus_max ? guest->vcpus_max : guest->vcpus;

	xml_begin(xml, "vcpu");
	xml_attribute(xml, "placement", "static");
	if (guest->cpus)
		xml_attribute(xml, "cpuset", guest->cpus);
	if (most != guest->vcpus)
		xml_attribute_format(xml, "current", "%llu", (unsigned long long)guest->vcpus);
	xml_end_text_format(xml, "%llu", (unsigned long long)most);
	if (guest->pins || guest->emulator_cpus || guest->cpu_cap ||
	    (guest->cpu_weight && guest->cpu_weight != WEIGHT_DEFAULT)) {
		xml_begin(xml, "cputune");
		if (guest->cpu_weight && guest->cpu_weight != WEIGHT_DEFAULT)
			xml_text_format(
			    xml, "shares", "%llu", (unsigned long long)guest->cpu_weight);
		if (guest->cpu_cap) {
			xml_text_format(xml, "global_period", "%u", CAP_PERIOD);
			xml_text_format(xml, "global_quota", "%llu",
			    (unsigned long long)guest->cpu_cap * CAP_PERIOD / 100);
		}
		for (const struct conf_pin *pin = guest->pins; pin; pin = pin->next) {
			xml_begin(xml, "vcpupin");
			xml_attribute_format(xml, "vcpu", "%llu", (unsigned long long)pin->vcpu);
			xml_attribute(xml, "cpuset", pin->cpus);
			xml_end(xml);
		}
		if (guest->emulator_cpus)
			xml_empty(xml, "emulatorpin", "cpuset", guest->emulator_cpus);
		xml_end(xml);
	}
	if (guest->numa.nodes) {
		static const char *const modes[] = { "strict", "preferred", "interleave" };

		xml_begin(xml, "numatune");
		xml_begin(xml, "memory");
		xml_attribute(xml, "mode", modes[guest->numa.mode]);
		xml_attribute(xml, "nodeset", guest->numa.nodes);
		xml_end(xml);
		xml_end(xml);
	}
}

/* "cdrom disk": the words of berth.conf, as libvirt's devices. */
static void boot_devices(struct xml *xml, const char *boot)
{
	static const struct {
		const char *ours;
		const char *theirs;
	} words[] = { { "disk", "hd" }, { "cdrom", "cdrom" }, { "network", "network" },
		{ "floppy", "fd" } };

	while (*boot) {
		size_t length = strcspn(boot, " ");

		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (strlen(words[i].ours) == length &&
			    !strncmp(boot, words[i].ours, length))
				xml_empty(xml, "boot", "dev", words[i].theirs);
		boot += length;
		boot += strspn(boot, " ");
	}
}

/* A path of the file: below the data volume unless absolute. */
static void data_path(struct xml *xml, const char *element, const char *path)
{
	if (*path == '/')
		xml_text(xml, element, path);
	else
		xml_text_format(xml, element, CONF_DATA_FOLDER "/%s", path);
}

static void os(struct xml *xml, const struct conf_guest *guest)
{
	static const char *const machines[] = { "pc", "q35" };

	xml_begin(xml, "os");
	if (guest->firmware == CONF_FIRMWARE_UEFI)
		xml_attribute(xml, "firmware", "efi");
	xml_begin(xml, "type");
	xml_attribute(xml, "arch", "x86_64");
	xml_attribute(xml, "machine", machines[guest->machine]);
	xml_end_text(xml, "hvm");
	if (guest->firmware == CONF_FIRMWARE_UEFI && guest->secure_boot)
		xml_empty(xml, "loader", "secure", "yes");
	if (guest->kernel)
		data_path(xml, "kernel", guest->kernel);
	if (guest->initrd)
		data_path(xml, "initrd", guest->initrd);
	if (guest->cmdline)
		xml_text(xml, "cmdline", guest->cmdline);
	if (!xml_guest_has_boot_order(guest) && !guest->kernel)
		boot_devices(xml, guest->boot ? guest->boot : "disk");
	if (guest->boot_menu) {
		xml_begin(xml, "bootmenu");
		xml_attribute(xml, "enable", "yes");
		xml_attribute_format(xml, "timeout", "%llu",
		    (unsigned long long)(guest->boot_menu > 65 ? 65 : guest->boot_menu) * 1000);
		xml_end(xml);
	}
	xml_end(xml);
}

static void features(struct xml *xml, const struct conf_guest *guest)
{
	xml_begin(xml, "features");
	if (guest->acpi) {
		xml_begin(xml, "acpi");
		xml_end(xml);
	}
	if (guest->apic) {
		xml_begin(xml, "apic");
		xml_end(xml);
	}
	if (guest->pae) {
		xml_begin(xml, "pae");
		xml_end(xml);
	}
	if (guest->hyperv) {
		xml_begin(xml, "hyperv");
		xml_empty(xml, "relaxed", "state", "on");
		xml_empty(xml, "vapic", "state", "on");
		xml_begin(xml, "spinlocks");
		xml_attribute(xml, "state", "on");
		xml_attribute(xml, "retries", "8191");
		xml_end(xml);
		xml_end(xml);
	}
	xml_end(xml);
}

static void cells(struct xml *xml, const struct conf_cell *cell)
{
	unsigned int number = 0;

	if (!cell)
		return;
	xml_begin(xml, "numa");
	for (; cell; cell = cell->next) {
		xml_begin(xml, "cell");
		xml_attribute_format(xml, "id", "%u", number++);
		xml_attribute(xml, "cpus", cell->cpus);
		xml_attribute_format(
		    xml, "memory", "%llu", (unsigned long long)cell->memory / 1024);
		xml_attribute(xml, "unit", "KiB");
		xml_end(xml);
	}
	xml_end(xml);
}

static void cpu(struct xml *xml, const struct conf_guest *guest)
{
	bool host = !guest->cpu || !strcmp(guest->cpu, "host");
	const struct conf_topology *topology = &guest->topology;

	xml_begin(xml, "cpu");
	xml_attribute(xml, "mode", host ? "host-passthrough" : "custom");
	xml_attribute(xml, "check", "none");
	if (host) {
		xml_attribute(xml, "migratable", "off");
	} else {
		xml_attribute(xml, "match", "exact");
		xml_begin(xml, "model");
		xml_attribute(xml, "fallback", "forbid");
		xml_end_text(xml, guest->cpu);
	}
	if (topology->sockets) {
		xml_begin(xml, "topology");
		xml_attribute_format(xml, "sockets", "%llu", (unsigned long long)topology->sockets);
		xml_attribute(xml, "dies", "1");
		xml_attribute_format(xml, "cores", "%llu", (unsigned long long)topology->cores);
		xml_attribute_format(xml, "threads", "%llu", (unsigned long long)topology->threads);
		xml_end(xml);
	}
	for (const struct conf_text *feature = guest->cpu_features; feature;
	     feature = feature->next) {
		xml_begin(xml, "feature");
		xml_attribute(xml, "policy", *feature->text == '-' ? "disable" : "require");
		xml_attribute(xml, "name", feature->text + 1);
		xml_end(xml);
	}
	cells(xml, guest->cells);
	xml_end(xml);
}

static void clock_and_timers(struct xml *xml, const struct conf_guest *guest)
{
	static const char *const names[] = { "rtc", "pit", "hpet", "tsc", "kvmclock",
		"hypervclock" };
	static const char *const ticks[] = { NULL, "delay", "catchup", "merge", "discard" };

	xml_begin(xml, "clock");
	if (guest->clock.ahead) {
		xml_attribute(xml, "offset", "variable");
		xml_attribute_format(
		    xml, "adjustment", "%llu", (unsigned long long)guest->clock.ahead);
		xml_attribute(xml, "basis", guest->clock.base ? "localtime" : "utc");
	} else {
		xml_attribute(xml, "offset", guest->clock.base ? "localtime" : "utc");
	}
	for (const struct conf_timer *timer = guest->timers; timer; timer = timer->next) {
		xml_begin(xml, "timer");
		xml_attribute(xml, "name", names[timer->name]);
		if (ticks[timer->tick])
			xml_attribute(xml, "tickpolicy", ticks[timer->tick]);
		if (!timer->present)
			xml_attribute(xml, "present", "no");
		xml_end(xml);
	}
	xml_end(xml);
}

static void lifecycle(struct xml *xml, const struct conf_guest *guest)
{
	static const char *const ends[] = { "destroy", "restart", "preserve" };
	static const char *const crashes[] = { "destroy", "restart", "preserve", "coredump-destroy",
		"coredump-restart" };

	xml_text(xml, "on_poweroff", ends[guest->on_poweroff]);
	xml_text(xml, "on_reboot", ends[guest->on_reboot]);
	xml_text(xml, "on_crash", crashes[guest->on_crash]);
}

static void uuid(struct xml *xml, const uint8_t bytes[16])
{
	xml_text_format(xml, "uuid",
	    "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", bytes[0],
	    bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7], bytes[8],
	    bytes[9], bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]);
}

void xml_domain(const struct conf_model *model, const struct driver_guest *guest,
    unsigned int flags, struct buf *out)
{
	struct xml xml = { .out = out };
	struct driver_guest off = *guest;

	/* What it has only while it runs is not part of its definition. */
	if (flags & (XML_INACTIVE | XML_MIGRATABLE)) {
		off.taps = NULL;
		off.disks = NULL;
		off.console_path = NULL;
	}
	xml_begin(&xml, "domain");
	xml_attribute(&xml, "type", "kvm");
	if (guest->id >= 0 && !(flags & XML_INACTIVE))
		xml_attribute_format(&xml, "id", "%d", guest->id);
	xml_text(&xml, "name", guest->conf->name);
	uuid(&xml, guest->uuid);
	if (guest->conf->title)
		xml_text(&xml, "title", guest->conf->title);
	if (guest->conf->description)
		xml_text(&xml, "description", guest->conf->description);
	memory(&xml, guest->conf);
	processors(&xml, guest->conf);
	os(&xml, guest->conf);
	features(&xml, guest->conf);
	cpu(&xml, guest->conf);
	clock_and_timers(&xml, guest->conf);
	lifecycle(&xml, guest->conf);
	xml_begin(&xml, "devices");
	xml_text(&xml, "emulator", XML_EMULATOR);
	xml_devices(&xml, model, &off, flags & XML_SECURE);
	xml_end(&xml);
	xml_end(&xml);
}
