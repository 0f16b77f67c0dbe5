/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/xml/devices.h"

#include <stdio.h>
#include <string.h>

#include "conf/render.h"

enum media { DISK, CDROM, FLOPPY };

static const char *const buses[] = { "virtio", "ide", "sata", "scsi", "usb" };

/* A CD-ROM drive whose bus the file does not say is on the one that its machine has. */
static const char *bus_of(
    const struct conf_guest *guest, const struct conf_disk *disk, enum media media)
{
	if (media == FLOPPY)
		return "fdc";
	if (media == CDROM && disk->bus == 0)
		return guest->machine ? "sata" : "ide";
	return buses[disk->bus];
}

static const char *prefix_of(const char *bus)
{
	return !strcmp(bus, "virtio") ? "vd"
	       : !strcmp(bus, "ide")  ? "hd"
	       : !strcmp(bus, "fdc")  ? "fd"
				      : "sd";
}

/* "vda" to "vdz", then "vdaa". */
static void name_target(const char *prefix, unsigned int number, char target[XML_TARGET])
{
	if (number < 26)
		snprintf(target, XML_TARGET, "%s%c", prefix, (char)('a' + number));
	else
		snprintf(target, XML_TARGET, "%s%c%c", prefix, (char)('a' + number / 26 - 1),
		    (char)('a' + number % 26));
}

static const struct conf_disk *find(const struct conf_guest *guest, unsigned int index,
    char target[XML_TARGET], enum media *ret_media)
{
	const struct conf_disk *lists[] = { guest->disks, guest->cdroms, guest->floppies };
	unsigned int used[4] = { 0 };
	unsigned int at = 0;

	for (unsigned int media = DISK; media <= FLOPPY; media++)
		for (const struct conf_disk *disk = lists[media]; disk; disk = disk->next, at++) {
			const char *prefix = prefix_of(bus_of(guest, disk, media));
			/* v, h, s, f */
			unsigned int *count = &used[*prefix == 'v'   ? 0
						    : *prefix == 'h' ? 1
						    : *prefix == 's' ? 2
								     : 3];

			if (at == index) {
				if (disk->target)
					snprintf(target, XML_TARGET, "%s", disk->target);
				else
					name_target(prefix, *count, target);
				*ret_media = media;
				return disk;
			}
			(*count)++;
		}
	return NULL;
}

const struct conf_disk *xml_disk_at(
    const struct conf_guest *guest, unsigned int index, char target[XML_TARGET])
{
	enum media media;

	return find(guest, index, target, &media);
}

static const struct conf_pool *pool_of(const struct conf_model *model, const char *source)
{
	size_t length = strcspn(source, "/");

	for (const struct conf_pool *pool = model->pools; pool; pool = pool->next)
		if (strlen(pool->name) == length && !strncmp(pool->name, source, length))
			return pool;
	return NULL;
}

static bool is_selector(const char *source)
{
	return strchr(source, ':') && *source != '/' && !strchr(source, '/');
}

/* A volume of a folder is a path; of other pools the pool's name stays in front of it. */
static void source_path(const struct conf_model *model, const char *source, struct buf *out)
{
	const struct conf_pool *pool;

	if (!strcmp(source, "empty"))
		return;
	if (is_selector(source)) {
		buf_printf(out, "/dev/disk/%s", source);
		return;
	}
	pool = *source == '/' ? NULL : pool_of(model, source);
	if (pool && pool->type == CONF_POOL_DIR && pool->path) {
		if (*pool->path != '/')
			buf_puts(out, CONF_DATA_FOLDER "/");
		buf_printf(out, "%s%s", pool->path, strchr(source, '/'));
	} else {
		buf_puts(out, source);
	}
}

void xml_disk_source(const struct conf_model *model, const struct driver_guest *guest,
    unsigned int index, struct buf *out)
{
	char target[XML_TARGET];
	const struct conf_disk *disk = xml_disk_at(guest->conf, index, target);

	if (!disk)
		return;
	if (guest->disks && guest->disks[index])
		buf_puts(out, guest->disks[index]);
	else
		source_path(model, disk->source, out);
}

static void boot_order(struct xml *xml, uint64_t order)
{
	if (!order)
		return;
	xml_begin(xml, "boot");
	xml_attribute_format(xml, "order", "%llu", (unsigned long long)order);
	xml_end(xml);
}

static void limit(struct xml *xml, const char *name, uint64_t value)
{
	if (value)
		xml_text_format(xml, name, "%llu", (unsigned long long)value);
}

static void disk_limits(struct xml *xml, const struct conf_disk *disk)
{
	if (!disk->read_rate && !disk->write_rate && !disk->read_iops && !disk->write_iops)
		return;
	xml_begin(xml, "iotune");
	limit(xml, "read_bytes_sec", disk->read_rate);
	limit(xml, "write_bytes_sec", disk->write_rate);
	limit(xml, "read_iops_sec", disk->read_iops);
	limit(xml, "write_iops_sec", disk->write_iops);
	xml_end(xml);
}

static void disk_driver(struct xml *xml, const struct conf_disk *disk, enum media media)
{
	static const char *const caches[] = { "none", "writethrough", "writeback", "directsync",
		"unsafe" };
	static const char *const ios[] = { "io_uring", "threads" };
	static const char *const discards[] = { "unmap", "ignore" };

	xml_begin(xml, "driver");
	xml_attribute(xml, "name", "qemu");
	xml_attribute(xml, "type", disk->format == 2 ? "qcow2" : "raw");
	if (media == DISK) {
		xml_attribute(xml, "cache", caches[disk->cache]);
		xml_attribute(xml, "io", ios[disk->io]);
		xml_attribute(xml, "discard", discards[disk->discard]);
	}
	xml_end(xml);
}

static void disk_source(struct xml *xml, const char *type, const char *source)
{
	const char *volume = strchr(source, '/');

	if (!*source)
		return;
	xml_begin(xml, "source");
	if (!strcmp(type, "volume") && volume) {
		xml_attribute_format(xml, "pool", "%.*s", (int)(volume - source), source);
		xml_attribute(xml, "volume", volume + 1);
	} else {
		xml_attribute(xml, !strcmp(type, "block") ? "dev" : "file", source);
	}
	xml_end(xml);
}

static void disk(struct xml *xml, const struct conf_model *model, const struct driver_guest *guest,
    unsigned int index)
{
	static const char *const kinds[] = { "disk", "cdrom", "floppy" };
	char target[XML_TARGET];
	enum media media;
	const struct conf_disk *one = find(guest->conf, index, target, &media);
	struct buf source = BUF_INIT;
	const char *type;

	xml_disk_source(model, guest, index, &source);
	type = !strncmp(buf_text(&source), "/dev/", 5)	     ? "block"
	       : *buf_text(&source) == '/' || !source.length ? "file"
							     : "volume";
	xml_begin(xml, "disk");
	xml_attribute(xml, "type", type);
	xml_attribute(xml, "device", kinds[media]);
	disk_driver(xml, one, media);
	disk_source(xml, type, buf_text(&source));
	xml_begin(xml, "target");
	xml_attribute(xml, "dev", target);
	xml_attribute(xml, "bus", bus_of(guest->conf, one, media));
	xml_end(xml);
	disk_limits(xml, one);
	if (media == CDROM || one->read_only) {
		xml_begin(xml, "readonly");
		xml_end(xml);
	}
	if (one->shareable) {
		xml_begin(xml, "shareable");
		xml_end(xml);
	}
	if (one->serial)
		xml_text(xml, "serial", one->serial);
	boot_order(xml, one->boot);
	xml_end(xml);
	buf_done(&source);
}

static void rate(
    struct xml *xml, const char *element, uint64_t average, uint64_t peak, uint64_t burst)
{
	if (!average)
		return;
	xml_begin(xml, element);
	xml_attribute_format(xml, "average", "%llu", (unsigned long long)average / 1024);
	if (peak)
		xml_attribute_format(xml, "peak", "%llu", (unsigned long long)peak / 1024);
	if (burst)
		xml_attribute_format(xml, "burst", "%llu", (unsigned long long)burst / 1024);
	xml_end(xml);
}

static void nic(
    struct xml *xml, const struct driver_guest *guest, const struct conf_nic *one, unsigned int i)
{
	static const char *const models[] = { "virtio", "e1000", "e1000e", "rtl8139" };
	static const struct netaddr_mac none = { { 0 } };
	const struct netaddr_mac *mac = guest->macs ? &guest->macs[i] : &one->mac;
	char text[NETADDR_TEXT];

	xml_begin(xml, "interface");
	xml_attribute(xml, "type", "network");
	if (memcmp(mac, &none, sizeof(none)) != 0)
		xml_empty(xml, "mac", "address", netaddr_mac_text(mac, text));
	xml_empty(xml, "source", "network", one->network);
	if (guest->taps && guest->taps[i])
		xml_empty(xml, "target", "dev", guest->taps[i]);
	xml_empty(xml, "model", "type", models[one->model]);
	if (one->queues) {
		xml_begin(xml, "driver");
		xml_attribute_format(xml, "queues", "%llu", (unsigned long long)one->queues);
		xml_end(xml);
	}
	if (one->in || one->out) {
		xml_begin(xml, "bandwidth");
		rate(xml, "inbound", one->in, one->in_peak, one->in_burst);
		rate(xml, "outbound", one->out, one->out_peak, one->out_burst);
		xml_end(xml);
	}
	if (one->mtu) {
		xml_begin(xml, "mtu");
		xml_attribute_format(xml, "size", "%llu", (unsigned long long)one->mtu);
		xml_end(xml);
	}
	if (!one->link)
		xml_empty(xml, "link", "state", "down");
	boot_order(xml, one->boot);
	xml_end(xml);
}

/* One port, as <serial> and <console> alike; what a client calls "console" is the first of them. */
static void port(
    struct xml *xml, const char *element, const char *type, unsigned int number, const char *path)
{
	xml_begin(xml, element);
	xml_attribute(xml, "type", "pty");
	if (path && !strcmp(element, "console"))
		xml_attribute(xml, "tty", path);
	if (path)
		xml_empty(xml, "source", "path", path);
	xml_begin(xml, "target");
	xml_attribute(xml, "type", type);
	xml_attribute_format(xml, "port", "%u", number);
	xml_end(xml);
	xml_end(xml);
}

static void consoles(struct xml *xml, const struct driver_guest *guest)
{
	/* Without a line of its own a guest has one of each kind. */
	struct conf_serial second = { .bus = 1 };
	struct conf_serial usual = { .next = &second };
	const struct conf_serial *first = guest->conf->serials ? guest->conf->serials : &usual;
	unsigned int serials = 0;
	unsigned int count = 0;

	for (const struct conf_serial *one = first; one; one = one->next) {
		if (one->type == 2) /* none */
			continue;
		if (one->bus == 0) /* isa */
			port(xml, "serial", "isa-serial", serials++,
			    count ? NULL : guest->console_path);
		count++;
	}
	count = 0;
	for (const struct conf_serial *one = first; one; one = one->next) {
		if (one->type == 2 || (one->bus == 0 && count))
			continue;
		port(xml, "console", one->bus ? "virtio" : "serial", count,
		    count ? NULL : guest->console_path);
		count++;
	}
}

static void graphics(struct xml *xml, const struct conf_guest *guest, bool with_secrets)
{
	static const char *const models[] = { "vga", "virtio", "cirrus", "none" };
	const struct conf_graphics *one = &guest->graphics;
	char address[NETADDR_TEXT];

	if (!one->type)
		return;
	xml_begin(xml, "graphics");
	xml_attribute(xml, "type", "vnc");
	xml_attribute_format(xml, "port", "%d", one->port ? (int)one->port : -1);
	xml_attribute(xml, "autoport", one->port ? "no" : "yes");
	if (one->keymap)
		xml_attribute(xml, "keymap", one->keymap);
	if (one->password && with_secrets)
		xml_attribute(xml, "passwd", one->password);
	if (one->address.family) {
		xml_attribute(xml, "listen", netaddr_text(&one->address, address));
		xml_begin(xml, "listen");
		xml_attribute(xml, "type", "address");
		xml_attribute(xml, "address", address);
		xml_end(xml);
	}
	xml_end(xml);
	xml_begin(xml, "video");
	xml_begin(xml, "model");
	xml_attribute(xml, "type", models[guest->video.model]);
	if (guest->video.memory)
		xml_attribute_format(
		    xml, "vram", "%llu", (unsigned long long)guest->video.memory / 1024);
	xml_end(xml);
	xml_end(xml);
}

/* pci:0000:03:00.0 */
static void passed_through(struct xml *xml, const struct conf_device *device)
{
	unsigned int v[4];
	bool pci = sscanf(device->source, "pci:%x:%x:%x.%x", &v[0], &v[1], &v[2], &v[3]) == 4;

	if (!pci && sscanf(device->source, "usb:%x:%x", &v[0], &v[1]) != 2)
		return;
	xml_begin(xml, "hostdev");
	xml_attribute(xml, "mode", "subsystem");
	xml_attribute(xml, "type", pci ? "pci" : "usb");
	xml_attribute(xml, "managed", "yes");
	xml_begin(xml, "source");
	if (pci) {
		xml_begin(xml, "address");
		xml_attribute_format(xml, "domain", "0x%04x", v[0]);
		xml_attribute_format(xml, "bus", "0x%02x", v[1]);
		xml_attribute_format(xml, "slot", "0x%02x", v[2]);
		xml_attribute_format(xml, "function", "0x%x", v[3]);
		xml_end(xml);
	} else {
		xml_begin(xml, "vendor");
		xml_attribute_format(xml, "id", "0x%04x", v[0]);
		xml_end(xml);
		xml_begin(xml, "product");
		xml_attribute_format(xml, "id", "0x%04x", v[1]);
		xml_end(xml);
	}
	xml_end(xml);
	boot_order(xml, device->boot);
	if (!device->rom)
		xml_empty(xml, "rom", "bar", "off");
	xml_end(xml);
}

static void small_devices(struct xml *xml, const struct conf_guest *guest)
{
	static const char *const inputs[] = { "tablet", "mouse", "keyboard" };
	static const char *const input_buses[] = { "usb", "ps2", "virtio" };
	static const char *const sounds[] = { "none", "ac97", "ich6", "ich9", "es1370", "sb16" };
	static const char *const watchdogs[] = { "none", "i6300esb", "ib700" };
	static const char *const actions[] = { "reset", "poweroff", "pause", "dump", "none" };
	static const char *const tpms[] = { "none", "tpm-tis", "tpm-crb" };

	for (const struct conf_input *input = guest->inputs; input; input = input->next) {
		xml_begin(xml, "input");
		xml_attribute(xml, "type", inputs[input->type]);
		xml_attribute(xml, "bus", input_buses[input->bus]);
		xml_end(xml);
	}
	if (guest->sound)
		xml_empty(xml, "sound", "model", sounds[guest->sound]);
	if (guest->tpm) {
		xml_begin(xml, "tpm");
		xml_attribute(xml, "model", tpms[guest->tpm]);
		xml_begin(xml, "backend");
		xml_attribute(xml, "type", "emulator");
		xml_attribute(xml, "version", "2.0");
		xml_end(xml);
		xml_end(xml);
	}
	if (guest->watchdog.model) {
		xml_begin(xml, "watchdog");
		xml_attribute(xml, "model", watchdogs[guest->watchdog.model]);
		xml_attribute(xml, "action", actions[guest->watchdog.action]);
		xml_end(xml);
	}
	xml_empty(xml, "memballoon", "model", guest->balloon ? "virtio" : "none");
	if (guest->rng) {
		xml_begin(xml, "rng");
		xml_attribute(xml, "model", "virtio");
		xml_begin(xml, "backend");
		xml_attribute(xml, "model", "random");
		xml_end_text(xml, "/dev/urandom");
		xml_end(xml);
	}
}

void xml_devices(struct xml *xml, const struct conf_model *model, const struct driver_guest *guest,
    bool with_secrets)
{
	char target[XML_TARGET];
	unsigned int index = 0;

	while (xml_disk_at(guest->conf, index, target))
		disk(xml, model, guest, index++);
	index = 0;
	for (const struct conf_nic *one = guest->conf->nics; one; one = one->next)
		nic(xml, guest, one, index++);
	consoles(xml, guest);
	if (guest->conf->agent) {
		xml_begin(xml, "channel");
		xml_attribute(xml, "type", "unix");
		xml_begin(xml, "target");
		xml_attribute(xml, "type", "virtio");
		xml_attribute(xml, "name", "org.qemu.guest_agent.0");
		xml_end(xml);
		xml_end(xml);
	}
	graphics(xml, guest->conf, with_secrets);
	for (const struct conf_device *device = guest->conf->devices; device; device = device->next)
		passed_through(xml, device);
	small_devices(xml, guest->conf);
}

bool xml_guest_has_boot_order(const struct conf_guest *guest)
{
	char target[XML_TARGET];
	const struct conf_disk *disk_with;

	for (unsigned int i = 0; (disk_with = xml_disk_at(guest, i, target)); i++)
		if (disk_with->boot)
			return true;
	for (const struct conf_nic *one = guest->nics; one; one = one->next)
		if (one->boot)
			return true;
	for (const struct conf_device *one = guest->devices; one; one = one->next)
		if (one->boot)
			return true;
	return false;
}
