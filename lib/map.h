/* SPDX-License-Identifier: GPL-2.0-only */
/* Texts to pointers, for finding what stands twice. All memory comes from an arena; nothing is ever
 * removed. */
#ifndef BERTH_LIB_MAP_H
#define BERTH_LIB_MAP_H

#include <stddef.h>

#include "lib/arena.h"

struct map_slot {
	const char *key;
	const void *value;
};

struct map {
	struct arena *arena;
	struct map_slot *slots;
	size_t size; /* a power of two, or 0 */
	size_t used;
};

/* An empty map is { .arena = ARENA }. */

/* The value of `key`, or NULL. */
const void *map_get(const struct map *map, const char *key);

/*
 * Put `value`, which must not be NULL, under `key`, which must live as long as the map. Where the
 * key is taken, nothing changes and the value that is there is returned; else NULL.
 */
const void *map_add(struct map *map, const char *key, const void *value);

#endif
