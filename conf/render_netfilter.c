/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The firewall, for iptables-restore(8) and ip6tables-restore(8): deny inward, but SSH and what the
 * file opens; guests reach the node for DHCP, DNS, TFTP and ping only; networks do not reach each
 * other unless routed. Frames within a bridge pass unfiltered.
 */
#include "conf/render.h"

#include <inttypes.h>
#include <string.h>

#define SSH_PORT 22

static const char *const protocols[] = { "tcp", "udp" };

static bool is_forwarded(const struct conf_network *network)
{
	return network->mode == CONF_MODE_NAT || network->mode == CONF_MODE_ROUTED;
}

/* The node's address of a family in a network; family 0 where it has none. */
static const struct netaddr *own_address(const struct conf_network *network, int family)
{
	return family == 4 ? &network->address : &network->ipv6.address;
}

static const char *network_text(
    const struct conf_network *network, int family, char text[NETADDR_TEXT])
{
	struct netaddr base = netaddr_network(own_address(network, family));

	return netaddr_prefix_text(&base, text);
}

/* " -o INTERFACE", or with -i, of the only uplink that a network may use, where the file names one.
 * What is no uplink's name is that of a port which is taken because any is. */
static void render_uplink(const struct conf_model *model, const struct conf_network *network,
    const char *direction, struct buf *buf)
{
	const struct conf_uplink *uplink = model->uplinks;

	if (!network->out)
		return;
	while (uplink && strcmp(uplink->name, network->out) != 0)
		uplink = uplink->next;
	buf_printf(
	    buf, " %s %s", direction, uplink ? conf_uplink_interface(model, uplink) : network->out);
}

static const char *reject(int family)
{
	return family == 4 ? "REJECT --reject-with icmp-port-unreachable"
			   : "REJECT --reject-with icmp6-port-unreachable";
}

static void open_port(
    const struct conf_network *network, const char *protocol, int port, struct buf *buf)
{
	buf_printf(buf, "-A INPUT -i %s -p %s -m %s --dport %d -j ACCEPT\n", network->bridge,
	    protocol, protocol, port);
}

static void render_guest_input(const struct conf_network *network, int family, struct buf *buf)
{
	if (own_address(network, family)->family && conf_network_is_served(network)) {
		open_port(network, "udp", family == 4 ? 67 : 547, buf);
		open_port(network, "udp", 53, buf);
		open_port(network, "tcp", 53, buf);
		if (network->tftp)
			open_port(network, "udp", 69, buf);
	}
	buf_printf(buf, "-A INPUT -i %s -j DROP\n", network->bridge);
}

/* RFC 4890 section 4.4: the ICMPv6 messages that a host must not drop. */
static void render_icmp(int family, struct buf *buf)
{
	static const int types[] = { 1, 2, 3, 4, 128, 129, 130, 131, 132, 133, 134, 135, 136, 141,
		142, 143 };

	if (family == 4) {
		buf_puts(buf, "-A INPUT -p icmp -m icmp --icmp-type 8 -j ACCEPT\n");
		return;
	}
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		buf_printf(
		    buf, "-A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type %d -j ACCEPT\n", types[i]);
}

/* " -s NETWORK" where the file limits who may. */
static void render_source(const struct netaddr *from, struct buf *buf)
{
	char text[NETADDR_TEXT];

	if (from->family)
		buf_printf(buf, " -s %s", netaddr_prefix_text(from, text));
}

static void render_allowed(const struct conf_node *node, int family, struct buf *buf)
{
	if (!node->ssh_from)
		buf_printf(buf, "-A INPUT -p tcp -m tcp --dport %d -j ACCEPT\n", SSH_PORT);
	for (const struct conf_address *from = node->ssh_from; from; from = from->next) {
		if (from->address.family != family)
			continue;
		buf_puts(buf, "-A INPUT");
		render_source(&from->address, buf);
		buf_printf(buf, " -p tcp -m tcp --dport %d -j ACCEPT\n", SSH_PORT);
	}
	for (const struct conf_allow *allow = node->allows; allow; allow = allow->next) {
		const char *protocol = protocols[allow->protocol];
		size_t first = strcspn(allow->ports, "-");

		if (allow->from.family && allow->from.family != family)
			continue;
		buf_puts(buf, "-A INPUT");
		render_source(&allow->from, buf);
		buf_printf(
		    buf, " -p %s -m %s --dport %.*s", protocol, protocol, (int)first, allow->ports);
		if (allow->ports[first])
			buf_printf(buf, ":%s", allow->ports + first + 1);
		buf_puts(buf, " -j ACCEPT\n");
	}
	if (node->metrics.listen.host && family == 4) {
		buf_puts(buf, "-A INPUT");
		render_source(&node->metrics.from, buf);
		buf_printf(buf, " -d %s -p tcp -m tcp --dport %" PRIu64 " -j ACCEPT\n",
		    strcmp(node->metrics.listen.host, "0.0.0.0") ? node->metrics.listen.host
								 : "0.0.0.0/0",
		    node->metrics.listen.port);
	}
}

static void render_input(const struct conf_model *model, int family, struct buf *buf)
{
	buf_puts(buf, "-A INPUT -i lo -j ACCEPT\n"
		      "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
		      "-A INPUT -m conntrack --ctstate INVALID -j DROP\n");
	render_icmp(family, buf);
	/* The answer to a DHCPv6 question comes from another address than it went to. */
	if (family == 6)
		buf_puts(buf,
		    "-A INPUT -s fe80::/10 -d fe80::/10 -p udp -m udp --dport 546 -j ACCEPT\n");
	for (const struct conf_network *network = model->networks; network; network = network->next)
		if (conf_network_is_own(network))
			render_guest_input(network, family, buf);
	render_allowed(&model->node, family, buf);
}

static void render_port_forwards(const struct conf_network *network, struct buf *buf)
{
	char text[NETADDR_TEXT];

	for (const struct conf_forward *f = network->forwards; f; f = f->next)
		buf_printf(buf,
		    "-A FORWARD -d %s/32 -o %s -p %s -m %s --dport %u -m conntrack --ctstate DNAT "
		    "-j ACCEPT\n",
		    netaddr_text(&f->address, text), network->bridge, protocols[f->protocol],
		    protocols[f->protocol], (unsigned int)f->target.port);
}

/* What goes to a network, from its uplink, or comes from it to that uplink. */
static void render_passage(const struct conf_model *model, const struct conf_network *network,
    const struct netaddr *part, bool inward, struct buf *buf)
{
	char text[NETADDR_TEXT];

	netaddr_prefix_text(part, text);
	if (inward) {
		buf_printf(buf, "-A FORWARD -d %s", text);
		render_uplink(model, network, "-i", buf);
		buf_printf(buf, " -o %s", network->bridge);
	} else {
		buf_printf(buf, "-A FORWARD -s %s -i %s", text, network->bridge);
		render_uplink(model, network, "-o", buf);
	}
	buf_puts(buf, " -j ACCEPT\n");
}

/* The same of the network itself and of those behind its guests. */
static void render_passages(const struct conf_model *model, const struct conf_network *network,
    int family, bool inward, struct buf *buf)
{
	struct netaddr base = netaddr_network(own_address(network, family));

	render_passage(model, network, &base, inward, buf);
	for (const struct conf_route *route = network->routes; route; route = route->next)
		if (route->to.family == family)
			render_passage(model, network, &route->to, inward, buf);
}

static void render_forward(const struct conf_model *model, int family, struct buf *buf)
{
	const struct conf_network *network;

	buf_puts(buf, "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
		      "-A FORWARD -m conntrack --ctstate INVALID -j DROP\n");
	for (network = model->networks; network; network = network->next) {
		if (family == 4 && conf_network_is_own(network))
			render_port_forwards(network, buf);
		if (network->mode != CONF_MODE_ROUTED || !own_address(network, family)->family)
			continue;
		render_passages(model, network, family, true, buf);
	}
	/* What is left and goes towards a network of ours was not asked for. */
	for (network = model->networks; network; network = network->next)
		if (conf_network_is_own(network))
			buf_printf(
			    buf, "-A FORWARD -o %s -j %s\n", network->bridge, reject(family));
	for (network = model->networks; network; network = network->next) {
		if (is_forwarded(network) && own_address(network, family)->family)
			render_passages(model, network, family, false, buf);
	}
	for (network = model->networks; network; network = network->next)
		if (conf_network_is_own(network))
			buf_printf(
			    buf, "-A FORWARD -i %s -j %s\n", network->bridge, reject(family));
}

static void render_prerouting(const struct conf_network *network, struct buf *buf)
{
	char text[NETADDR_TEXT];

	for (const struct conf_forward *f = network->forwards; f; f = f->next) {
		buf_puts(buf, "-A PREROUTING");
		render_source(&f->from, buf);
		buf_printf(buf,
		    " -p %s -m %s --dport %u -m addrtype --dst-type LOCAL -j DNAT "
		    "--to-destination %s:%u\n",
		    protocols[f->protocol], protocols[f->protocol], (unsigned int)f->port,
		    netaddr_text(&f->address, text), (unsigned int)f->target.port);
	}
}

/* The address of whichever interface the packet leaves by: NAT follows the default route. */
static void render_postrouting(
    const struct conf_model *model, const struct conf_network *network, int family, struct buf *buf)
{
	char text[NETADDR_TEXT];
	char target[NETADDR_TEXT];

	network_text(network, family, text);
	buf_printf(buf, "-A POSTROUTING -s %s -d %s -j RETURN\n", text,
	    family == 4 ? "224.0.0.0/24" : "ff02::/16");
	/* A guest that uses the forward of its neighbour must be answered through the node. */
	for (const struct conf_forward *f = network->forwards; family == 4 && f; f = f->next)
		buf_printf(buf,
		    "-A POSTROUTING -s %s -d %s/32 -p %s -m %s --dport %u -m conntrack --ctstate DNAT "
		    "-j MASQUERADE\n",
		    text, netaddr_text(&f->address, target), protocols[f->protocol],
		    protocols[f->protocol], (unsigned int)f->target.port);
	buf_printf(buf, "-A POSTROUTING -s %s ! -d %s", text, text);
	if (network->out)
		render_uplink(model, network, "-o", buf);
	else
		buf_printf(buf, " ! -o %s", network->bridge);
	buf_puts(buf, " -j MASQUERADE\n");
}

static void render_nat(const struct conf_model *model, int family, struct buf *buf)
{
	const struct conf_network *network;

	buf_puts(buf, "*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
		      ":POSTROUTING ACCEPT [0:0]\n");
	for (network = model->networks; family == 4 && network; network = network->next)
		if (conf_network_is_own(network))
			render_prerouting(network, buf);
	for (network = model->networks; network; network = network->next)
		if (network->mode == CONF_MODE_NAT && own_address(network, family)->family)
			render_postrouting(model, network, family, buf);
	buf_puts(buf, "COMMIT\n");
}

/* Where the file gives a MAC address its IP address, neither goes with another. A guest that has
 * none yet may ask for it. */
static void render_raw(const struct conf_model *model, struct buf *buf)
{
	char address[NETADDR_TEXT];
	char mac[NETADDR_TEXT];

	buf_puts(buf, "*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n");
	for (const struct conf_network *network = model->networks; network;
	     network = network->next) {
		const char *bridge = network->bridge;

		if (!conf_network_is_own(network) || !network->hosts)
			continue;
		buf_printf(buf,
		    "-A PREROUTING -s 0.0.0.0/32 -i %s -p udp -m udp --sport 68 --dport 67 -j ACCEPT\n",
		    bridge);
		for (const struct conf_host *host = network->hosts; host; host = host->next) {
			netaddr_text(&host->address, address);
			netaddr_mac_text(&host->mac, mac);
			buf_printf(buf,
			    "-A PREROUTING -s %s/32 -i %s -m mac ! --mac-source %s -j DROP\n",
			    address, bridge, mac);
			buf_printf(buf,
			    "-A PREROUTING ! -s %s/32 -i %s -m mac --mac-source %s -j DROP\n",
			    address, bridge, mac);
		}
	}
	buf_puts(buf, "COMMIT\n");
}

static void render_filter(const struct conf_model *model, int family, struct buf *buf)
{
	buf_puts(buf, "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n");
	render_input(model, family, buf);
	render_forward(model, family, buf);
	buf_puts(buf, "COMMIT\n");
}

void conf_render_iptables(const struct conf_model *model, struct buf *buf)
{
	render_raw(model, buf);
	render_filter(model, 4, buf);
	render_nat(model, 4, buf);
}

void conf_render_ip6tables(const struct conf_model *model, struct buf *buf)
{
	render_filter(model, 6, buf);
	render_nat(model, 6, buf);
}
