/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices that come and go while the guest runs. The list of devices is changed on the main thread
 * only. A device that is to go stays until the guest has given its slot back or is reset; then it
 * is off the bus at once, and freed when nothing of it is in flight any more.
 */
#include "vmm/machine_parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vmm/devices/hotplug.h"

#define DRAIN_INTERVAL 1000000 /* nanoseconds */

const char *machine_kind_name(enum machine_kind kind)
{
	static const char *const names[] = { "fixed", "serial", "disk", "nic", "console", "rng",
		"balloon", "vsock" };

	return names[kind];
}

/* Off the bus, with the lock held; machine_collect() does the rest. */
static void eject(struct machine *machine, struct machine_device *entry)
{
	hotplug_went(machine->hotplug, virtio_pci_slot(entry->pci));
	virtio_pci_unplug(entry->pci);
	entry->ejected = true;
	machine_ask(machine, REQUEST_EJECTED);
}

/* What nobody asked for stays: the guest finds it again when it looks at its bus. */
void machine_ejected(void *context, unsigned int slot)
{
	struct machine *machine = context;

	for (unsigned int i = 0; i < machine->device_count; i++) {
		struct machine_device *entry = &machine->devices[i];

		if (entry->asked && !entry->ejected && virtio_pci_slot(entry->pci) == slot)
			eject(machine, entry);
	}
}

void machine_eject_asked(struct machine *machine)
{
	pthread_mutex_lock(&machine->lock);
	for (unsigned int i = 0; i < machine->device_count; i++)
		if (machine->devices[i].asked && !machine->devices[i].ejected)
			eject(machine, &machine->devices[i]);
	pthread_mutex_unlock(&machine->lock);
	machine_collect(machine);
}

/* Free one that is quiet; false when there is none, but perhaps others that are not. */
static bool collect_one(struct machine *machine, char *text, size_t size, bool *ret_waits)
{
	bool found = false;

	*ret_waits = false;

	pthread_mutex_lock(&machine->lock);
	for (unsigned int i = 0; i < machine->device_count && !found; i++) {
		struct machine_device *entry = &machine->devices[i];

		if (!entry->ejected)
			continue;
		found = entry->device->ops->pause(entry->device);
		*ret_waits |= !found;
		if (!found)
			continue;
		snprintf(text, size, "%s %s removed", machine_kind_name(entry->kind), entry->id);
		entry->device->ops->free(entry->device);
		machine->device_count--;
		memmove(entry, entry + 1, (machine->device_count - i) * sizeof(*entry));
	}
	pthread_mutex_unlock(&machine->lock);
	return found;
}

void machine_collect(void *context)
{
	struct machine *machine = context;
	char text[DEFINITION_WORD + 16];
	bool waits;

	while (collect_one(machine, text, sizeof(text), &waits))
		machine->ops.event(machine->ops.context, text);
	if (waits)
		loop_timer_set(&machine->draining, loop_time(machine->main_loop) + DRAIN_INTERVAL);
}

/* Whether there may be another one of that name now. */
static int may_add(
    struct machine *machine, enum machine_kind kind, const char *id, struct why *ret_why)
{
	const struct machine_device *entry = machine_find(machine, kind, id);

	if (machine->state != MACHINE_RUNNING && machine->state != MACHINE_PAUSED)
		return why(
		    ret_why, -EBUSY, "%s \"%s\": the guest has ended", machine_kind_name(kind), id);
	if (machine_stands_for_job(machine))
		return why(ret_why, -EBUSY, "%s \"%s\": the guest stands still for its state",
		    machine_kind_name(kind), id);
	if (entry)
		return why(ret_why, -EEXIST,
		    entry->asked ? "%s \"%s\" has not gone yet" : "%s \"%s\" is there already",
		    machine_kind_name(kind), id);
	return 0;
}

int machine_add_disk(
    struct machine *machine, const struct definition_disk *disk, struct why *ret_why)
{
	int result = may_add(machine, MACHINE_DISK, disk->id, ret_why);

	if (result) {
		close(disk->fd);
		return result;
	}
	pthread_mutex_lock(&machine->lock);
	result = machine_create_disk(machine, disk, ret_why);
	if (!result)
		hotplug_came(machine->hotplug,
		    virtio_pci_slot(machine->devices[machine->device_count - 1].pci));
	pthread_mutex_unlock(&machine->lock);
	return result;
}

int machine_add_nic(struct machine *machine, const struct definition_nic *nic, struct why *ret_why)
{
	int result = may_add(machine, MACHINE_NIC, nic->id, ret_why);

	if (result) {
		for (unsigned int i = 0; i < nic->tap.count; i++)
			close(nic->tap.fd[i]);
		for (unsigned int i = 0; i < nic->vhost.count; i++)
			close(nic->vhost.fd[i]);
		return result;
	}
	pthread_mutex_lock(&machine->lock);
	result = machine_create_nic(machine, nic, ret_why);
	if (!result)
		hotplug_came(machine->hotplug,
		    virtio_pci_slot(machine->devices[machine->device_count - 1].pci));
	pthread_mutex_unlock(&machine->lock);
	return result;
}

static int remove_device(struct machine *machine, enum machine_kind kind, const char *id)
{
	struct machine_device *entry = machine_find(machine, kind, id);

	if (!entry)
		return -ENOENT;
	pthread_mutex_lock(&machine->lock);
	entry->asked = true;
	if (!entry->ejected)
		hotplug_ask(machine->hotplug, virtio_pci_slot(entry->pci));
	pthread_mutex_unlock(&machine->lock);
	return 0;
}

int machine_remove_disk(struct machine *machine, const char *id)
{
	return remove_device(machine, MACHINE_DISK, id);
}

int machine_remove_nic(struct machine *machine, const char *id)
{
	return remove_device(machine, MACHINE_NIC, id);
}

void machine_devices(struct machine *machine, struct buf *out)
{
	for (unsigned int i = 0; i < machine->device_count; i++) {
		const struct machine_device *entry = &machine->devices[i];
		const char *kind = machine_kind_name(entry->kind);

		if (!entry->pci)
			continue;
		buf_printf(out, "%s.%s.slot=%u\n", kind, entry->id, virtio_pci_slot(entry->pci));
		buf_printf(
		    out, "%s.%s.state=%s\n", kind, entry->id, entry->asked ? "leaving" : "present");
	}
}

void machine_save_devices(struct machine *machine, struct state_writer *writer)
{
	state_put(writer, "devices", machine->device_count);
	for (unsigned int i = 0; i < machine->device_count; i++) {
		const struct machine_device *entry = &machine->devices[i];
		const char *kind = machine_kind_name(entry->kind);

		state_put_bytes(writer, "kind", kind, strlen(kind));
		state_put_bytes(writer, "id", entry->id, strlen(entry->id));
		state_put(writer, "slot", entry->pci ? virtio_pci_slot(entry->pci) : 0);
		state_put(writer, "asked", entry->asked);
	}
}

/* Device `place` of the saved list becomes that of this one. */
static void read_device(struct machine *machine, unsigned int place, struct state_reader *reader,
    unsigned int *ret_slot)
{
	char kind[16] = "";
	char id[DEFINITION_WORD] = "";
	unsigned int at = place;
	struct machine_device entry;

	state_get_some(reader, "kind", kind, sizeof(kind) - 1);
	state_get_some(reader, "id", id, sizeof(id) - 1);
	while (at < machine->device_count &&
	       (strcmp(kind, machine_kind_name(machine->devices[at].kind)) != 0 ||
		   strcmp(id, machine->devices[at].id) != 0))
		at++;
	if (at >= machine->device_count) {
		state_fail(
		    reader, "the state is of a guest with a device more: %s \"%s\"", kind, id);
		return;
	}
	entry = machine->devices[at];
	machine->devices[at] = machine->devices[place];
	*ret_slot = (unsigned int)state_get(reader, "slot", PCI_SLOTS - 1);
	entry.asked = state_get(reader, "asked", 1) && entry.pci;
	machine->devices[place] = entry;
}

/* What came while the guest ran is behind the others of its kind, and what went has left a gap: the
 * order and the slots are those of the state. */
void machine_load_devices(struct machine *machine, struct state_reader *reader)
{
	unsigned int count = (unsigned int)state_get(reader, "devices", MACHINE_DEVICES_MAX);
	unsigned int slots[MACHINE_DEVICES_MAX];

	for (unsigned int i = 0; i < count && !reader->error; i++)
		read_device(machine, i, reader, &slots[i]);
	if (count < machine->device_count)
		state_fail(reader, "the state is of a guest with a device less: %s \"%s\"",
		    machine_kind_name(machine->devices[count].kind), machine->devices[count].id);
	if (reader->error)
		return;
	for (unsigned int i = 0; i < count; i++)
		if (machine->devices[i].pci)
			virtio_pci_unplug(machine->devices[i].pci);
	for (unsigned int i = 0; i < count; i++)
		if (machine->devices[i].pci &&
		    virtio_pci_plug(machine->devices[i].pci, (int)slots[i]))
			state_fail(reader, "two devices of the state are in slot %u", slots[i]);
}
