/* SPDX-License-Identifier: GPL-2.0-only */
/* A domain's title and description, and what clients note in it, one element for each namespace. */
#ifndef BERTH_NODE_XML_METADATA_H
#define BERTH_NODE_XML_METADATA_H

#include "lib/buf.h"

/* What a child of the domain says. 0, -ENOENT or -EINVAL: `domain` is no XML. */
int xml_metadata_text(const char *domain, const char *name, struct buf *ret_text);

/* `domain` with that child, in the place of one that there is; without it when `text` is NULL. */
int xml_metadata_set_text(
    const char *domain, const char *name, const char *text, struct buf *ret_domain);

/* The element of the namespace, out of it: without prefix and declaration. 0 or -ENOENT. */
int xml_metadata_note(const char *domain, const char *uri, struct buf *ret_note);

/* `domain` with `note` as the element of the namespace, its names with `prefix`; without one when
 * `note` is NULL. 0, or -EINVAL: the note is no XML, or the prefix no name. */
int xml_metadata_set_note(const char *domain, const char *note, const char *prefix, const char *uri,
    struct buf *ret_domain);

#endif
