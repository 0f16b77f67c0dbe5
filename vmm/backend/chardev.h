/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The node's end of a console: a bounded ring of what the guest wrote last, any number of readers
 * and writers on stream sockets, and a log file if there is one. A console that nobody reads never
 * holds the guest up, and a reader that does not read is dropped once its share is full.
 */
#ifndef BERTH_VMM_BACKEND_CHARDEV_H
#define BERTH_VMM_BACKEND_CHARDEV_H

#include <stddef.h>
#include <stdint.h>

#include "lib/loop.h"

#define CHARDEV_RING 65536

struct chardev;

/* What came in for the guest; how many bytes it took. The rest is offered again after
 * chardev_want_input(). */
struct chardev_guest {
	size_t (*input)(void *context, const uint8_t *data, size_t length);
	void *context;
};

/* `log` is a descriptor of a file that is appended to, or -1; past `log_size` it is cut back to its
 * newer half. Owned from now on. */
int chardev_create(struct loop *loop, int log, uint64_t log_size, struct chardev **ret_chardev);
void chardev_free(struct chardev *chardev);
void chardev_set_guest(struct chardev *chardev, const struct chardev_guest *guest);

/* The guest wrote. Readers and log have it some milliseconds later, or with chardev_flush(). */
void chardev_output(struct chardev *chardev, const uint8_t *data, size_t length);
void chardev_flush(struct chardev *chardev);
/* The guest has room again. */
void chardev_want_input(struct chardev *chardev);

/* A further reader and writer; it gets the ring first. `force`: the others are hung up on. Takes fd
 * over, on failure too. */
int chardev_attach(struct chardev *chardev, int fd, int force);
size_t chardev_readers(const struct chardev *chardev);

#endif
