/* SPDX-License-Identifier: GPL-2.0-only */
/* Linux, Documentation/filesystems/proc.rst, /proc/meminfo. */
#include "node/guest/memory.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/file.h"
#include "lib/num.h"
#include "node/guest/cgroup.h"

#define MIB ((uint64_t)1 << 20)
/* The node's own: its services, the cache of its root, and a sixty-fourth for what the kernel keeps
 * about the rest. With less it would not stop, but crawl: each program read anew all the time. */
#define RESERVE (96 * MIB)
#define RESERVE_MAX (1024 * MIB)

struct memory {
	uint64_t total;	    /* for guests */
	uint64_t available; /* of it, now */
	uint64_t swap;
	uint64_t swap_free;
};

static int read_memory(const struct node_paths *paths, struct memory *ret_memory)
{
	struct buf text = BUF_INIT;
	char path[NODE_PATH];
	uint64_t total, reserve, held, available;
	int error;

	snprintf(path, sizeof(path), "%s/meminfo", paths->proc);
	error = file_read(path, 65536, &text);
	/* Huge pages are set aside, and are of no group. */
	total = (num_field(buf_text(&text), "MemTotal:") - num_field(buf_text(&text), "Hugetlb:")) *
		1024;
	available = num_field(buf_text(&text), "MemAvailable:") * 1024;
	ret_memory->swap = num_field(buf_text(&text), "SwapTotal:") * 1024;
	ret_memory->swap_free = num_field(buf_text(&text), "SwapFree:") * 1024;
	buf_done(&text);
	reserve = RESERVE + total / 64;
	if (reserve > RESERVE_MAX)
		reserve = RESERVE_MAX;
	ret_memory->total = total > reserve ? total - reserve : 0;
	held = cgroup_held(paths);
	ret_memory->available = ret_memory->total > held ? ret_memory->total - held : 0;
	if (ret_memory->available > available)
		ret_memory->available = available;
	return error;
}

int memory_admit(const struct node_paths *paths, const struct conf_guest *guest, struct buf *why)
{
	uint64_t most = guest->memory_max ? guest->memory_max : guest->memory;
	/* Without a balloon it has all of it at once. */
	uint64_t wanted = guest->balloon ? guest->memory : most;
	struct memory memory;
	int error = read_memory(paths, &memory);

	if (!error)
		error = cgroup_bound(paths, memory.total);
	if (error) {
		buf_printf(why, "the node's memory is not known, or cannot be bounded: %s",
		    strerror(-error));
		return error;
	}
	if (guest->hugepages)
		return 0;
	if (most > memory.total + memory.swap)
		buf_printf(why,
		    "not enough memory: it is to have up to %" PRIu64
		    " MiB, and the node has %" PRIu64 " for guests",
		    most / MIB, (memory.total + memory.swap) / MIB);
	else if (wanted > memory.available + memory.swap_free)
		buf_printf(why,
		    "not enough memory: it is to have %" PRIu64 " MiB, and of the %" PRIu64
		    " that the node has for guests %" PRIu64 " are free",
		    wanted / MIB, (memory.total + memory.swap) / MIB,
		    (memory.available + memory.swap_free) / MIB);
	return why->length ? -ENOMEM : 0;
}
