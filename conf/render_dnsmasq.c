/* SPDX-License-Identifier: GPL-2.0-only */
/* One dnsmasq instance a network: dnsmasq(8). */
#include "conf/render.h"

static void render_dhcp(const struct conf_network *network, struct buf *buf)
{
	struct netaddr base = netaddr_network(&network->address);
	char first[NETADDR_TEXT];
	char last[NETADDR_TEXT];

	if (network->dhcp_first.family)
		buf_printf(buf, "dhcp-range=%s,%s,%u\n", netaddr_text(&network->dhcp_first, first),
		    netaddr_text(&network->dhcp_last, last), (unsigned int)network->lease);
	else
		buf_printf(buf, "dhcp-range=%s,static,%u\n", netaddr_text(&base, first),
		    (unsigned int)network->lease);
	buf_printf(buf, "dhcp-authoritative\ndhcp-leasefile=/var/lib/misc/dnsmasq-%s.leases\n",
	    network->name);
	/* Without a way out, a default route would only make guests wait. */
	if (network->mode == CONF_MODE_ISOLATED)
		buf_puts(buf, "dhcp-option=option:router\n");
	for (const struct conf_host *host = network->hosts; host; host = host->next) {
		netaddr_mac_text(&host->mac, first);
		netaddr_text(&host->address, last);
		buf_printf(buf, "dhcp-host=%s,%s%s%s\n", first, last, host->name ? "," : "",
		    host->name ? host->name : "");
	}
}

/* A static host's name answers before its guest has asked for a lease. */
static void render_name(
    const struct conf_network *network, const struct conf_host *host, struct buf *buf)
{
	char text[NETADDR_TEXT];

	if (!host->name)
		return;
	buf_printf(buf, "host-record=%s,", host->name);
	if (network->domain)
		buf_printf(buf, "%s.%s,", host->name, network->domain);
	buf_printf(buf, "%s\n", netaddr_text(&host->address, text));
}

void conf_render_dnsmasq(const struct conf_network *network, struct buf *buf)
{
	buf_printf(buf, "# network \"%s\"\n", network->name);
	buf_printf(buf, "interface=%s\nexcept-interface=lo\nbind-dynamic\n", network->bridge);
	buf_puts(buf, "user=dnsmasq\ngroup=dnsmasq\npid-file=\n");
	buf_puts(buf, "resolv-file=/run/berth/resolv.conf\nno-hosts\ndomain-needed\nbogus-priv\n");
	if (network->domain)
		buf_printf(
		    buf, "domain=%s\nlocal=/%s/\nexpand-hosts\n", network->domain, network->domain);
	for (const struct conf_host *host = network->hosts; host; host = host->next)
		render_name(network, host, buf);
	if (network->dhcp_first.family || network->hosts)
		render_dhcp(network, buf);
}
