/* SPDX-License-Identifier: GPL-2.0-only */
/* What the rows of <cpu> are made of. */
#ifndef BERTH_NODE_XML_TABLE_CPU_H
#define BERTH_NODE_XML_TABLE_CPU_H

#include "node/xml/row.h"

extern const struct xml_form xml_form_cpu;
extern const struct xml_form xml_form_cpu_part; /* written beside it */
extern const struct xml_form xml_form_features;
extern const struct xml_group xml_group_topology;
extern const struct xml_group xml_group_cell;

#endif
