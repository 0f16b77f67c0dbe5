/* SPDX-License-Identifier: GPL-2.0-only */
/* A large file that comes into being whole or not at all: without a name until all of it is there,
 * so that nothing is left of one whose writer was killed. */
#ifndef BERTH_NODE_GUEST_NEWFILE_H
#define BERTH_NODE_GUEST_NEWFILE_H

#include <stdint.h>

#include "lib/buf.h"

struct newfile {
	char *path; /* as it is to be called; NULL: there is none */
	char *aside;
	int fd; /* past the page cache, where the file system can */
};

/* `path` is absolute. 0, or -errno with one line in `why` and nothing to discard. */
int newfile_open(const char *path, struct newfile *ret_file, struct buf *why);

/* Its number, by which it is known again once it has its name; 0 without one. */
uint64_t newfile_inode(const struct newfile *file);
/* Whether the file of that name is the one of that number. */
bool newfile_is(const char *path, uint64_t inode);

/* Of the file of that number, which was to be called so: what a commit left that was cut off. */
void newfile_forget(const char *path, uint64_t inode);

/* Bytes that it takes so far. */
uint64_t newfile_taken(const struct newfile *file);

/* Give it its name, in the place of what has it. 0 or -errno; to be discarded in any case. */
int newfile_commit(struct newfile *file);
/* Takes what is zero. */
void newfile_discard(struct newfile *file);

#endif
