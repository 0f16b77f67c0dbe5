/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Making and changing volumes: files of a pool's folder, by names that never lead out of it, nor
 * over a link. Everything here may take long and runs beside the loop; `stop` is asked now and then
 * whether to give up. A volume that is made appears whole, or not at all.
 *
 * Results are 0 or -errno; -ECANCELED when `stop` said so.
 */
#ifndef BERTH_NODE_HOST_VOLUME_H
#define BERTH_NODE_HOST_VOLUME_H

#include <stdbool.h>
#include <stdint.h>

/* libvirt: virStorageVolWipeAlgorithm; of these three. */
enum volume_wipe { VOLUME_WIPE_ZERO = 0, VOLUME_WIPE_RANDOM = 8, VOLUME_WIPE_TRIM = 9 };

struct volume_plan {
	uint64_t capacity, allocation; /* bytes */
	unsigned int mode;
	int64_t owner, group; /* -1: the daemon's */
	int source;	      /* of a copy, or -1 */
	bool reflink;	      /* share the source's blocks, or fail */
};

struct volume_stop {
	bool (*call)(void *context);
	void *context;
};

/* The volume's file; -ELOOP for a link. A descriptor or -errno. */
int volume_open(int folder, const char *name, int flags);

/* -EEXIST when the name is taken. */
int volume_create(
    int folder, const char *name, const struct volume_plan *plan, const struct volume_stop *stop);

int volume_delete(int folder, const char *name);
int volume_resize(int fd, uint64_t capacity, bool allocate);
int volume_wipe(int fd, enum volume_wipe how, const struct volume_stop *stop);

#endif
