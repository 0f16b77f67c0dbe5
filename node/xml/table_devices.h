/* SPDX-License-Identifier: GPL-2.0-only */
/* The rows of the domain's devices. */
#ifndef BERTH_NODE_XML_TABLE_DEVICES_H
#define BERTH_NODE_XML_TABLE_DEVICES_H

#include "node/xml/row.h"

extern const struct xml_row xml_device_rows[];

/* table_disks.c */
extern const struct xml_group xml_group_disk;
extern const struct xml_group xml_group_cdrom;
extern const struct xml_group xml_group_floppy;

#endif
