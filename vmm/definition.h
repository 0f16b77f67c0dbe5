/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the guest is to be: the text of docs/vmm.md as plain values. It comes from berthd, but it is
 * checked whole (definition_parse): what this says is in range, unique where it must be, and
 * complete.
 */
#ifndef BERTH_VMM_DEFINITION_H
#define BERTH_VMM_DEFINITION_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

#define DEFINITION_WORD 64	/* names, serials, with the NUL */
#define DEFINITION_CMDLINE 2048 /* Linux: COMMAND_LINE_SIZE */
#define DEFINITION_FEATURES 1024
#define DEFINITION_VCPUS_MAX 64
#define DEFINITION_QUEUES_MAX 16
#define DEFINITION_DISKS 26
#define DEFINITION_NICS 16
#define DEFINITION_CONSOLES 8
#define DEFINITION_PERIOD_MAX 86400 /* seconds */

/* Average and peak a second and the burst on top; 0: no limit. */
struct definition_rate {
	uint64_t average;
	uint64_t peak;
	uint64_t burst;
};

enum definition_cache { DEFINITION_WRITEBACK, DEFINITION_WRITETHROUGH, DEFINITION_NONE };

struct definition_disk {
	char id[DEFINITION_WORD];
	int fd;
	bool read_only;
	bool discard;
	char serial[DEFINITION_WORD];
	uint64_t queues;    /* 1 and up */
	unsigned int cache; /* enum definition_cache */
	uint64_t read_rate; /* bytes a second; 0: no limit */
	uint64_t write_rate;
	uint64_t read_iops;
	uint64_t write_iops;
};

struct definition_fds {
	unsigned int count;
	int fd[DEFINITION_QUEUES_MAX];
};

struct definition_nic {
	char id[DEFINITION_WORD];
	struct definition_fds tap;
	struct definition_fds vhost; /* none, or as many as tap */
	uint8_t mac[6];
	uint64_t mtu;	   /* 0: the guest's choice */
	unsigned int link; /* 0 up, 1 down */
	struct definition_rate in;
	struct definition_rate out;
	uint64_t in_packets; /* a second; 0: no limit */
	uint64_t out_packets;
};

enum definition_console_type { DEFINITION_CONSOLE_VIRTIO, DEFINITION_CONSOLE_SERIAL };

struct definition_console {
	char id[DEFINITION_WORD];
	unsigned int type; /* enum definition_console_type */
	int log;	   /* -1: none */
	uint64_t log_size;
};

enum definition_event { DEFINITION_EXIT, DEFINITION_RESET, DEFINITION_PAUSE };

struct definition {
	char name[DEFINITION_WORD];
	uint8_t uuid[16]; /* in the order of its text */
	uint64_t memory;
	uint64_t hugepages; /* bytes; 0: ordinary */
	bool prealloc;
	bool lock;
	bool shared;
	uint64_t vcpus;
	uint64_t vcpus_max;
	uint64_t sockets; /* sockets * cores * threads is vcpus_max */
	uint64_t cores;
	uint64_t threads;
	char cpu[DEFINITION_WORD];
	char cpu_features[DEFINITION_FEATURES]; /* "+x -y" */
	bool vcpu_pinned[DEFINITION_VCPUS_MAX];
	cpu_set_t vcpu_cpus[DEFINITION_VCPUS_MAX];
	bool emulator_pinned;
	cpu_set_t emulator_cpus;
	int kernel; /* descriptors: -1 where there is none */
	int initrd;
	char cmdline[DEFINITION_CMDLINE];
	unsigned int disk_count;
	struct definition_disk disks[DEFINITION_DISKS];
	unsigned int nic_count;
	struct definition_nic nics[DEFINITION_NICS];
	unsigned int console_count;
	struct definition_console consoles[DEFINITION_CONSOLES];
	int rng;
	bool balloon;
	uint64_t balloon_target; /* of the guest; 0: all of its memory */
	uint64_t balloon_period; /* seconds between its statistics; 0: none */
	bool pvpanic;
	int vsock;
	uint64_t vsock_cid;
	unsigned int localtime; /* of the RTC: 0 UTC, 1 local time */
	int64_t clock_offset;	/* seconds */
	unsigned int on_reboot; /* enum definition_event */
	unsigned int on_crash;
	int control;
	int kvm;
	int outcome;
	int load;
	uint64_t load_offset; /* of the saved state in its file */
	bool paused;
	uint64_t uid;
	uint64_t gid;
	bool sandbox_off;
};

#endif
