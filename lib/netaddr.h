/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses as values: IPv4 and IPv6 with prefix, MAC. Text forms are those of RFC 4632, RFC 4291
 * and IEEE 802. */
#ifndef BERTH_LIB_NETADDR_H
#define BERTH_LIB_NETADDR_H

#include <stdbool.h>
#include <stdint.h>

#define NETADDR_TEXT 64

/* An address with the length of its network; a host address has length 32 or 128. */
struct netaddr {
	uint8_t family;	   /* 4 or 6; 0 is "none" */
	uint8_t prefix;	   /* bits */
	uint8_t bytes[16]; /* network order; IPv4 uses the first four */
};

struct netaddr_mac {
	uint8_t bytes[6];
};

bool netaddr_parse(const char *text, struct netaddr *ret_address);
bool netaddr_parse_prefix(const char *text, struct netaddr *ret_address);
bool netaddr_parse_mac(const char *text, struct netaddr_mac *ret_mac);

/* Text without and with "/prefix"; `text` is returned. */
const char *netaddr_text(const struct netaddr *address, char text[NETADDR_TEXT]);
const char *netaddr_prefix_text(const struct netaddr *address, char text[NETADDR_TEXT]);
const char *netaddr_mac_text(const struct netaddr_mac *mac, char text[NETADDR_TEXT]);

/* The network's own address (host bits zero) and, for IPv4, its last one. */
struct netaddr netaddr_network(const struct netaddr *address);
struct netaddr netaddr_broadcast(const struct netaddr *address);

bool netaddr_equal(const struct netaddr *a, const struct netaddr *b); /* without the prefix */
int netaddr_compare(const struct netaddr *a, const struct netaddr *b);
bool netaddr_contains(const struct netaddr *network, const struct netaddr *address);
bool netaddr_overlap(const struct netaddr *a, const struct netaddr *b);

#endif
