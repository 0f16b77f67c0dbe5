/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/guest/refusal.h"

#include <string.h>

#include "node/guest/definition.h"

static bool refuse_firmware(const struct conf_guest *guest, struct buf *why)
{
	/* With a kernel of its own, a guest does not miss the BIOS. */
	if (guest->firmware == CONF_FIRMWARE_UEFI)
		buf_puts(why,
		    "firmware = uefi is not there yet: use firmware = direct with kernel = PATH");
	else if (!guest->kernel)
		buf_puts(why,
		    "firmware = bios is not there yet: give the guest kernel = PATH, which starts without firmware");
	return why->length;
}

static bool refuse_disk(const struct conf_disk *disk, struct buf *why)
{
	if (disk->bus != CONF_BUS_VIRTIO)
		buf_printf(why, "disk %s: only bus=virtio is there yet", disk->source);
	else if (disk->format == 2)
		buf_printf(
		    why, "disk %s: format=qcow2 is not there yet: convert it to raw", disk->source);
	return why->length;
}

/* What clients write unless they are told not to. */
static bool refuse_graphics(const struct conf_guest *guest, struct buf *why)
{
	if (guest->graphics.type)
		buf_puts(why,
		    "graphics is not there yet: take it out of the guest's section, or virt-install with --graphics none");
	return why->length;
}

static bool refuse_devices(const struct conf_guest *guest, struct buf *why)
{
	const struct {
		bool asked;
		const char *key;
	} keys[] = {
		{ guest->cdroms && strcmp(guest->cdroms->source, "empty"), "cdrom" },
		{ guest->floppies && strcmp(guest->floppies->source, "empty"), "floppy" },
		{ guest->inputs, "input" },
		{ guest->devices, "device" },
		{ guest->sound, "sound" },
		{ guest->usb, "usb" },
		{ guest->tpm, "tpm" },
		{ guest->watchdog.model, "watchdog" },
		{ guest->agent, "agent" },
		{ guest->cells, "cell" },
		{ guest->hyperv, "hyperv" },
		{ !guest->acpi, "acpi = no" },
		{ !guest->apic, "apic = no" },
		{ !guest->pae, "pae = no" },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].asked) {
			buf_printf(why, "%s is not there yet: take it out of the guest's section",
			    keys[i].key);
			return true;
		}
	return false;
}

bool refusal_of(const struct conf_guest *guest, struct buf *why)
{
	if (refuse_firmware(guest, why))
		return true;
	for (const struct conf_disk *disk = guest->disks; disk; disk = disk->next)
		if (refuse_disk(disk, why))
			return true;
	for (const struct conf_nic *nic = guest->nics; nic; nic = nic->next)
		if (nic->model) {
			buf_printf(why, "nic %s: only model=virtio is there yet", nic->network);
			return true;
		}
	if (guest->vcpus > DEFINITION_VCPUS || guest->vcpus_max > DEFINITION_VCPUS) {
		buf_printf(
		    why, "more than %d vcpus are not there yet: make them fewer", DEFINITION_VCPUS);
		return true;
	}
	return refuse_graphics(guest, why) || refuse_devices(guest, why);
}
