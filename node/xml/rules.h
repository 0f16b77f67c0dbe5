/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What XML that clients write may say. Each kind of object has a table: an element or an attribute
 * a row, and what becomes of it. What is not in the table is refused by its path, never dropped.
 * docs/protocol.md has the same tables, and a test compares them.
 */
#ifndef BERTH_NODE_XML_RULES_H
#define BERTH_NODE_XML_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"
#include "xml/read.h"

struct xml_rule {
	const char *path; /* "ip/dhcp/host/@mac"; with "/..." at its end: and all below it */
	const char *fate; /* for people */
};

/* The document as a tree, if its root is `root` and `fit` (NULL: any) takes it, and every part of
 * it is in `rules`, which end with a row without path. 0, -EINVAL when it is no such document, or
 * -EBADMSG when it says something that cannot be done; then `why` tells. */
int xml_rules_read(const char *text, const char *root, const struct xml_rule *rules,
    bool (*fit)(const struct xml_element *tree, struct buf *why), struct xml_element **ret_tree,
    struct buf *why);

/* The text of the element at `path`, without blanks around it; "" of an empty one, NULL without. */
const char *xml_rules_text(
    const struct xml_element *tree, const char *path, char *room, size_t size);

/* A size in bytes with libvirt's units; `usual` is that of one without. False when it is none. */
bool xml_rules_size(const char *number, const char *unit, uint64_t usual, uint64_t *ret_bytes);

#endif
