/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the devices of a guest have only while it runs: the name that clients may call them by, and
 * where they are on the guest's PCI bus, which its process has said (driver_guest.slots). An
 * address that a client asked for is kept with the definition, and not obeyed: it does not hide the
 * true one.
 */
#ifndef BERTH_NODE_XML_LIVE_H
#define BERTH_NODE_XML_LIVE_H

#include "node/xml/row.h"

/* The note of rows that say both. */
#define LIVE "with its address, of a guest that runs; ua-...: kept"

/* For rows of "alias@name": a name of libvirt's kind is the node's to give; one that the user
 * chose, which begins with "ua-", is kept. */
bool xml_read_alias(struct xml_reading *reading, const struct xml_row *row, struct xml_element *of,
    const char *value, struct buf *ret_text);

/* Write the <alias> and the <address> of the device that is open: `key` is its name in `slots`.
 * Nothing for one that is not there. */
void xml_write_place(struct xml_writing *writing, const char *key, const char *alias);

/* Or the <alias> alone, of one that is on no bus. */
void xml_write_alias(struct xml_writing *writing, const char *alias);

/* Of a device that there is once: row->words is its key, and its alias. */
extern const struct xml_form xml_form_place;

#endif
