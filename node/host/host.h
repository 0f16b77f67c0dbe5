/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel says of the machine: processors, memory, their nodes. Read anew each time. */
#ifndef BERTH_NODE_HOST_HOST_H
#define BERTH_NODE_HOST_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOST_CPUS 1024
#define HOST_CELLS 64
#define HOST_PAGE_SIZES 8

struct host_cpus {
	unsigned int present; /* CPUs are numbered below this */
	unsigned int online;
	unsigned int mhz;     /* 0: unknown */
	unsigned int sockets; /* of each cell; cells * sockets * cores * threads is `present`, or
			       * the machine is uneven and told as one socket of so many cores */
	unsigned int cores;
	unsigned int threads;
	unsigned int cells;
	uint8_t map[HOST_CPUS / 8]; /* those online */
};

struct host_memory {
	uint64_t total, free, buffers, cached, available; /* KiB */
};

struct host_cpu_times {
	uint64_t kernel, user, idle, iowait; /* nanoseconds */
};

/* The CPUs of a memory node, and where they sit. */
struct host_cell_cpu {
	unsigned int number, socket, core;
	char siblings[64];
};

void host_cpus(struct host_cpus *ret_cpus);

/* Of memory node `cell`, or with -1 of the machine. 0 or -ENOENT. */
int host_memory(int cell, struct host_memory *ret_memory);

/* Memory in pages of one size. */
struct host_pages {
	unsigned int kib;
	uint64_t total, free;
};

/* Of memory node `cell`, the small ones first; how many sizes, 0 when there is no such node. */
unsigned int host_pages(int cell, struct host_pages *pages, unsigned int room);

/* Of one CPU, or with -1 of all. 0 or -ENOENT. */
int host_cpu_times(int cpu, struct host_cpu_times *ret_times);

/* The CPUs of `cell`, `room` at most; how many. */
unsigned int host_cell_cpus(unsigned int cell, struct host_cell_cpu *cpus, unsigned int room);

/* The machine's own UUID as firmware gives it; false when it is not known. */
bool host_uuid(char text[37]);

/* A list of numbers and ranges ("0-3,8") as bits; how many are set. */
unsigned int host_parse_list(const char *text, uint8_t *map, size_t size);

#endif
