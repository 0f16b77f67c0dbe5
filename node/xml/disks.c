/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/xml/disks.h"

#include <stdio.h>
#include <string.h>

#include "conf/facts.h"
#include "conf/render.h"
#include "node/host/storage.h"

/* Where libvirt's clients expect the data volume's folders; the node has links there. */
#define LIBVIRT_FOLDER "/var/lib/libvirt"

static const char *const buses[] = { "virtio", "ide", "sata", "scsi", "usb" };

const char *xml_disk_bus(
    const struct conf_guest *guest, const struct conf_disk *disk, enum xml_media media)
{
	if (media == XML_FLOPPY)
		return "fdc";
	if (media == XML_CDROM && disk->bus == 0)
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
    char target[XML_TARGET], enum xml_media *ret_media)
{
	const struct conf_disk *lists[] = { guest->disks, guest->cdroms, guest->floppies };
	unsigned int used[4] = { 0 };
	unsigned int at = 0;

	for (unsigned int media = XML_DISK; media <= XML_FLOPPY; media++)
		for (const struct conf_disk *disk = lists[media]; disk; disk = disk->next, at++) {
			const char *prefix = prefix_of(xml_disk_bus(guest, disk, media));
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
	enum xml_media media;

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

/* A volume of a folder is a path, as its pool has it; of other pools the pool's name stays in front
 * of it. */
static void source_path(const struct conf_model *model, const char *source, struct buf *out)
{
	const struct conf_pool *pool;
	char folder[STORAGE_PATH];

	if (!strcmp(source, "empty"))
		return;
	if (is_selector(source)) {
		buf_printf(out, "/dev/disk/%s", source);
		return;
	}
	pool = *source == '/' ? NULL : pool_of(model, source);
	if (pool && storage_path(pool, folder))
		buf_printf(out, "%s%s", folder, strchr(source, '/'));
	else
		buf_puts(out, source);
}

void xml_disk_source(const struct conf_model *model, const struct driver_guest *guest,
    unsigned int index, struct buf *out)
{
	char target[XML_TARGET];
	const struct conf_disk *disk = xml_disk_at(guest->conf, index, target);

	if (!disk)
		return;
	if (guest->disks && guest->disks[index] && is_selector(disk->source))
		buf_puts(out, guest->disks[index]);
	else
		source_path(model, disk->source, out);
}

bool xml_disk_is_named(const struct conf_model *model, const struct driver_guest *guest,
    unsigned int index, const char *name)
{
	struct buf source = BUF_INIT;
	char target[XML_TARGET];
	bool same;

	if (!xml_disk_at(guest->conf, index, target))
		return false;
	xml_disk_source(model, guest, index, &source);
	same = !strcmp(name, target) || !strcmp(name, buf_text(&source));
	buf_done(&source);
	return same;
}

unsigned int xml_disk_index(const struct conf_guest *guest, const struct conf_disk *disk)
{
	char target[XML_TARGET];
	const struct conf_disk *at;

	for (unsigned int i = 0; (at = xml_disk_at(guest, i, target)); i++)
		if (at == disk)
			return i;
	return XML_DISKS_END;
}

/* What is left of `path` below `folder`, or NULL. */
static const char *below(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	if (!length || strncmp(path, folder, length) || path[length] != '/' || !path[length + 1])
		return NULL;
	return path + length + 1;
}

/* Links of udev that name what the file names. */
static bool by_link(const char *path, struct buf *out)
{
	static const struct {
		const char *link;
		const char *kind;
	} links[] = { { "/dev/disk/by-partuuid/", "partuuid:" }, { "/dev/disk/by-id/wwn-", "wwn:" },
		{ "/dev/disk/", "" } };

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		size_t length = strlen(links[i].link);

		if (strncmp(path, links[i].link, length))
			continue;
		if (!*links[i].kind && !is_selector(path + length))
			continue;
		buf_printf(out, "%s%s", links[i].kind, path + length);
		return true;
	}
	return false;
}

/* A disk or partition by its kernel's name, which may be another's the next time: what it is called
 * by for good. */
static bool by_kernel_name(const char *path, struct buf *out)
{
	struct buf facts = BUF_INIT;
	size_t before = out->length;

	if (strncmp(path, "/dev/", 5) != 0 || strchr(path + 5, '/'))
		return false;
	conf_facts_read("/sys", "/dev", &facts);
	conf_facts_selector(buf_text(&facts), path + 5, out);
	buf_done(&facts);
	return out->length > before;
}

void xml_source_of_path(const struct conf_model *model, const char *path, struct buf *out)
{
	const char *inside = below(path, LIBVIRT_FOLDER);
	struct buf real = BUF_INIT;

	if (by_link(path, out) || by_kernel_name(path, out))
		return;
	if (inside)
		buf_printf(&real, CONF_DATA_FOLDER "/%s", inside);
	else
		buf_puts(&real, path);
	for (const struct conf_pool *pool = model->pools; pool; pool = pool->next) {
		struct buf folder = BUF_INIT;

		if (pool->type != CONF_POOL_DIR || !pool->path)
			continue;
		if (*pool->path != '/')
			buf_puts(&folder, CONF_DATA_FOLDER "/");
		buf_puts(&folder, pool->path);
		inside = below(buf_text(&real), buf_text(&folder));
		buf_done(&folder);
		if (!inside)
			continue;
		buf_printf(out, "%s/%s", pool->name, inside);
		buf_done(&real);
		return;
	}
	buf_puts(out, buf_text(&real));
	buf_done(&real);
}

bool xml_guest_has_boot_order(const struct conf_guest *guest)
{
	char target[XML_TARGET];
	const struct conf_disk *disk;

	for (unsigned int i = 0; (disk = xml_disk_at(guest, i, target)); i++)
		if (disk->boot)
			return true;
	for (const struct conf_nic *one = guest->nics; one; one = one->next)
		if (one->boot)
			return true;
	for (const struct conf_device *one = guest->devices; one; one = one->next)
		if (one->boot)
			return true;
	return false;
}
