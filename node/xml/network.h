/* SPDX-License-Identifier: GPL-2.0-only */
/* A network as libvirt's network XML. */
#ifndef BERTH_NODE_XML_NETWORK_H
#define BERTH_NODE_XML_NETWORK_H

#include "conf/model.h"
#include "lib/buf.h"

void xml_network(const struct conf_network *network, const char *uuid, struct buf *out);

#endif
