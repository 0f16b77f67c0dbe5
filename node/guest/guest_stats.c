/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/guest/guest_stats.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/num.h"
#include "node/guest/cgroup.h"
#include "node/guest/resources.h"

/* The loop waits so long for a process, which answers at once unless something is wrong with it. */
#define PATIENCE_MILLISECONDS 300

/* The number of a key of the process's answer; 0 without it. */
static uint64_t get(const struct buf *answer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static uint64_t get(const struct buf *answer, const char *format, ...)
{
	va_list arguments;
	char key[128];
	char digits[NUM_TEXT];
	uint64_t value = 0;

	va_start(arguments, format);
	vsnprintf(key, sizeof(key), format, arguments);
	va_end(arguments);
	if (control_value(buf_text(answer), key, digits, sizeof(digits)))
		num_parse(digits, UINT64_MAX, &value);
	return value;
}

static void read_disk(
    const struct buf *answer, const char *id, const char *path, struct driver_disk_stats *disk)
{
	struct stat status;
	uint64_t size = 0;
	int fd;

	disk->read_requests = get(answer, "disk.%s.read-requests", id);
	disk->read_bytes = get(answer, "disk.%s.read-bytes", id);
	disk->read_time = get(answer, "disk.%s.read-time-ns", id);
	disk->write_requests = get(answer, "disk.%s.write-requests", id);
	disk->write_bytes = get(answer, "disk.%s.write-bytes", id);
	disk->write_time = get(answer, "disk.%s.write-time-ns", id);
	disk->flush_requests = get(answer, "disk.%s.flush-requests", id);
	disk->flush_time = get(answer, "disk.%s.flush-time-ns", id);
	if (!path || stat(path, &status))
		return;
	if (S_ISBLK(status.st_mode)) {
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (fd >= 0 && ioctl(fd, BLKGETSIZE64, &size) < 0)
			size = 0;
		if (fd >= 0)
			close(fd);
		disk->capacity = disk->allocation = disk->physical = size;
		return;
	}
	disk->capacity = (uint64_t)status.st_size;
	disk->allocation = disk->physical = (uint64_t)status.st_blocks * 512;
}

static uint64_t tap_counter(const struct node_paths *paths, const char *tap, const char *name)
{
	struct buf text = BUF_INIT;
	char path[NODE_PATH];
	char digits[NUM_TEXT];
	uint64_t value = 0;

	snprintf(path, sizeof(path), "%s/class/net/%s/statistics/%s", paths->sys, tap, name);
	if (!file_read(path, 64, &text)) {
		snprintf(digits, sizeof(digits), "%.*s", (int)strcspn(buf_text(&text), "\n"),
		    buf_text(&text));
		num_parse(digits, UINT64_MAX, &value);
	}
	buf_done(&text);
	return value;
}

/* What the node sends into the tap, the guest receives. */
static void read_nic(const struct node_paths *paths, const char *tap, struct driver_nic_stats *nic)
{
	nic->rx_bytes = tap_counter(paths, tap, "tx_bytes");
	nic->rx_packets = tap_counter(paths, tap, "tx_packets");
	nic->rx_errors = tap_counter(paths, tap, "tx_errors");
	nic->rx_drops = tap_counter(paths, tap, "tx_dropped");
	nic->tx_bytes = tap_counter(paths, tap, "rx_bytes");
	nic->tx_packets = tap_counter(paths, tap, "rx_packets");
	nic->tx_errors = tap_counter(paths, tap, "rx_errors");
	nic->tx_drops = tap_counter(paths, tap, "rx_dropped");
}

static unsigned int count_names(char *const *names)
{
	unsigned int count = 0;

	while (names && names[count])
		count++;
	return count;
}

static void read_memory(
    const struct guest *guest, const struct buf *answer, struct driver_stats *stats)
{
	stats->memory = get(answer, "balloon.actual");
	if (!stats->memory)
		stats->memory = guest->running->memory_max ? guest->running->memory_max
							   : guest->running->memory;
	stats->guest_free = get(answer, "balloon.free");
	stats->guest_available = get(answer, "balloon.total");
	stats->guest_usable = get(answer, "balloon.available");
	stats->guest_caches = get(answer, "balloon.disk-caches");
	stats->swap_in = get(answer, "balloon.swap-in");
	stats->swap_out = get(answer, "balloon.swap-out");
	stats->major_faults = get(answer, "balloon.major-faults");
	stats->minor_faults = get(answer, "balloon.minor-faults");
	if (stats->guest_available)
		stats->last_update = (uint64_t)time(NULL) -
				     get(answer, "balloon.age-ns") / 1000000000;
}

void guest_stats_done(struct guest_stats *stats)
{
	free(stats->vcpus);
	free(stats->disks);
	free(stats->nics);
	buf_done(&stats->answer);
	*stats = (struct guest_stats){ 0 };
}

int guest_stats_read(struct guest *guest, struct guest_stats *stats, struct driver_stats *ret_stats)
{
	const struct node_paths *paths = guest->env->paths;
	struct driver_stats result = { .vcpu_count = (unsigned int)guest->running->vcpus,
		.disk_count = count_names(guest->disks),
		.nic_count = count_names(guest->taps) };
	const struct conf_disk *conf = guest->running->disks;
	struct cgroup_use use = { 0 };
	char path[NODE_PATH];

	guest_stats_done(stats);
	stats->vcpus = calloc(result.vcpu_count + 1, sizeof(*stats->vcpus));
	stats->disks = calloc(result.disk_count + 1, sizeof(*stats->disks));
	stats->nics = calloc(result.nic_count + 1, sizeof(*stats->nics));
	if (!stats->vcpus || !stats->disks || !stats->nics)
		return -ENOMEM;
	if (guest->kept.came_up)
		control_ask(guest_path(guest, "control", path), "stats", PATIENCE_MILLISECONDS,
		    &stats->answer);
	for (unsigned int i = 0; i < result.vcpu_count; i++) {
		stats->vcpus[i].time = get(&stats->answer, "vcpu.%u.time-ns", i);
		stats->vcpus[i].cpu = (int)get(&stats->answer, "vcpu.%u.cpu", i);
	}
	for (unsigned int i = 0; i < result.disk_count && conf; i++, conf = conf->next) {
		char id[RESOURCE_ID];

		resources_disk_id(conf, i, id);
		read_disk(&stats->answer, id, guest->disks[i], &stats->disks[i]);
	}
	for (unsigned int i = 0; i < result.nic_count; i++)
		read_nic(paths, guest->taps[i], &stats->nics[i]);
	read_memory(guest, &stats->answer, &result);
	cgroup_read_use(paths, guest->name, &use);
	result.cpu_time = use.cpu * 1000;
	result.cpu_user = use.cpu_user * 1000;
	result.cpu_system = use.cpu_system * 1000;
	result.rss = use.memory;
	result.vcpus = stats->vcpus;
	result.disks = stats->disks;
	result.nics = stats->nics;
	*ret_stats = result;
	return 0;
}

int guest_stats_devices(struct guest *guest, struct buf *ret_text)
{
	char path[NODE_PATH];

	if (!guest_has_process(guest) || !guest->kept.came_up)
		return -EBUSY;
	return control_ask(
	    guest_path(guest, "control", path), "devices", PATIENCE_MILLISECONDS, ret_text);
}
