/* SPDX-License-Identifier: GPL-2.0-only */
/* The one table of libvirt's domain XML and the keys of [guest]; see node/xml/row. */
#ifndef BERTH_NODE_XML_TABLE_H
#define BERTH_NODE_XML_TABLE_H

#include "node/xml/row.h"

extern const struct xml_group xml_group_domain;

#endif
