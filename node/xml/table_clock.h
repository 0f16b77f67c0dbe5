/* SPDX-License-Identifier: GPL-2.0-only */
/* The rows of <clock>. */
#ifndef BERTH_NODE_XML_TABLE_CLOCK_H
#define BERTH_NODE_XML_TABLE_CLOCK_H

#include "node/xml/row.h"

extern const struct xml_group xml_group_clock;

#endif
