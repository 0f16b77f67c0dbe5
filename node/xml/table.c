/* SPDX-License-Identifier: GPL-2.0-only */
/* The domain itself; its processors, clock and devices are in node/xml/table_*. */
#include "node/xml/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/num.h"
#include "lib/uuid.h"
#include "node/guest/identity.h"
#include "node/xml/flags.h"
#include "node/xml/capabilities.h"
#include "node/xml/forms.h"
#include "node/xml/reading.h"
#include "node/xml/table_clock.h"
#include "node/xml/table_cpu.h"
#include "node/xml/table_devices.h"
#include "node/xml/writing.h"

#define CONF(writing) ((writing)->guest->conf)

static bool write_id(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	(void)row;
	(void)text;
	buf_printf(ret_value, "%d", writing->guest->id);
	return writing->guest->id >= 0 && !(writing->flags & XML_INACTIVE);
}

static bool write_name(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	(void)row;
	(void)text;
	buf_puts(ret_value, CONF(writing)->name);
	return true;
}

static bool write_uuid(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	char uuid[UUID_TEXT];

	(void)row;
	(void)text;
	buf_puts(ret_value, uuid_text(writing->guest->uuid, uuid));
	return true;
}

static const struct xml_form form_id = { .read = xml_read_nothing, .write = write_id };
static const struct xml_form form_name = { .read = xml_read_nothing, .write = write_name };
static const struct xml_form form_uuid = { .read = xml_read_nothing, .write = write_uuid };

/* <memory> is the most that there can be, <currentMemory>, which may be missing, what there is. */
static bool read_memory(struct xml_reading *reading, const struct xml_row *row,
    struct xml_element *of, const char *value, struct buf *ret_text)
{
	const char *path = value ? row->path : "memory";
	char text[NUM_TEXT];
	uint64_t bytes;

	if (!value) {
		const struct xml_element *memory = xml_tree_find(of, path);

		value = memory ? memory->text : NULL;
	}
	if (!value)
		return true;
	if (!xml_size(reading, row, of, value, xml_tree_attribute(of, path, "unit"), &bytes))
		return false;
	buf_puts(ret_text, num_size_text((bytes + 1023) / 1024 * 1024, text));
	return true;
}

static bool write_memory(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	const struct conf_guest *guest = CONF(writing);
	bool most = !strcmp(row->path, "memory") && guest->memory_max;

	(void)text;
	buf_printf(ret_value, "%" PRIu64, (most ? guest->memory_max : guest->memory) / 1024);
	return true;
}

static const struct xml_form form_memory = { .read = read_memory, .write = write_memory };
static const struct xml_form form_memory_now = {
	.read = read_memory, .write = write_memory, .absent = true
};

static bool read_huge(struct xml_reading *reading, const struct xml_row *row,
    struct xml_element *of, const char *value, struct buf *ret_text)
{
	uint64_t bytes = 2 << 20;

	/* Without a size it is the usual one. */
	if (strchr(row->path, '@')) {
		if (!xml_size(reading, row, of, value,
			xml_tree_attribute(of, "memoryBacking/hugepages/page", "unit"), &bytes))
			return false;
	} else if (xml_tree_find(of, "memoryBacking/hugepages/page")) {
		return true;
	}
	if (bytes != 2ull << 20 && bytes != 1ull << 30)
		return xml_refuse(reading, xml_tree_find(of, "memoryBacking/hugepages"), NULL,
		    "pages have 2 MiB or 1 GiB");
	buf_puts(ret_text, bytes == 2ull << 20 ? "2M" : "1G");
	return true;
}

static bool write_huge(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	(void)text;
	buf_puts(ret_value, CONF(writing)->hugepages == 1 ? "2048" : "1048576");
	return strchr(row->path, '@') && CONF(writing)->hugepages;
}

static bool write_huge_unit(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	(void)row;
	(void)text;
	buf_puts(ret_value, "KiB");
	return CONF(writing)->hugepages;
}

static const struct xml_form form_huge = { .read = read_huge, .write = write_huge };
static const struct xml_form form_huge_unit = { .read = xml_read_nothing,
	.write = write_huge_unit };

/* <vcpu> is the most, its "current", which may be missing, what there are. */
static bool read_vcpus(struct xml_reading *reading, const struct xml_row *row,
    struct xml_element *of, const char *value, struct buf *ret_text)
{
	const struct xml_element *vcpu = xml_tree_find(of, "vcpu");
	uint64_t number;

	if (!value)
		value = vcpu ? vcpu->text : NULL;
	if (!value)
		return true;
	if (!xml_number(reading, row, of, value, &number))
		return false;
	buf_printf(ret_text, "%" PRIu64, number);
	return true;
}

static bool write_vcpus(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	const struct conf_guest *guest = CONF(writing);
	bool fewer = guest->vcpus_max && guest->vcpus_max != guest->vcpus;
	bool now = strchr(row->path, '@');

	(void)text;
	buf_printf(ret_value, "%" PRIu64, fewer && !now ? guest->vcpus_max : guest->vcpus);
	return fewer || !now;
}

static const struct xml_form form_vcpus = { .read = read_vcpus, .write = write_vcpus };
static const struct xml_form form_vcpus_now = {
	.read = read_vcpus, .write = write_vcpus, .absent = true
};

#define CAP_PERIOD 100000 /* microseconds */
#define CAP_NONE (1ull << 43)

static bool read_cap(struct xml_reading *reading, const struct xml_row *row, struct xml_element *of,
    const char *value, struct buf *ret_text)
{
	const struct xml_element *element = xml_tree_find(of, "cputune/global_period");
	uint64_t period = CAP_PERIOD;
	uint64_t quota;

	/* Less than nothing is no bound. */
	if (value[strspn(value, " \t\n")] == '-')
		return true;
	if (!xml_number(reading, row, of, value, &quota) ||
	    (element && element->text && !xml_number(reading, row, of, element->text, &period)))
		return false;
	if (quota && period && quota < CAP_NONE)
		buf_printf(
		    ret_text, "%" PRIu64 "%%", quota * 100 / period ? quota * 100 / period : 1);
	return true;
}

static bool write_cap(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	bool quota = !strcmp(row->path, "cputune/global_quota");
	uint64_t cap = CONF(writing)->cpu_cap;

	(void)text;
	buf_printf(ret_value, "%" PRIu64, quota ? cap * CAP_PERIOD / 100 : CAP_PERIOD);
	return cap;
}

static const struct xml_form form_cap = { .read = read_cap, .write = write_cap };
static const struct xml_form form_cap_period = { .read = xml_read_nothing, .write = write_cap };

static bool write_weight(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	(void)writing;
	(void)row;
	buf_puts(ret_value, text);
	return *text && strcmp(text, "100") != 0;
}

static const struct xml_form form_weight = { .read = read_vcpus, .write = write_weight };

static const struct xml_row pin_rows[] = {
	XML_ROW("@vcpu", "vcpu", &xml_form_same),
	XML_ROW("@cpuset", "cpus", &xml_form_cpus),
	{ 0 },
};
static const struct xml_group group_pin = { .key = "pin", .rows = pin_rows };

static const struct xml_word placements[] = { { "", "static" }, { "", "auto" }, { 0 } };
static const struct xml_word statics[] = { { "", "static" }, { 0 } };

static const struct xml_row numa_rows[] = {
	XML_ROW("@mode", "mode", &xml_form_same),
	XML_ROW("@nodeset", "nodes", &xml_form_cpus),
	XML_ROW("@placement", NULL, &xml_form_nothing, .words = statics),
	{ 0 },
};
static const struct xml_group group_numa = { .key = "numa", .rows = numa_rows };

static bool read_machine(struct xml_reading *reading, const struct xml_row *row,
    struct xml_element *of, const char *value, struct buf *ret_text)
{
	(void)row;
	if (!xml_machine(value))
		return xml_refuse(reading, xml_tree_find(of, "os/type"), "machine",
		    "there is no machine \"%s\"; use pc or q35", value);
	buf_puts(ret_text, xml_machine(value));
	return true;
}

static const struct xml_form form_machine = { .read = read_machine };

static bool read_loader(struct xml_reading *reading, const struct xml_row *row,
    struct xml_element *of, const char *value, struct buf *ret_text)
{
	(void)row;
	if (strstr(value, "OVMF") || strstr(value, "edk2"))
		buf_puts(ret_text, "uefi");
	else if (value[strspn(value, " \t\n")])
		return xml_refuse(reading, xml_tree_find(of, "os/loader"), NULL,
		    "the firmware is the node's own: use firmware='efi', or nothing for a BIOS");
	return true;
}

static const struct xml_form form_loader = { .read = read_loader, .write = xml_write_nothing };

static const struct xml_word boot_words[] = { { "disk", "hd" }, { "cdrom", "cdrom" },
	{ "network", "network" }, { "floppy", "fd" }, { 0 } };

static bool read_boot(struct xml_reading *reading, const struct xml_row *row,
    struct xml_element *of, const char *value, struct buf *ret_text)
{
	const struct xml_element *boot = xml_tree_find(of, "os/boot");

	for (; boot; boot = xml_tree_next(boot)) {
		struct xml_attribute_read *dev = xml_tree_own(boot, "dev");
		const struct xml_word *word = row->words;

		value = dev ? dev->value : "";
		while (word->xml && strcmp(word->xml, value) != 0)
			word++;
		if (!word->xml)
			return xml_refuse(
			    reading, boot, "dev", "\"%s\" is no kind of device to boot", value);
		dev->used = true;
		buf_printf(ret_text, "%s%s", ret_text->length ? " " : "", word->file);
	}
	return true;
}

static void emit_boot(struct xml_writing *writing, const struct xml_row *row)
{
	const struct conf_guest *guest = CONF(writing);
	const char *boot = guest->boot ? guest->boot : "disk";

	if (xml_guest_has_boot_order(guest) || guest->kernel)
		return;
	while (*boot) {
		size_t length = strcspn(boot, " ");

		for (const struct xml_word *word = row->words; word->xml; word++)
			if (strlen(word->file) == length && !strncmp(boot, word->file, length)) {
				xml_domain_open(writing, row->path);
				xml_attribute(&writing->xml, "dev", word->xml);
			}
		boot += length;
		boot += strspn(boot, " ");
	}
}

static const struct xml_form form_boot = { .read = read_boot, .emit = emit_boot };

static bool read_menu(struct xml_reading *reading, const struct xml_row *row,
    struct xml_element *of, const char *value, struct buf *ret_text)
{
	const char *timeout = xml_tree_attribute(of, "os/bootmenu", "timeout");
	uint64_t milliseconds = 3000;

	if (strcmp(value, "yes") != 0)
		return true;
	if (timeout && !xml_number(reading, row, of, timeout, &milliseconds))
		return false;
	buf_printf(ret_text, "%" PRIu64 "s", (milliseconds + 999) / 1000);
	return true;
}

static bool write_menu(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	uint64_t seconds = CONF(writing)->boot_menu;

	(void)text;
	if (!strcmp(row->path, "os/bootmenu@enable"))
		buf_puts(ret_value, "yes");
	else
		buf_printf(ret_value, "%" PRIu64, (seconds > 65 ? 65 : seconds) * 1000);
	return seconds;
}

static const struct xml_form form_menu = { .read = read_menu, .write = write_menu };
static const struct xml_form form_menu_time = { .read = xml_read_nothing, .write = write_menu };

/* Without <features> nothing is said about them; with it, what does not stand in it is off. */
static bool read_feature(struct xml_reading *reading, const struct xml_row *row,
    struct xml_element *of, const char *value, struct buf *ret_text)
{
	(void)reading;
	(void)row;
	if (value || xml_tree_find(of, "features"))
		buf_puts(ret_text, value ? "yes" : "no");
	return true;
}

static bool write_feature(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	return xml_form_presence.write(writing, row, text, ret_value);
}

static const struct xml_form form_feature = {
	.read = read_feature, .write = write_feature, .absent = true, .presence = true
};

static const struct xml_word hyperv_words[] = { { "on", "relaxed" }, { "on", "vapic" },
	{ "on", "spinlocks" }, { 0 } };

static bool read_hyperv(struct xml_reading *reading, const struct xml_row *row,
    struct xml_element *of, const char *value, struct buf *ret_text)
{
	struct xml_element *child = xml_tree_find(of, "features/hyperv")->children;

	(void)reading;
	(void)value;
	for (; child; child = child->next)
		for (const struct xml_word *word = row->words; word->xml; word++) {
			const char *state = xml_tree_attribute(child, "", "state");

			if (strcmp(word->xml, child->name) != 0 || !state)
				continue;
			xml_use_all(child);
			if (!strcmp(state, "on") && !ret_text->length)
				buf_puts(ret_text, "yes");
		}
	return true;
}

static void emit_hyperv(struct xml_writing *writing, const struct xml_row *row)
{
	char path[64];

	if (!CONF(writing)->hyperv)
		return;
	for (const struct xml_word *word = row->words; word->xml; word++) {
		snprintf(path, sizeof(path), "%s/%s", row->path, word->xml);
		xml_domain_open(writing, path);
		xml_attribute(&writing->xml, "state", word->file);
		if (!strcmp(word->xml, "spinlocks"))
			xml_attribute(&writing->xml, "retries", "8191");
	}
}

static const struct xml_form form_hyperv = { .read = read_hyperv, .emit = emit_hyperv };

static const struct xml_word exact_words[] = { { "", "exact" }, { 0 } };
static const struct xml_word forbid_words[] = { { "", "forbid" }, { 0 } };
static const struct xml_word none_words[] = { { "", "none" }, { 0 } };
static const struct xml_word policies[] = { { "+", "require" }, { "-", "disable" },
	{ "+", "force" }, { "-", "forbid" }, { "", "optional" }, { 0 } };

static const struct xml_word kibs[] = { { "", "KiB" }, { 0 } };
static const struct xml_word types[] = { { "", "kvm" }, { 0 } };
static const struct xml_word archs[] = { { "", "x86_64" }, { "", "i686" }, { 0 } };
static const struct xml_word hvm[] = { { "", "hvm" }, { 0 } };
static const struct xml_word firmware_words[] = { { "uefi", "efi" }, { "bios", "" },
	{ "direct", "" }, { 0 } };
static const struct xml_word firmware_bios[] = { { "uefi", "efi" }, { "bios", "bios" }, { 0 } };
static const struct xml_word yes_words[] = { { "yes", "yes" }, { "no", "no" }, { 0 } };
static const struct xml_word end_words[] = { { "destroy", "destroy" }, { "restart", "restart" },
	{ "preserve", "preserve" }, { "dump-destroy", "coredump-destroy" },
	{ "dump-restart", "coredump-restart" }, { 0 } };

static bool read_firmware(struct xml_reading *reading, const struct xml_row *row,
    struct xml_element *of, const char *value, struct buf *ret_text)
{
	const struct xml_row wider = { .path = row->path, .words = firmware_bios };

	return xml_read_words(reading, &wider, of, value, ret_text);
}

static const struct xml_form form_firmware = { .read = read_firmware, .write = xml_write_words };

static bool write_secure(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	(void)row;
	(void)text;
	buf_puts(ret_value, "yes");
	return CONF(writing)->firmware == CONF_FIRMWARE_UEFI && CONF(writing)->secure_boot;
}

static const struct xml_form form_secure_boot = { .read = xml_read_words, .write = write_secure };

static const struct xml_row domain_rows[] = {
	XML_ROW("@type", NULL, &xml_form_must, .words = types),
	XML_ROW("@id", NULL, &form_id),
	XML_ROW("name", NULL, &form_name, .note = "the section's name"),
	XML_ROW("uuid", NULL, &form_uuid, .note = "key uuid"),
	XML_ROW("title", "title", &xml_form_line),
	XML_ROW("description", "description", &xml_form_line, .note = "of several lines: kept"),
	{ "metadata", .fate = XML_KEEP },
	XML_ROW("memory@unit", NULL, &xml_form_fixed, .words = kibs),
	XML_ROW("memory", "memory-max", &form_memory),
	XML_ROW("currentMemory@unit", NULL, &xml_form_fixed, .words = kibs),
	XML_ROW("currentMemory", "memory", &form_memory_now),
	XML_ROW("memoryBacking/hugepages", "hugepages", &form_huge),
	XML_ROW("memoryBacking/hugepages/page@size", "hugepages", &form_huge),
	XML_ROW("memoryBacking/hugepages/page@unit", NULL, &form_huge_unit),
	XML_ROW("vcpu@placement", NULL, &xml_form_must, .words = placements),
	XML_ROW("vcpu@cpuset", "cpus", &xml_form_cpus),
	XML_ROW("vcpu@current", "vcpus", &form_vcpus_now),
	XML_ROW("vcpu", "vcpus-max", &form_vcpus),
	XML_ROW("cputune/shares", "cpu-weight", &form_weight),
	XML_ROW("cputune/global_period", NULL, &form_cap_period),
	XML_ROW("cputune/global_quota", "cpu-cap", &form_cap, .note = "of global_period"),
	{ "cputune/vcpupin", .fate = XML_GROUP, .group = &group_pin },
	XML_ROW("cputune/emulatorpin@cpuset", "emulator-cpus", &xml_form_cpus),
	{ "numatune/memory", .fate = XML_GROUP, .group = &group_numa },
	XML_ROW("os@firmware", "firmware", &form_firmware, .words = firmware_words),
	XML_ROW("os/type@arch", NULL, &xml_form_must, .words = archs),
	XML_ROW("os/type@machine", "machine", &form_machine),
	XML_ROW("os/type", NULL, &xml_form_must, .words = hvm),
	XML_ROW("os/loader@readonly", NULL, &xml_form_nothing),
	XML_ROW("os/loader@type", NULL, &xml_form_nothing),
	XML_ROW("os/loader@secure", "secure-boot", &form_secure_boot, .words = yes_words),
	XML_ROW("os/loader", "firmware", &form_loader,
	    .note = "OVMF or edk2: uefi; others are refused"),
	XML_ROW("os/kernel", "kernel", &xml_form_path),
	XML_ROW("os/initrd", "initrd", &xml_form_path),
	XML_ROW("os/cmdline", "cmdline", &xml_form_same),
	XML_ROW("os/boot", "boot", &form_boot, .words = boot_words),
	XML_ROW("os/bootmenu@enable", "boot-menu", &form_menu),
	XML_ROW("os/bootmenu@timeout", NULL, &form_menu_time),
	XML_ROW("features/acpi", "acpi", &form_feature),
	XML_ROW("features/apic", "apic", &form_feature),
	{ "features/pae", .fate = XML_KEEP, .note = "key pae stays as it is" },
	XML_ROW("features/hyperv", "hyperv", &form_hyperv, .words = hyperv_words),
	XML_ROW("cpu@mode", "cpu", &xml_form_cpu,
	    .note = "host-passthrough, host-model, maximum: host"),
	XML_ROW("cpu@check", NULL, &xml_form_fixed, .words = none_words),
	XML_ROW("cpu@match", NULL, &xml_form_cpu_part, .words = exact_words),
	XML_ROW("cpu@migratable", NULL, &xml_form_cpu_part),
	XML_ROW("cpu/model@fallback", NULL, &xml_form_cpu_part, .words = forbid_words),
	XML_ROW("cpu/model", NULL, &xml_form_cpu_part, .note = "key cpu"),
	{ "cpu/topology", .fate = XML_GROUP, .group = &xml_group_topology },
	XML_ROW("cpu/feature", "cpu-feature", &xml_form_features, .words = policies),
	{ "cpu/numa/cell", .fate = XML_GROUP, .group = &xml_group_cell },
	{ "clock", .fate = XML_GROUP, .group = &xml_group_clock },
	XML_ROW("on_poweroff", "on-poweroff", &xml_form_words, .words = end_words),
	XML_ROW("on_reboot", "on-reboot", &xml_form_words, .words = end_words),
	XML_ROW("on_crash", "on-crash", &xml_form_words, .words = end_words),
	XML_NOT("bootloader", "guests start with a firmware, or with a kernel of the node's"),
	XML_NOT("bootloader_args", "there is no bootloader on the node"),
	XML_NOT("maxMemory", "memory cannot be plugged; use memory and currentMemory"),
	XML_NOT("memoryBacking/locked", "memory is not locked"),
	XML_NOT("memtune", "a guest's memory has no bound but its size"),
	XML_NOT("blkiotune", "use iotune of each disk"),
	XML_NOT("cputune/quota", "use global_quota, for all processors together"),
	XML_NOT("cputune/emulator_quota", "use global_quota, for all processors together"),
	XML_NOT("cputune/iothread_quota", "use global_quota, for all processors together"),
	XML_NOT("cputune/vcpusched", "the schedulers cannot be chosen"),
	XML_NOT("cputune/iothreadsched", "the schedulers cannot be chosen"),
	XML_NOT("cputune/emulatorsched", "the schedulers cannot be chosen"),
	XML_NOT("cputune/cachetune", "caches cannot be shared out"),
	XML_NOT("cputune/memorytune", "memory's bandwidth cannot be shared out"),
	XML_NOT("numatune/memnode", "use numatune/memory, for the guest as a whole"),
	XML_NOT("sysinfo", "SMBIOS strings cannot be set"),
	XML_NOT("idmap", "guests are no containers"),
	XML_NOT("launchSecurity", "memory is not encrypted"),
	XML_NOT("keywrap", "there are no such keys on this machine"),
	XML_NOT("genid", "there is no generation device"),
	XML_NOT("qemu:commandline", "there is no QEMU"),
	XML_NOT("qemu:override", "there is no QEMU"),
	XML_NOT("qemu:capabilities", "there is no QEMU"),
	{ "pm", .fate = XML_KEEP },
	{ "iothreads", .fate = XML_KEEP, .note = "disks are worked on asynchronously anyway" },
	{ "resource", .fate = XML_KEEP },
	{ "seclabel", .fate = XML_KEEP },
	{ 0 },
};

const struct xml_group xml_group_domain = { .rows = domain_rows, .more = xml_device_rows };
