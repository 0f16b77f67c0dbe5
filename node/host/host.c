/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/host/host.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include "lib/buf.h"
#include "lib/file.h"
#include "lib/num.h"
#include "node/host/sysfs.h"

#define SYSFS "/sys/devices/system"
#define FILE_MAX (1024u * 1024)

/* The content of a file whose name is formatted; empty when it cannot be read. */
__attribute__((format(printf, 2, 3))) static void read_text(
    struct buf *buf, const char *format, ...)
{
	char path[128];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(path, sizeof(path), format, arguments);
	va_end(arguments);
	file_read(path, FILE_MAX, buf);
}

static unsigned long number_in(const char *format, unsigned int index, unsigned long otherwise)
{
	struct buf buf = BUF_INIT;
	char path[128];
	unsigned long value = otherwise;

	snprintf(path, sizeof(path), SYSFS "/cpu/cpu%u/%s", index, format);
	if (!file_read(path, 4096, &buf) && buf.length && isdigit((unsigned char)buf.data[0]))
		value = strtoul(buf.data, NULL, 10);
	buf_done(&buf);
	return value;
}

unsigned int host_parse_list(const char *text, uint8_t *map, size_t size)
{
	unsigned int count = 0;

	memset(map, 0, size);
	while (isdigit((unsigned char)*text)) {
		char *end;
		unsigned long first = strtoul(text, &end, 10);
		unsigned long last = *end == '-' ? strtoul(end + 1, &end, 10) : first;

		for (unsigned long i = first; i <= last && i < size * 8; i++, count++)
			map[i / 8] |= (uint8_t)(1u << (i % 8));
		text = *end == ',' ? end + 1 : end;
	}
	return count;
}

static unsigned int highest(const uint8_t *map, size_t size)
{
	for (size_t i = size * 8; i > 0; i--)
		if (map[(i - 1) / 8] & (1u << ((i - 1) % 8)))
			return (unsigned int)i;
	return 0;
}

/* Distinct values among those that come. */
struct distinct {
	unsigned long values[HOST_CPUS];
	unsigned int count;
};

static void note(struct distinct *set, unsigned long value)
{
	for (unsigned int i = 0; i < set->count; i++)
		if (set->values[i] == value)
			return;
	if (set->count < HOST_CPUS)
		set->values[set->count++] = value;
}

static void read_topology(struct host_cpus *cpus, const uint8_t *present)
{
	struct distinct sockets = { .count = 0 };
	struct distinct cores = { .count = 0 };

	for (unsigned int i = 0; i < cpus->present; i++) {
		unsigned long socket;

		if (!(present[i / 8] & (1u << (i % 8))))
			continue;
		socket = number_in("topology/physical_package_id", i, 0);
		note(&sockets, socket);
		note(&cores, socket << 32 | number_in("topology/core_id", i, i));
	}
	cpus->sockets = sockets.count / cpus->cells;
	cpus->cores = sockets.count ? cores.count / sockets.count : 0;
	cpus->threads = cores.count ? cpus->present / cores.count : 0;
	if (cpus->cells * cpus->sockets * cpus->cores * cpus->threads == cpus->present)
		return;
	cpus->cells = 1;
	cpus->sockets = 1;
	cpus->cores = cpus->present;
	cpus->threads = 1;
}

static unsigned int read_mhz(void)
{
	struct buf buf = BUF_INIT;
	const char *line;
	unsigned int mhz = 0;

	read_text(&buf, "/proc/cpuinfo");
	line = strstr(buf_text(&buf), "cpu MHz");
	if (line && (line = strchr(line, ':')))
		mhz = (unsigned int)strtoul(line + 1, NULL, 10);
	buf_done(&buf);
	return mhz;
}

void host_cpus(struct host_cpus *ret_cpus)
{
	uint8_t present[HOST_CPUS / 8];
	uint8_t cells[HOST_CELLS / 8];
	struct buf buf = BUF_INIT;

	memset(ret_cpus, 0, sizeof(*ret_cpus));
	read_text(&buf, SYSFS "/cpu/online");
	ret_cpus->online = host_parse_list(buf_text(&buf), ret_cpus->map, sizeof(ret_cpus->map));
	buf_cut(&buf, 0);
	read_text(&buf, SYSFS "/cpu/present");
	host_parse_list(buf_text(&buf), present, sizeof(present));
	ret_cpus->present = highest(present, sizeof(present));
	buf_cut(&buf, 0);
	read_text(&buf, SYSFS "/node/online");
	ret_cpus->cells = host_parse_list(buf_text(&buf), cells, sizeof(cells));
	buf_done(&buf);
	if (!ret_cpus->cells)
		ret_cpus->cells = 1;
	ret_cpus->mhz = read_mhz();
	read_topology(ret_cpus, present);
}

/* "Name:   123 kB" of /proc/meminfo, or "Node 0 Name: 123 kB" of a node's. */
static uint64_t meminfo(const char *text, const char *name)
{
	const char *at = text;
	size_t length = strlen(name);

	while ((at = strstr(at, name))) {
		if (at[length] == ':' && (at == text || at[-1] == '\n' || at[-1] == ' '))
			return strtoull(at + length + 1, NULL, 10);
		at += length;
	}
	return 0;
}

int host_memory(int cell, struct host_memory *ret_memory)
{
	struct buf buf = BUF_INIT;
	const char *text;

	if (cell < 0)
		read_text(&buf, "/proc/meminfo");
	else
		read_text(&buf, SYSFS "/node/node%d/meminfo", cell);
	if (!buf.length && cell == 0)
		read_text(&buf, "/proc/meminfo");
	if (!buf.length) {
		buf_done(&buf);
		return -ENOENT;
	}
	text = buf_text(&buf);
	ret_memory->total = meminfo(text, "MemTotal");
	ret_memory->free = meminfo(text, "MemFree");
	ret_memory->buffers = meminfo(text, "Buffers");
	ret_memory->cached = meminfo(text, "Cached");
	ret_memory->available = meminfo(text, "MemAvailable");
	buf_done(&buf);
	return 0;
}

struct counting {
	int cell;
	struct host_pages *pages;
	unsigned int count, room;
};

/* "hugepages-2048kB" of a node. */
static bool count_pages(void *context, const char *name)
{
	struct counting *counting = context;
	struct host_pages *pages = &counting->pages[counting->count];
	static const char start[] = "hugepages-";
	const char *at = name + sizeof(start) - 1;
	uint64_t kib;
	char path[128];

	if (counting->count == counting->room || strncmp(name, start, sizeof(start) - 1) ||
	    !num_take(&at, 10, UINT32_MAX, &kib))
		return true;
	snprintf(path, sizeof(path), SYSFS "/node/node%d/hugepages/%.32s", counting->cell, name);
	pages->kib = kib;
	pages->total = (uint64_t)sysfs_number(0, "%s/nr_hugepages", path);
	pages->free = (uint64_t)sysfs_number(0, "%s/free_hugepages", path);
	/* The small ones are what the large ones have left. */
	counting->pages[0].total -= pages->total * (kib / 4);
	counting->count++;
	return true;
}

unsigned int host_pages(int cell, struct host_pages *pages, unsigned int room)
{
	struct counting counting = { cell, pages, 1, room };
	struct host_memory memory;
	char folder[64];

	if (cell < 0 || !room || host_memory(cell, &memory))
		return 0;
	pages[0] = (struct host_pages){ 4, memory.total / 4, memory.free / 4 };
	snprintf(folder, sizeof(folder), SYSFS "/node/node%d/hugepages", cell);
	sysfs_names(folder, count_pages, &counting);
	return counting.count;
}

int host_cpu_times(int cpu, struct host_cpu_times *ret_times)
{
	struct buf buf = BUF_INIT;
	char name[16];
	const char *line;
	unsigned long long v[7] = { 0 };
	uint64_t tick = 1000000000 / getauxval(AT_CLKTCK);
	char *end;

	if (cpu < 0)
		snprintf(name, sizeof(name), "cpu ");
	else
		snprintf(name, sizeof(name), "cpu%d ", cpu);
	read_text(&buf, "/proc/stat");
	line = strstr(buf_text(&buf), name);
	if (!line) {
		buf_done(&buf);
		return -ENOENT;
	}
	line += strlen(name);
	/* proc(5): user nice system idle iowait irq softirq */
	for (unsigned int i = 0; i < 7; i++, line = end)
		v[i] = strtoull(line, &end, 10);
	buf_done(&buf);
	ret_times->user = (v[0] + v[1]) * tick;
	ret_times->kernel = (v[2] + v[5] + v[6]) * tick;
	ret_times->idle = v[3] * tick;
	ret_times->iowait = v[4] * tick;
	return 0;
}

unsigned int host_cell_cpus(unsigned int cell, struct host_cell_cpu *cpus, unsigned int room)
{
	uint8_t map[HOST_CPUS / 8];
	struct buf buf = BUF_INIT;
	unsigned int count = 0;

	read_text(&buf, SYSFS "/node/node%u/cpulist", cell);
	if (!buf.length && cell == 0)
		read_text(&buf, SYSFS "/cpu/online");
	host_parse_list(buf_text(&buf), map, sizeof(map));
	for (unsigned int i = 0; i < HOST_CPUS && count < room; i++) {
		struct host_cell_cpu *cpu = &cpus[count];

		if (!(map[i / 8] & (1u << (i % 8))))
			continue;
		cpu->number = i;
		cpu->socket = (unsigned int)number_in("topology/physical_package_id", i, 0);
		cpu->core = (unsigned int)number_in("topology/core_id", i, i);
		buf_cut(&buf, 0);
		read_text(&buf, SYSFS "/cpu/cpu%u/topology/thread_siblings_list", i);
		snprintf(cpu->siblings, sizeof(cpu->siblings), "%.*s",
		    (int)strcspn(buf_text(&buf), "\n"), buf_text(&buf));
		if (!cpu->siblings[0])
			snprintf(cpu->siblings, sizeof(cpu->siblings), "%u", i);
		count++;
	}
	buf_done(&buf);
	return count;
}

bool host_uuid(char text[37])
{
	struct buf buf = BUF_INIT;
	bool known;

	read_text(&buf, "/sys/class/dmi/id/product_uuid");
	known = buf.length >= 36 && buf.data[8] == '-';
	if (known)
		snprintf(text, 37, "%.36s", buf.data);
	buf_done(&buf);
	for (char *at = text; known && *at; at++)
		*at = (char)tolower((unsigned char)*at);
	return known;
}
