/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/xml/network.h"

#include <string.h>

#include "conf/render.h"
#include "xml/write.h"

static void netmask(struct xml *xml, const struct netaddr *address)
{
	uint32_t mask = address->prefix ? ~0u << (32 - address->prefix) : 0;

	xml_attribute_format(xml, "netmask", "%u.%u.%u.%u", mask >> 24, mask >> 16 & 255,
	    mask >> 8 & 255, mask & 255);
}

static void ranges(struct xml *xml, const struct conf_range *range)
{
	char text[NETADDR_TEXT];

	for (; range; range = range->next) {
		xml_begin(xml, "range");
		xml_attribute(xml, "start", netaddr_text(&range->first, text));
		xml_attribute(xml, "end", netaddr_text(&range->last, text));
		xml_end(xml);
	}
}

static void hosts(struct xml *xml, const struct conf_host *host, unsigned int family)
{
	char text[NETADDR_TEXT];

	for (; host; host = host->next) {
		if (host->address.family != family)
			continue;
		xml_begin(xml, "host");
		if (family == 4)
			xml_attribute(xml, "mac", netaddr_mac_text(&host->mac, text));
		if (host->name)
			xml_attribute(xml, "name", host->name);
		xml_attribute(xml, "ip", netaddr_text(&host->address, text));
		xml_end(xml);
	}
}

/* libvirt knows one file for all clients. */
static void boot_file(struct xml *xml, const struct conf_boot_file *file)
{
	char text[NETADDR_TEXT];

	while (file && file->arch != CONF_ARCH_ANY)
		file = file->next;
	if (!file)
		return;
	xml_begin(xml, "bootp");
	xml_attribute(xml, "file", file->file);
	if (file->server.family)
		xml_attribute(xml, "server", netaddr_text(&file->server, text));
	xml_end(xml);
}

static void address4(struct xml *xml, const struct conf_network *network)
{
	char text[NETADDR_TEXT];

	xml_begin(xml, "ip");
	xml_attribute(xml, "address", netaddr_text(&network->address, text));
	netmask(xml, &network->address);
	if (network->tftp) {
		xml_begin(xml, "tftp");
		if (*network->tftp == '/')
			xml_attribute(xml, "root", network->tftp);
		else
			xml_attribute_format(xml, "root", CONF_DATA_FOLDER "/%s", network->tftp);
		xml_end(xml);
	}
	if (network->ranges || network->hosts) {
		xml_begin(xml, "dhcp");
		ranges(xml, network->ranges);
		hosts(xml, network->hosts, 4);
		boot_file(xml, network->boot_files);
		xml_end(xml);
	}
	xml_end(xml);
}

static void address6(struct xml *xml, const struct conf_network *network)
{
	char text[NETADDR_TEXT];

	xml_begin(xml, "ip");
	xml_attribute(xml, "family", "ipv6");
	xml_attribute(xml, "address", netaddr_text(&network->ipv6.address, text));
	xml_attribute_format(xml, "prefix", "%u", network->ipv6.address.prefix);
	if (network->ranges6) {
		xml_begin(xml, "dhcp");
		ranges(xml, network->ranges6);
		xml_end(xml);
	}
	xml_end(xml);
}

static void names(struct xml *xml, const struct conf_network *network)
{
	char text[NETADDR_TEXT];

	if (!network->records && !network->dns)
		return;
	xml_begin(xml, "dns");
	for (const struct conf_address *server = network->dns; server; server = server->next)
		xml_empty(xml, "forwarder", "addr", netaddr_text(&server->address, text));
	for (const struct conf_record *record = network->records; record; record = record->next) {
		xml_begin(xml, "host");
		xml_attribute(xml, "ip", netaddr_text(&record->address, text));
		xml_text(xml, "hostname", record->name);
		xml_end(xml);
	}
	xml_end(xml);
}

static void routes(struct xml *xml, const struct conf_route *route)
{
	char text[NETADDR_TEXT];

	for (; route; route = route->next) {
		xml_begin(xml, "route");
		if (route->to.family == 6)
			xml_attribute(xml, "family", "ipv6");
		xml_attribute(xml, "address", netaddr_text(&route->to, text));
		xml_attribute_format(xml, "prefix", "%u", route->to.prefix);
		xml_attribute(xml, "gateway", netaddr_text(&route->via, text));
		if (route->metric)
			xml_attribute_format(
			    xml, "metric", "%llu", (unsigned long long)route->metric);
		xml_end(xml);
	}
}

static void forward(struct xml *xml, const struct conf_network *network)
{
	static const char *const modes[] = { "nat", "route", NULL, "bridge", NULL };

	if (!modes[network->mode])
		return;
	xml_begin(xml, "forward");
	if (network->out)
		xml_attribute(xml, "dev", network->out);
	xml_attribute(xml, "mode", modes[network->mode]);
	if (network->out)
		xml_empty(xml, "interface", "dev", network->out);
	xml_end(xml);
}

void xml_network(const struct conf_network *network, const char *uuid, struct buf *out)
{
	struct xml xml = { .out = out };
	bool bridged = network->mode == CONF_MODE_BRIDGE;

	xml_begin(&xml, "network");
	xml_text(&xml, "name", network->name);
	xml_text(&xml, "uuid", uuid);
	forward(&xml, network);
	xml_begin(&xml, "bridge");
	xml_attribute(&xml, "name", network->bridge);
	if (!bridged) {
		xml_attribute(&xml, "stp", network->stp ? "on" : "off");
		xml_attribute_format(
		    &xml, "delay", "%llu", (unsigned long long)network->forward_delay);
	}
	xml_end(&xml);
	if (network->mtu) {
		xml_begin(&xml, "mtu");
		xml_attribute_format(&xml, "size", "%llu", (unsigned long long)network->mtu);
		xml_end(&xml);
	}
	if (!bridged && network->domain)
		xml_empty(&xml, "domain", "name", network->domain);
	if (!bridged)
		names(&xml, network);
	if (!bridged && network->address.family)
		address4(&xml, network);
	if (!bridged && network->ipv6.address.family)
		address6(&xml, network);
	if (!bridged)
		routes(&xml, network->routes);
	xml_end(&xml);
}
