/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The firewall, for iptables-restore(8): deny inward, but SSH and what the file opens; guests reach
 * the node for DHCP, DNS and ping only; networks do not reach each other unless routed. Frames
 * within a bridge pass unfiltered, for br_netfilter is not loaded.
 */
#include "conf/render.h"

#define SSH_PORT 22

static bool is_routed_or_nat(const struct conf_network *network)
{
	return network->mode == CONF_MODE_NAT || network->mode == CONF_MODE_ROUTED;
}

static const char *network_text(const struct conf_network *network, char text[NETADDR_TEXT])
{
	struct netaddr base = netaddr_network(&network->address);

	return netaddr_prefix_text(&base, text);
}

static void render_input(const struct conf_model *model, struct buf *buf)
{
	buf_puts(buf, "-A INPUT -i lo -j ACCEPT\n"
		      "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
		      "-A INPUT -m conntrack --ctstate INVALID -j DROP\n"
		      "-A INPUT -p icmp -m icmp --icmp-type 8 -j ACCEPT\n");
	for (const struct conf_network *network = model->networks; network;
	     network = network->next) {
		if (network->mode == CONF_MODE_OFF || network->mode == CONF_MODE_BRIDGE)
			continue;
		if (conf_network_is_served(network)) {
			if (network->dhcp_first.family || network->hosts)
				buf_printf(buf,
				    "-A INPUT -i %s -p udp -m udp --dport 67 -j ACCEPT\n",
				    network->bridge);
			buf_printf(buf, "-A INPUT -i %s -p udp -m udp --dport 53 -j ACCEPT\n",
			    network->bridge);
			buf_printf(buf, "-A INPUT -i %s -p tcp -m tcp --dport 53 -j ACCEPT\n",
			    network->bridge);
		}
		buf_printf(buf, "-A INPUT -i %s -j DROP\n", network->bridge);
	}
	buf_printf(buf, "-A INPUT -p tcp -m tcp --dport %d -j ACCEPT\n", SSH_PORT);
}

static void render_forward(const struct conf_model *model, struct buf *buf)
{
	char text[NETADDR_TEXT];

	buf_puts(buf, "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
		      "-A FORWARD -m conntrack --ctstate INVALID -j DROP\n");
	for (const struct conf_network *network = model->networks; network;
	     network = network->next) {
		for (const struct conf_forward *f = network->forwards; f; f = f->next)
			buf_printf(buf,
			    "-A FORWARD -d %s/32 -o %s -p %s -m %s --dport %u -m conntrack --ctstate DNAT "
			    "-j ACCEPT\n",
			    netaddr_text(&f->address, text), network->bridge, f->protocol,
			    f->protocol, (unsigned int)f->target_port);
		if (network->mode == CONF_MODE_ROUTED)
			buf_printf(buf, "-A FORWARD -d %s -o %s -j ACCEPT\n",
			    network_text(network, text), network->bridge);
	}
	/* What is left and goes towards a network of ours was not asked for. */
	for (const struct conf_network *network = model->networks; network; network = network->next)
		if (is_routed_or_nat(network) || network->mode == CONF_MODE_ISOLATED)
			buf_printf(buf,
			    "-A FORWARD -o %s -j REJECT --reject-with icmp-port-unreachable\n",
			    network->bridge);
	for (const struct conf_network *network = model->networks; network; network = network->next)
		if (is_routed_or_nat(network))
			buf_printf(buf, "-A FORWARD -s %s -i %s -j ACCEPT\n",
			    network_text(network, text), network->bridge);
	for (const struct conf_network *network = model->networks; network; network = network->next)
		if (is_routed_or_nat(network) || network->mode == CONF_MODE_ISOLATED)
			buf_printf(buf,
			    "-A FORWARD -i %s -j REJECT --reject-with icmp-port-unreachable\n",
			    network->bridge);
}

static void render_nat(const struct conf_model *model, struct buf *buf)
{
	char text[NETADDR_TEXT];

	buf_puts(buf, "*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
		      ":POSTROUTING ACCEPT [0:0]\n");
	for (const struct conf_network *network = model->networks; network; network = network->next)
		for (const struct conf_forward *f = network->forwards; f; f = f->next)
			buf_printf(buf,
			    "-A PREROUTING -p %s -m %s --dport %u -m addrtype --dst-type LOCAL -j DNAT "
			    "--to-destination %s:%u\n",
			    f->protocol, f->protocol, (unsigned int)f->port,
			    netaddr_text(&f->address, text), (unsigned int)f->target_port);
	/* The address of whichever interface the packet leaves by: NAT follows the default route.
	 */
	for (const struct conf_network *network = model->networks; network;
	     network = network->next) {
		if (network->mode != CONF_MODE_NAT)
			continue;
		network_text(network, text);
		buf_printf(buf, "-A POSTROUTING -s %s -d 224.0.0.0/24 -j RETURN\n", text);
		buf_printf(buf, "-A POSTROUTING -s %s ! -d %s ! -o %s -j MASQUERADE\n", text, text,
		    network->bridge);
	}
	buf_puts(buf, "COMMIT\n");
}

void conf_render_iptables(const struct conf_model *model, struct buf *buf)
{
	buf_puts(buf, "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n");
	render_input(model, buf);
	render_forward(model, buf);
	buf_puts(buf, "COMMIT\n");
	render_nat(model, buf);
}

/* RFC 4890 section 4.4: the ICMPv6 messages that a host must not drop. Guests' networks have no
 * IPv6. */
void conf_render_ip6tables(const struct conf_model *model, struct buf *buf)
{
	static const int types[] = { 1, 2, 3, 4, 128, 129, 130, 131, 132, 133, 134, 135, 136, 141,
		142, 143 };

	buf_puts(buf, "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n"
		      "-A INPUT -i lo -j ACCEPT\n"
		      "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
		      "-A INPUT -m conntrack --ctstate INVALID -j DROP\n");
	for (const struct conf_network *network = model->networks; network; network = network->next)
		if (network->mode != CONF_MODE_OFF && network->mode != CONF_MODE_BRIDGE)
			buf_printf(buf, "-A INPUT -i %s -j DROP\n", network->bridge);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		buf_printf(
		    buf, "-A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type %d -j ACCEPT\n", types[i]);
	buf_printf(buf, "-A INPUT -p tcp -m tcp --dport %d -j ACCEPT\n", SSH_PORT);
	buf_puts(buf, "COMMIT\n");
}
