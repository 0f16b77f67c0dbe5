/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What must go before a new configuration can be put over an old one on a node that runs. What the
 * renderers write only ever adds, and may be applied twice; this is the other half: interfaces,
 * addresses, routes and settings that the old configuration made and the new one does not have. A
 * pure function; what both have is not touched.
 */
#ifndef BERTH_CONF_CHANGES_H
#define BERTH_CONF_CHANGES_H

#include "conf/model.h"
#include "lib/buf.h"

struct conf_changes {
	struct buf links;  /* for ip -force -batch, to be run before the new links.batch */
	struct buf sysctl; /* for sysctl -e -p: what the old one set, as the kernel has it unset */
	struct buf ports;  /* physical ports that lose their name, one a line */
};

#define CONF_CHANGES_INIT                                                                          \
	{                                                                                          \
		BUF_INIT, BUF_INIT, BUF_INIT                                                       \
	}

/* 0, or -ENOMEM. `ret_changes` must be empty and is to be released in either case. */
int conf_changes(const struct conf_model *old_model, const struct conf_model *new_model,
    struct conf_changes *ret_changes);
void conf_changes_done(struct conf_changes *changes);

#endif
