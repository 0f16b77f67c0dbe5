/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writing XML as libvirt lays it out: two blanks a level, attributes in single quotes, elements
 * without content closed at once. What is written is always well formed: values are escaped, and
 * bytes that XML 1.0 does not allow become "?".
 *
 *     xml_begin(&xml, "disk");
 *     xml_attribute(&xml, "type", "file");
 *     xml_text(&xml, "serial", "D1");
 *     xml_end(&xml);
 */
#ifndef BERTH_XML_WRITE_H
#define BERTH_XML_WRITE_H

#include "lib/buf.h"

#define XML_DEPTH 16

struct xml {
	struct buf *out;
	const char *open[XML_DEPTH];
	unsigned int depth;
	bool unfinished; /* the start tag may get more attributes */
	size_t tag;	 /* where it begins */
};

void xml_begin(struct xml *xml, const char *element);
void xml_end(struct xml *xml);

/* Of the element that was begun last. One that it has already gets the new value: what was kept of
 * a client's document may say once more what the file says. */
void xml_attribute(struct xml *xml, const char *name, const char *value);
void xml_attribute_format(struct xml *xml, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* <element>value</element> */
void xml_text(struct xml *xml, const char *element, const char *value);
void xml_text_format(struct xml *xml, const char *element, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The element that was begun last gets a text and ends: <element attributes>value</element> */
void xml_end_text(struct xml *xml, const char *value);
void xml_end_text_format(struct xml *xml, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* An element as it is written already; it is well formed. */
void xml_raw(struct xml *xml, const char *text, size_t length);

/* <element name='value'/>, what most elements are. */
void xml_empty(struct xml *xml, const char *element, const char *name, const char *value);

#endif
