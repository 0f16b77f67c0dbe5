/* SPDX-License-Identifier: GPL-2.0-only */
/* A guest's devices in its XML; node/xml/domain has the rest. */
#ifndef BERTH_NODE_XML_DEVICES_H
#define BERTH_NODE_XML_DEVICES_H

#include "node/guest/driver.h"
#include "node/xml/xml.h"

#define XML_TARGET 24

void xml_devices(struct xml *xml, const struct conf_model *model, const struct driver_guest *guest,
    bool with_secrets);

/* Whether its devices say in which order they boot. */
bool xml_guest_has_boot_order(const struct conf_guest *guest);

/*
 * One of a guest's disks, CD-ROMs and floppies, counted through in this order, which is that of
 * driver_guest.disks and of the statistics. NULL past the last. `target` is the name by which
 * clients call it: "vda", or what the file says.
 */
const struct conf_disk *xml_disk_at(
    const struct conf_guest *guest, unsigned int index, char target[XML_TARGET]);

/* Where its data is: of a running guest the path it has, else what the file names. Empty when the
 * drive is. */
void xml_disk_source(const struct conf_model *model, const struct driver_guest *guest,
    unsigned int index, struct buf *out);

#endif
