/* SPDX-License-Identifier: GPL-2.0-only */
/* The parameters of Xen's configuration files: which of them the node has something for, and how
 * their values are asked for. */
#ifndef BERTH_NODE_XEN_KNOWN_H
#define BERTH_NODE_XEN_KNOWN_H

#include <stdint.h>

#include "node/xen/config.h"

/* One guest's settings, and what was wrong with them first. */
struct xen_guest {
	const struct xen_setting *settings;
	struct arena *arena;
	struct buf *why;
	bool refused;
};

/* Refuse what `setting` says. Always false. */
bool xen_refuse(struct xen_guest *guest, const struct xen_setting *setting, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Whether every setting is known, of its kind, and says nothing that the node does not have. */
bool xen_known_check(struct xen_guest *guest);

/* The value of a setting that was checked; `usual` when it is not there or says nothing. */
const char *xen_text(const struct xen_guest *guest, const char *name, const char *usual);
uint64_t xen_number(const struct xen_guest *guest, const char *name, uint64_t usual);
bool xen_flag(const struct xen_guest *guest, const char *name, bool usual);

/* The first of a list, or of the one value; NULL for none. */
const struct xen_value *xen_values(const struct xen_guest *guest, const char *name);

/* A name that must be among `names`, a list that ends with NULL, case aside: its index, or -1. */
int xen_choice(const char *text, const char *const *names);

#endif
