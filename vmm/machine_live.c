/* SPDX-License-Identifier: GPL-2.0-only */
/* What may be changed on a machine that runs. */
#include "vmm/machine_parts.h"

#include <errno.h>

#include "vmm/devices/virtio_blk.h"
#include "vmm/devices/virtio_net.h"

int machine_pin(struct machine *machine, int vcpu, const cpu_set_t *cpus)
{
	if (vcpu >= 0)
		return (unsigned int)vcpu < machine->vcpu_count
			   ? vcpu_pin(machine->vcpus[vcpu], cpus)
			   : -ENOENT;
	if (sched_setaffinity(0, sizeof(*cpus), cpus))
		return -errno;
	return -pthread_setaffinity_np(machine->io_thread, sizeof(*cpus), cpus);
}

int machine_disk_resized(struct machine *machine, const char *id)
{
	const struct machine_device *entry = machine_find(machine, MACHINE_DISK, id);

	if (!entry)
		return -ENOENT;
	pthread_mutex_lock(&machine->lock);
	virtio_blk_resized(entry->virtio);
	pthread_mutex_unlock(&machine->lock);
	return 0;
}

int machine_limit_disk(struct machine *machine, const struct definition_disk *disk)
{
	const struct machine_device *entry = machine_find(machine, MACHINE_DISK, disk->id);
	const struct virtio_blk_limits limits = { .read_bytes = disk->read_rate,
		.write_bytes = disk->write_rate,
		.reads = disk->read_iops,
		.writes = disk->write_iops };

	if (!entry)
		return -ENOENT;
	pthread_mutex_lock(&machine->lock);
	virtio_blk_set_limits(entry->virtio, &limits);
	pthread_mutex_unlock(&machine->lock);
	return 0;
}

int machine_set_link(struct machine *machine, const char *id, bool up)
{
	const struct machine_device *entry = machine_find(machine, MACHINE_NIC, id);

	if (!entry)
		return -ENOENT;
	pthread_mutex_lock(&machine->lock);
	virtio_net_set_link(entry->virtio, up);
	pthread_mutex_unlock(&machine->lock);
	return 0;
}

int machine_limit_nic(struct machine *machine, const struct definition_nic *nic)
{
	const struct machine_device *entry = machine_find(machine, MACHINE_NIC, nic->id);
	const struct virtio_net_limit in = { nic->in.average, nic->in.peak, nic->in.burst,
		nic->in_packets };
	const struct virtio_net_limit out = { nic->out.average, nic->out.peak, nic->out.burst,
		nic->out_packets };
	int result;

	if (!entry)
		return -ENOENT;
	pthread_mutex_lock(&machine->lock);
	result = virtio_net_set_limits(entry->virtio, &in, &out);
	pthread_mutex_unlock(&machine->lock);
	return result;
}
