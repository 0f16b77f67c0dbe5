/* SPDX-License-Identifier: GPL-2.0-only */
/* The rows of the domain's devices. */
#ifndef BERTH_NODE_XML_TABLE_DEVICES_H
#define BERTH_NODE_XML_TABLE_DEVICES_H

#include "node/xml/row.h"

extern const struct xml_row xml_device_rows[];

#endif
