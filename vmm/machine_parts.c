/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one table of what the guest sees, in the order of creation. What a row creates goes into the
 * machine's list of devices; reset, pausing, saving, loading and teardown walk that list.
 */
#include "vmm/machine_parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "vmm/backend/blk_raw.h"
#include "vmm/core/memmap.h"
#include "vmm/devices/hotplug.h"
#include "vmm/devices/pm.h"
#include "vmm/devices/pvpanic.h"
#include "vmm/devices/rtc.h"
#include "vmm/devices/serial.h"
#include "vmm/devices/virtio_balloon.h"
#include "vmm/devices/virtio_blk.h"
#include "vmm/devices/virtio_console.h"
#include "vmm/devices/virtio_net.h"
#include "vmm/devices/virtio_rng.h"
#include "vmm/devices/virtio_vsock.h"

#define NANOSECONDS 1000000000ll

void machine_ask(struct machine *machine, unsigned int request)
{
	machine->requests |= request;
	loop_post(machine->main_loop, &machine->requested);
}

struct machine_device *machine_find(struct machine *machine, enum machine_kind kind, const char *id)
{
	for (unsigned int i = 0; i < machine->device_count; i++)
		if (machine->devices[i].kind == kind &&
		    (!id || strcmp(machine->devices[i].id, id) == 0))
			return &machine->devices[i];
	return NULL;
}

static struct machine_device *add(
    struct machine *machine, enum machine_kind kind, const char *id, struct device *device)
{
	struct machine_device *entry = &machine->devices[machine->device_count++];

	*entry = (struct machine_device){ .kind = kind, .device = device };
	snprintf(entry->id, sizeof(entry->id), "%s", id);
	return entry;
}

/* There is room for every device of a definition; the rest of it has been checked too. */
static int no_room(const struct machine *machine, struct why *ret_why)
{
	return machine->device_count < MACHINE_DEVICES_MAX
		   ? 0
		   : why(ret_why, -ENOSPC, "more than %d devices", MACHINE_DEVICES_MAX);
}

static void power_off(void *context)
{
	machine_ask(context, REQUEST_POWER_OFF);
}

static void reset(void *context)
{
	machine_ask(context, REQUEST_RESET);
}

static void panicked(void *context, unsigned int event)
{
	/* With a crash kernel the guest goes on by itself. */
	if (event & PVPANIC_PANICKED)
		machine_ask(context, REQUEST_PANIC);
}

static int64_t wall(void *context)
{
	const struct machine *machine = context;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * NANOSECONDS + now.tv_nsec + machine->clock_offset;
}

static int create_pci(struct machine *machine, struct why *ret_why)
{
	int result = pci_bus_create(machine->ports, machine->memory, &machine->pci);

	if (result)
		return why_errno(ret_why, result, "PCI");
	pci_bus_on_reset(machine->pci, reset, machine);
	/* Half of the exits of a guest that looks at its bus. The reset port is among the four; who
	 * writes it goes on to something that comes out. */
	kvm_postpone_writes(machine->kvm, MEMMAP_PORT_PCI, 4);
	add(machine, MACHINE_FIXED, "pci", pci_bus_device(machine->pci));
	machine->host = (struct virtio_pci_host){ .bus = machine->pci,
		.msi = irqchip_msi(machine->irqchip),
		.doorbell = irqchip_doorbell(machine->irqchip) };
	return 0;
}

static int create_rtc(struct machine *machine, struct why *ret_why)
{
	const struct rtc_config config = { .ports = machine->ports,
		.irq = irqchip_line(machine->irqchip, MEMMAP_GSI_RTC),
		.loop = machine->io_loop,
		.wall = wall,
		.context = machine };
	time_t now = time(NULL);
	struct tm local = { 0 };
	struct device *device;
	int result;

	machine->clock_offset = machine->definition->clock_offset * NANOSECONDS;
	if (machine->definition->localtime && localtime_r(&now, &local))
		machine->clock_offset += local.tm_gmtoff * NANOSECONDS;
	result = rtc_create(&config, &device);
	if (result)
		return why_errno(ret_why, result, "RTC");
	kvm_postpone_writes(machine->kvm, MEMMAP_PORT_RTC, 1);
	add(machine, MACHINE_FIXED, "rtc", device);
	return 0;
}

static int create_pm(struct machine *machine, struct why *ret_why)
{
	const struct pm_config config = { .ports = machine->ports,
		.sci = irqchip_line(machine->irqchip, MEMMAP_GSI_SCI),
		.power_off = power_off,
		.reset = reset,
		.context = machine };
	int result = pm_create(&config, &machine->pm);

	if (result)
		return why_errno(ret_why, result, "power management");
	add(machine, MACHINE_FIXED, "pm", machine->pm);
	return 0;
}

static void plugged(void *context)
{
	const struct machine *machine = context;

	pm_raise_event(machine->pm, MEMMAP_PM_PLUG);
}

static int create_hotplug(struct machine *machine, struct why *ret_why)
{
	const struct hotplug_config config = { .ports = machine->ports,
		.notify = plugged,
		.eject = machine_ejected,
		.context = machine };
	int result = hotplug_create(&config, &machine->hotplug);

	if (result)
		return why_errno(ret_why, result, "hot plugging");
	add(machine, MACHINE_FIXED, "hotplug", machine->hotplug);
	return 0;
}

static int create_pvpanic(struct machine *machine, struct why *ret_why)
{
	const struct pvpanic_config config = {
		.ports = machine->ports, .event = panicked, .context = machine
	};
	struct device *device;
	int result;

	if (!machine->definition->pvpanic)
		return 0;
	result = pvpanic_create(&config, &device);
	if (result)
		return why_errno(ret_why, result, "pvpanic");
	add(machine, MACHINE_FIXED, "pvpanic", device);
	return 0;
}

/* A transport around a device; the device is the transport's, on failure too. */
static int plug(struct machine *machine, enum machine_kind kind, const char *id,
    struct virtio *virtio, struct why *ret_why)
{
	struct virtio_pci *pci;
	struct machine_device *entry;
	int result;

	/* There are fewer slots than there is room in the list. */
	result = virtio_pci_create(&machine->host, virtio, -1, &pci);
	if (result == -ENOSPC)
		return why(ret_why, result, "\"%s\": no slot of the PCI bus is free", id);
	if (result)
		return why_errno(ret_why, result, "\"%s\" on the PCI bus", id);
	entry = add(machine, kind, id, virtio_pci_device(pci));
	entry->pci = pci;
	entry->virtio = virtio;
	return 0;
}

static int create_serial(struct machine *machine, const struct definition_console *console,
    struct chardev *chardev, struct machine_device **ret_entry)
{
	bool second = machine_find(machine, MACHINE_SERIAL, NULL) != NULL;
	const struct serial_config config = { .id = console->id,
		.ports = machine->ports,
		.base = second ? MEMMAP_PORT_COM2 : MEMMAP_PORT_COM1,
		.irq = irqchip_line(machine->irqchip, second ? MEMMAP_GSI_COM2 : MEMMAP_GSI_COM1),
		.chardev = chardev };
	struct device *device;
	int result = serial_create(&config, &device);

	if (!result)
		*ret_entry = add(machine, MACHINE_SERIAL, console->id, device);
	return result;
}

static int create_virtio_console(struct machine *machine, const struct definition_console *console,
    struct chardev *chardev, struct machine_device **ret_entry, struct why *ret_why)
{
	const struct virtio_console_config config = {
		.id = console->id, .mem = machine->mem, .loop = machine->io_loop, .chardev = chardev
	};
	struct virtio *virtio;
	int result = virtio_console_create(&config, &virtio);

	if (!result)
		result = plug(machine, MACHINE_CONSOLE, console->id, virtio, ret_why);
	if (!result)
		*ret_entry = &machine->devices[machine->device_count - 1];
	return result;
}

static void no_space(void *context, const char *id)
{
	struct machine *machine = context;

	snprintf(machine->full_disk, sizeof(machine->full_disk), "%s", id);
	machine_ask(machine, REQUEST_NO_SPACE);
}

int machine_create_disk(
    struct machine *machine, const struct definition_disk *disk, struct why *ret_why)
{
	const struct blk_raw_options options = { .read_only = disk->read_only,
		.discard = disk->discard };
	struct virtio_blk_config config = { .id = disk->id,
		.serial = disk->serial[0] ? disk->serial : NULL,
		.mem = machine->mem,
		.loop = machine->io_loop,
		.queues = (unsigned int)disk->queues,
		.write_through = disk->cache == DEFINITION_WRITETHROUGH,
		.limits = { .read_bytes = disk->read_rate,
		    .write_bytes = disk->write_rate,
		    .reads = disk->read_iops,
		    .writes = disk->write_iops },
		.no_space = no_space,
		.context = machine };
	struct virtio *virtio;
	int result = blk_raw_create(machine->io_loop, disk->fd, &options, &config.blk);

	if (!result)
		result = virtio_blk_create(&config, &virtio);
	if (result)
		return why_errno(ret_why, result, "disk \"%s\"", disk->id);
	return plug(machine, MACHINE_DISK, disk->id, virtio, ret_why);
}

static int create_disks(struct machine *machine, struct why *ret_why)
{
	int result = 0;

	for (unsigned int i = 0; i < machine->definition->disk_count && !result; i++)
		result = machine_create_disk(machine, &machine->definition->disks[i], ret_why);
	return result;
}

static struct virtio_net_limit limit_of(const struct definition_rate *rate, uint64_t packets)
{
	return (struct virtio_net_limit){ .average = rate->average,
		.peak = rate->peak,
		.burst = rate->burst,
		.packets = packets };
}

int machine_create_nic(
    struct machine *machine, const struct definition_nic *nic, struct why *ret_why)
{
	struct virtio_net_config config = { .id = nic->id,
		.mem = machine->mem,
		.loop = machine->io_loop,
		.pairs = nic->tap.count,
		.mtu = (uint16_t)nic->mtu,
		.link_up = nic->link == 0,
		.in = limit_of(&nic->in, nic->in_packets),
		.out = limit_of(&nic->out, nic->out_packets) };
	struct virtio *virtio;
	int result;

	memcpy(config.mac.bytes, nic->mac, sizeof(nic->mac));
	for (unsigned int i = 0; i < nic->tap.count; i++) {
		config.taps[i] = nic->tap.fd[i];
		config.vhosts[i] = i < nic->vhost.count ? nic->vhost.fd[i] : -1;
	}
	result = virtio_net_create(&config, &virtio);
	if (result)
		return why_errno(ret_why, result, "nic \"%s\"", nic->id);
	return plug(machine, MACHINE_NIC, nic->id, virtio, ret_why);
}

static int create_nics(struct machine *machine, struct why *ret_why)
{
	int result = 0;

	for (unsigned int i = 0; i < machine->definition->nic_count && !result; i++)
		result = machine_create_nic(machine, &machine->definition->nics[i], ret_why);
	return result;
}

static int create_vsock(struct machine *machine, struct why *ret_why)
{
	const struct virtio_vsock_config config = { .id = "vsock",
		.mem = machine->mem,
		.loop = machine->io_loop,
		.vhost = machine->definition->vsock,
		.cid = machine->definition->vsock_cid };
	struct virtio *virtio;
	int result;

	if (config.vhost < 0)
		return 0;
	result = virtio_vsock_create(&config, &virtio);
	if (result)
		return why_errno(ret_why, result, "vsock");
	return plug(machine, MACHINE_VSOCK, "vsock", virtio, ret_why);
}

static int create_consoles(struct machine *machine, struct why *ret_why)
{
	for (unsigned int i = 0; i < machine->definition->console_count; i++) {
		const struct definition_console *console = &machine->definition->consoles[i];
		struct machine_device *entry = NULL;
		struct chardev *chardev;
		int result = no_room(machine, ret_why);

		if (result)
			return result;
		result = chardev_create(
		    machine->io_loop, console->log, console->log_size, &chardev);
		if (result)
			return why_errno(ret_why, result, "console \"%s\"", console->id);
		if (console->type == DEFINITION_CONSOLE_SERIAL)
			result = create_serial(machine, console, chardev, &entry);
		else
			result = create_virtio_console(machine, console, chardev, &entry, ret_why);
		if (result) {
			chardev_free(chardev);
			return why_errno(ret_why, result, "console \"%s\"", console->id);
		}
		entry->chardev = chardev;
	}
	return 0;
}

static int create_rng(struct machine *machine, struct why *ret_why)
{
	const struct virtio_rng_config config = { .id = "rng",
		.mem = machine->mem,
		.loop = machine->io_loop,
		.fd = machine->definition->rng };
	struct virtio *virtio;
	int result;

	if (machine->definition->rng < 0)
		return 0;
	result = virtio_rng_create(&config, &virtio);
	if (result)
		return why_errno(ret_why, result, "rng");
	return plug(machine, MACHINE_RNG, "rng", virtio, ret_why);
}

static void balloon_changed(void *context)
{
	machine_ask(context, REQUEST_BALLOON);
}

static int create_balloon(struct machine *machine, struct why *ret_why)
{
	const struct virtio_balloon_config config = { .id = "balloon",
		.mem = machine->mem,
		.loop = machine->io_loop,
		.stats_seconds = (unsigned int)machine->definition->balloon_period,
		.changed = balloon_changed,
		.context = machine };
	struct virtio *virtio;
	int result;

	if (!machine->definition->balloon)
		return 0;
	result = virtio_balloon_create(&config, &virtio);
	if (result)
		return why_errno(ret_why, result, "balloon");
	if (machine->definition->balloon_target)
		virtio_balloon_set_target(virtio, machine->definition->balloon_target);
	return plug(machine, MACHINE_BALLOON, "balloon", virtio, ret_why);
}

int machine_create_parts(struct machine *machine, struct why *ret_why)
{
	static int (*const parts[])(struct machine *, struct why *) = {
		create_pci,
		create_rtc,
		create_pm,
		create_hotplug,
		create_pvpanic,
		create_disks,
		create_nics,
		create_consoles,
		create_rng,
		create_balloon,
		create_vsock,
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		int result = no_room(machine, ret_why);

		if (!result)
			result = parts[i](machine, ret_why);
		if (result)
			return result;
	}
	return 0;
}
