/* SPDX-License-Identifier: GPL-2.0-only */
/* One dnsmasq instance a network: dnsmasq(8). */
#include "conf/render.h"

#include <inttypes.h>
#include <string.h>

#define OPTION_ROUTER 3

static bool says_option(const struct conf_network *network, uint64_t number)
{
	for (const struct conf_dhcp_option *option = network->options; option;
	     option = option->next)
		if (option->number == number)
			return true;
	return false;
}

static void render_options(const struct conf_network *network, struct buf *buf)
{
	/* Without a way out, a default route would only make guests wait. */
	if (network->mode == CONF_MODE_ISOLATED && !says_option(network, OPTION_ROUTER))
		buf_puts(buf, "dhcp-option=option:router\n");
	if (network->mtu)
		buf_printf(buf, "dhcp-option=option:mtu,%" PRIu64 "\n", network->mtu);
	for (const struct conf_dhcp_option *option = network->options; option;
	     option = option->next)
		buf_printf(buf, "dhcp-option=%" PRIu64 ",%s\n", option->number, option->value);
}

static void render_hosts(const struct conf_network *network, struct buf *buf)
{
	char mac[NETADDR_TEXT];
	char address[NETADDR_TEXT];

	for (const struct conf_host *host = network->hosts; host; host = host->next)
		buf_printf(buf, "dhcp-host=%s,%s%s%s\n", netaddr_mac_text(&host->mac, mac),
		    netaddr_text(&host->address, address), host->name ? "," : "",
		    host->name ? host->name : "");
	/* A guest's name in this file counts, whatever it calls itself. */
	for (const struct conf_host *guest = network->names; guest; guest = guest->next)
		buf_printf(
		    buf, "dhcp-host=%s,%s\n", netaddr_mac_text(&guest->mac, mac), guest->name);
}

static void render_dhcp(const struct conf_network *network, struct buf *buf)
{
	struct netaddr base = netaddr_network(&network->address);
	char first[NETADDR_TEXT];
	char last[NETADDR_TEXT];

	for (const struct conf_range *range = network->ranges; range; range = range->next)
		buf_printf(buf, "dhcp-range=%s,%s,%" PRIu64 "\n",
		    netaddr_text(&range->first, first), netaddr_text(&range->last, last),
		    network->lease);
	if (!network->ranges)
		buf_printf(buf, "dhcp-range=%s,static,%" PRIu64 "\n", netaddr_text(&base, first),
		    network->lease);
	render_options(network, buf);
	render_hosts(network, buf);
}

static void render_ipv6(const struct conf_network *network, struct buf *buf)
{
	struct netaddr base = netaddr_network(&network->ipv6.address);
	char first[NETADDR_TEXT];
	char last[NETADDR_TEXT];

	if (!network->ipv6.address.family)
		return;
	buf_puts(buf, "enable-ra\n");
	/* A router that leads nowhere says so: lifetime 0. */
	if (network->mode == CONF_MODE_ISOLATED)
		buf_printf(buf, "ra-param=%s,0,0\n", network->bridge);
	for (const struct conf_range *range = network->ranges6; range; range = range->next)
		buf_printf(buf, "dhcp-range=%s,%s,%u,%" PRIu64 "\n",
		    netaddr_text(&range->first, first), netaddr_text(&range->last, last),
		    base.prefix, network->lease);
	if (!network->ranges6)
		buf_printf(buf, "dhcp-range=%s,ra-stateless,ra-names,%u,%" PRIu64 "\n",
		    netaddr_text(&base, first), base.prefix, network->lease);
}

/* RFC 4578 section 2.1 and IANA's list of processor architectures: what a PXE client says that it
 * is. */
static void render_boot_files(const struct conf_network *network, struct buf *buf)
{
	static const char *const tags[] = { "", "tag:bios,", "tag:uefi,", "tag:uefi-http," };
	char server[NETADDR_TEXT];

	if (network->boot_files)
		buf_puts(buf, "dhcp-match=set:bios,option:client-arch,0\n"
			      "dhcp-match=set:uefi,option:client-arch,7\n"
			      "dhcp-match=set:uefi,option:client-arch,9\n"
			      "dhcp-match=set:uefi-http,option:client-arch,16\n"
			      /* Such a client listens to servers that call themselves so only. */
			      "dhcp-option-force=tag:uefi-http,60,HTTPClient\n");
	for (const struct conf_boot_file *boot = network->boot_files; boot; boot = boot->next)
		buf_printf(buf, "dhcp-boot=%s%s%s%s\n", tags[boot->arch], boot->file,
		    boot->server.family ? ",," : "",
		    boot->server.family ? netaddr_text(&boot->server, server) : "");
}

static void render_tftp(const struct conf_network *network, struct buf *buf)
{
	if (!network->tftp)
		return;
	/* A data volume that is not there yet must not take DHCP and DNS along. */
	buf_printf(buf, "enable-tftp=%s\ntftp-no-fail\ntftp-root=", network->bridge);
	if (network->tftp[0] != '/')
		buf_puts(buf, CONF_DATA_FOLDER "/");
	buf_printf(buf, "%s\n", network->tftp);
}

static void render_resolver(const struct conf_network *network, struct buf *buf)
{
	char text[NETADDR_TEXT];

	if (!network->dns)
		/* The list of the node: dnsmasq reads it again when it changes. */
		buf_puts(buf, "resolv-file=/run/berth/resolv.conf\n");
	else
		buf_puts(buf, "no-resolv\n");
	for (const struct conf_address *server = network->dns; server; server = server->next)
		buf_printf(buf, "server=%s\n", netaddr_text(&server->address, text));
	buf_puts(buf, "no-hosts\ndomain-needed\nbogus-priv\n");
	if (network->domain)
		buf_printf(
		    buf, "domain=%s\nlocal=/%s/\nexpand-hosts\n", network->domain, network->domain);
}

/* A static host's name answers before its guest has asked for a lease. */
static void render_names(const struct conf_network *network, struct buf *buf)
{
	char text[NETADDR_TEXT];

	for (const struct conf_host *host = network->hosts; host; host = host->next) {
		if (!host->name)
			continue;
		buf_printf(buf, "host-record=%s,", host->name);
		if (network->domain)
			buf_printf(buf, "%s.%s,", host->name, network->domain);
		buf_printf(buf, "%s\n", netaddr_text(&host->address, text));
	}
	for (const struct conf_record *record = network->records; record; record = record->next)
		buf_printf(
		    buf, "host-record=%s,%s\n", record->name, netaddr_text(&record->address, text));
}

void conf_render_dnsmasq(const struct conf_network *network, struct buf *buf)
{
	bool hands_out = network->ranges || network->hosts || network->names;

	buf_printf(buf, "# network \"%s\"\n", network->name);
	buf_printf(buf, "interface=%s\nexcept-interface=lo\nbind-dynamic\n", network->bridge);
	buf_puts(buf, "user=dnsmasq\ngroup=dnsmasq\npid-file=\n");
	render_resolver(network, buf);
	render_names(network, buf);
	if (hands_out || network->ipv6.address.family)
		buf_printf(buf,
		    "dhcp-authoritative\ndhcp-leasefile=/var/lib/misc/dnsmasq-%s.leases\n",
		    network->name);
	if (hands_out)
		render_dhcp(network, buf);
	/* The node knows these guests by name, too, wherever their address comes from. */
	if (network->names)
		buf_puts(buf, "dhcp-script=/usr/lib/berth/hosts\n");
	render_ipv6(network, buf);
	render_boot_files(network, buf);
	render_tftp(network, buf);
}
