/* SPDX-License-Identifier: GPL-2.0-only */
/* All guests of the node: those of the file, and those that still run though the file has them no
 * more. Starts them with the node, leads them down with it. */
#ifndef BERTH_NODE_GUEST_GUESTS_H
#define BERTH_NODE_GUEST_GUESTS_H

#include "node/guest/guest.h"

struct guests;

struct guests_config {
	struct loop *loop;
	const struct node_paths *paths;
	bool sandbox_off; /* for tests */
	/* Something about a guest is not as it was; or NULL. Not to change guests. */
	void (*changed)(void *context, struct guest *guest);
	void *context;
};

/* With the configuration in force; finds what an earlier daemon left. 0 or -errno. */
int guests_create(
    const struct guests_config *config, struct config *current, struct guests **ret_guests);
/* Processes of guests are left alone. NULL is taken. */
void guests_free(struct guests *guests);

/* The file has changed: take over what differs. A guest that is new, and starts with the node,
 * starts; so does one that should have and could not. With `live` the disks and NICs of those that
 * run come and go; without, that is for their next start, or for a client to ask. */
void guests_reload(struct guests *guests, struct config *config, bool live);
struct config *guests_current(const struct guests *guests);

/* Start those that start with the node, in their order, once the node is ready for it. */
void guests_autostart(struct guests *guests);

/* Start a guest from a file that it was saved to, of the file's section; it need not be one of the
 * configuration. */
void guests_restore(
    struct guests *guests, const char *path, enum driver_go go, struct driver_done done);

/* The node goes down: `done` is called when no guest has a process any more. */
void guests_leave(struct guests *guests, void (*done)(void *context), void *context);

/* Start a guest with a configuration that is not the one in force: the file's section stays as it
 * is, and a guest that has none is transient. 0, or -errno with `done` not called. */
int guests_start_as(struct guests *guests, struct config *config, const char *name, bool paused,
    struct driver_done done);

struct guest *guests_first(struct guests *guests);
struct guest *guests_find(struct guests *guests, const uint8_t uuid[16]);
struct guest *guests_named(struct guests *guests, const char *name);

#endif
