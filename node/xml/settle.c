/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/xml/settle.h"

#include <string.h>

#include "node/guest/identity.h"
#include "node/xml/disks.h"

#define RAW 1
#define SERIAL_LOG 1
/* Of the file's choices of a NIC's model. */
#define E1000 1
#define E1000E 2

static void settle_sizes(struct conf_guest *guest, const struct conf_guest *old)
{
	if (guest->memory_max == guest->memory &&
	    !(old && old->memory_max && old->memory_max == guest->memory))
		guest->memory_max = 0;
	if (guest->vcpus_max == guest->vcpus &&
	    !(old && old->vcpus_max && old->vcpus_max == guest->vcpus))
		guest->vcpus_max = 0;
}

static bool has_suffix(const char *text, const char *suffix)
{
	size_t length = strlen(text);

	return length >= strlen(suffix) && !strcmp(text + length - strlen(suffix), suffix);
}

/* The disk that clients call by this name. */
static const struct conf_disk *find_disk(const struct conf_guest *guest, const char *name)
{
	char target[XML_TARGET];
	const struct conf_disk *disk = NULL;

	for (unsigned int i = 0; guest && (disk = xml_disk_at(guest, i, target)); i++)
		if (!strcmp(target, name))
			break;
	return disk;
}

/*
 * What clients choose for a system that they do not know: IDE or SATA, a card that many know. One
 * that starts with a kernel of the node's is Linux, which knows virtio.
 */
static bool is_linux(const struct conf_guest *guest)
{
	return guest->kernel;
}

static void settle_disk(
    const struct conf_guest *guest, struct conf_disk *disk, const struct conf_disk *old)
{
	if (old) {
		disk->size = old->size;
		if (disk->format == RAW && !old->format)
			disk->format = 0;
	} else {
		if (disk->format == RAW && !has_suffix(disk->source, ".qcow2"))
			disk->format = 0;
		if (is_linux(guest) && (disk->bus == CONF_BUS_IDE || disk->bus == CONF_BUS_SATA))
			disk->bus = CONF_BUS_VIRTIO;
	}
}

/* A name that a disk has by its order need not be said; which one that is, others' do not change.
 */
static void settle_target(const struct conf_guest *guest, struct conf_disk *disk,
    unsigned int index, const struct conf_disk *was)
{
	const char *said = disk->target;
	char target[XML_TARGET];

	if (!said || (was && was->target))
		return;
	disk->target = NULL;
	if (xml_disk_at(guest, index, target) && strcmp(target, said) != 0)
		disk->target = said;
}

/* By the buses that clients named; only then those are settled. */
static void settle_disks(struct conf_guest *guest, const struct conf_guest *old)
{
	struct conf_disk *lists[] = { guest->disks, guest->cdroms, guest->floppies };
	const struct conf_disk *before[64] = { NULL };
	unsigned int count = 0;

	for (unsigned int k = 0; k < 3; k++)
		for (struct conf_disk *disk = lists[k]; disk && count < 64; disk = disk->next) {
			before[count] = disk->target ? find_disk(old, disk->target) : NULL;
			settle_target(guest, disk, count, before[count]);
			count++;
		}
	count = 0;
	for (unsigned int k = 0; k < 3; k++)
		for (struct conf_disk *disk = lists[k]; disk && count < 64; disk = disk->next) {
			const struct conf_disk *was = before[count++];

			if (k == XML_CDROM && was && !was->bus &&
			    !strcmp(xml_disk_bus(guest, disk, XML_CDROM),
				xml_disk_bus(old, was, XML_CDROM)))
				disk->bus = 0;
			if (k == XML_DISK)
				settle_disk(guest, disk, was);
		}
}

static bool has_model(const struct conf_guest *guest, unsigned int model)
{
	for (const struct conf_nic *nic = guest ? guest->nics : NULL; nic; nic = nic->next)
		if (nic->model == model)
			return true;
	return false;
}

static void settle_models(struct conf_guest *guest, const struct conf_guest *old)
{
	for (struct conf_nic *nic = guest->nics; nic && is_linux(guest); nic = nic->next)
		if ((nic->model == E1000 || nic->model == E1000E) && !has_model(old, nic->model))
			nic->model = 0;
}

static void settle_nics(struct conf_guest *guest, const struct conf_guest *old)
{
	static const struct netaddr_mac none;
	const struct conf_nic *was = old ? old->nics : NULL;
	struct conf_nic *nic = guest->nics;

	for (unsigned int i = 0; nic && was; nic = nic->next, was = was->next, i++) {
		struct netaddr_mac made = identity_mac(old, was, i);

		if (!memcmp(&was->mac, &none, sizeof(none)) &&
		    !memcmp(&nic->mac, &made, sizeof(made)))
			nic->mac = none;
	}
}

static void settle_serials(struct conf_guest *guest, const struct conf_guest *old)
{
	const struct conf_serial *was = old ? old->serials : NULL;
	struct conf_serial *first = guest->serials;

	for (struct conf_serial *one = first; one && was; one = one->next, was = was->next)
		if (one->bus == was->bus && !one->type) {
			one->type = was->type == SERIAL_LOG ? SERIAL_LOG : one->type;
			one->log = was->log;
			one->log_size = was->log_size;
		}
	/* One of each kind is what a guest has without a word. */
	if (first && !first->bus && !first->type && first->next && first->next->bus == 1 &&
	    !first->next->type && !first->next->next && !(old && old->serials))
		guest->serials = NULL;
}

static void settle_unsaid(struct conf_guest *guest, const struct conf_guest *old)
{
	uint8_t wanted[16];
	uint8_t made[16];

	if (guest->boot && !strcmp(guest->boot, "disk") && !(old && old->boot))
		guest->boot = NULL;
	if (!old)
		return;
	guest->use = old->use;
	guest->usb = old->usb;
	guest->nested = old->nested;
	guest->autostart = old->autostart;
	guest->node_shutdown = old->node_shutdown;
	guest->graphics.tls = guest->graphics.type && old->graphics.tls;
	guest->pae = old->pae;
	if (old->firmware == CONF_FIRMWARE_DIRECT && guest->kernel && !guest->firmware)
		guest->firmware = CONF_FIRMWARE_DIRECT;
	if (!guest->graphics.type && !guest->video.model)
		guest->video = old->video;
	/* A UUID that is made from the name is not said, unless something lies under it. */
	identity_uuid(guest, wanted);
	identity_uuid(old, made);
	if (!old->uuid && !memcmp(wanted, made, sizeof(made)))
		guest->uuid = NULL;
}

void xml_settle(struct conf_guest *guest, const struct conf_guest *old, bool has_parts)
{
	const char *uuid = guest->uuid;

	settle_sizes(guest, old);
	settle_disks(guest, old);
	settle_nics(guest, old);
	settle_models(guest, old);
	settle_serials(guest, old);
	settle_unsaid(guest, old);
	if (has_parts)
		guest->uuid = uuid;
}
