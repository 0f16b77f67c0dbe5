/* SPDX-License-Identifier: GPL-2.0-only */
/* The XML of a device of the machine (nodedev.rng). */
#ifndef BERTH_NODE_XML_DEVICE_H
#define BERTH_NODE_XML_DEVICE_H

#include "lib/buf.h"
#include "node/host/devices.h"

void xml_device(const struct host_roots *roots, const struct host_device *device, struct buf *out);

struct xml;

/* <address domain='0x0000' .../> of "0000:01:00.0"; nothing of what is no such name. */
void xml_device_address(struct xml *xml, const char *name);

/* <link speed='1000' state='up'/> of the network interface at `path`; nothing when it has none. */
void xml_link(struct xml *xml, const char *path);

#endif
