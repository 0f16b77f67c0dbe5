/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/install_args.h"

#include <stdio.h>
#include <string.h>

#include "cli/virsh/shell.h"
#include "cli/virsh/version.h"
#include "lib/num.h"

#define OF(field) offsetof(struct install, field)

enum kind {
	FLAG = 1,
	TEXT,
	NUMBER, /* the first field; the second, if any, is of `most` */
	MEMORY,
	VCPUS,
	DISK,
	NIC,
	DEVICE,
	FIELDS,
	FILE_SIZE, /* --file-size: of the disk that --file named */
	BRIDGE,
	NO_GRAPHICS,
	VNC,
	VNC_FIELD,
	WAIT,
	NOTHING,  /* taken, and says nothing on a node of KVM */
	NO_VALUE, /* the same of one without a value */
	HELP,
	VERSION,
};

/* Options, as virt-install has had them over the years; what it prints with --help. */
static const struct row {
	const char *name;
	char letter;
	enum kind kind;
	size_t at;
	const char *usual; /* name of a field without one */
	const char *help;
} rows[] = {
	{ "connect", 0, TEXT, OF(uri), NULL, "node to connect to" },
	{ "name", 'n', TEXT, OF(name), NULL, "the guest's name" },
	{ "uuid", 'u', TEXT, OF(uuid), NULL, "its UUID; made up without" },
	{ "metadata", 0, FIELDS, OF(metadata), "title", "title=,description=" },
	{ "description", 0, TEXT, OF(description), NULL, "its description" },
	{ "memory", 0, MEMORY, 0, "memory", "MiB, maxmemory=MIB" },
	{ "ram", 'r', MEMORY, 0, "memory", "the same" },
	{ "vcpus", 0, VCPUS, 0, "vcpus", "N, maxvcpus=N,sockets=N,cores=N,threads=N" },
	{ "cpuset", 0, TEXT, OF(cpuset), NULL, "processors of the node; auto: any" },
	{ "cpu", 0, TEXT, OF(cpu), NULL, "host-passthrough, or a model" },
	{ "machine", 0, TEXT, OF(machine), NULL, "pc or q35" },
	{ "cdrom", 'c', TEXT, OF(cdrom), NULL, "install from an ISO image or a drive" },
	{ "location", 'l', TEXT, OF(location), NULL,
	    "install from a tree: folder, http, https, ftp" },
	{ "extra-args", 'x', TEXT, OF(extra), NULL, "words for the kernel of --location" },
	{ "pxe", 0, FLAG, OF(pxe), NULL, "install from the network" },
	{ "import", 0, FLAG, OF(import), NULL, "no installation: the disk has a system" },
	{ "boot", 0, FIELDS, OF(boot), "dev",
	    "hd,cdrom,network,uefi,kernel=,initrd=,kernel_args=" },
	{ "disk", 0, DISK, 0, "path",
	    "PATH | vol=POOL/VOLUME | pool=POOL, size=GIB,sparse=no,format=,bus=,perms=" },
	{ "file", 'f', DISK, 0, "path", "the same: a path" },
	{ "file-size", 's', FILE_SIZE, 0, NULL, "GiB of the disk that --file named" },
	{ "nodisks", 0, FLAG, OF(no_disks), NULL, "no disk" },
	{ "network", 'w', NIC, 0, "network",
	    "NAME | network=NAME | bridge=NAME, mac=,model=; none" },
	{ "bridge", 'b', BRIDGE, 0, NULL, "a NIC on a bridge" },
	{ "mac", 'm', TEXT, OF(mac), NULL, "MAC address of the first NIC" },
	{ "nonetworks", 0, FLAG, OF(no_nics), NULL, "no NIC" },
	{ "graphics", 0, FIELDS, OF(graphics), "type",
	    "none | vnc,port=,listen=,password=,keymap=" },
	{ "nographics", 0, NO_GRAPHICS, 0, NULL, "no screen: a text console" },
	{ "vnc", 0, VNC, 0, NULL, "a screen by VNC" },
	{ "vncport", 0, VNC_FIELD, 0, "port", "its port" },
	{ "vnclisten", 0, VNC_FIELD, 0, "listen", "its address" },
	{ "keymap", 'k', TEXT, OF(keymap), NULL, "its keyboard" },
	{ "host-device", 0, DEVICE, 0, NULL,
	    "a PCI device of the node: pci_0000_00_1a_7 or 00:1a.7" },
	{ "hostdev", 0, DEVICE, 0, NULL, "the same" },
	{ "sound", 0, TEXT, OF(sound), NULL, "a sound card's model" },
	{ "watchdog", 0, FIELDS, OF(watchdog), "model", "MODEL,action=" },
	{ "noacpi", 0, FLAG, OF(no_acpi), NULL, "without ACPI" },
	{ "noapic", 0, FLAG, OF(no_apic), NULL, "without APIC" },
	{ "autostart", 0, FLAG, OF(autostart), NULL, "start it with the node" },
	{ "transient", 0, FLAG, OF(transient), NULL, "do not define it" },
	{ "noautoconsole", 0, FLAG, OF(no_console), NULL, "do not attach to its console" },
	{ "noreboot", 0, FLAG, OF(no_reboot), NULL, "do not start it again once it is installed" },
	{ "wait", 0, WAIT, 0, NULL, "minutes to wait for the installation; -1 or none: for ever" },
	{ "print-xml", 0, FLAG, OF(print), NULL, "print the XML, and make nothing" },
	{ "dry-run", 0, FLAG, OF(dry_run), NULL, "make nothing" },
	{ "quiet", 'q', FLAG, OF(quiet), NULL, "tell errors only" },
	{ "virt-type", 0, NOTHING, 0, NULL, "kvm is all there is" },
	{ "arch", 0, NOTHING, 0, NULL, "x86_64 is all there is" },
	{ "os-type", 0, NOTHING, 0, NULL, "taken; devices are virtio whatever it is" },
	{ "os-variant", 0, NOTHING, 0, NULL, "the same" },
	{ "osinfo", 0, NOTHING, 0, NULL, "the same" },
	{ "check", 0, NOTHING, 0, NULL, "taken" },
	{ "controller", 0, NOTHING, 0, NULL, "taken; a bus has what its devices need" },
	{ "memballoon", 0, NOTHING, 0, NULL, "taken; every guest has one" },
	{ "rng", 0, NOTHING, 0, NULL, "taken; every guest has one" },
	{ "hvm", 'v', NO_VALUE, 0, NULL, "taken: all guests are" },
	{ "paravirt", 'p', NO_VALUE, 0, NULL, "taken: devices are virtio" },
	{ "accelerate", 0, NO_VALUE, 0, NULL, "taken: by KVM" },
	{ "nonsparse", 0, FLAG, OF(nonsparse), NULL, "set aside the whole size of new disks" },
	{ "check-cpu", 0, NO_VALUE, 0, NULL, "taken" },
	{ "force", 0, NO_VALUE, 0, NULL, "taken" },
	{ "noapm", 0, NO_VALUE, 0, NULL, "taken" },
	{ "debug", 'd', NO_VALUE, 0, NULL, "taken" },
	{ "version", 0, VERSION, 0, NULL, "print the version" },
	{ "help", 'h', HELP, 0, NULL, "this list" },
};

static void print_help(void)
{
	puts("usage: virt-install --name NAME --memory MIB [OPTION]...\n");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		char text[32];

		if (row->letter)
			snprintf(text, sizeof(text), "-%c, --%s", row->letter, row->name);
		else
			snprintf(text, sizeof(text), "    --%s", row->name);
		printf("  %-20s %s\n", text, row->help);
	}
}

const char *install_field(const struct install_fields *fields, const char *name)
{
	for (unsigned int i = 0; i < fields->count; i++)
		if (!strcmp(fields->field[i].name, name))
			return fields->field[i].value;
	return NULL;
}

/* Whether the field is NAME=VALUE, whose name has `length` bytes. A colon is how networks were
 * named once; a path may have either in it. */
static bool is_named(const char *field, size_t length, bool first)
{
	return field[0] != '/' &&
	       (field[length] == '=' ||
		   (first && field[length] == ':' &&
		       (!strncmp(field, "network", length) || !strncmp(field, "bridge", length))));
}

/* Add the fields of a value, which is cut up. */
static bool cut(char *value, const char *usual, struct install_fields *fields)
{
	bool first = true;

	while (value && *value) {
		char *next = strchr(value, ',');
		size_t length;
		bool named;

		if (next)
			*next++ = '\0';
		length = strcspn(value, "=:");
		named = is_named(value, length, first);
		if (fields->count == INSTALL_FIELDS)
			return shell_error("an option has more than %d fields", INSTALL_FIELDS);
		if (named)
			value[length] = '\0';
		fields->field[fields->count].name = !named && first ? usual : value;
		fields->field[fields->count++].value = named   ? value + length + 1
						       : first ? value
							       : "yes";
		first = false;
		value = next;
	}
	return true;
}

static bool number(const struct row *row, const char *text, uint64_t *ret_value)
{
	return num_parse(text, UINT32_MAX, ret_value) ||
	       shell_error("--%s: \"%s\" is no number", row->name, text);
}

/* "512" or "512,maxmemory=1024". */
static bool memory(struct install *install, const struct row *row, char *value)
{
	struct install_fields fields = { .count = 0 };
	const char *now;
	const char *most;

	if (!cut(value, row->usual, &fields))
		return false;
	now = install_field(&fields, "memory");
	most = install_field(&fields, "maxmemory");
	return (!now || number(row, now, &install->memory)) &&
	       (!most || number(row, most, &install->memory_most));
}

static bool vcpus(struct install *install, const struct row *row, char *value)
{
	struct install_fields *fields = &install->topology;
	const char *now;
	const char *most;

	if (!cut(value, row->usual, fields))
		return false;
	now = install_field(fields, "vcpus");
	most = install_field(fields, "maxvcpus");
	if (install_field(fields, "cpuset"))
		install->cpuset = install_field(fields, "cpuset");
	return (!now || number(row, now, &install->vcpus)) &&
	       (!most || number(row, most, &install->vcpus_most));
}

static bool add(
    struct install_fields *list, unsigned int *count, const struct row *row, char *value)
{
	if (*count == INSTALL_DEVICES)
		return shell_error("more than %d times --%s", INSTALL_DEVICES, row->name);
	list[*count].count = 0;
	return cut(value, row->usual, &list[(*count)++]);
}

static void set(struct install_fields *fields, const char *name, const char *value)
{
	if (fields->count < INSTALL_FIELDS) {
		fields->field[fields->count].name = name;
		fields->field[fields->count++].value = value;
	}
}

/* Those of the older spellings that stand for fields of newer ones. */
static bool take_old(struct install *install, const struct row *row, char *value)
{
	switch (row->kind) {
	case FILE_SIZE:
		if (!install->disk_count)
			return shell_error("--file-size is of the --file before it");
		set(&install->disks[install->disk_count - 1], "size", value);
		return true;
	case BRIDGE:
		if (install->nic_count == INSTALL_DEVICES)
			return shell_error("more than %d NICs", INSTALL_DEVICES);
		install->nics[install->nic_count].count = 0;
		set(&install->nics[install->nic_count++], "bridge", value);
		return true;
	case NO_GRAPHICS:
		set(&install->graphics, "type", "none");
		return true;
	case VNC:
		set(&install->graphics, "type", "vnc");
		return true;
	default:
		set(&install->graphics, row->usual, value);
		return true;
	}
}

static bool take(struct install *install, const struct row *row, char *value)
{
	char *base = (char *)install;

	switch (row->kind) {
	case FLAG:
		*(bool *)(void *)(base + row->at) = true;
		return true;
	case TEXT:
		*(const char **)(void *)(base + row->at) = value;
		return true;
	case MEMORY:
		return memory(install, row, value);
	case VCPUS:
		return vcpus(install, row, value);
	case DISK:
		return add(install->disks, &install->disk_count, row, value);
	case NIC:
		return add(install->nics, &install->nic_count, row, value);
	case FIELDS:
		return cut(value, row->usual, (struct install_fields *)(void *)(base + row->at));
	case DEVICE:
		if (install->device_count == INSTALL_DEVICES)
			return shell_error("more than %d devices", INSTALL_DEVICES);
		install->devices[install->device_count++] = value;
		return true;
	case WAIT:
		install->wait_given = true;
		return !value || !strcmp(value, "-1") || number(row, value, &install->wait);
	case HELP:
		print_help();
		install->done = true;
		return true;
	case VERSION:
		puts(VIRSH_VERSION);
		install->done = true;
		return true;
	case NOTHING:
	case NO_VALUE:
		return true;
	default:
		return take_old(install, row, value);
	}
}

static bool wants_value(const struct row *row)
{
	switch (row->kind) {
	case FLAG:
	case NO_GRAPHICS:
	case VNC:
	case NO_VALUE:
	case HELP:
	case VERSION:
		return false;
	default:
		return true;
	}
}

/* "--name", "--name=VALUE", "-n", "-nVALUE"; and "-hvm", as some wrote it. */
static const struct row *row_of(char *word, char **ret_value)
{
	size_t length = word[0] == '-' && word[1] == '-' ? strcspn(word + 2, "=") : 0;

	*ret_value = NULL;
	if (!strcmp(word, "-hvm"))
		return row_of((char[]){ "--hvm" }, ret_value);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];

		if (length && strlen(row->name) == length &&
		    !strncmp(row->name, word + 2, length)) {
			*ret_value = word[2 + length] ? word + 3 + length : NULL;
			return row;
		}
		if (!length && word[0] == '-' && word[1] && word[1] == row->letter) {
			*ret_value = word[2] ? word + 2 : NULL;
			return row;
		}
	}
	return NULL;
}

/* Whether what was asked for makes a guest. */
static bool complete(const struct install *install)
{
	int ways = !!install->cdrom + !!install->location + install->pxe + install->import;

	if (!install->name)
		return shell_error("--name is required");
	if (!install->memory)
		return shell_error("--memory amount in MiB is required");
	if (!install->disk_count && !install->no_disks)
		return shell_error("--disk storage must be specified (override with --disk none)");
	if (ways > 1)
		return shell_error("--cdrom, --location, --pxe and --import exclude each other");
	if (!ways && !install_field(&install->boot, "kernel") && !install->boot.count)
		return shell_error(
		    "An install method must be specified\n"
		    "(--location URL, --cdrom CD/ISO, --pxe, --import, --boot hd|cdrom|...)");
	return true;
}

bool install_args(int argc, char **argv, struct install *ret_install)
{
	*ret_install = (struct install){ .vcpus = 1 };
	for (int i = 1; i < argc; i++) {
		char *value;
		const struct row *row = row_of(argv[i], &value);

		if (!row)
			return shell_error("unrecognized arguments: %s", argv[i]);
		if (value && !wants_value(row))
			return shell_error("--%s takes no value", row->name);
		if (!value && wants_value(row) && row->kind != WAIT) {
			if (++i == argc)
				return shell_error(
				    "argument --%s: expected one argument", row->name);
			value = argv[i];
		} else if (!value && row->kind == WAIT && i + 1 < argc && argv[i + 1][0] != '-') {
			value = argv[++i];
		}
		if (!take(ret_install, row, value))
			return false;
		if (ret_install->done)
			return true;
	}
	return complete(ret_install);
}
