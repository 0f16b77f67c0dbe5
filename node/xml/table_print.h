/* SPDX-License-Identifier: GPL-2.0-only */
/* The table as documentation, in Markdown. */
#ifndef BERTH_NODE_XML_TABLE_PRINT_H
#define BERTH_NODE_XML_TABLE_PRINT_H

#include "lib/buf.h"

void xml_table_print(struct buf *out);

#endif
