/* SPDX-License-Identifier: GPL-2.0-only */
/* A volume as a client asks for it. */
#ifndef BERTH_NODE_XML_VOLUME_IN_H
#define BERTH_NODE_XML_VOLUME_IN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"

struct xml_volume_in {
	char name[256];
	bool has_capacity;
	uint64_t capacity;
	uint64_t allocation; /* the capacity when the client does not say */
	unsigned int mode;
	int64_t owner, group; /* -1: not said */
};

/* 0, -EINVAL or -EBADMSG as xml_rules_read(). */
int xml_volume_in(const char *text, struct xml_volume_in *ret_volume, struct buf *why);

#endif
