/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses that guests have: what the networks' DHCP servers gave out. */
#include <errno.h>
#include <string.h>

#include "node/host/leases.h"
#include "node/rpc/guest.h"
#include "node/rpc/handlers.h"
#include "node/rpc/object.h"

#define LEASES_MAX 4096

/* libvirt: virIPAddrType. */
enum { ADDRESS_IPV4, ADDRESS_IPV6 };

static uint32_t prefix_of(const struct conf_network *network, bool ipv6)
{
	return ipv6 ? network->ipv6.address.prefix : network->address.prefix;
}

struct gathering {
	struct server_call *call;
	const struct conf_network *network;
	const char *mac; /* of one NIC only, or NULL */
	struct rpc_network_dhcp_lease *leases;
	uint32_t count;
	bool failed;
};

static const char *keep(struct gathering *all, const char *text)
{
	const char *copy = text ? rpc_memory_string(&all->call->memory, text) : NULL;

	all->failed |= text && !copy;
	return copy;
}

static bool add_lease(void *context, const struct lease *lease)
{
	struct gathering *all = context;
	struct rpc_network_dhcp_lease *one = &all->leases[all->count];

	if (all->mac && (!lease->mac || strcasecmp(lease->mac, all->mac) != 0))
		return true;
	*one = (struct rpc_network_dhcp_lease){ .iface = all->network->bridge,
		.expirytime = lease->end,
		.type = lease->ipv6 ? ADDRESS_IPV6 : ADDRESS_IPV4,
		.mac = keep(all, lease->mac),
		.ipaddr = keep(all, lease->address),
		.prefix = prefix_of(all->network, lease->ipv6),
		.hostname = keep(all, lease->name),
		.clientid = keep(all, lease->client) };
	all->count++;
	return !all->failed && all->count < LEASES_MAX;
}

static void get_dhcp_leases(struct server_call *call)
{
	const struct rpc_network_get_dhcp_leases_args *args = call->arguments;
	struct rpc_network_get_dhcp_leases_ret ret;
	struct gathering all = { .call = call, .mac = args->mac };

	if (!call_check_flags(call, args->flags, 0))
		return;
	all.network = object_of(call, &rpc_networks, &args->net);
	if (!all.network)
		return;
	all.leases = rpc_memory_alloc(&call->memory, LEASES_MAX * sizeof(*all.leases));
	if (all.leases)
		leases_read(all.network->name, add_lease, &all);
	if (!all.leases || all.failed) {
		call_fail_errno(call, -ENOMEM, NULL);
		return;
	}
	ret.leases = all.leases;
	ret.leases_count = args->need_results ? all.count : 0;
	ret.ret = all.count;
	call_reply(call, &ret);
}

#define ADDRESSES_MAX 16

/* The leases of one NIC, whose MAC address is written to `text`. False when it has none, or without
 * memory. */
static bool leases_of(struct server_call *call, const struct driver_guest *guest,
    const struct conf_nic *nic, unsigned int index, char text[NETADDR_TEXT],
    struct gathering *ret_all)
{
	struct gathering all = { .call = call };

	for (all.network = call->core->ops->model(call->core->driver)->networks;
	     all.network && strcmp(all.network->name, nic->network) != 0;)
		all.network = all.network->next;
	if (!all.network)
		return false;
	all.mac = netaddr_mac_text(guest->macs ? &guest->macs[index] : &nic->mac, text);
	all.leases = rpc_memory_alloc(&call->memory, LEASES_MAX * sizeof(*all.leases));
	if (!all.leases)
		return false;
	leases_read(all.network->name, add_lease, &all);
	*ret_all = all;
	return all.count > 0 && !all.failed;
}

/* The addresses of one NIC. False when it has none, or without memory. */
static bool addresses_of(struct server_call *call, const struct driver_guest *guest,
    const struct conf_nic *nic, unsigned int index, struct rpc_domain_interface *ret_interface)
{
	struct gathering all;
	struct rpc_domain_ip_addr *addresses;
	char text[NETADDR_TEXT];

	if (!leases_of(call, guest, nic, index, text, &all))
		return false;
	addresses = rpc_memory_alloc(&call->memory, ADDRESSES_MAX * sizeof(*addresses));
	if (!addresses)
		return false;
	for (uint32_t i = 0; i < all.count && i < ADDRESSES_MAX; i++) {
		addresses[i].type = all.leases[i].type;
		addresses[i].addr = all.leases[i].ipaddr;
		addresses[i].prefix = all.leases[i].prefix;
	}
	ret_interface->name = guest->taps && guest->taps[index] ? guest->taps[index] : "-";
	ret_interface->hwaddr = rpc_memory_string(&call->memory, all.mac);
	ret_interface->addrs = addresses;
	ret_interface->addrs_count = all.count < ADDRESSES_MAX ? all.count : ADDRESSES_MAX;
	return ret_interface->hwaddr != NULL;
}

#define SOURCE_LEASE 0u
#define NICS_MAX 32

static void interface_addresses(struct server_call *call)
{
	const struct rpc_domain_interface_addresses_args *args = call->arguments;
	struct rpc_domain_interface_addresses_ret ret = { 0 };
	struct rpc_domain_interface interfaces[NICS_MAX];
	unsigned int index = 0;

	if (!call_check_flags(call, args->flags, 0) || !guest_running(call, &args->dom))
		return;
	if (args->source != SOURCE_LEASE) {
		call_fail(call, RPC_ERR_OPERATION_UNSUPPORTED, RPC_FROM_QEMU,
		    "Operation not supported: addresses are known from leases only");
		return;
	}
	for (const struct conf_nic *nic = call->guest.conf->nics;
	     nic && ret.ifaces_count < NICS_MAX; nic = nic->next, index++)
		if (addresses_of(call, &call->guest, nic, index, &interfaces[ret.ifaces_count]))
			ret.ifaces_count++;
	ret.ifaces = interfaces;
	call_reply(call, &ret);
}

#define HOSTNAME_LEASE 1u
#define HOSTNAME_AGENT 2u

/* The first name that it told a DHCP server. */
static void get_hostname(struct server_call *call)
{
	const struct rpc_domain_get_hostname_args *args = call->arguments;
	struct rpc_domain_get_hostname_ret ret = { NULL };
	unsigned int index = 0;

	if (!call_check_flags(call, args->flags, HOSTNAME_LEASE | HOSTNAME_AGENT) ||
	    !guest_running(call, &args->dom))
		return;
	if (args->flags & HOSTNAME_AGENT) {
		call_fail(call, RPC_ERR_AGENT_UNRESPONSIVE, RPC_FROM_QEMU,
		    "Guest agent is not responding: QEMU guest agent is not configured");
		return;
	}
	for (const struct conf_nic *nic = call->guest.conf->nics; nic && !ret.hostname;
	     nic = nic->next, index++) {
		struct gathering all;
		char text[NETADDR_TEXT];

		if (!leases_of(call, &call->guest, nic, index, text, &all))
			continue;
		for (uint32_t i = 0; i < all.count && !ret.hostname; i++)
			ret.hostname = all.leases[i].hostname;
	}
	if (ret.hostname)
		call_reply(call, &ret);
	else
		call_fail(call, RPC_ERR_NO_HOSTNAME, RPC_FROM_QEMU,
		    "no hostname found for domain %s", call->guest.conf->name);
}

const struct rpc_handler rpc_lease_handlers[] = {
	{ RPC_DOMAIN_GET_HOSTNAME, get_hostname },
	{ RPC_NETWORK_GET_DHCP_LEASES, get_dhcp_leases },
	{ RPC_DOMAIN_INTERFACE_ADDRESSES, interface_addresses },
	{ 0 },
};
