/* SPDX-License-Identifier: GPL-2.0-only */
/* Linux, Documentation/admin-guide/cgroup-v2.rst. */
#include "node/guest/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/num.h"

#define CAP_PERIOD 100000 /* microseconds */
#define MIB ((uint64_t)1024 * 1024)
#define NUMA_STRICT 0 /* of conf/schema_guest's table */
/* Threads of vCPUs, of io_uring and of vhost. */
#define THREADS_MAX 2048

static int put(const char *folder, const char *name, const char *value)
{
	char path[NODE_PATH];
	ssize_t done;
	int error = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	done = write(fd, value, strlen(value));
	if (done < 0)
		error = -errno;
	close(fd);
	return error;
}

int cgroup_init(const struct node_paths *paths)
{
	static const char controllers[] = "+cpu +cpuset +memory +io +pids";
	char parent[NODE_PATH];
	char *slash;
	int error;

	if (!paths->cgroup)
		return 0;
	if (mkdir(paths->cgroup, 0755) < 0 && errno != EEXIST)
		return -errno;
	snprintf(parent, sizeof(parent), "%s", paths->cgroup);
	slash = strrchr(parent, '/');
	if (slash)
		*slash = '\0';
	error = put(parent, "cgroup.subtree_control", controllers);
	return error ? error : put(paths->cgroup, "cgroup.subtree_control", controllers);
}

static void folder_of(const struct node_paths *paths, const char *name, char folder[NODE_PATH])
{
	/* Names of guests have no slash; the prefix keeps them apart from the kernel's files. */
	snprintf(folder, NODE_PATH, "%s/guest-%s", paths->cgroup, name);
}

static int set(const char *folder, const char *name, const char *value,
    const struct conf_guest *guest, const char *key, struct buf *why)
{
	int error = put(folder, name, value);

	if (error)
		buf_printf(why, "guest \"%s\": %s: cannot write \"%s\" to %s/%s: %s", guest->name,
		    key, value, folder, name, strerror(-error));
	return error;
}

int cgroup_apply(const struct node_paths *paths, const struct conf_guest *guest, struct buf *why)
{
	uint64_t memory = guest->memory_max ? guest->memory_max : guest->memory;
	char folder[NODE_PATH];
	char value[64];
	int error;

	if (!paths->cgroup)
		return 0;
	folder_of(paths, guest->name, folder);
	snprintf(value, sizeof(value), "%" PRIu64, guest->cpu_weight ? guest->cpu_weight : 100);
	error = set(folder, "cpu.weight", value, guest, "cpu-weight", why);
	if (error)
		return error;
	if (guest->cpu_cap)
		snprintf(value, sizeof(value), "%" PRIu64 " %d",
		    guest->cpu_cap * (CAP_PERIOD / 100), CAP_PERIOD);
	else
		snprintf(value, sizeof(value), "max %d", CAP_PERIOD);
	error = set(folder, "cpu.max", value, guest, "cpu-cap", why);
	/* An empty set is that of the group above. */
	if (!error)
		error = set(
		    folder, "cpuset.cpus", guest->cpus ? guest->cpus : "\n", guest, "cpus", why);
	if (!error)
		error = set(folder, "cpuset.mems",
		    guest->numa.nodes && guest->numa.mode == NUMA_STRICT ? guest->numa.nodes : "\n",
		    guest, "numa", why);
	/* The guest's own, its page tables, the VMM, and what its disks have in the cache. */
	snprintf(value, sizeof(value), "%" PRIu64, memory + memory / 64 + 256 * MIB);
	if (!error)
		error = set(folder, "memory.max", value, guest, "memory", why);
	snprintf(value, sizeof(value), "%d", THREADS_MAX);
	return error ? error : set(folder, "pids.max", value, guest, "vcpus", why);
}

int cgroup_open(
    const struct node_paths *paths, const struct conf_guest *guest, struct buf *why, int *ret_fd)
{
	char folder[NODE_PATH];
	int error;
	int fd;

	if (!paths->cgroup) {
		*ret_fd = -1;
		return 0;
	}
	folder_of(paths, guest->name, folder);
	if (mkdir(folder, 0755) < 0 && errno != EEXIST) {
		error = -errno;
		buf_printf(why, "guest \"%s\": cannot make the control group %s: %s", guest->name,
		    folder, strerror(-error));
		return error;
	}
	error = cgroup_apply(paths, guest, why);
	if (error)
		return error;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

int cgroup_bound(const struct node_paths *paths, uint64_t bytes)
{
	char value[NUM_TEXT];

	if (!paths->cgroup)
		return 0;
	snprintf(value, sizeof(value), "%" PRIu64, bytes);
	return put(paths->cgroup, "memory.max", value);
}

/* A file of a group, or of all guests' without a name. */
static int read_file(
    const struct node_paths *paths, const char *name, const char *file, struct buf *text)
{
	char folder[NODE_PATH];
	char path[2 * NODE_PATH];

	if (!paths->cgroup)
		return -ENOENT;
	if (name)
		folder_of(paths, name, folder);
	else
		snprintf(folder, sizeof(folder), "%s", paths->cgroup);
	snprintf(path, sizeof(path), "%s/%s", folder, file);
	buf_cut(text, 0);
	return file_read(path, 65536, text);
}

uint64_t cgroup_held(const struct node_paths *paths)
{
	struct buf text = BUF_INIT;
	uint64_t held = 0;

	if (!read_file(paths, NULL, "memory.stat", &text))
		held = num_field(buf_text(&text), "anon") + num_field(buf_text(&text), "shmem") +
		       num_field(buf_text(&text), "kernel");
	buf_done(&text);
	return held;
}

enum cgroup_short cgroup_read_short(const struct node_paths *paths, const char *name)
{
	struct buf text = BUF_INIT;
	enum cgroup_short result = CGROUP_SHORT_NO;

	/* "oom" is of its own bound, "oom_kill" of any above it as well. */
	if (!read_file(paths, name, "memory.events", &text) &&
	    num_field(buf_text(&text), "oom_kill"))
		result = num_field(buf_text(&text), "oom") ? CGROUP_SHORT_GUEST : CGROUP_SHORT_NODE;
	buf_done(&text);
	return result;
}

int cgroup_kill(const struct node_paths *paths, const char *name)
{
	char folder[NODE_PATH];

	if (!paths->cgroup)
		return -ENOENT;
	folder_of(paths, name, folder);
	return put(folder, "cgroup.kill", "1");
}

void cgroup_remove(const struct node_paths *paths, const char *name)
{
	char folder[NODE_PATH];

	if (!paths->cgroup)
		return;
	folder_of(paths, name, folder);
	/* One that is still in use is found again by the guest's next start. */
	rmdir(folder);
}

int cgroup_read_use(const struct node_paths *paths, const char *name, struct cgroup_use *ret_use)
{
	struct buf text = BUF_INIT;
	char digits[NUM_TEXT];
	int error;

	*ret_use = (struct cgroup_use){ 0 };
	if (!paths->cgroup)
		return 0;
	error = read_file(paths, name, "cpu.stat", &text);
	ret_use->cpu = num_field(buf_text(&text), "usage_usec");
	ret_use->cpu_user = num_field(buf_text(&text), "user_usec");
	ret_use->cpu_system = num_field(buf_text(&text), "system_usec");
	if (!error)
		error = read_file(paths, name, "memory.current", &text);
	snprintf(
	    digits, sizeof(digits), "%.*s", (int)strcspn(buf_text(&text), "\n"), buf_text(&text));
	num_parse(digits, UINT64_MAX, &ret_use->memory);
	buf_done(&text);
	return error;
}
