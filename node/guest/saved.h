/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A saved guest in a file (docs/saved-guests.md): a head of text, with the guest's section as it
 * ran, then what its process wrote. The head is berthd's, the rest the process's own.
 */
#ifndef BERTH_NODE_GUEST_SAVED_H
#define BERTH_NODE_GUEST_SAVED_H

#include <stdbool.h>
#include <stdint.h>

#include "node/guest/config.h"
#include "node/guest/driver.h"

/* What is kept free for the head, so that a longer section has room later. */
#define SAVED_HEAD (64u * 1024)
#define SAVED_NAME 128

struct saved {
	char name[SAVED_NAME];
	uint8_t uuid[16];
	bool stands;	/* it is paused once it is restored */
	bool with_node; /* saved as the node went down: it starts with the node */
	uint64_t when;	/* seconds since 1970 */
	char *section;	/* of berth.conf */
};

/* From a running guest's section. -ENOMEM, or 0. */
int saved_init(const struct conf_guest *guest, const uint8_t uuid[16], struct saved *ret_saved);
void saved_done(struct saved *saved);

/* The head, into the first SAVED_HEAD bytes of a file. -EFBIG: the section is too long. */
int saved_write(int fd, const struct saved *saved);

/* Read the head, and check that all else is there. -errno with one line in `why`, which names
 * `path`: no such file, none of this kind, of another version, cut short. */
int saved_read(int fd, const char *path, struct saved *ret_saved, struct buf *why);
/* The same, of a path. */
int saved_look(const char *path, struct saved *ret_saved, struct buf *why);

/* Change whether it runs once it is restored. */
int saved_change(const char *path, enum driver_go go, struct buf *why);

/* The configuration `text` with the saved section in the place of the guest's: what it is restored
 * with. -EBADMSG with what does not fit any more in `why`. */
int saved_config(const struct saved *saved, const char *text, size_t length, struct buf *why,
    struct config **ret_config);

#endif
