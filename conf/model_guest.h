/* SPDX-License-Identifier: GPL-2.0-only */
/* Guests, as plain values; see conf/model. */
#ifndef BERTH_CONF_MODEL_GUEST_H
#define BERTH_CONF_MODEL_GUEST_H

#include "conf/model_device.h"

struct conf_numa {
	struct conf_numa *next;
	struct conf_pos pos;
	const char *nodes;
	unsigned int mode;
};

struct conf_cell {
	struct conf_cell *next;
	struct conf_pos pos;
	const char *cpus;
	uint64_t memory;
};

struct conf_topology {
	struct conf_topology *next;
	struct conf_pos pos;
	uint64_t sockets; /* 0: not said */
	uint64_t cores;
	uint64_t threads;
};

struct conf_pin {
	struct conf_pin *next;
	struct conf_pos pos;
	uint64_t vcpu;
	const char *cpus;
};

struct conf_clock {
	struct conf_clock *next;
	struct conf_pos pos;
	unsigned int base; /* 0 utc, 1 localtime */
	uint64_t ahead;
};

struct conf_timer {
	struct conf_timer *next;
	struct conf_pos pos;
	unsigned int name;
	unsigned int tick;
	bool present;
};

struct conf_autostart {
	struct conf_autostart *next;
	struct conf_pos pos;
	bool on;
	uint64_t order;
	uint64_t delay;
};

/* Of on-node-shutdown, in the order of the table of conf/schema_guest. */
enum conf_leave { CONF_LEAVE_AS_NODE, CONF_LEAVE_SHUTDOWN, CONF_LEAVE_SAVE, CONF_LEAVE_DESTROY };

struct conf_node_shutdown {
	struct conf_node_shutdown *next;
	struct conf_pos pos;
	unsigned int action;
	uint64_t timeout;
};

/* A guest, or a template of one. */
struct conf_guest {
	struct conf_guest *next;
	struct conf_pos pos;
	const char *name;
	const struct conf_section *section;
	const char *use; /* name of the template that it was made from */
	const char *title;
	const char *description;
	const char *uuid;

	uint64_t memory;
	uint64_t memory_max; /* 0: memory; so of vcpus_max */
	unsigned int hugepages;
	struct conf_numa numa;
	struct conf_cell *cells;
	uint64_t vcpus;
	uint64_t vcpus_max;
	struct conf_topology topology;
	const char *cpu;
	struct conf_text *cpu_features;
	const char *cpus;
	struct conf_pin *pins;
	const char *emulator_cpus;
	uint64_t cpu_weight;
	uint64_t cpu_cap; /* hundredths of one CPU */

	unsigned int machine;
	unsigned int firmware;
	bool secure_boot;
	const char *kernel;
	const char *initrd;
	const char *cmdline;
	const char *boot;
	uint64_t boot_menu; /* seconds */

	struct conf_disk *disks;
	struct conf_disk *cdroms;
	struct conf_disk *floppies;
	struct conf_nic *nics;
	struct conf_graphics graphics;
	struct conf_video video;
	struct conf_serial *serials;
	struct conf_input *inputs;
	struct conf_device *devices;
	unsigned int sound;
	unsigned int usb;
	unsigned int tpm;
	struct conf_watchdog watchdog;
	bool rng;
	bool balloon;
	uint64_t balloon_period; /* seconds */
	bool agent;
	bool acpi;
	bool apic;
	bool pae;
	bool hyperv;
	bool nested;

	struct conf_clock clock;
	struct conf_timer *timers;
	unsigned int on_poweroff;
	unsigned int on_reboot;
	unsigned int on_crash;
	struct conf_autostart autostart;
	struct conf_node_shutdown node_shutdown;
};

enum conf_firmware { CONF_FIRMWARE_BIOS, CONF_FIRMWARE_UEFI, CONF_FIRMWARE_DIRECT };

#endif
