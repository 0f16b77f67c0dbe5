/* SPDX-License-Identifier: GPL-2.0-only */
/* Uplinks: ports, bonds, VLANs, addresses. */
#include "conf/check.h"

#include <string.h>

#include "conf/schema.h"
#include "lib/map.h"

/* A bond's ports are named NAME-p0 to NAME-p7. */
#define BOND_NAME_MAX (CONF_INTERFACE_MAX - 3)
#define BOND_PORTS_MAX 8
#define UPLINKS_MAX 256

static const char *selector_text(const struct conf_selector *nic, struct arena *arena)
{
	char text[NETADDR_TEXT];

	if (nic->kind == CONF_NIC_ANY)
		return "any";
	if (nic->kind == CONF_NIC_PCI)
		return nic->pci;
	return arena_printf(arena, "%s", netaddr_mac_text(&nic->mac, text));
}

static void check_ports(const struct conf_uplink *uplink, struct conf_diags *diags)
{
	size_t count = 0;
	bool any = false;

	for (const struct conf_selector *nic = uplink->nics; nic; nic = nic->next) {
		count++;
		any = any || nic->kind == CONF_NIC_ANY;
	}
	if (uplink->vlan.id && (count || uplink->bond.mode))
		conf_diag_add(diags, uplink->vlan.pos,
		    "uplink \"%s\" is a VLAN; its port is the one that on= names", uplink->name);
	if (!uplink->vlan.id && !count && !conf_schema_says(uplink, "nic") &&
	    !conf_schema_says(uplink, "vlan"))
		conf_diag_add(diags, uplink->pos,
		    "[uplink \"%s\"] needs \"nic\": mac:ADDRESS, pci:ADDRESS or any", uplink->name);
	if (count > 1 && !uplink->bond.mode)
		conf_diag_add(diags, uplink->nics->next->pos,
		    "uplink \"%s\" has a port already; several need bond = active-backup or 802.3ad",
		    uplink->name);
	if (any && (count > 1 || uplink->bond.mode))
		conf_diag_add(diags, uplink->nics->pos,
		    "a bond names each of its ports; nic = any takes those that are left");
	if (!any && !strcmp(uplink->name, "default"))
		conf_diag_add(diags, uplink->pos, "no interface can be named \"default\"");
	if (uplink->bond.mode && strlen(uplink->name) > BOND_NAME_MAX)
		conf_diag_add(diags, uplink->pos,
		    "the name of a bond has 12 characters at most: its ports are named \"%s-p0\" ...",
		    uplink->name);
	if (count > BOND_PORTS_MAX)
		conf_diag_add(diags, uplink->pos, "a bond has 8 ports at most");
}

static void check_vlan(struct conf_uplink *uplink, const struct map *names, struct map *vlans,
    struct conf_diags *diags)
{
	const struct conf_uplink *below;
	const struct conf_uplink *other;

	if (!uplink->vlan.id)
		return;
	if (!uplink->vlan.on) {
		conf_diag_add(diags, uplink->vlan.pos,
		    "say which uplink carries the VLAN: vlan = %u on=UPLINK",
		    (unsigned int)uplink->vlan.id);
		return;
	}
	below = map_get(names, uplink->vlan.on);
	if (!below) {
		conf_diag_add(
		    diags, uplink->vlan.pos, "there is no [uplink \"%s\"]", uplink->vlan.on);
	} else if (below->vlan.id) {
		conf_diag_add(
		    diags, uplink->vlan.pos, "uplink \"%s\" is a VLAN itself", below->name);
	} else if (conf_uplink_takes_any(below)) {
		conf_diag_add(diags, uplink->vlan.pos,
		    "uplink \"%s\" takes any port; a VLAN needs one that names its port",
		    below->name);
	} else {
		if (below->mtu && uplink->mtu > below->mtu)
			conf_diag_add(diags, conf_schema_where(uplink, "mtu"),
			    "the MTU is larger than that of uplink \"%s\" below", below->name);
		memcpy(&uplink->below, &below, sizeof(below));
	}
	other = map_add(vlans,
	    arena_printf(diags->arena, "%s %u", uplink->vlan.on, (unsigned int)uplink->vlan.id),
	    uplink);
	if (other)
		conf_diag_add(
		    diags, uplink->vlan.pos, "uplink \"%s\" is this VLAN already", other->name);
}

static void check_addresses(struct conf_uplink *uplink, struct conf_diags *diags)
{
	const struct conf_uplink_address *own;
	bool static4 = false;
	bool none = false;

	for (own = uplink->addresses; own; own = own->next) {
		none = none || own->how == CONF_HOW_NONE;
		uplink->dhcp = uplink->dhcp || own->how == CONF_HOW_DHCP;
		static4 = static4 || (own->how == CONF_HOW_STATIC && own->address.family == 4);
	}
	if (!uplink->addresses)
		uplink->dhcp = true;
	for (own = uplink->addresses; own; own = own->next) {
		if (own->how == CONF_HOW_STATIC && conf_uplink_takes_any(uplink))
			conf_diag_add(diags, own->pos,
			    "uplink \"%s\" takes any port; an address of its own needs nic = "
			    "mac:... or pci:...",
			    uplink->name);
		if (own->how == CONF_HOW_STATIC && own->address.family == 6 &&
		    uplink->ipv6 == CONF_IPV6_OFF)
			conf_diag_add(diags, own->pos, "an IPv6 address with ipv6 = off");
	}
	if (none && uplink->addresses->next)
		conf_diag_add(diags, uplink->addresses->pos,
		    "uplink \"%s\" has both none and another address", uplink->name);
	if (uplink->dhcp && static4)
		conf_diag_add(diags, uplink->addresses->pos,
		    "uplink \"%s\" has both dhcp and an IPv4 address; use one", uplink->name);
}

/* Whether a router of the uplink can be reached; what DHCP will say is not known. */
static bool can_reach(const struct conf_uplink *uplink, const struct netaddr *router)
{
	/* fe80::/10 is on every link. */
	if (router->family == 6 && router->bytes[0] == 0xfe && (router->bytes[1] & 0xc0) == 0x80)
		return true;
	for (const struct conf_uplink_address *own = uplink->addresses; own; own = own->next)
		if (own->how == CONF_HOW_STATIC && netaddr_contains(&own->address, router))
			return true;
	return false;
}

static void check_routes(const struct conf_uplink *uplink, struct conf_diags *diags)
{
	for (const struct conf_address *gateway = uplink->gateways; gateway;
	     gateway = gateway->next)
		if (!can_reach(uplink, &gateway->address))
			conf_diag_add(diags, gateway->pos,
			    "the gateway is in no network that uplink \"%s\" has an address in",
			    uplink->name);
	for (const struct conf_route *route = uplink->routes; route; route = route->next) {
		bool unknown = route->via.family == 4 ? uplink->dhcp
						      : uplink->ipv6 == CONF_IPV6_AUTO;

		if (route->to.family != route->via.family)
			conf_diag_add(diags, route->pos, "IPv4 and IPv6 in one route");
		else if (!unknown && !can_reach(uplink, &route->via))
			conf_diag_add(diags, route->pos,
			    "the route's gateway is in no network that uplink \"%s\" has an address in",
			    uplink->name);
		if (conf_uplink_takes_any(uplink))
			conf_diag_add(diags, route->pos,
			    "uplink \"%s\" takes any port; a route needs one that names its port",
			    uplink->name);
	}
}

/* Two uplinks in one network: the kernel would answer on either. */
static void check_overlap(
    const struct conf_uplink *uplink, const struct conf_model *model, struct conf_diags *diags)
{
	for (const struct conf_uplink *other = model->uplinks; other != uplink; other = other->next)
		for (const struct conf_uplink_address *a = uplink->addresses; a; a = a->next)
			for (const struct conf_uplink_address *b = other->addresses; b; b = b->next)
				if (a->how == CONF_HOW_STATIC && b->how == CONF_HOW_STATIC &&
				    netaddr_overlap(&a->address, &b->address))
					conf_diag_add(diags, a->pos,
					    "the network of this address overlaps that of uplink \"%s\"",
					    other->name);
}

void conf_check_uplinks(struct conf_model *model, struct conf_diags *diags)
{
	struct map names = { .arena = diags->arena };
	struct map nics = { .arena = diags->arena };
	struct map vlans = { .arena = diags->arena };

	size_t count = 0;

	for (const struct conf_uplink *uplink = model->uplinks; uplink; uplink = uplink->next)
		map_add(&names, uplink->name, uplink);
	for (struct conf_uplink *uplink = model->uplinks; uplink; uplink = uplink->next) {
		if (++count > UPLINKS_MAX) {
			conf_diag_add(
			    diags, uplink->pos, "a node has %d uplinks at most", UPLINKS_MAX);
			break;
		}
		check_ports(uplink, diags);
		check_vlan(uplink, &names, &vlans, diags);
		check_addresses(uplink, diags);
		check_routes(uplink, diags);
		check_overlap(uplink, model, diags);
		if (uplink->mtu && uplink->mtu < 1280 && uplink->ipv6 != CONF_IPV6_OFF)
			conf_diag_add(diags, conf_schema_where(uplink, "mtu"),
			    "IPv6 needs an MTU of 1280; or say ipv6 = off");
		if (uplink->mtu && conf_uplink_takes_any(uplink))
			conf_diag_add(diags, conf_schema_where(uplink, "mtu"),
			    "uplink \"%s\" takes any port; an MTU needs one that names its port",
			    uplink->name);
		for (const struct conf_selector *nic = uplink->nics; nic; nic = nic->next) {
			const struct conf_uplink *other = map_add(
			    &nics, selector_text(nic, diags->arena), uplink);

			if (other)
				conf_diag_add(diags, nic->pos,
				    "uplink \"%s\" names the same port as \"%s\" in line %u",
				    uplink->name, other->name, other->pos.line);
		}
	}
}
