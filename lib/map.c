/* SPDX-License-Identifier: GPL-2.0-only */
#include "lib/map.h"

#include <stdint.h>
#include <string.h>

/* FNV-1a, 64 bits. The texts are a configuration's own: nobody gains from making them collide. */
static uint64_t hash(const char *key)
{
	uint64_t value = 0xcbf29ce484222325u;

	for (; *key; key++)
		value = (value ^ (unsigned char)*key) * 0x100000001b3u;
	return value;
}

/* The slot that holds `key`, or the free one where it belongs. The map is never full. */
static struct map_slot *find(const struct map *map, const char *key)
{
	size_t at = hash(key) & (map->size - 1);

	while (map->slots[at].key && strcmp(map->slots[at].key, key))
		at = (at + 1) & (map->size - 1);
	return &map->slots[at];
}

static void grow(struct map *map)
{
	struct map old = *map;

	map->size = old.size ? old.size * 2 : 16;
	map->slots = arena_alloc(map->arena, map->size * sizeof(*map->slots));
	for (size_t i = 0; i < old.size; i++)
		if (old.slots[i].key)
			*find(map, old.slots[i].key) = old.slots[i];
}

const void *map_get(const struct map *map, const char *key)
{
	return map->size ? find(map, key)->value : NULL;
}

const void *map_add(struct map *map, const char *key, const void *value)
{
	struct map_slot *slot;

	if (map->used * 2 >= map->size)
		grow(map);
	slot = find(map, key);
	if (slot->key)
		return slot->value;
	slot->key = key;
	slot->value = value;
	map->used++;
	return NULL;
}
