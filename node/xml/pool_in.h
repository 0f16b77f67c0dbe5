/* SPDX-License-Identifier: GPL-2.0-only */
/* A pool as a client asks for it. */
#ifndef BERTH_NODE_XML_POOL_IN_H
#define BERTH_NODE_XML_POOL_IN_H

#include "lib/buf.h"
#include "node/host/storage.h"

struct xml_pool_in {
	char name[64];
	char uuid[40]; /* "" when it is not said */
	char path[STORAGE_PATH];
};

/* 0, -EINVAL or -EBADMSG as xml_rules_read(). */
int xml_pool_in(const char *text, struct xml_pool_in *ret_pool, struct buf *why);

#endif
