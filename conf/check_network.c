/* SPDX-License-Identifier: GPL-2.0-only */
/* Networks: bridges, addresses, DHCP, forwards. */
#include "conf/check.h"

#include <stdio.h>
#include <string.h>

#include "conf/schema.h"
#include "lib/map.h"

#define SSH_PORT 22
#define NETWORKS_MAX 1000

static void name_bridge(struct conf_network *network, struct conf_diags *diags)
{
	if (network->bridge)
		return;
	if (!strcmp(network->name, "default")) {
		network->bridge = "virbr0";
		return;
	}
	network->bridge = arena_printf(diags->arena, "br-%s", network->name);
	if (strlen(network->bridge) > CONF_INTERFACE_MAX)
		conf_diag_add(diags, network->pos,
		    "\"%s\" is too long for an interface name; give bridge = NAME",
		    network->bridge);
}

/*
 * RFC 4193 section 3.2.2 wants 40 bits that no other site has. They come from the node's and the
 * network's name instead of from chance, so that the same file gives the same prefix; nodes of one
 * name would share it. FNV-1a, 64 bits, upper half folded into the lower.
 */
static struct netaddr make_ula(const char *node, const char *network)
{
	struct netaddr address = { .family = 6, .prefix = 64, .bytes = { 0xfd } };
	uint64_t hash = 0xcbf29ce484222325u;

	for (const char *c = node; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 0x100000001b3u;
	hash = (hash ^ '/') * 0x100000001b3u;
	for (const char *c = network; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 0x100000001b3u;
	hash ^= hash >> 40;
	for (size_t i = 0; i < 5; i++)
		address.bytes[1 + i] = (uint8_t)(hash >> (8 * i));
	address.bytes[15] = 1;
	return address;
}

/* Keys that say nothing in a network of some kind. */
static void refuse_keys(const struct conf_network *network, const char *const *keys,
    const char *why, struct conf_diags *diags)
{
	for (; *keys; keys++) {
		if (conf_schema_says(network, *keys))
			conf_diag_add(
			    diags, conf_schema_where(network, *keys), "\"%s\" %s", *keys, why);
	}
}

/* The uplink whose port is in the network's bridge; NULL and told when it cannot be. */
static const struct conf_uplink *take_uplink(struct conf_network *network,
    const struct map *uplinks, struct map *bridged, struct conf_diags *diags)
{
	const struct conf_uplink *uplink = map_get(uplinks, network->uplink_name);
	struct conf_pos pos = conf_schema_where(network, "uplink");
	const struct conf_network *other;

	if (!uplink) {
		conf_diag_add(diags, pos, "there is no [uplink \"%s\"]", network->uplink_name);
		return NULL;
	}
	if (conf_uplink_takes_any(uplink))
		conf_diag_add(diags, pos,
		    "uplink \"%s\" takes any port; a bridge needs one that names its port",
		    uplink->name);
	if (uplink->mtu && network->mtu > uplink->mtu)
		conf_diag_add(diags, conf_schema_where(network, "mtu"),
		    "the MTU is larger than that of uplink \"%s\"", uplink->name);
	other = map_add(bridged, uplink->name, network);
	if (other)
		conf_diag_add(diags, pos, "uplink \"%s\" is in network \"%s\" already",
		    uplink->name, other->name);
	memcpy(&network->uplink, &uplink, sizeof(uplink));
	return uplink;
}

static void check_bridge_mode(struct conf_network *network, const struct map *uplinks,
    struct map *bridged, struct conf_diags *diags)
{
	static const char *const foreign[] = { "address", "ipv6", "dhcp", "dhcp6", "lease",
		"domain", "dns", "host", "record", "option", "tftp", "boot-file", "forward",
		"route", "guest-servers", NULL };

	refuse_keys(network, foreign,
	    "is not for mode bridge: there the uplink's network gives addresses and names", diags);
	if (network->uplink_name)
		take_uplink(network, uplinks, bridged, diags);
	else
		conf_diag_add(diags, network->pos,
		    "network \"%s\" of mode bridge needs uplink = NAME", network->name);
}

/* Machines behind that port are in the network as guests are. */
static void check_served_uplink(struct conf_network *network, const struct map *uplinks,
    struct map *bridged, struct conf_diags *diags)
{
	const struct conf_uplink *uplink = take_uplink(network, uplinks, bridged, diags);

	if (uplink && (!uplink->addresses || uplink->addresses->how != CONF_HOW_NONE))
		conf_diag_add(diags, conf_schema_where(network, "uplink"),
		    "uplink \"%s\" needs address = none: network \"%s\" has the addresses",
		    uplink->name, network->name);
}

static void check_range(const struct conf_network *network, const struct conf_range *range,
    const struct netaddr *own, struct conf_diags *diags)
{
	struct netaddr base = netaddr_network(own);
	struct netaddr last = netaddr_broadcast(own);

	if (!netaddr_contains(own, &range->first) || !netaddr_contains(own, &range->last))
		conf_diag_add(diags, range->pos, "the DHCP range is not inside network \"%s\"",
		    network->name);
	else if (netaddr_equal(&range->first, &base) ||
		 (own->family == 4 && netaddr_equal(&range->last, &last)))
		conf_diag_add(diags, range->pos,
		    "the DHCP range holds the network's own or its broadcast address");
	else if (netaddr_compare(&range->first, own) <= 0 &&
		 netaddr_compare(&range->last, own) >= 0)
		conf_diag_add(diags, range->pos, "the DHCP range holds the node's own address");
}

static void check_ranges(const struct conf_network *network, const struct conf_range *ranges,
    const struct netaddr *own, struct conf_diags *diags)
{
	size_t count = 0;

	for (const struct conf_range *range = ranges; range; range = range->next) {
		if (++count > 32) {
			conf_diag_add(diags, range->pos, "a network has 32 DHCP ranges at most");
			return;
		}
		check_range(network, range, own, diags);
		for (const struct conf_range *other = ranges; other != range; other = other->next)
			if (netaddr_compare(&other->first, &range->last) <= 0 &&
			    netaddr_compare(&range->first, &other->last) <= 0)
				conf_diag_add(diags, range->pos,
				    "the DHCP range overlaps that in line %u", other->pos.line);
	}
}

static void check_hosts(
    const struct conf_network *network, struct map *names, struct conf_diags *diags)
{
	struct map macs = { .arena = diags->arena };
	struct map addresses = { .arena = diags->arena };
	struct netaddr base = netaddr_network(&network->address);
	struct netaddr last = netaddr_broadcast(&network->address);

	for (const struct conf_host *host = network->hosts; host; host = host->next) {
		const struct conf_host *other;
		char text[NETADDR_TEXT];

		if (!netaddr_contains(&network->address, &host->address))
			conf_diag_add(diags, host->pos,
			    "the host's address is not inside network \"%s\"", network->name);
		else if (netaddr_equal(&network->address, &host->address))
			conf_diag_add(diags, host->pos, "the host's address is the node's own");
		else if (netaddr_equal(&base, &host->address) ||
			 netaddr_equal(&last, &host->address))
			conf_diag_add(diags, host->pos,
			    "the host's address is the network's own or its broadcast address");
		netaddr_mac_text(&host->mac, text);
		other = map_add(&macs, arena_copy(diags->arena, text, strlen(text)), host);
		if (other)
			conf_diag_add(diags, host->pos,
			    "this MAC address has a host in line %u already", other->pos.line);
		netaddr_text(&host->address, text);
		other = map_add(&addresses, arena_copy(diags->arena, text, strlen(text)), host);
		if (other)
			conf_diag_add(diags, host->pos,
			    "this address belongs to the host in line %u already", other->pos.line);
		other = host->name ? map_add(names, host->name, host) : NULL;
		if (other)
			conf_diag_add(diags, host->pos,
			    "the name \"%s\" belongs to the host in line %u already", host->name,
			    other->pos.line);
	}
}

static void check_forward(const struct conf_network *network, const struct map *names,
    struct map *ports, struct conf_forward *forward, struct conf_diags *diags)
{
	static const char *const protocols[] = { "tcp", "udp" };
	const struct conf_host *host;
	const struct conf_forward *other;

	if (netaddr_parse(forward->target.host, &forward->address)) {
		if (!netaddr_contains(&network->address, &forward->address))
			conf_diag_add(diags, forward->pos, "\"%s\" is not inside network \"%s\"",
			    forward->target.host, network->name);
	} else {
		host = map_get(names, forward->target.host);
		if (host)
			forward->address = host->address;
		else
			conf_diag_add(diags, forward->pos,
			    "no host = line of network \"%s\" is named \"%s\"", network->name,
			    forward->target.host);
	}
	if (forward->from.family == 6)
		conf_diag_add(diags, forward->pos, "a forward is IPv4; so is its from=");
	if (forward->port == SSH_PORT && forward->protocol == CONF_TCP)
		conf_diag_add(
		    diags, forward->pos, "tcp port 22 is the node's own SSH; use another");
	other = map_add(ports,
	    arena_printf(
		diags->arena, "%s %u", protocols[forward->protocol], (unsigned int)forward->port),
	    forward);
	if (other)
		conf_diag_add(diags, forward->pos, "%s port %u is forwarded in line %u already",
		    protocols[forward->protocol], (unsigned int)forward->port, other->pos.line);
}

/* Tell that `network` overlaps `other`, which came first. A built-in one comes last, and has no
 * place. */
static void tell_overlap(const struct conf_network *network, const struct conf_network *other,
    bool overlap4, struct conf_diags *diags)
{
	const struct conf_network *said = network->pos.line ? network : other;
	const struct conf_network *against = said == network ? other : network;

	conf_diag_add(diags, conf_schema_where(said, overlap4 ? "address" : "ipv6"),
	    "network \"%s\" overlaps network \"%s\"%s", said->name, against->name,
	    against->pos.line ? "" : ", which is there unless it has mode = off");
}

static void check_overlaps(
    const struct conf_network *network, const struct conf_model *model, struct conf_diags *diags)
{
	for (const struct conf_network *other = model->networks; other != network;
	     other = other->next) {
		bool overlap4 = other->address.family && network->address.family &&
				netaddr_overlap(&other->address, &network->address);
		bool overlap6 = other->ipv6.address.family && network->ipv6.address.family &&
				netaddr_overlap(&other->ipv6.address, &network->ipv6.address);

		if (other->mode != CONF_MODE_OFF && (overlap4 || overlap6))
			tell_overlap(network, other, overlap4, diags);
	}
	for (const struct conf_uplink *uplink = model->uplinks; uplink; uplink = uplink->next)
		for (const struct conf_uplink_address *own = uplink->addresses; own;
		     own = own->next)
			if (own->how == CONF_HOW_STATIC &&
			    (netaddr_overlap(&own->address, &network->address) ||
				netaddr_overlap(&own->address, &network->ipv6.address)))
				conf_diag_add(diags,
				    network->pos.line ? conf_schema_where(network, "address")
						      : own->pos,
				    "network \"%s\" overlaps the network of uplink \"%s\"",
				    network->name, uplink->name);
}

static void check_ipv6(
    struct conf_network *network, const struct conf_model *model, struct conf_diags *diags)
{
	const struct netaddr *own = &network->ipv6.address;
	struct netaddr base;

	if (network->ipv6.how == CONF_NET6_ULA)
		network->ipv6.address = make_ula(model->node.hostname, network->name);
	if (network->ipv6.how == CONF_NET6_OFF) {
		if (network->ranges6)
			conf_diag_add(
			    diags, network->ranges6->pos, "dhcp6 needs ipv6 = ADDRESS/PREFIX");
		return;
	}
	base = netaddr_network(own);
	if (netaddr_equal(&base, own))
		conf_diag_add(diags, network->ipv6.pos,
		    "this is the network's own address; use one with bits behind the prefix, like ...::1");
	/* RFC 4862: guests make addresses of their own in networks of 64 bits only. */
	if (own->prefix != 64 && !network->ranges6)
		conf_diag_add(diags, network->ipv6.pos,
		    "a prefix other than 64 needs dhcp6 = FIRST-LAST: guests cannot make their own addresses");
	if (network->mtu && network->mtu < 1280)
		conf_diag_add(
		    diags, conf_schema_where(network, "mtu"), "IPv6 needs an MTU of 1280");
	check_ranges(network, network->ranges6, own, diags);
}

static void check_routes(const struct conf_network *network, struct conf_diags *diags)
{
	for (const struct conf_route *route = network->routes; route; route = route->next)
		if (!netaddr_contains(&network->address, &route->via) &&
		    !netaddr_contains(&network->ipv6.address, &route->via))
			conf_diag_add(diags, route->pos,
			    "the route's gateway is not inside network \"%s\"", network->name);
		else if (route->to.family != route->via.family)
			conf_diag_add(diags, route->pos, "IPv4 and IPv6 in one route");
}

static void check_own_network(struct conf_network *network, const struct conf_model *model,
    struct map *ports, struct conf_diags *diags)
{
	static const char *const served[] = { "dhcp", "host", "domain", "dns", "record", "option",
		"tftp", "boot-file", "forward", "route", NULL };
	struct map names = { .arena = diags->arena };

	check_ipv6(network, model, diags);
	if (!network->address.family) {
		/* An address that is no good was told already. */
		bool told = conf_schema_says(network, "address");

		if (!told && network->mode != CONF_MODE_ISOLATED)
			conf_diag_add(diags, network->pos,
			    "network \"%s\" needs address = ADDRESS/PREFIX", network->name);
		else if (!told)
			refuse_keys(network, served, "needs address = ADDRESS/PREFIX", diags);
		check_overlaps(network, model, diags);
		return;
	}
	check_overlaps(network, model, diags);
	check_ranges(network, network->ranges, &network->address, diags);
	check_hosts(network, &names, diags);
	check_routes(network, diags);
	for (struct conf_forward *forward = network->forwards; forward; forward = forward->next) {
		if (network->mode != CONF_MODE_NAT)
			conf_diag_add(
			    diags, forward->pos, "forward works in a network of mode nat only");
		check_forward(network, &names, ports, forward, diags);
	}
}

/* With an uplink that takes any port, the name may be that of a port, which only the node knows. */
static void check_out(const struct conf_network *network, const struct map *uplinks,
    const struct map *interfaces, const struct map *bridged, bool any, struct conf_diags *diags)
{
	const struct conf_uplink *uplink = map_get(uplinks, network->out);
	const struct conf_network *inside = map_get(bridged, network->out);
	struct conf_pos pos = conf_schema_where(network, "out");

	if (network->mode != CONF_MODE_NAT && network->mode != CONF_MODE_ROUTED)
		conf_diag_add(diags, pos, "\"out\" is for a network of mode nat or routed");
	else if (!uplink && (!any || map_get(interfaces, network->out)))
		conf_diag_add(diags, pos, "there is no [uplink \"%s\"]", network->out);
	else if (uplink && conf_uplink_takes_any(uplink))
		conf_diag_add(diags, pos,
		    "uplink \"%s\" takes any port; name an uplink that names its port",
		    network->out);
	else if (inside && inside->mode != CONF_MODE_BRIDGE)
		conf_diag_add(diags, pos, "uplink \"%s\" is a port of network \"%s\"", network->out,
		    inside->name);
}

static void check_bridge(
    const struct conf_network *network, struct map *interfaces, struct conf_diags *diags)
{
	const struct conf_object *other = map_add(interfaces, network->bridge, network);

	if (other && !strcmp(other->name, network->bridge))
		conf_diag_add(diags, network->pos, "bridge \"%s\" has the name of an uplink",
		    network->bridge);
	else if (other)
		conf_diag_add(diags, network->pos,
		    "bridge \"%s\" belongs to network \"%s\" already", network->bridge,
		    other->name);
	if (!strcmp(network->bridge, "default"))
		conf_diag_add(diags, network->pos, "no interface can be named \"default\"");
	/* The kernel's bounds with STP, net/bridge/br_private_stp.h. */
	if (network->stp ? network->forward_delay == 1 : network->forward_delay > 0)
		conf_diag_add(diags, conf_schema_where(network, "forward-delay"),
		    "forward-delay is 2s to 30s with stp = yes, and 0s without");
}

void conf_check_networks(struct conf_model *model, struct conf_diags *diags)
{
	struct map uplinks = { .arena = diags->arena };
	struct map interfaces = { .arena = diags->arena };
	struct map bridged = { .arena = diags->arena };
	struct map ports = { .arena = diags->arena };
	struct map uuids = { .arena = diags->arena };
	size_t count = 0;
	bool any = false;

	for (const struct conf_uplink *uplink = model->uplinks; uplink; uplink = uplink->next) {
		map_add(&uplinks, uplink->name, uplink);
		any = any || conf_uplink_takes_any(uplink);
		if (!conf_uplink_takes_any(uplink))
			map_add(&interfaces, uplink->name, uplink);
	}
	for (struct conf_network *network = model->networks; network; network = network->next) {
		const struct conf_network *other = network->uuid
						       ? map_add(&uuids, network->uuid, network)
						       : NULL;

		if (other)
			conf_diag_add(diags, conf_schema_where(network, "uuid"),
			    "network \"%s\" has this UUID already", other->name);
		name_bridge(network, diags);
		if (++count == NETWORKS_MAX + 1)
			conf_diag_add(
			    diags, network->pos, "a node has %d networks at most", NETWORKS_MAX);
		if (network->mode == CONF_MODE_OFF || count > NETWORKS_MAX)
			continue;
		check_bridge(network, &interfaces, diags);
		if (network->mode == CONF_MODE_BRIDGE)
			check_bridge_mode(network, &uplinks, &bridged, diags);
		else if (network->uplink_name)
			check_served_uplink(network, &uplinks, &bridged, diags);
		if (network->mode != CONF_MODE_BRIDGE)
			check_own_network(network, model, &ports, diags);
	}
	for (const struct conf_network *network = model->networks; network; network = network->next)
		if (network->out && network->mode != CONF_MODE_OFF)
			check_out(network, &uplinks, &interfaces, &bridged, any, diags);
}
