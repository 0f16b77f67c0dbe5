/* SPDX-License-Identifier: GPL-2.0-only */
/* What virt-install is asked for: its options, the old spellings too, as one record. */
#ifndef BERTH_CLI_VIRSH_INSTALL_ARGS_H
#define BERTH_CLI_VIRSH_INSTALL_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INSTALL_DEVICES 16 /* of each kind */
#define INSTALL_FIELDS 16  /* of one option's value */

/* "path=/a,size=8": fields; the first without a name gets the option's usual one. */
struct install_fields {
	struct {
		const char *name;
		const char *value;
	} field[INSTALL_FIELDS];
	unsigned int count;
};

struct install {
	const char *uri;
	const char *name;
	const char *uuid;
	const char *description;
	const char *machine;
	const char *cdrom;
	const char *location;
	const char *extra;
	const char *cpu;
	const char *cpuset;
	const char *sound;
	const char *keymap;
	const char *mac; /* of the first NIC: --mac */
	uint64_t memory; /* MiB */
	uint64_t memory_most;
	uint64_t vcpus;
	uint64_t vcpus_most;
	uint64_t wait; /* minutes */
	struct install_fields metadata;
	struct install_fields topology;
	struct install_fields disks[INSTALL_DEVICES];
	struct install_fields nics[INSTALL_DEVICES];
	struct install_fields graphics;
	struct install_fields boot;
	struct install_fields watchdog;
	const char *devices[INSTALL_DEVICES];
	unsigned int disk_count;
	unsigned int nic_count;
	unsigned int device_count;
	bool pxe;
	bool import;
	bool no_disks;
	bool nonsparse;
	bool no_nics;
	bool no_acpi;
	bool no_apic;
	bool autostart;
	bool transient;
	bool no_console;
	bool no_reboot;
	bool wait_given;
	bool print;
	bool dry_run;
	bool quiet;
	bool done; /* help or the version was printed */
};

/* False, and told, when they cannot be understood, or do not make a guest. The words are cut up. */
bool install_args(int argc, char **argv, struct install *ret_install);

/* A field's value, or NULL. */
const char *install_field(const struct install_fields *fields, const char *name);

#endif
