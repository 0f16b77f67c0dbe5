/* SPDX-License-Identifier: GPL-2.0-only */
/* The name servers that routers told of, by interface, for as long as they said. Times are seconds
 * of a clock that is the caller's. */
#ifndef BERTH_RA_SERVERS_H
#define BERTH_RA_SERVERS_H

#include <stdbool.h>

#include "lib/buf.h"
#include "ra/advert.h"

struct servers_entry {
	uint8_t address[16];
	double until;
};

struct servers {
	struct servers_entry entries[ADVERT_SERVERS];
	size_t count;
};

/* Whether something changed. A table that is full takes no more (RFC 8106, section 6.2). */
bool servers_learn(struct servers *servers, const struct advert *advert, double now);
bool servers_expire(struct servers *servers, double now);

/* When the next one expires; infinite if none does. */
double servers_next(const struct servers *servers);

/* "dns=" and the addresses, those of the link with the interface; nothing without any. */
void servers_print(const struct servers *servers, const char *interface, struct buf *buf);

#endif
