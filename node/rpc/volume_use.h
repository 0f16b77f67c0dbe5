/* SPDX-License-Identifier: GPL-2.0-only */
/* Which volumes are in use, by clients' work on them or by guests. */
#ifndef BERTH_NODE_RPC_VOLUME_USE_H
#define BERTH_NODE_RPC_VOLUME_USE_H

#include "node/rpc/volume.h"

/* Embedded in whoever works on a volume. */
struct volume_use {
	struct volume_use *next;
	struct volume_use **link; /* NULL: not begun */
	char path[STORAGE_PATH];
	bool writes;
};

/* False with the call failed (code 55) when another's use forbids it. */
bool volume_use_begin(
    struct server_call *call, const char *path, bool writes, struct volume_use *use);
void volume_use_end(struct volume_use *use);

/* False with the call failed when a guest that runs has the volume. */
bool volume_is_idle(struct server_call *call, const struct storage_volume *volume);

#endif
