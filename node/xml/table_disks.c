/* SPDX-License-Identifier: GPL-2.0-only */
/* The rows of disks, CD-ROMs and floppies. */
#include "node/xml/table_devices.h"

#include <stdio.h>
#include <string.h>

#include "node/guest/alias.h"
#include "node/xml/flags.h"
#include "node/xml/forms.h"
#include "node/xml/live.h"
#include "node/xml/reading.h"
#include "node/xml/writing.h"

#define CONF(writing) ((writing)->guest->conf)

static void name_disk(struct xml_writing *writing, struct buf *ret_name)
{
	char target[XML_TARGET];

	if (xml_disk_at(CONF(writing), xml_disk_index(CONF(writing), writing->object), target))
		buf_puts(ret_name, target);
}

static const char *identity_disk(const struct xml_element *of)
{
	return xml_tree_attribute(of, "target", "dev");
}

static bool begin_disk(struct xml_reading *reading, struct xml_element *of)
{
	static const char *const types[] = { "file", "block", "volume" };
	const char *type = xml_tree_attribute(of, "", "type");
	const char *target = identity_disk(of);

	for (size_t i = 0; type && i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(type, types[i]))
			type = NULL;
	if (type)
		return xml_refuse(reading, of, "type",
		    "disks of type \"%s\" are not there; use file, block or volume", type);
	if (!target)
		return xml_refuse(reading, of, NULL, "it lacks <target dev='...'>");
	for (const struct xml_element *other = of->parent->children; other != of;
	     other = other->next)
		if (!strcmp(other->name, of->name) && identity_disk(other) &&
		    !strcmp(identity_disk(other), target))
			return xml_refuse(reading, of, NULL, "target '%s' stands twice", target);
	return true;
}

/* "file", "block" or "volume", and what the source is. */
static const char *disk_type(struct xml_writing *writing, struct buf *source)
{
	xml_disk_source(
	    writing->model, writing->guest, xml_disk_index(CONF(writing), writing->object), source);
	return !strncmp(buf_text(source), "/dev/", 5)	     ? "block"
	       : *buf_text(source) == '/' || !source->length ? "file"
							     : "volume";
}

static bool write_disk_type(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	struct buf source = BUF_INIT;

	(void)row;
	(void)text;
	buf_puts(ret_value, disk_type(writing, &source));
	buf_done(&source);
	return true;
}

static const struct xml_form form_disk_type = { .read = xml_read_nothing,
	.write = write_disk_type };

/* The attribute of <source> that goes with the type; of a drive that has none, it is empty. */
static bool read_source(struct xml_reading *reading, const struct xml_row *row,
    struct xml_element *of, const char *value, struct buf *ret_text)
{
	const char *device = xml_tree_attribute(of, "", "device");
	const char *volume = xml_tree_attribute(of, "source", "volume");

	(void)row;
	if (value && !strcmp(row->path, "source@pool"))
		buf_printf(ret_text, "%s/%s", value, volume ? volume : "");
	else if (value)
		xml_source_of_path(reading->model, value, ret_text);
	if (value || strcmp(row->path, "source@file") != 0 ||
	    xml_tree_attribute(of, "source", "dev") || xml_tree_attribute(of, "source", "pool"))
		return true;
	if (!device || !strcmp(device, "disk"))
		return xml_refuse(reading, of, NULL, "a disk needs a <source>");
	buf_puts(ret_text, "empty");
	return true;
}

static bool write_source(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	struct buf source = BUF_INIT;
	const char *type = disk_type(writing, &source);
	const char *volume = strchr(buf_text(&source), '/');
	const char *wanted = !strcmp(row->path, "source@file")	? "file"
			     : !strcmp(row->path, "source@dev") ? "block"
								: "volume";
	bool some = source.length && !strcmp(type, wanted);

	(void)text;
	if (!strcmp(row->path, "source@pool"))
		buf_add(ret_value, buf_text(&source),
		    volume ? (size_t)(volume - buf_text(&source)) : 0);
	else if (!strcmp(row->path, "source@volume"))
		buf_puts(ret_value, volume ? volume + 1 : "");
	else
		buf_puts(ret_value, buf_text(&source));
	buf_done(&source);
	return some;
}

static const struct xml_form form_source = { .read = read_source, .write = write_source };
static const struct xml_form form_source_file = {
	.read = read_source, .write = write_source, .absent = true
};
static const struct xml_form form_volume = { .read = xml_read_nothing, .write = write_source };

static bool write_target(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	(void)row;
	(void)text;
	name_disk(writing, ret_value);
	return true;
}

static const struct xml_form form_target = { .write = write_target };

/* Of a disk without a word about it, the old names of IDE and floppy disks tell. */
static bool read_bus(struct xml_reading *reading, const struct xml_row *row, struct xml_element *of,
    const char *value, struct buf *ret_text)
{
	const char *target = identity_disk(of);

	if (value)
		return xml_read_words(reading, row, of, value, ret_text);
	if (target && !strncmp(target, "hd", 2))
		buf_puts(ret_text, "ide");
	return true;
}

static bool write_bus(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	static const char *const keys[] = { "disk", "cdrom", "floppy" };

	(void)text;
	for (unsigned int media = XML_DISK; media <= XML_FLOPPY; media++)
		if (!strcmp(keys[media], row->note))
			buf_puts(ret_value,
			    xml_disk_bus(CONF(writing), writing->object, (enum xml_media)media));
	return true;
}

static bool write_read_only(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	(void)writing;
	(void)row;
	(void)text;
	(void)ret_value;
	return true;
}

static const struct xml_form form_read_only = {
	.read = xml_read_nothing, .write = write_read_only, .presence = true
};

static const struct xml_form form_bus = { .read = read_bus, .write = write_bus, .absent = true };

static const struct xml_word drivers[] = { { "", "qemu" }, { 0 } };
static const struct xml_word formats[] = { { "raw", "raw" }, { "qcow2", "qcow2" }, { "raw", "aio" },
	{ "", "raw" }, { 0 } };
static const struct xml_word raw_words[] = { { "", "raw" }, { 0 } };
static const struct xml_word caches[] = { { "none", "none" }, { "writethrough", "writethrough" },
	{ "writeback", "writeback" }, { "directsync", "directsync" }, { "unsafe", "unsafe" },
	{ "", "default" }, { 0 } };
static const struct xml_word ios[] = { { "io_uring", "io_uring" }, { "threads", "threads" },
	{ "io_uring", "native" }, { 0 } };
static const struct xml_word disk_buses[] = { { "virtio", "virtio" }, { "ide", "ide" },
	{ "sata", "sata" }, { "scsi", "scsi" }, { "usb", "usb" }, { 0 } };
static const struct xml_word drive_buses[] = { { "ide", "ide" }, { "sata", "sata" },
	{ "scsi", "scsi" }, { "usb", "usb" }, { 0 } };
static const struct xml_word fdc[] = { { "", "fdc" }, { 0 } };
static const struct xml_word disk_words[] = { { "", "disk" }, { 0 } };
static const struct xml_word cdrom_words[] = { { "", "cdrom" }, { 0 } };
static const struct xml_word floppy_words[] = { { "", "floppy" }, { 0 } };

static void emit_disk_place(struct xml_writing *writing, const struct xml_row *row)
{
	const struct conf_guest *guest = CONF(writing);
	char target[XML_TARGET];
	char alias[ALIAS_MAX];
	char key[64];

	(void)row;
	xml_writing_close(writing, writing->base);
	if (!xml_disk_at(guest, xml_disk_index(guest, writing->object), target))
		return;
	snprintf(key, sizeof(key), "disk.%s", target);
	xml_write_place(writing, key, alias_of_disk(target, alias));
}

static const struct xml_form form_disk_place = { .read = xml_read_alias, .emit = emit_disk_place };

#define SOURCE_ROWS                                                                                \
	XML_ROW("source@file", "source", &form_source_file,                                        \
	    .note = "a path in a pool's folder: POOL/VOLUME; none: empty"),                        \
	    XML_ROW("source@dev", "source", &form_source),                                         \
	    XML_ROW("source@pool", "source", &form_source),                                        \
	    XML_ROW("source@volume", NULL, &form_volume, .note = "of source@pool")

static const struct xml_row disk_rows[] = {
	XML_ROW("@type", NULL, &form_disk_type),
	XML_ROW("@device", NULL, &xml_form_fixed, .words = disk_words),
	XML_ROW("driver@name", NULL, &xml_form_fixed, .words = drivers),
	XML_ROW("driver@type", "format", &xml_form_words, .words = formats),
	XML_ROW("driver@cache", "cache", &xml_form_words, .words = caches),
	XML_ROW("driver@io", "io", &xml_form_words, .words = ios, .note = "native: io_uring"),
	XML_ROW("driver@discard", "discard", &xml_form_same),
	SOURCE_ROWS,
	XML_ROW("target@dev", "target", &form_target),
	XML_ROW("target@bus", "bus", &form_bus, .words = disk_buses, .note = "disk"),
	XML_ROW("iotune/read_bytes_sec", "read", &xml_form_bytes),
	XML_ROW("iotune/write_bytes_sec", "write", &xml_form_bytes),
	XML_ROW("iotune/read_iops_sec", "read-iops", &xml_form_count),
	XML_ROW("iotune/write_iops_sec", "write-iops", &xml_form_count),
	XML_NOT("iotune/*", "a disk is bounded by read_ and write_bytes_sec and _iops_sec"),
	XML_ROW("readonly", "readonly", &xml_form_presence),
	XML_ROW("shareable", "shareable", &xml_form_presence),
	XML_ROW("serial", "serial", &xml_form_same),
	XML_ROW("boot@order", "boot", &xml_form_same),
	XML_ROW("alias@name", NULL, &form_disk_place, .note = LIVE),
	XML_NOT("auth", "there is no storage to log in to"),
	XML_NOT("encryption", "disks are not encrypted by the node"),
	XML_NOT("transient", "what a guest writes is kept"),
	{ "backingStore", .fate = XML_IGNORE },
	{ "mirror", .fate = XML_IGNORE },
	{ 0 },
};

static const struct xml_row cdrom_rows[] = {
	XML_ROW("@type", NULL, &form_disk_type),
	XML_ROW("@device", NULL, &xml_form_fixed, .words = cdrom_words),
	XML_ROW("driver@name", NULL, &xml_form_fixed, .words = drivers),
	XML_ROW("driver@type", NULL, &xml_form_must, .words = raw_words),
	SOURCE_ROWS,
	XML_ROW("target@dev", "target", &form_target),
	XML_ROW("target@bus", "bus", &form_bus, .words = drive_buses, .note = "cdrom"),
	XML_ROW("readonly", NULL, &form_read_only),
	XML_ROW("boot@order", "boot", &xml_form_same),
	{ "backingStore", .fate = XML_IGNORE },
	{ 0 },
};

static const struct xml_row floppy_rows[] = {
	XML_ROW("@type", NULL, &form_disk_type),
	XML_ROW("@device", NULL, &xml_form_fixed, .words = floppy_words),
	XML_ROW("driver@name", NULL, &xml_form_fixed, .words = drivers),
	XML_ROW("driver@type", NULL, &xml_form_must, .words = raw_words),
	SOURCE_ROWS,
	XML_ROW("target@dev", NULL, &form_target),
	XML_ROW("target@bus", NULL, &xml_form_must, .words = fdc),
	XML_ROW("readonly", "readonly", &xml_form_presence),
	XML_ROW("boot@order", "boot", &xml_form_same),
	{ "backingStore", .fate = XML_IGNORE },
	{ 0 },
};

#define DISK_GROUP(of, its_rows)                                                                   \
	{                                                                                          \
		.key = of, .pick = "device", .picked = of, .rows = its_rows, .begin = begin_disk,  \
		.identity = identity_disk, .identity_of = name_disk                                \
	}

const struct xml_group xml_group_disk = DISK_GROUP("disk", disk_rows);
const struct xml_group xml_group_cdrom = DISK_GROUP("cdrom", cdrom_rows);
const struct xml_group xml_group_floppy = DISK_GROUP("floppy", floppy_rows);
