/* SPDX-License-Identifier: GPL-2.0-only */
/* Pools and volumes as libvirt's XML. */
#ifndef BERTH_NODE_XML_POOL_H
#define BERTH_NODE_XML_POOL_H

#include "lib/buf.h"
#include "node/host/storage.h"

/* `sizes` is NULL of a pool that is not there. */
void xml_pool(const struct conf_pool *pool, const char *uuid, const struct storage_sizes *sizes,
    struct buf *out);
void xml_volume(const struct storage_volume *volume, struct buf *out);

#endif
