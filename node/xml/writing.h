/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Elements that open and close as rows need them. What is kept of a guest is a document of its own,
 * of the same shape with only those parts in it; its elements go into those that are written,
 * matched by name, and devices by what the attribute "of" says. What finds no place is of a device
 * that is gone.
 */
#ifndef BERTH_NODE_XML_WRITING_H
#define BERTH_NODE_XML_WRITING_H

#include "node/xml/row.h"

/* Open the element at `path` below depth `base`: what is open already stays, and with `fresh` the
 * last is another of its name. `identity` is that of a device, or NULL. */
void xml_writing_open(struct xml_writing *writing, unsigned int base, const char *path,
    const char *identity, bool fresh);

/* Back to the element at `path` below that of the row's group: what is open within it is closed.
 * False: it is not open itself. */
bool xml_writing_back(struct xml_writing *writing, const char *path);

/* Close what is open below a depth, each with the parts that are left for it. */
void xml_writing_close(struct xml_writing *writing, unsigned int depth);

/* An element within the one that is open. */
void xml_writing_begin(struct xml_writing *writing, const char *name, const char *identity);

/* A part that is kept whole. */
void xml_writing_kept(struct xml_writing *writing, struct xml_element *child);

/* For forms that write elements themselves: begin the one at `path` below that of the row's group,
 * with attributes to follow. */
void xml_domain_open(struct xml_writing *writing, const char *path);

#endif
