/* SPDX-License-Identifier: GPL-2.0-only */
/* Leases of a network, as its dnsmasq writes them down (dnsmasq: lease.c; one a line: time of its
 * end, MAC address, address, name, client id; "*" for what is not known). */
#ifndef BERTH_NODE_HOST_LEASES_H
#define BERTH_NODE_HOST_LEASES_H

#include <stdbool.h>
#include <stdint.h>

struct lease {
	int64_t end; /* seconds since 1970; 0: never */
	bool ipv6;
	const char *mac; /* NULL of IPv6, where the file has none */
	const char *address;
	const char *name;   /* or NULL */
	const char *client; /* or NULL */
};

/* Each line of `text`, which is taken apart in place. */
void leases_parse(
    char *text, bool (*each)(void *context, const struct lease *lease), void *context);

/* Those of a network; none when there is no file. */
void leases_read(
    const char *network, bool (*each)(void *context, const struct lease *lease), void *context);

#endif
