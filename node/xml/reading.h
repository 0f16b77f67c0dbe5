/* SPDX-License-Identifier: GPL-2.0-only */
/* What forms and groups need of one XML that is read: telling what will not do, and what it says.
 */
#ifndef BERTH_NODE_XML_READING_H
#define BERTH_NODE_XML_READING_H

#include "node/xml/row.h"

#define XML_LINES 1024 /* of a section; more are not taken */

/* Tell why it will not do, naming the path of `at`, and of its attribute unless that is NULL.
 * Always false. */
bool xml_refuse(struct xml_reading *reading, const struct xml_element *at, const char *attribute,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Mark as understood an element with all that is in it. */
void xml_use_all(struct xml_element *element);

/* Add a line to the section. */
void xml_say(
    struct xml_reading *reading, const struct xml_element *of, const char *key, const char *value);

#endif
