/* SPDX-License-Identifier: GPL-2.0-only */
/* The XML of one of the node's network interfaces (interface.rng). */
#ifndef BERTH_NODE_XML_INTERFACE_H
#define BERTH_NODE_XML_INTERFACE_H

#include "lib/buf.h"
#include "node/host/interfaces.h"

void xml_interface(
    const struct host_roots *roots, const struct host_interface *interface, struct buf *out);

#endif
