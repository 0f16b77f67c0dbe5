/* SPDX-License-Identifier: GPL-2.0-only */
/* The forms that rows of the domain's table share; those of one element alone are where its row is.
 */
#ifndef BERTH_NODE_XML_FORMS_H
#define BERTH_NODE_XML_FORMS_H

#include "node/xml/row.h"

extern const struct xml_form xml_form_same;
extern const struct xml_form xml_form_line;	/* the same, if it is one line; else it is kept */
extern const struct xml_form xml_form_words;	/* by row->words */
extern const struct xml_form xml_form_must;	/* one of row->words; written as the first */
extern const struct xml_form xml_form_presence; /* an element that is there or not: yes or no */
extern const struct xml_form xml_form_kib;	/* a size of KiB */
extern const struct xml_form xml_form_bytes;	/* a size of bytes */
extern const struct xml_form xml_form_path;	/* of a file on the node */
extern const struct xml_form xml_form_count;	/* a number; 0 is not said */
extern const struct xml_form xml_form_cpus;	/* a set of numbers; "^N" takes one out */
extern const struct xml_form xml_form_nothing;	/* written by another row, which reads it too */

/* Written as row->words say first, whatever it was. */
extern const struct xml_form xml_form_fixed;

/* For forms of one direction. */
bool xml_read_nothing(struct xml_reading *reading, const struct xml_row *row,
    struct xml_element *of, const char *value, struct buf *ret_text);
bool xml_write_nothing(struct xml_writing *writing, const struct xml_row *row, const char *text,
    struct buf *ret_value);

/* As xml_form_words does. */
bool xml_read_words(struct xml_reading *reading, const struct xml_row *row, struct xml_element *of,
    const char *value, struct buf *ret_text);
bool xml_write_words(struct xml_writing *writing, const struct xml_row *row, const char *text,
    struct buf *ret_value);

/* A number in decimal digits, or told. */
bool xml_number(struct xml_reading *reading, const struct xml_row *row,
    const struct xml_element *of, const char *value, uint64_t *ret_number);

/* Bytes of "N" with libvirt's `unit`, which is KiB when it is NULL; or told. */
bool xml_size(struct xml_reading *reading, const struct xml_row *row, const struct xml_element *of,
    const char *value, const char *unit, uint64_t *ret_bytes);

#endif
