/* SPDX-License-Identifier: GPL-2.0-only */
/* What an IPv6 router says of name servers in its advertisements. Untrusted: it comes from the
 * link. */
#ifndef BERTH_RA_ADVERT_H
#define BERTH_RA_ADVERT_H

#include <stddef.h>
#include <stdint.h>

/* More than anybody asks: the C library takes three. */
#define ADVERT_SERVERS 8

struct advert_server {
	uint8_t address[16];
	uint32_t lifetime; /* seconds; 0: no longer; UINT32_MAX: for ever */
};

struct advert {
	struct advert_server servers[ADVERT_SERVERS];
	size_t count;
};

/* The ICMPv6 message, from its type on. -EBADMSG when it is no whole router advertisement. */
int advert_parse(const uint8_t *data, size_t length, struct advert *ret_advert);

#endif
