/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parts of a document that a path names, as libxml2 prints them. Of XPath 1.0 this is what names
 * nodes: steps with / and //, names, *, @, text(), . and .., predicates of places, paths, texts
 * compared with = and !=, and, or, not(), contains(), starts-with(); and | between paths.
 */
#ifndef BERTH_CLI_VIRSH_XPATH_H
#define BERTH_CLI_VIRSH_XPATH_H

#include <stdbool.h>

#include "lib/buf.h"

/* Each node with a line end behind it, or all of them in one element <nodes>. 0; -EINVAL with a
 * path that is none of these, or a document that is none; -ENOMEM. */
int xpath_select(const char *xml, const char *path, bool wrap, struct buf *ret_text);

#endif
