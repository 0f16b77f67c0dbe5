/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ports, bonds, VLANs, bridges, addresses and routes: an `ip -batch` file and what stands around it
 * (ip(8)). The batch is run again whenever a port appears, with -force: each line may be applied
 * twice, and one whose port is missing stops no other.
 */
#include "conf/render.h"

#include <inttypes.h>
#include <string.h>

/* The first uplink of the file is preferred, whether its routes come from the file, from DHCP or
 * from router advertisements; each further one costs more. The ports of "any" lie between. */
#define METRIC_STEP 100

static const struct conf_network *bridge_of(
    const struct conf_model *model, const struct conf_uplink *uplink)
{
	for (const struct conf_network *network = model->networks; network; network = network->next)
		if (network->mode != CONF_MODE_OFF && network->uplink == uplink)
			return network;
	return NULL;
}

const char *conf_uplink_interface(const struct conf_model *model, const struct conf_uplink *uplink)
{
	const struct conf_network *network = bridge_of(model, uplink);

	if (conf_uplink_takes_any(uplink))
		return "*";
	return network ? network->bridge : uplink->name;
}

void conf_render_uplinks(const struct conf_model *model, struct buf *buf)
{
	char text[NETADDR_TEXT];

	for (const struct conf_uplink *uplink = model->uplinks; uplink; uplink = uplink->next) {
		unsigned int port = 0;

		for (const struct conf_selector *nic = uplink->nics; nic; nic = nic->next) {
			buf_puts(buf, nic->kind == CONF_NIC_ANY ? "*" : uplink->name);
			if (uplink->bond.mode)
				buf_printf(buf, "-p%u", port++);
			if (nic->kind == CONF_NIC_ANY)
				buf_puts(buf, " any\n");
			else if (nic->kind == CONF_NIC_MAC)
				buf_printf(buf, " mac:%s\n", netaddr_mac_text(&nic->mac, text));
			else
				buf_printf(buf, " pci:%s\n", nic->pci);
		}
	}
}

/* 802.3ad without a partner still carries traffic on one port, so that a switch that is not set up
 * yet does not lock the administrator out. */
static void render_bond(const struct conf_uplink *uplink, struct buf *buf)
{
	static const char *const rates[] = { "slow", "fast" };
	static const char *const hashes[] = { "layer2", "layer2+3", "layer3+4" };
	unsigned int port = 0;

	if (uplink->bond.mode == CONF_BOND_ACTIVE_BACKUP)
		buf_printf(buf, "link add name %s type bond mode active-backup miimon 100\n",
		    uplink->name);
	else
		buf_printf(buf,
		    "link add name %s type bond mode 802.3ad miimon 100 lacp_rate %s "
		    "xmit_hash_policy %s\n",
		    uplink->name, rates[uplink->bond.rate], hashes[uplink->bond.hash]);
	for (const struct conf_selector *nic = uplink->nics; nic; nic = nic->next, port++)
		buf_printf(buf, "link set dev %s-p%u master %s\nlink set dev %s-p%u up\n",
		    uplink->name, port, uplink->name, uplink->name, port);
}

static void render_uplink_addresses(
    const struct conf_uplink *uplink, const char *interface, unsigned int metric, struct buf *buf)
{
	char to[NETADDR_TEXT];
	char via[NETADDR_TEXT];

	for (const struct conf_uplink_address *own = uplink->addresses; own; own = own->next)
		if (own->how == CONF_HOW_STATIC)
			buf_printf(buf, "address replace %s dev %s\n",
			    netaddr_prefix_text(&own->address, to), interface);
	for (const struct conf_address *gateway = uplink->gateways; gateway;
	     gateway = gateway->next)
		buf_printf(buf, "route replace default via %s dev %s metric %u\n",
		    netaddr_text(&gateway->address, via), interface, metric);
	for (const struct conf_route *route = uplink->routes; route; route = route->next)
		buf_printf(buf, "route replace %s via %s dev %s metric %u\n",
		    netaddr_prefix_text(&route->to, to), netaddr_text(&route->via, via), interface,
		    route->metric ? (unsigned int)route->metric : metric);
}

static void render_uplink(const struct conf_model *model, const struct conf_uplink *uplink,
    unsigned int metric, struct buf *buf)
{
	const char *interface = conf_uplink_interface(model, uplink);

	if (conf_uplink_takes_any(uplink))
		return;
	if (uplink->bond.mode)
		render_bond(uplink, buf);
	else if (uplink->vlan.id)
		buf_printf(buf, "link add link %s name %s type vlan id %u\n", uplink->vlan.on,
		    uplink->name, (unsigned int)uplink->vlan.id);
	if (uplink->mtu)
		buf_printf(
		    buf, "link set dev %s mtu %u\n", uplink->name, (unsigned int)uplink->mtu);
	if (bridge_of(model, uplink))
		buf_printf(buf, "link set dev %s master %s\n", uplink->name, interface);
	buf_printf(buf, "link set dev %s up\n", uplink->name);
	render_uplink_addresses(uplink, interface, metric, buf);
}

struct netaddr_mac conf_bridge_mac(const char *name)
{
	uint32_t hash = 0x811c9dc5u;

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 0x01000193u;
	return (struct netaddr_mac){ { 0x52, 0x54, 0, hash >> 16 & 0xff, hash >> 8 & 0xff,
	    hash & 0xff } };
}

static void render_bridge(const struct conf_network *network, struct buf *buf)
{
	uint64_t mtu = network->mtu ? network->mtu : network->uplink ? network->uplink->mtu : 0;
	struct netaddr_mac mac = conf_bridge_mac(network->bridge);
	char text[NETADDR_TEXT];

	buf_printf(buf, "link add name %s ", network->bridge);
	/* Otherwise a bridge takes the lowest address of its ports, and changes it as guests come
	 * and go. */
	if (conf_network_is_own(network))
		buf_printf(buf, "address %s ", netaddr_mac_text(&mac, text));
	/* No forward delay without STP: a guest's first DHCP request would be lost in it. The
	 * kernel counts in hundredths of a second. */
	buf_printf(buf, "type bridge stp_state %d forward_delay %" PRIu64 "\n", network->stp,
	    network->stp && !network->forward_delay ? 200 : network->forward_delay * 100);
	if (mtu)
		buf_printf(buf, "link set dev %s mtu %u\n", network->bridge, (unsigned int)mtu);
	if (network->address.family)
		buf_printf(buf, "address replace %s broadcast + dev %s\n",
		    netaddr_prefix_text(&network->address, text), network->bridge);
	if (network->ipv6.address.family)
		buf_printf(buf, "address replace %s dev %s nodad\n",
		    netaddr_prefix_text(&network->ipv6.address, text), network->bridge);
	buf_printf(buf, "link set dev %s up\n", network->bridge);
}

/* A guest that answers for another's address is not listened to: the node knows who has which. */
static void render_neighbours(const struct conf_network *network, struct buf *buf)
{
	char address[NETADDR_TEXT];
	char text[NETADDR_TEXT];

	for (const struct conf_host *host = network->hosts; host; host = host->next)
		buf_printf(buf, "neighbour replace %s lladdr %s dev %s nud permanent\n",
		    netaddr_text(&host->address, address), netaddr_mac_text(&host->mac, text),
		    network->bridge);
	for (const struct conf_route *route = network->routes; route; route = route->next) {
		buf_printf(buf, "route replace %s via %s dev %s",
		    netaddr_prefix_text(&route->to, text), netaddr_text(&route->via, address),
		    network->bridge);
		if (route->metric)
			buf_printf(buf, " metric %" PRIu64, route->metric);
		buf_puts(buf, "\n");
	}
}

void conf_render_links(const struct conf_model *model, struct buf *buf)
{
	unsigned int metric;

	for (const struct conf_network *network = model->networks; network;
	     network = network->next) {
		if (network->mode == CONF_MODE_OFF)
			continue;
		render_bridge(network, buf);
		render_neighbours(network, buf);
	}
	/* A VLAN comes after what it stands on. */
	for (int vlans = 0; vlans <= 1; vlans++) {
		metric = METRIC_STEP;
		for (const struct conf_uplink *uplink = model->uplinks; uplink;
		     uplink = uplink->next, metric += METRIC_STEP)
			if (!uplink->vlan.id == !vlans)
				render_uplink(model, uplink, metric, buf);
	}
}

void conf_render_dhcp(const struct conf_model *model, struct buf *buf)
{
	for (const struct conf_uplink *uplink = model->uplinks; uplink; uplink = uplink->next)
		if (uplink->dhcp)
			buf_printf(buf, "%s\n", conf_uplink_interface(model, uplink));
}

/* Whose link counts for which interface: that of the port, also when a bridge that guests keep up
 * has the addresses. */
void conf_render_carriers(const struct conf_model *model, struct buf *buf)
{
	unsigned int metric = METRIC_STEP;

	for (const struct conf_uplink *uplink = model->uplinks; uplink;
	     uplink = uplink->next, metric += METRIC_STEP)
		buf_printf(buf, "%s %s %u\n", conf_uplink_takes_any(uplink) ? "*" : uplink->name,
		    conf_uplink_interface(model, uplink), metric);
}

void conf_render_resolv(const struct conf_model *model, struct buf *buf)
{
	char text[NETADDR_TEXT];

	for (const struct conf_uplink *uplink = model->uplinks; uplink; uplink = uplink->next)
		for (const struct conf_address *server = uplink->dns; server; server = server->next)
			buf_printf(buf, "nameserver %s\n", netaddr_text(&server->address, text));
}

static void render_uplink_sysctl(const struct conf_model *model, const struct conf_uplink *uplink,
    bool forward6, unsigned int metric, struct buf *buf)
{
	/* "*" stands for each port that is taken. "default" would reach every bridge made later. */
	const char *interface = conf_uplink_interface(model, uplink);

	const struct conf_network *network = bridge_of(model, uplink);

	/* What is on the bridge of a network that the node serves is that network's. */
	if (network && conf_network_is_own(network)) {
		buf_printf(buf, "net/ipv6/conf/%s/disable_ipv6=1\n", uplink->name);
		return;
	}
	/* A dotted interface name would read as a deeper key; sysctl(8) takes slashes instead.
	 * Without a link, an uplink's routes do not count: the next one's do. */
	buf_printf(buf, "net/ipv4/conf/%s/ignore_routes_with_linkdown=1\n", interface);
	if (uplink->ipv6 != CONF_IPV6_OFF)
		buf_printf(buf, "net/ipv6/conf/%s/ignore_routes_with_linkdown=1\n", interface);
	if (uplink->ipv6 == CONF_IPV6_AUTO)
		buf_printf(buf, "net/ipv6/conf/%s/ra_defrtr_metric=%u\n", interface, metric);
	if (uplink->ipv6 == CONF_IPV6_OFF)
		buf_printf(buf, "net/ipv6/conf/%s/disable_ipv6=1\n", interface);
	else if (uplink->ipv6 == CONF_IPV6_STATIC)
		buf_printf(buf, "net/ipv6/conf/%s/accept_ra=0\n", interface);
	else if (forward6)
		/* 2: a router, too, listens to other routers. */
		buf_printf(buf, "net/ipv6/conf/%s/accept_ra=2\n", interface);
	/* The bridge has the addresses; its port shall not make any of its own. */
	if (!conf_uplink_takes_any(uplink) && strcmp(interface, uplink->name))
		buf_printf(buf, "net/ipv6/conf/%s/disable_ipv6=1\n", uplink->name);
}

/* There, the node is the router; a guest is none of its. */
static void render_network_sysctl(const struct conf_network *network, struct buf *buf)
{
	if (conf_network_is_own(network))
		buf_printf(buf, "net/ipv6/conf/%s/accept_ra=0\n", network->bridge);
}

void conf_render_sysctl(const struct conf_model *model, struct buf *buf)
{
	const struct conf_network *network;
	unsigned int metric = METRIC_STEP;
	bool forward4 = false;
	bool forward6 = false;

	for (network = model->networks; network; network = network->next) {
		bool out = network->mode == CONF_MODE_NAT || network->mode == CONF_MODE_ROUTED;

		forward4 = forward4 || out;
		forward6 = forward6 || (out && network->ipv6.address.family);
	}
	buf_printf(
	    buf, "net.ipv4.ip_forward=%d\nnet.ipv6.conf.all.forwarding=%d\n", forward4, forward6);
	buf_puts(buf, "net.bridge.bridge-nf-call-iptables=0\n"
		      "net.bridge.bridge-nf-call-ip6tables=0\n"
		      "net.bridge.bridge-nf-call-arptables=0\n");
	for (network = model->networks; network; network = network->next)
		render_network_sysctl(network, buf);
	for (const struct conf_uplink *uplink = model->uplinks; uplink;
	     uplink = uplink->next, metric += METRIC_STEP)
		render_uplink_sysctl(model, uplink, forward6, metric, buf);
}
