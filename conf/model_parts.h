/* SPDX-License-Identifier: GPL-2.0-only */
/* What several kinds of objects are made of; see conf/model. */
#ifndef BERTH_CONF_MODEL_PARTS_H
#define BERTH_CONF_MODEL_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/diag.h"
#include "lib/netaddr.h"

/* Linux: IFNAMSIZ less the NUL. */
#define CONF_INTERFACE_MAX 15

struct conf_section; /* of the tree, conf/parse */

struct conf_text {
	struct conf_text *next;
	struct conf_pos pos;
	const char *text;
};

struct conf_address {
	struct conf_address *next;
	struct conf_pos pos;
	struct netaddr address;
};

enum conf_protocol { CONF_TCP, CONF_UDP };

struct conf_route {
	struct conf_route *next;
	struct conf_pos pos;
	struct netaddr to;
	struct netaddr via;
	uint64_t metric;
};

#endif
