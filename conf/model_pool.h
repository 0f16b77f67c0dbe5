/* SPDX-License-Identifier: GPL-2.0-only */
/* Pools, as plain values; see conf/model. */
#ifndef BERTH_CONF_MODEL_POOL_H
#define BERTH_CONF_MODEL_POOL_H

#include "conf/model_parts.h"

enum conf_pool_type {
	CONF_POOL_DIR,
	CONF_POOL_FS,
	CONF_POOL_NFS,
	CONF_POOL_LVM,
	CONF_POOL_ISCSI,
	CONF_POOL_OFF
};

struct conf_pool {
	struct conf_pool *next;
	struct conf_pos pos;
	const char *name;
	const struct conf_section *section;
	unsigned int type; /* enum conf_pool_type */
	const char *path;
	const char *device; /* selector of a disk */
	const char *host;
	uint64_t port;
	const char *group;
	const char *target;
	const char *initiator;
	const char *chap_user;
	const char *chap_secret;
	unsigned int format;
	bool erase;
	bool autostart;
	bool read_only;
	const char *uuid; /* or NULL */
	const char *description;
};

#endif
