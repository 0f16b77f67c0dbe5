/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers for whoever watches, as lines of `key=value`. */
#include "vmm/machine_parts.h"

#include "vmm/devices/virtio_balloon.h"
#include "vmm/devices/virtio_blk.h"
#include "vmm/devices/virtio_net.h"

static void put(struct buf *out, const char *kind, const char *id, const char *name, uint64_t value)
{
	buf_printf(out, "%s.%s.%s=%llu\n", kind, id, name, (unsigned long long)value);
}

static void put_disk(struct buf *out, const struct machine_device *entry)
{
	const struct virtio_blk_stats *stats = virtio_blk_stats(entry->virtio);

	put(out, "disk", entry->id, "read-requests", stats->read_requests);
	put(out, "disk", entry->id, "read-bytes", stats->read_bytes);
	put(out, "disk", entry->id, "read-time-ns", stats->read_time);
	put(out, "disk", entry->id, "write-requests", stats->write_requests);
	put(out, "disk", entry->id, "write-bytes", stats->write_bytes);
	put(out, "disk", entry->id, "write-time-ns", stats->write_time);
	put(out, "disk", entry->id, "flush-requests", stats->flush_requests);
	put(out, "disk", entry->id, "flush-time-ns", stats->flush_time);
	put(out, "disk", entry->id, "discard-requests", stats->discard_requests);
	put(out, "disk", entry->id, "errors", stats->errors);
}

static void put_nic(struct buf *out, const struct machine_device *entry)
{
	const struct virtio_net_stats *stats = virtio_net_stats(entry->virtio);

	put(out, "nic", entry->id, "rx-packets", stats->rx_packets);
	put(out, "nic", entry->id, "rx-bytes", stats->rx_bytes);
	put(out, "nic", entry->id, "rx-drops", stats->rx_drops);
	put(out, "nic", entry->id, "tx-packets", stats->tx_packets);
	put(out, "nic", entry->id, "tx-bytes", stats->tx_bytes);
	put(out, "nic", entry->id, "tx-drops", stats->tx_drops);
	put(out, "nic", entry->id, "vhost", virtio_net_uses_vhost(entry->virtio));
}

static void put_balloon(struct buf *out, const struct machine_device *entry, uint64_t now)
{
	static const char *const names[VIRTIO_BALLOON_TAGS] = {
		[VIRTIO_BALLOON_SWAP_IN] = "swap-in",
		[VIRTIO_BALLOON_SWAP_OUT] = "swap-out",
		[VIRTIO_BALLOON_MAJOR_FAULTS] = "major-faults",
		[VIRTIO_BALLOON_MINOR_FAULTS] = "minor-faults",
		[VIRTIO_BALLOON_FREE] = "free",
		[VIRTIO_BALLOON_TOTAL] = "total",
		[VIRTIO_BALLOON_AVAILABLE] = "available",
		[VIRTIO_BALLOON_DISK_CACHES] = "disk-caches",
		[VIRTIO_BALLOON_HUGETLB_DONE] = "hugetlb-done",
		[VIRTIO_BALLOON_HUGETLB_FAILED] = "hugetlb-failed",
	};
	const struct virtio_balloon_stats *stats = virtio_balloon_stats(entry->virtio);

	buf_printf(
	    out, "balloon.actual=%llu\n", (unsigned long long)virtio_balloon_actual(entry->virtio));
	if (!stats->time)
		return;
	buf_printf(out, "balloon.age-ns=%llu\n", (unsigned long long)(now - stats->time));
	for (unsigned int tag = 0; tag < VIRTIO_BALLOON_TAGS; tag++)
		if (stats->known >> tag & 1)
			buf_printf(out, "balloon.%s=%llu\n", names[tag],
			    (unsigned long long)stats->values[tag]);
}

void machine_stats(struct machine *machine, struct buf *out)
{
	for (unsigned int i = 0; i < machine->vcpu_count; i++) {
		struct vcpu_stats stats;

		vcpu_get_stats(machine->vcpus[i], &stats);
		buf_printf(out, "vcpu.%u.time-ns=%llu\nvcpu.%u.exits=%llu\nvcpu.%u.cpu=%d\n", i,
		    (unsigned long long)stats.time, i, (unsigned long long)stats.exits, i,
		    stats.cpu);
	}
	pthread_mutex_lock(&machine->lock);
	for (unsigned int i = 0; i < machine->device_count; i++) {
		const struct machine_device *entry = &machine->devices[i];

		if (entry->kind == MACHINE_DISK)
			put_disk(out, entry);
		else if (entry->kind == MACHINE_NIC)
			put_nic(out, entry);
		else if (entry->kind == MACHINE_BALLOON)
			put_balloon(out, entry, loop_time(machine->io_loop));
	}
	pthread_mutex_unlock(&machine->lock);
}
