/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What clients change of the configuration, one change after the other: the file's new text is
 * made, checked, kept on the config partition, and only then put in force. Storing takes seconds on
 * a slow stick, so that the loop goes on meanwhile.
 */
#ifndef BERTH_NODE_GUESTS_EDIT_H
#define BERTH_NODE_GUESTS_EDIT_H

#include "lib/loop.h"
#include "node/guest/driver.h"
#include "node/guest/guests.h"

struct guests_edit;

/* A change that an earlier daemon began, and did not live to see the end of, is waited for: what is
 * kept is in force afterwards. Before the file is read. */
void guests_edit_settle(const struct node_paths *paths);

/* `reload` is called when a change has been put in force. */
int guests_edit_create(struct guests *guests, struct loop *loop, const struct node_paths *paths,
    int (*reload)(void *context), void *context, struct guests_edit **ret_edit);
/* Those that wait are told. NULL is taken. */
void guests_edit_free(struct guests_edit *edit);

/* See driver_ops.edit. */
void guests_edit_add(struct guests_edit *edit, const struct conf_edit *edits, size_t count,
    const struct driver_parts *parts, struct driver_done done);

/* Parts of a guest that runs without a section: until the node's next boot. 0 or -errno. */
int guests_edit_lend(struct guests_edit *edit, const struct driver_parts *parts);

/* See driver_ops.network_set_active. */
void guests_edit_network(
    struct guests_edit *edit, const char *name, bool active, struct driver_done done);

/* See driver_ops.parts. */
int guests_edit_parts(const struct guests_edit *edit, const uint8_t uuid[16], struct buf *out);

#endif
