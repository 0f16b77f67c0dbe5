/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/xml/network_in.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/num.h"
#include "node/xml/rules.h"

static const struct xml_rule network_rules[] = {
	{ "@connections", "ignored" },
	{ "name", "the section's" },
	{ "uuid", "uuid, when it is not the one made from the name" },
	{ "forward", "as follows; without one mode = isolated" },
	{ "forward/@mode",
	    "mode: nat, route (routed); bridge only of a network that the file has so; others are refused" },
	{ "forward/@dev", "out: the only uplink by which guests reach what is outside" },
	{ "forward/interface", "one, which says the same" },
	{ "forward/interface/@dev", "out" },
	{ "forward/interface/@connections", "ignored" },
	{ "forward/nat", "as follows" },
	{ "forward/nat/port", "ignored: ports are those that are free" },
	{ "forward/nat/port/@start", "ignored" },
	{ "forward/nat/port/@end", "ignored" },
	{ "bridge", "as follows" },
	{ "bridge/@name", "bridge" },
	{ "bridge/@stp", "stp" },
	{ "bridge/@delay", "forward-delay; with stp 2 s at least, which is the kernel's least" },
	{ "bridge/@forwardDelay", "the same: how it was spelled once" },
	{ "mac", "ignored: the bridge's address is the node's own" },
	{ "mac/@address", "ignored" },
	{ "mtu", "as follows" },
	{ "mtu/@size", "mtu" },
	{ "domain", "as follows" },
	{ "domain/@name", "domain" },
	{ "domain/@localOnly", "ignored: names of the domain are never asked for elsewhere" },
	{ "dns", "as follows" },
	{ "dns/forwarder", "as follows" },
	{ "dns/forwarder/@addr", "dns" },
	{ "dns/host", "as follows" },
	{ "dns/host/@ip", "record" },
	{ "dns/host/hostname", "record, one a name" },
	{ "ip", "one of each family" },
	{ "ip/@family", "ipv4 or ipv6" },
	{ "ip/@address", "address, or ipv6" },
	{ "ip/@netmask", "of address" },
	{ "ip/@prefix", "of address or ipv6" },
	{ "ip/tftp", "as follows" },
	{ "ip/tftp/@root", "tftp: a folder of the data volume" },
	{ "ip/dhcp", "as follows" },
	{ "ip/dhcp/range", "as follows" },
	{ "ip/dhcp/range/@start", "dhcp, or dhcp6" },
	{ "ip/dhcp/range/@end", "dhcp, or dhcp6" },
	{ "ip/dhcp/host", "IPv4 only" },
	{ "ip/dhcp/host/@mac", "host" },
	{ "ip/dhcp/host/@name", "host" },
	{ "ip/dhcp/host/@ip", "host" },
	{ "ip/dhcp/bootp", "as follows" },
	{ "ip/dhcp/bootp/@file", "boot-file, for every kind of client" },
	{ "ip/dhcp/bootp/@server", "boot-file" },
	{ "route", "as follows" },
	{ "route/@family", "ipv4 or ipv6" },
	{ "route/@address", "route" },
	{ "route/@prefix", "route" },
	{ "route/@netmask", "route" },
	{ "route/@gateway", "route" },
	{ "route/@metric", "route" },
	{ 0 },
};

/* One reading: what it says and what is wrong. */
struct reader {
	struct xml_section *section;
	struct buf *why;
	int error;
};

static void refuse(struct reader *reader, int error, const char *path, const char *what)
{
	if (reader->error)
		return;
	reader->error = error;
	buf_printf(reader->why, "%s: %s", path, what);
}

/* An attribute that is an address; family 0 when it is not said. */
static struct netaddr address_of(
    struct reader *reader, const struct xml_element *element, const char *name, const char *path)
{
	const char *text = xml_tree_attribute(element, "", name);
	struct netaddr address = { 0 };

	if (text && !netaddr_parse(text, &address)) {
		refuse(reader, -EINVAL, path, "this is no address");
		address.family = 0;
	}
	return address;
}

/* 255.255.255.0 as 24; false when the ones are not all in front. */
static bool prefix_of_mask(const char *text, unsigned int *ret_prefix)
{
	struct netaddr mask;
	uint32_t bits;

	if (!netaddr_parse(text, &mask) || mask.family != 4)
		return false;
	bits = (uint32_t)mask.bytes[0] << 24 | (uint32_t)mask.bytes[1] << 16 |
	       (uint32_t)mask.bytes[2] << 8 | mask.bytes[3];
	*ret_prefix = (unsigned int)__builtin_popcount(bits);
	return !*ret_prefix || bits == ~0u << (32 - *ret_prefix);
}

/* By prefix= or netmask=; else all of it. */
static void set_prefix(struct reader *reader, const struct xml_element *element,
    struct netaddr *address, const char *path)
{
	const char *prefix = xml_tree_attribute(element, "", "prefix");
	const char *mask = xml_tree_attribute(element, "", "netmask");
	unsigned int bits = address->family == 4 ? 32 : 128;
	uint64_t number = bits;

	if (prefix && !num_parse(prefix, bits, &number))
		refuse(reader, -EINVAL, path, "this is no prefix");
	else if (mask && !prefix) {
		if (!prefix_of_mask(mask, &bits))
			refuse(reader, -EINVAL, path, "this is no network mask");
		number = bits;
	}
	address->prefix = (uint8_t)number;
}

static void read_ranges(struct reader *reader, const struct xml_element *dhcp, unsigned int family)
{
	char first[NETADDR_TEXT];
	char last[NETADDR_TEXT];

	for (const struct xml_element *range = xml_tree_find(dhcp, "range"); range;
	     range = xml_tree_next(range)) {
		struct netaddr start = address_of(
		    reader, range, "start", "network/ip/dhcp/range/@start");
		struct netaddr end = address_of(reader, range, "end", "network/ip/dhcp/range/@end");

		if (start.family != family || end.family != family)
			refuse(reader, -EINVAL, "network/ip/dhcp/range",
			    "start and end are addresses of the network");
		else
			xml_section_say(reader->section, family == 4 ? "dhcp" : "dhcp6", "%s-%s",
			    netaddr_text(&start, first), netaddr_text(&end, last));
	}
}

static void read_host_element(
    struct reader *reader, const struct xml_element *element, struct xml_host_in *ret_host)
{
	const char *mac = xml_tree_attribute(element, "", "mac");
	const char *name = xml_tree_attribute(element, "", "name");

	memset(ret_host, 0, sizeof(*ret_host));
	ret_host->name = name;
	ret_host->address = address_of(reader, element, "ip", "network/ip/dhcp/host/@ip");
	ret_host->has_mac = mac;
	if (mac && !netaddr_parse_mac(mac, &ret_host->mac))
		refuse(reader, -EINVAL, "network/ip/dhcp/host/@mac", "this is no MAC address");
}

static void read_hosts(struct reader *reader, const struct xml_element *dhcp, unsigned int family)
{
	char mac[NETADDR_TEXT];
	char address[NETADDR_TEXT];

	for (const struct xml_element *element = xml_tree_find(dhcp, "host"); element;
	     element = xml_tree_next(element)) {
		struct xml_host_in host;

		read_host_element(reader, element, &host);
		if (family != 4 || !host.has_mac || host.address.family != 4)
			refuse(reader, -EBADMSG, "network/ip/dhcp/host",
			    "a host has a MAC address and an IPv4 address here");
		else
			xml_section_say(reader->section, "host", "%s %s%s%s",
			    netaddr_mac_text(&host.mac, mac), netaddr_text(&host.address, address),
			    host.name ? " " : "",
			    host.name ? xml_section_word(reader->section, host.name) : "");
	}
}

static void read_bootp(struct reader *reader, const struct xml_element *dhcp)
{
	const struct xml_element *bootp = xml_tree_find(dhcp, "bootp");
	const char *file = bootp ? xml_tree_attribute(bootp, "", "file") : NULL;
	struct netaddr server;
	char text[NETADDR_TEXT];

	if (!bootp)
		return;
	server = address_of(reader, bootp, "server", "network/ip/dhcp/bootp/@server");
	if (!file)
		refuse(reader, -EINVAL, "network/ip/dhcp/bootp/@file", "it is missing");
	else
		xml_section_say(reader->section, "boot-file", "%s%s%s",
		    xml_section_word(reader->section, file), server.family ? " server=" : "",
		    server.family ? netaddr_text(&server, text) : "");
}

static void read_tftp(struct reader *reader, const struct xml_element *ip)
{
	const char *root = xml_tree_attribute(ip, "tftp", "root");

	if (root && !strncmp(root, "/data/", 6))
		root += 6;
	if (root)
		xml_section_say(
		    reader->section, "tftp", "%s", xml_section_word(reader->section, root));
}

static void read_ips(
    struct reader *reader, const struct xml_element *tree, const struct conf_network *now)
{
	bool seen[7] = { false };
	char text[NETADDR_TEXT];

	for (const struct xml_element *ip = xml_tree_find(tree, "ip"); ip; ip = xml_tree_next(ip)) {
		struct netaddr address = address_of(reader, ip, "address", "network/ip/@address");
		const struct xml_element *dhcp = xml_tree_find(ip, "dhcp");

		set_prefix(reader, ip, &address, "network/ip");
		if (!address.family || seen[address.family]) {
			refuse(reader, address.family ? -EBADMSG : -EINVAL, "network/ip",
			    address.family ? "a network has one address of each family here"
					   : "it needs an address");
			return;
		}
		seen[address.family] = true;
		/* A prefix that is made from names stays so. */
		if (address.family == 6 && now && now->ipv6.how == CONF_NET6_ULA &&
		    netaddr_equal(&now->ipv6.address, &address) &&
		    now->ipv6.address.prefix == address.prefix)
			xml_section_say(reader->section, "ipv6", "ula");
		else
			xml_section_say(reader->section, address.family == 4 ? "address" : "ipv6",
			    "%s", netaddr_prefix_text(&address, text));
		read_tftp(reader, ip);
		if (!dhcp)
			continue;
		read_ranges(reader, dhcp, address.family);
		read_hosts(reader, dhcp, address.family);
		if (address.family == 4)
			read_bootp(reader, dhcp);
	}
}

static const struct {
	const char *theirs;
	const char *ours;
	unsigned int mode;
} modes[] = {
	{ "nat", "nat", CONF_MODE_NAT },
	{ "route", "routed", CONF_MODE_ROUTED },
	{ "bridge", "bridge", CONF_MODE_BRIDGE },
};

static void read_mode(
    struct reader *reader, const struct xml_element *tree, const struct conf_network *now)
{
	const struct xml_element *forward = xml_tree_find(tree, "forward");
	const char *mode = forward ? xml_tree_attribute(forward, "", "mode") : NULL;

	if (!forward) {
		xml_section_say(reader->section, "mode", "isolated");
		return;
	}
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(mode ? mode : "nat", modes[i].theirs) != 0)
			continue;
		if (modes[i].mode == CONF_MODE_BRIDGE && (!now || now->mode != CONF_MODE_BRIDGE))
			refuse(reader, -EBADMSG, "network/forward/@mode",
			    "a network that is on an uplink of the node is made in berth.conf: mode = bridge, uplink = NAME");
		xml_section_say(reader->section, "mode", "%s", modes[i].ours);
		return;
	}
	refuse(reader, -EBADMSG, "network/forward/@mode", "nat, route, or none at all");
}

/* Said once or twice; libvirt writes both. */
static void read_out(struct reader *reader, const struct xml_element *tree)
{
	const struct xml_element *interface = xml_tree_find(tree, "forward/interface");
	const char *own = xml_tree_attribute(tree, "forward", "dev");
	const char *device = interface ? xml_tree_attribute(interface, "", "dev") : NULL;

	if (interface && (!device || xml_tree_next(interface) || (own && strcmp(own, device) != 0)))
		refuse(reader, -EBADMSG, "network/forward/interface",
		    "traffic leaves by one uplink, or by any: one device, the same as in forward/@dev");
	else if (own || device)
		xml_section_say(reader->section, "out", "%s",
		    xml_section_word(reader->section, own ? own : device));
}

static void read_bridge(struct reader *reader, const struct xml_element *tree)
{
	const char *name = xml_tree_attribute(tree, "bridge", "name");
	const char *stp = xml_tree_attribute(tree, "bridge", "stp");
	const char *now = xml_tree_attribute(tree, "bridge", "delay");
	const char *delay = now ? now : xml_tree_attribute(tree, "bridge", "forwardDelay");
	bool spans = stp && !strcmp(stp, "on");
	char usual[128];
	uint64_t seconds = 0;

	snprintf(usual, sizeof(usual), "br-%s", reader->section->name);
	if (name && strcmp(name, !strcmp(reader->section->name, "default") ? "virbr0" : usual) != 0)
		xml_section_say(
		    reader->section, "bridge", "%s", xml_section_word(reader->section, name));
	if (delay && !num_parse(delay, 30, &seconds))
		refuse(reader, -EINVAL, "network/bridge/@delay", "0 to 30 seconds");
	if (!spans)
		return;
	xml_section_say(reader->section, "stp", "yes");
	xml_section_say(
	    reader->section, "forward-delay", "%us", seconds < 2 ? 2u : (unsigned int)seconds);
}

static void read_names(struct reader *reader, const struct xml_element *tree)
{
	const char *domain = xml_tree_attribute(tree, "domain", "name");
	char text[NETADDR_TEXT];
	char name[256];

	if (domain)
		xml_section_say(
		    reader->section, "domain", "%s", xml_section_word(reader->section, domain));
	for (const struct xml_element *one = xml_tree_find(tree, "dns/forwarder"); one;
	     one = xml_tree_next(one)) {
		struct netaddr address = address_of(
		    reader, one, "addr", "network/dns/forwarder/@addr");

		if (address.family)
			xml_section_say(reader->section, "dns", "%s", netaddr_text(&address, text));
	}
	for (const struct xml_element *host = xml_tree_find(tree, "dns/host"); host;
	     host = xml_tree_next(host)) {
		struct netaddr address = address_of(reader, host, "ip", "network/dns/host/@ip");

		for (const struct xml_element *one = xml_tree_find(host, "hostname"); one;
		     one = xml_tree_next(one))
			if (address.family && xml_rules_text(one, "", name, sizeof(name)))
				xml_section_say(reader->section, "record", "%s %s",
				    xml_section_word(reader->section, name),
				    netaddr_text(&address, text));
	}
}

static void read_routes(struct reader *reader, const struct xml_element *tree)
{
	char to[NETADDR_TEXT];
	char via[NETADDR_TEXT];

	for (const struct xml_element *route = xml_tree_find(tree, "route"); route;
	     route = xml_tree_next(route)) {
		struct netaddr address = address_of(
		    reader, route, "address", "network/route/@address");
		struct netaddr gateway = address_of(
		    reader, route, "gateway", "network/route/@gateway");
		const char *metric = xml_tree_attribute(route, "", "metric");

		set_prefix(reader, route, &address, "network/route");
		if (!address.family || !gateway.family)
			refuse(reader, -EINVAL, "network/route", "it needs address and gateway");
		else
			xml_section_say(reader->section, "route", "%s %s%s%s",
			    netaddr_prefix_text(&address, to), netaddr_text(&gateway, via),
			    metric ? " metric=" : "",
			    metric ? xml_section_word(reader->section, metric) : "");
	}
}

static const char *text_of(
    struct xml_section *section, const struct xml_element *tree, const char *path)
{
	char room[256];
	const char *text = xml_rules_text(tree, path, room, sizeof(room));

	return text && *text ? arena_copy(section->arena, text, strlen(text)) : NULL;
}

int xml_network_in(const char *text,
    const struct conf_network *(*find)(void *context, const char *name), void *context,
    struct xml_section *section, struct buf *why)
{
	struct reader reader = { section, why, 0 };
	const struct conf_network *now;
	struct xml_element *tree;
	const char *mtu;

	reader.error = strlen(text) > XML_NETWORK_MAX
			   ? -EINVAL
			   : xml_rules_read(text, "network", network_rules, NULL, &tree, why);
	if (reader.error)
		return reader.error;
	section->name = text_of(section, tree, "name");
	section->uuid = text_of(section, tree, "uuid");
	if (!section->name) {
		refuse(&reader, -EINVAL, "network/name", "it is missing");
		xml_tree_free(tree);
		return reader.error;
	}
	now = find(context, section->name);
	read_mode(&reader, tree, now);
	read_out(&reader, tree);
	read_bridge(&reader, tree);
	mtu = xml_tree_attribute(tree, "mtu", "size");
	if (mtu)
		xml_section_say(section, "mtu", "%s", xml_section_word(section, mtu));
	read_names(&reader, tree);
	read_ips(&reader, tree, now);
	read_routes(&reader, tree);
	if (section->overflow)
		refuse(&reader, -EBADMSG, "network", "it says more than one section may");
	xml_tree_free(tree);
	return reader.error;
}

/* Parts are checked as those of a whole network. */
static int read_part(
    const char *text, const char *root, struct xml_element **ret_tree, struct buf *why)
{
	struct xml_element *tree = xml_tree_read(text, strlen(text));

	if (tree && !strcmp(tree->name, root)) {
		*ret_tree = tree;
		return 0;
	}
	xml_tree_free(tree);
	buf_printf(why, "expecting <%s>", root);
	return -EINVAL;
}

int xml_host_in(
    const char *text, struct arena *arena, struct xml_host_in *ret_host, struct buf *why)
{
	struct reader reader = { NULL, why, 0 };
	struct xml_element *tree;
	int error = read_part(text, "host", &tree, why);

	if (error)
		return error;
	read_host_element(&reader, tree, ret_host);
	if (ret_host->name)
		ret_host->name = arena_copy(arena, ret_host->name, strlen(ret_host->name));
	xml_tree_free(tree);
	return reader.error;
}

int xml_range_in(
    const char *text, struct netaddr *ret_first, struct netaddr *ret_last, struct buf *why)
{
	struct reader reader = { NULL, why, 0 };
	struct xml_element *tree;
	int error = read_part(text, "range", &tree, why);

	if (error)
		return error;
	*ret_first = address_of(&reader, tree, "start", "range/@start");
	*ret_last = address_of(&reader, tree, "end", "range/@end");
	if (!ret_first->family || ret_first->family != ret_last->family)
		refuse(&reader, -EINVAL, "range", "it has a start and an end");
	xml_tree_free(tree);
	return reader.error;
}

int xml_record_in(
    const char *text, struct arena *arena, struct xml_record_in *ret_record, struct buf *why)
{
	struct reader reader = { NULL, why, 0 };
	struct xml_element *tree;
	char name[256];
	int error = read_part(text, "host", &tree, why);

	if (error)
		return error;
	memset(ret_record, 0, sizeof(*ret_record));
	ret_record->address = address_of(&reader, tree, "ip", "host/@ip");
	for (const struct xml_element *one = xml_tree_find(tree, "hostname");
	     one && ret_record->count < XML_NAMES_MAX; one = xml_tree_next(one))
		if (xml_rules_text(one, "", name, sizeof(name)))
			ret_record->names[ret_record->count++] = arena_copy(
			    arena, name, strlen(name));
	xml_tree_free(tree);
	return reader.error;
}
