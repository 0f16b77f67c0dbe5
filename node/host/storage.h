/* SPDX-License-Identifier: GPL-2.0-only */
/* Pools and their volumes as they lie on the node. Only pools that are folders are looked into;
 * what a volume's format is for people to see, never for opening it. */
#ifndef BERTH_NODE_HOST_STORAGE_H
#define BERTH_NODE_HOST_STORAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/model_pool.h"

#define STORAGE_PATH 512

struct storage_sizes {
	uint64_t capacity, allocation, available; /* bytes */
};

enum storage_type { STORAGE_FILE, STORAGE_BLOCK, STORAGE_FOLDER };

struct storage_volume {
	char name[256];
	char path[STORAGE_PATH];
	enum storage_type type;
	uint64_t capacity, allocation;
	bool qcow2;
	unsigned int mode, owner, group;
};

/* The pool's folder as clients know it; false when it has none. */
bool storage_path(const struct conf_pool *pool, char path[STORAGE_PATH]);

/* The folder of the data volume, as the file has it, that clients know by `path`; or NULL. */
const char *storage_known(const char *path);

/* 0 or -errno. */
int storage_sizes(const struct conf_pool *pool, struct storage_sizes *ret_sizes);

/* Whether a volume may have this name. */
bool storage_is_name(const char *name);

/* The pool's folder, opened, and its path. A descriptor or -errno. */
int storage_open(const struct conf_pool *pool, char path[STORAGE_PATH]);

/* The volume of this name, which holds no "/" and is no dot file. 0, -ENOENT or another -errno. */
int storage_volume(
    const struct conf_pool *pool, const char *name, struct storage_volume *ret_volume);

/* Every volume, until `each` says false. 0 or -errno. */
int storage_volumes(const struct conf_pool *pool,
    bool (*each)(void *context, const struct storage_volume *volume), void *context);

#endif
