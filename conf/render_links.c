/* SPDX-License-Identifier: GPL-2.0-only */
/* Ports, bridges, addresses and routes: an `ip -batch` file and what stands around it (ip(8)). */
#include "conf/render.h"

/* The first uplink of the file is preferred; each further one costs more. DHCP's routes start
 * above. */
#define METRIC_STATIC 50

static const struct conf_network *bridge_of(
    const struct conf_model *model, const struct conf_uplink *uplink)
{
	for (const struct conf_network *network = model->networks; network; network = network->next)
		if (network->mode == CONF_MODE_BRIDGE && network->uplink == uplink)
			return network;
	return NULL;
}

const char *conf_uplink_interface(const struct conf_model *model, const struct conf_uplink *uplink)
{
	const struct conf_network *network = bridge_of(model, uplink);

	if (uplink->selector == CONF_NIC_ANY)
		return "*";
	return network ? network->bridge : uplink->name;
}

void conf_render_uplinks(const struct conf_model *model, struct buf *buf)
{
	char text[NETADDR_TEXT];

	for (const struct conf_uplink *uplink = model->uplinks; uplink; uplink = uplink->next) {
		switch (uplink->selector) {
		case CONF_NIC_NONE:
			break;
		case CONF_NIC_ANY:
			buf_puts(buf, "* any\n");
			break;
		case CONF_NIC_MAC:
			buf_printf(
			    buf, "%s mac:%s\n", uplink->name, netaddr_mac_text(&uplink->mac, text));
			break;
		case CONF_NIC_PCI:
			buf_printf(buf, "%s pci:%s\n", uplink->name, uplink->pci);
			break;
		}
	}
}

static void render_uplink(const struct conf_model *model, const struct conf_uplink *uplink,
    unsigned int metric, struct buf *buf)
{
	const char *interface = conf_uplink_interface(model, uplink);
	char text[NETADDR_TEXT];

	if (uplink->selector == CONF_NIC_ANY)
		return;
	if (uplink->mtu)
		buf_printf(
		    buf, "link set dev %s mtu %u\n", uplink->name, (unsigned int)uplink->mtu);
	if (bridge_of(model, uplink))
		buf_printf(buf, "link set dev %s master %s\n", uplink->name, interface);
	buf_printf(buf, "link set dev %s up\n", uplink->name);
	for (const struct conf_address *own = uplink->addresses; own; own = own->next)
		buf_printf(buf, "address replace %s dev %s\n",
		    netaddr_prefix_text(&own->address, text), interface);
	for (const struct conf_address *gateway = uplink->gateways; gateway;
	     gateway = gateway->next)
		buf_printf(buf, "route replace default via %s dev %s metric %u\n",
		    netaddr_text(&gateway->address, text), interface, metric);
}

void conf_render_links(const struct conf_model *model, struct buf *buf)
{
	unsigned int metric = METRIC_STATIC;
	char text[NETADDR_TEXT];

	for (const struct conf_network *network = model->networks; network;
	     network = network->next) {
		if (network->mode == CONF_MODE_OFF)
			continue;
		/* No forward delay: a guest's first DHCP request would be lost in it. */
		buf_printf(buf, "link add name %s type bridge stp_state 0 forward_delay 0\n",
		    network->bridge);
		if (network->address.family)
			buf_printf(buf, "address replace %s broadcast + dev %s\n",
			    netaddr_prefix_text(&network->address, text), network->bridge);
		buf_printf(buf, "link set dev %s up\n", network->bridge);
	}
	for (const struct conf_uplink *uplink = model->uplinks; uplink; uplink = uplink->next)
		render_uplink(model, uplink, metric++, buf);
}

void conf_render_dhcp(const struct conf_model *model, struct buf *buf)
{
	for (const struct conf_uplink *uplink = model->uplinks; uplink; uplink = uplink->next)
		if (uplink->dhcp)
			buf_printf(buf, "%s\n", conf_uplink_interface(model, uplink));
}

void conf_render_resolv(const struct conf_model *model, struct buf *buf)
{
	char text[NETADDR_TEXT];

	for (const struct conf_uplink *uplink = model->uplinks; uplink; uplink = uplink->next)
		for (const struct conf_address *server = uplink->dns; server; server = server->next)
			buf_printf(buf, "nameserver %s\n", netaddr_text(&server->address, text));
}

void conf_render_sysctl(const struct conf_model *model, struct buf *buf)
{
	bool forward = false;

	for (const struct conf_network *network = model->networks; network; network = network->next)
		forward = forward || network->mode == CONF_MODE_NAT ||
			  network->mode == CONF_MODE_ROUTED;
	buf_printf(buf, "net.ipv4.ip_forward=%d\n", forward);
	/* A dotted interface name would read as a deeper key; sysctl(8) takes slashes instead. */
	for (const struct conf_uplink *uplink = model->uplinks; uplink; uplink = uplink->next)
		if (!uplink->ipv6)
			buf_printf(buf, "net/ipv6/conf/%s/disable_ipv6=1\n",
			    uplink->selector == CONF_NIC_ANY
				? "default"
				: conf_uplink_interface(model, uplink));
}
