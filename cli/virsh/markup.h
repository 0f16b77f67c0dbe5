/* SPDX-License-Identifier: GPL-2.0-only */
/* Pieces of XML that commands make of their options. Without a value nothing is written. */
#ifndef BERTH_CLI_VIRSH_MARKUP_H
#define BERTH_CLI_VIRSH_MARKUP_H

#include "lib/buf.h"

/* A value with what would end it written as entities. */
void markup_escape(struct buf *xml, const char *value);

/* " name='value'" */
void markup_attribute(struct buf *xml, const char *name, const char *value);

/* "<name>value</name>" on a line of its own, so many blanks in. */
void markup_text(struct buf *xml, int indent, const char *name, const char *value);

/* "<name attribute='value'/>", the same. */
void markup_empty(
    struct buf *xml, int indent, const char *name, const char *attribute, const char *value);

#endif
