/* SPDX-License-Identifier: GPL-2.0-only */
/* The names by which clients call a guest's disks, and where the data of each is, in XML's words
 * and in the file's. */
#ifndef BERTH_NODE_XML_DISKS_H
#define BERTH_NODE_XML_DISKS_H

#include "lib/buf.h"
#include "node/guest/driver.h"

#define XML_TARGET 24

/* The key of each: "disk", "cdrom", "floppy". */
enum xml_media { XML_DISK, XML_CDROM, XML_FLOPPY };

/*
 * One of a guest's disks, CD-ROMs and floppies, counted through in this order, which is that of
 * driver_guest.disks and of the statistics. NULL past the last. `target` is the name by which
 * clients call it: "vda", or what the file says.
 */
const struct conf_disk *xml_disk_at(
    const struct conf_guest *guest, unsigned int index, char target[XML_TARGET]);

/* Whether it is the one that a client names: by target, or by what its source is. */
bool xml_disk_is_named(const struct conf_model *model, const struct driver_guest *guest,
    unsigned int index, const char *name);

/* The number in that order; XML_DISKS_END when it is none of the guest's. */
#define XML_DISKS_END 0xffffffffu
unsigned int xml_disk_index(const struct conf_guest *guest, const struct conf_disk *disk);

/* "virtio", "fdc"; of a CD-ROM drive whose bus the file does not say, that of its machine. */
const char *xml_disk_bus(
    const struct conf_guest *guest, const struct conf_disk *disk, enum xml_media media);

/* Whether any device of a guest says in which order it boots. */
bool xml_guest_has_boot_order(const struct conf_guest *guest);

/* Where its data is, as clients know it; of a running guest the device that the file's selector has
 * led to. Empty when the drive is. */
void xml_disk_source(const struct conf_model *model, const struct driver_guest *guest,
    unsigned int index, struct buf *out);

/* The other way: a path as clients write it, as the file names it. */
void xml_source_of_path(const struct conf_model *model, const char *path, struct buf *out);

#endif
