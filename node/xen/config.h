/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest's configuration file of Xen's xm: the part of Python that such files are written in.
 *
 *     name = "web"                                    # a comment
 *     memory = 512
 *     disk = [ 'phy:/dev/vg/web,xvda,w',
 *              'file:/srv/swap,xvdb,w' ]
 *
 * Assignments of texts, numbers, words (True, None) and lists of those. Nothing is run.
 */
#ifndef BERTH_NODE_XEN_CONFIG_H
#define BERTH_NODE_XEN_CONFIG_H

#include "lib/arena.h"
#include "lib/buf.h"

/* More than such a file ever has; and what an arena needs for one. */
#define XEN_CONFIG_MAX (64u * 1024)
#define XEN_CONFIG_ARENA (128u * XEN_CONFIG_MAX)

struct xen_value {
	struct xen_value *next; /* of the list */
	const char *text;
};

struct xen_setting {
	struct xen_setting *next;
	const char *name;
	unsigned int line;
	bool list;
	struct xen_value *values; /* NULL: an empty list */
};

/* The settings in order of the file; false, and why with its line, when it is no such file. */
bool xen_config_parse(
    const char *text, struct arena *arena, struct xen_setting **ret_settings, struct buf *why);

/* The last one of a name, which is what Python goes by; or NULL. */
const struct xen_setting *xen_config_find(const struct xen_setting *settings, const char *name);

#endif
