/* SPDX-License-Identifier: GPL-2.0-only */
#include "lib/netaddr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "lib/num.h"

static unsigned int family_bits(uint8_t family)
{
	return family == 4 ? 32 : 128;
}

bool netaddr_parse(const char *text, struct netaddr *ret_address)
{
	struct netaddr address = { 0 };

	if (inet_pton(AF_INET, text, address.bytes) == 1)
		address.family = 4;
	else if (inet_pton(AF_INET6, text, address.bytes) == 1)
		address.family = 6;
	else
		return false;
	address.prefix = (uint8_t)family_bits(address.family);
	*ret_address = address;
	return true;
}

bool netaddr_parse_prefix(const char *text, struct netaddr *ret_address)
{
	char host[NETADDR_TEXT];
	const char *slash = strchr(text, '/');
	struct netaddr address;
	uint64_t prefix;

	if (!slash || (size_t)(slash - text) >= sizeof(host))
		return false;
	memcpy(host, text, (size_t)(slash - text));
	host[slash - text] = '\0';
	if (!netaddr_parse(host, &address) ||
	    !num_parse(slash + 1, family_bits(address.family), &prefix))
		return false;
	address.prefix = (uint8_t)prefix;
	*ret_address = address;
	return true;
}

bool netaddr_parse_mac(const char *text, struct netaddr_mac *ret_mac)
{
	struct netaddr_mac mac;

	if (strlen(text) != 17)
		return false;
	for (int i = 0; i < 6; i++) {
		if (!num_hex_bytes(text + 3 * i, 1, &mac.bytes[i]) ||
		    (i < 5 && text[3 * i + 2] != ':'))
			return false;
	}
	*ret_mac = mac;
	return true;
}

const char *netaddr_text(const struct netaddr *address, char text[NETADDR_TEXT])
{
	if (!inet_ntop(
		address->family == 4 ? AF_INET : AF_INET6, address->bytes, text, NETADDR_TEXT))
		text[0] = '\0';
	return text;
}

const char *netaddr_prefix_text(const struct netaddr *address, char text[NETADDR_TEXT])
{
	size_t length;

	netaddr_text(address, text);
	length = strlen(text);
	snprintf(text + length, NETADDR_TEXT - length, "/%u", address->prefix);
	return text;
}

const char *netaddr_mac_text(const struct netaddr_mac *mac, char text[NETADDR_TEXT])
{
	const uint8_t *b = mac->bytes;

	snprintf(text, NETADDR_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4],
	    b[5]);
	return text;
}

/* Host bits all zero, or all one. */
static struct netaddr fill_host_bits(const struct netaddr *address, bool ones)
{
	struct netaddr result = *address;

	for (unsigned int bit = address->prefix; bit < family_bits(address->family); bit++) {
		uint8_t mask = (uint8_t)(0x80 >> (bit % 8));

		if (ones)
			result.bytes[bit / 8] |= mask;
		else
			result.bytes[bit / 8] &= (uint8_t)~mask;
	}
	return result;
}

struct netaddr netaddr_network(const struct netaddr *address)
{
	return fill_host_bits(address, false);
}

struct netaddr netaddr_broadcast(const struct netaddr *address)
{
	return fill_host_bits(address, true);
}

bool netaddr_equal(const struct netaddr *a, const struct netaddr *b)
{
	return netaddr_compare(a, b) == 0;
}

int netaddr_compare(const struct netaddr *a, const struct netaddr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

bool netaddr_contains(const struct netaddr *network, const struct netaddr *address)
{
	struct netaddr masked = *address;
	struct netaddr base = netaddr_network(network);

	if (network->family != address->family)
		return false;
	masked.prefix = network->prefix;
	masked = netaddr_network(&masked);
	return netaddr_equal(&base, &masked);
}

bool netaddr_overlap(const struct netaddr *a, const struct netaddr *b)
{
	return a->prefix <= b->prefix ? netaddr_contains(a, b) : netaddr_contains(b, a);
}
