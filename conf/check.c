/* SPDX-License-Identifier: GPL-2.0-only */
#include "conf/check.h"

#include <string.h>

#define SSH_PORT 22

static void check_uplink_alone(const struct conf_uplink *uplink, struct conf_diags *diags)
{
	const char *name = uplink->name;

	if (uplink->selector == CONF_NIC_ANY && uplink->addresses)
		conf_diag_add(diags, uplink->addresses->pos,
		    "uplink \"%s\" takes any port; an address of its own needs nic = mac:... or pci:...",
		    name);
	if (uplink->dhcp && uplink->addresses)
		conf_diag_add(diags, uplink->addresses->pos,
		    "uplink \"%s\" has both dhcp and an address; use one", name);
	for (const struct conf_address *gateway = uplink->gateways; gateway;
	     gateway = gateway->next) {
		bool inside = false;

		for (const struct conf_address *own = uplink->addresses; own; own = own->next)
			inside = inside || netaddr_contains(&own->address, &gateway->address);
		if (!inside)
			conf_diag_add(diags, gateway->pos,
			    "the gateway is in no network that uplink \"%s\" has an "
			    "address in",
			    name);
	}
}

static void check_uplinks(const struct conf_model *model, struct conf_diags *diags)
{
	for (const struct conf_uplink *uplink = model->uplinks; uplink; uplink = uplink->next) {
		check_uplink_alone(uplink, diags);
		for (const struct conf_uplink *other = model->uplinks; other != uplink;
		     other = other->next) {
			bool same = other->selector == uplink->selector &&
				    uplink->selector != CONF_NIC_NONE;

			if (same && uplink->selector == CONF_NIC_MAC)
				same = !memcmp(&other->mac, &uplink->mac, sizeof(uplink->mac));
			else if (same && uplink->selector == CONF_NIC_PCI)
				same = uplink->pci && other->pci &&
				       !strcmp(uplink->pci, other->pci);
			if (same)
				conf_diag_add(diags, uplink->pos,
				    "uplink \"%s\" names the same port as \"%s\" in line "
				    "%u",
				    uplink->name, other->name, other->pos.line);
		}
	}
}

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

static void check_bridge_mode(
    struct conf_network *network, const struct conf_model *model, struct conf_diags *diags)
{
	if (network->address.family)
		conf_diag_add(diags, network->address_pos,
		    "a network of mode bridge has no address; its uplink has");
	if (network->dhcp_first.family)
		conf_diag_add(
		    diags, network->dhcp_pos, "a network of mode bridge has no DHCP of its own");
	if (!network->uplink_name) {
		conf_diag_add(diags, network->pos,
		    "network \"%s\" of mode bridge needs uplink = NAME", network->name);
		return;
	}
	for (struct conf_uplink *uplink = model->uplinks; uplink; uplink = uplink->next)
		if (!strcmp(uplink->name, network->uplink_name))
			network->uplink = uplink;
	if (!network->uplink)
		conf_diag_add(diags, network->uplink_pos, "there is no [uplink \"%s\"]",
		    network->uplink_name);
	else if (network->uplink->selector == CONF_NIC_ANY)
		conf_diag_add(diags, network->uplink_pos,
		    "uplink \"%s\" takes any port; a bridge needs one that names its "
		    "port",
		    network->uplink_name);
	for (const struct conf_network *other = model->networks; other != network;
	     other = other->next)
		if (network->uplink && other->uplink == network->uplink)
			conf_diag_add(diags, network->uplink_pos,
			    "uplink \"%s\" is in network \"%s\" already", network->uplink_name,
			    other->name);
}

static void check_range(const struct conf_network *network, struct conf_diags *diags)
{
	struct netaddr base = netaddr_network(&network->address);
	struct netaddr last = netaddr_broadcast(&network->address);

	if (!netaddr_contains(&network->address, &network->dhcp_first) ||
	    !netaddr_contains(&network->address, &network->dhcp_last))
		conf_diag_add(diags, network->dhcp_pos,
		    "the DHCP range is not inside network \"%s\"", network->name);
	else if (netaddr_equal(&network->dhcp_first, &base) ||
		 netaddr_equal(&network->dhcp_last, &last))
		conf_diag_add(diags, network->dhcp_pos,
		    "the DHCP range holds the network's own or its broadcast address");
	else if (netaddr_compare(&network->dhcp_first, &network->address) <= 0 &&
		 netaddr_compare(&network->dhcp_last, &network->address) >= 0)
		conf_diag_add(
		    diags, network->dhcp_pos, "the DHCP range holds the node's own address");
}

static void check_hosts(const struct conf_network *network, struct conf_diags *diags)
{
	for (const struct conf_host *host = network->hosts; host; host = host->next) {
		if (!netaddr_contains(&network->address, &host->address))
			conf_diag_add(diags, host->pos,
			    "the host's address is not inside network \"%s\"", network->name);
		else if (netaddr_equal(&network->address, &host->address))
			conf_diag_add(diags, host->pos, "the host's address is the node's own");
		for (const struct conf_host *other = network->hosts; other != host;
		     other = other->next) {
			if (!memcmp(&other->mac, &host->mac, sizeof(host->mac)))
				conf_diag_add(diags, host->pos,
				    "this MAC address has a host in line %u already",
				    other->pos.line);
			if (netaddr_equal(&other->address, &host->address))
				conf_diag_add(diags, host->pos,
				    "this address belongs to the host in line %u already",
				    other->pos.line);
			if (host->name && other->name && !strcmp(host->name, other->name))
				conf_diag_add(diags, host->pos,
				    "the name \"%s\" belongs to the host in line %u already",
				    host->name, other->pos.line);
		}
	}
}

static void resolve_forward(
    const struct conf_network *network, struct conf_forward *forward, struct conf_diags *diags)
{
	if (netaddr_parse(forward->target, &forward->address)) {
		if (!netaddr_contains(&network->address, &forward->address))
			conf_diag_add(diags, forward->pos, "\"%s\" is not inside network \"%s\"",
			    forward->target, network->name);
		return;
	}
	for (const struct conf_host *host = network->hosts; host; host = host->next) {
		if (host->name && !strcmp(host->name, forward->target)) {
			forward->address = host->address;
			return;
		}
	}
	conf_diag_add(diags, forward->pos, "no host = line of network \"%s\" is named \"%s\"",
	    network->name, forward->target);
}

static bool same_port(const struct conf_forward *a, const struct conf_forward *b)
{
	return a->port == b->port && !strcmp(a->protocol, b->protocol);
}

static void check_forwards(
    const struct conf_network *network, const struct conf_model *model, struct conf_diags *diags)
{
	for (struct conf_forward *forward = network->forwards; forward; forward = forward->next) {
		if (network->mode != CONF_MODE_NAT)
			conf_diag_add(
			    diags, forward->pos, "forward works in a network of mode nat only");
		resolve_forward(network, forward, diags);
		if (forward->port == SSH_PORT && !strcmp(forward->protocol, "tcp"))
			conf_diag_add(
			    diags, forward->pos, "tcp port 22 is the node's own SSH; use another");
		for (const struct conf_network *other = model->networks; other;
		     other = other->next) {
			const struct conf_forward *f = other->forwards;

			for (; f && f != forward; f = f->next)
				if (same_port(f, forward))
					conf_diag_add(diags, forward->pos,
					    "%s port %u is forwarded in line %u already",
					    f->protocol, (unsigned int)f->port, f->pos.line);
			if (other == network)
				break;
		}
	}
}

static void check_address(
    const struct conf_network *network, const struct conf_model *model, struct conf_diags *diags)
{
	for (const struct conf_network *other = model->networks; other != network;
	     other = other->next)
		if (other->mode != CONF_MODE_OFF && other->address.family &&
		    netaddr_overlap(&other->address, &network->address))
			conf_diag_add(diags, network->address_pos,
			    "network \"%s\" overlaps network \"%s\"%s", network->name, other->name,
			    other->pos.line ? "" : ", which is there unless it has mode = off");
	for (const struct conf_uplink *uplink = model->uplinks; uplink; uplink = uplink->next)
		for (const struct conf_address *own = uplink->addresses; own; own = own->next)
			if (netaddr_overlap(&own->address, &network->address))
				conf_diag_add(diags, network->address_pos,
				    "network \"%s\" overlaps the network of uplink "
				    "\"%s\"",
				    network->name, uplink->name);
}

static void check_own_network(
    const struct conf_network *network, const struct conf_model *model, struct conf_diags *diags)
{
	bool needs = network->mode != CONF_MODE_ISOLATED || network->dhcp_first.family ||
		     network->hosts;

	if (network->uplink_name)
		conf_diag_add(diags, network->uplink_pos,
		    "uplink is for mode bridge; traffic leaves by the default route");
	if (!network->address.family) {
		if (needs && !network->address_pos.line)
			conf_diag_add(diags, network->pos,
			    "network \"%s\" needs address = ADDRESS/PREFIX", network->name);
		return;
	}
	check_address(network, model, diags);
	if (network->dhcp_first.family)
		check_range(network, diags);
	check_hosts(network, diags);
	check_forwards(network, model, diags);
}

static void check_interfaces(
    const struct conf_network *network, const struct conf_model *model, struct conf_diags *diags)
{
	for (const struct conf_network *other = model->networks; other != network;
	     other = other->next)
		if (other->mode != CONF_MODE_OFF && !strcmp(other->bridge, network->bridge))
			conf_diag_add(diags, network->pos,
			    "bridge \"%s\" belongs to network \"%s\" already", network->bridge,
			    other->name);
	for (const struct conf_uplink *uplink = model->uplinks; uplink; uplink = uplink->next)
		if (uplink->selector != CONF_NIC_ANY && !strcmp(uplink->name, network->bridge))
			conf_diag_add(diags, network->pos,
			    "bridge \"%s\" has the name of an uplink", network->bridge);
}

void conf_check_model(struct conf_model *model, struct conf_diags *diags)
{
	check_uplinks(model, diags);
	for (struct conf_network *network = model->networks; network; network = network->next) {
		name_bridge(network, diags);
		if (network->mode == CONF_MODE_OFF)
			continue;
		check_interfaces(network, model, diags);
		if (network->mode == CONF_MODE_BRIDGE)
			check_bridge_mode(network, model, diags);
		else
			check_own_network(network, model, diags);
	}
}
