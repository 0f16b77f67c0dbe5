/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who is who in the node's own networks: the addresses that are the node's, and the guests that the
 * file gives a MAC address, with their IP address and name; and what guests may not serve each
 * other. What a guest's port is held to, and the names that the node knows, are made of it.
 */
#include "conf/render.h"

#include <string.h>

/* RFC 4291, appendix A: what a bridge makes of its MAC address. Guests take it for their router. */
static struct netaddr link_local(const struct netaddr_mac *mac)
{
	struct netaddr address = { .family = 6, .prefix = 64, .bytes = { 0xfe, 0x80 } };

	memcpy(address.bytes + 8, mac->bytes, 3);
	address.bytes[8] ^= 2;
	address.bytes[11] = 0xff;
	address.bytes[12] = 0xfe;
	memcpy(address.bytes + 13, mac->bytes + 3, 3);
	return address;
}

static void render_node(const struct conf_network *network, struct buf *buf)
{
	struct netaddr_mac mac = conf_bridge_mac(network->bridge);
	struct netaddr local = link_local(&mac);
	char text[NETADDR_TEXT];

	if (network->address.family)
		buf_printf(
		    buf, "%s node %s - -\n", network->name, netaddr_text(&network->address, text));
	if (network->ipv6.address.family)
		buf_printf(buf, "%s node %s - -\n", network->name,
		    netaddr_text(&network->ipv6.address, text));
	buf_printf(buf, "%s node %s - -\n", network->name, netaddr_text(&local, text));
}

/* Where the node gives out addresses, no guest does. Where the node has an address, it is the
 * router, or there is none. */
static void render_denied(const struct conf_network *network, struct buf *buf)
{
	if (network->guest_servers || !conf_network_is_served(network))
		return;
	if (network->ranges || network->hosts)
		buf_printf(buf, "%s deny dhcp - -\n", network->name);
	buf_printf(buf, "%s deny router - -\n", network->name);
}

static void render_guest(
    const struct conf_network *network, const struct conf_host *guest, struct buf *buf)
{
	char address[NETADDR_TEXT] = "-";
	char mac[NETADDR_TEXT];

	if (guest->address.family)
		netaddr_text(&guest->address, address);
	buf_printf(buf, "%s %s %s %s %s\n", network->name, netaddr_mac_text(&guest->mac, mac),
	    address, guest->name ? guest->name : "-", network->domain ? network->domain : "-");
}

void conf_render_guests(const struct conf_model *model, struct buf *buf)
{
	for (const struct conf_network *network = model->networks; network;
	     network = network->next) {
		if (!conf_network_is_own(network))
			continue;
		render_node(network, buf);
		render_denied(network, buf);
		for (const struct conf_host *host = network->hosts; host; host = host->next)
			render_guest(network, host, buf);
		for (const struct conf_host *guest = network->names; guest; guest = guest->next)
			render_guest(network, guest, buf);
	}
}
