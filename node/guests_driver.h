/* SPDX-License-Identifier: GPL-2.0-only */
/* The guests of this node as the protocol's server sees them: the operations of node/guest/driver
 * over node/guest/guests, and the events. */
#ifndef BERTH_NODE_GUESTS_DRIVER_H
#define BERTH_NODE_GUESTS_DRIVER_H

#include "node/guest/driver.h"
#include "node/guest/guests.h"
#include "node/server.h"

struct guests_driver;

/* `reload` is called when an edit has changed the file in force. */
int guests_driver_create(struct guests *guests, struct loop *loop, const struct node_paths *paths,
    int (*reload)(void *context), void *context, struct guests_driver **ret_driver);
void guests_driver_free(struct guests_driver *driver);

extern const struct driver_ops guests_driver_ops;

/* What a guest is when clients may come: nothing to tell of. */
void guests_driver_begin(struct guest *guest);

/* Tell the server's clients what has become of a guest since it was told last. */
void guests_driver_tell(struct guests_driver *driver, struct server *server, struct guest *guest);

#endif
