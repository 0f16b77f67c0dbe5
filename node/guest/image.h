/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Opening what a guest's disks and kernels stand for: files in pools and on the data volume, disks
 * of the node by selector. Errors name the object and what to do.
 */
#ifndef BERTH_NODE_GUEST_IMAGE_H
#define BERTH_NODE_GUEST_IMAGE_H

#include "conf/model.h"
#include "lib/buf.h"
#include "node/guest/paths.h"

/* `what` is "kernel" or "initrd": a regular file, read-only. `path` is absolute, or below the data
 * volume. 0 or -errno with one line in `why`. */
int image_open_file(const struct node_paths *paths, const char *what, const char *path,
    struct buf *why, int *ret_fd);

/*
 * A disk, opened as it says, and locked for as long as anybody holds the descriptor or one that was
 * made of it: by one guest alone to write, or by several to read, or by several that say shareable.
 * `ret_path`, for people, is the caller's to free.
 */
int image_open_disk(const struct node_paths *paths, const struct conf_model *model,
    const struct conf_disk *disk, struct buf *why, int *ret_fd, char **ret_path);

#endif
