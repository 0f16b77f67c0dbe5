/* SPDX-License-Identifier: GPL-2.0-only */
/* A configuration, shared by all who look at it: that in force, and older ones that guests still
 * run with. */
#ifndef BERTH_NODE_GUEST_CONFIG_H
#define BERTH_NODE_GUEST_CONFIG_H

#include "conf/load.h"
#include "lib/buf.h"

struct config {
	unsigned int users;
	char *text;
	size_t length;
	struct conf conf;
};

/* 0 with one user; -EBADMSG with what is wrong appended to `complaint`; or another -errno. */
int config_load(const char *text, size_t length, struct buf *complaint, struct config **ret_config);

struct config *config_hold(struct config *config);
/* NULL is taken. */
void config_release(struct config *config);

/* The section of a guest, or NULL. */
const struct conf_guest *config_guest(const struct config *config, const char *name);

/* Whether one says something else than the other. */
bool config_differs(const struct conf_guest *before, const struct conf_guest *after);

/* Whether what a guest runs with differs from its section in what needs a new start (with `devices`
 * also in disks and NICs, which may come and go), or in bounds that can be changed at once. */
bool config_needs_start(
    const struct conf_guest *before, const struct conf_guest *after, bool devices);
bool config_differs_live(const struct conf_guest *before, const struct conf_guest *after);

#endif
