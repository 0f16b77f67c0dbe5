/* SPDX-License-Identifier: GPL-2.0-only */
/* The node's own network interfaces. They are made of the [uplink] and [network] sections, and
 * changed there. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "node/host/interfaces.h"
#include "node/rpc/handlers.h"
#include "node/xml/interface.h"

/* libvirt: virConnectListAllInterfacesFlags. */
enum { LIST_INACTIVE = 1, LIST_ACTIVE = 2 };

struct listing {
	struct server_call *call;
	uint32_t flags;	 /* 0: all */
	const char *mac; /* NULL: any */
	struct rpc_iface *ifaces;
	uint32_t count;
	bool failed;
};

static bool note(void *context, const struct host_interface *interface)
{
	struct listing *listing = context;
	struct rpc_iface *iface = &listing->ifaces[listing->count];
	uint32_t state = interface->active ? LIST_ACTIVE : LIST_INACTIVE;

	if ((listing->flags && !(listing->flags & state)) ||
	    (listing->mac && strcasecmp(listing->mac, interface->mac) != 0))
		return true;
	iface->name = rpc_memory_string(&listing->call->memory, interface->name);
	iface->mac = rpc_memory_string(&listing->call->memory, interface->mac);
	listing->failed = !iface->name || !iface->mac;
	return !listing->failed && ++listing->count < HOST_INTERFACES;
}

/* False with the call failed. */
static bool list(struct server_call *call, uint32_t flags, const char *mac, struct listing *listing)
{
	*listing = (struct listing){ .call = call, .flags = flags, .mac = mac };
	listing->ifaces = rpc_memory_alloc(
	    &call->memory, HOST_INTERFACES * sizeof(*listing->ifaces));
	listing->failed = !listing->ifaces;
	if (!listing->failed)
		host_interfaces(&host_roots, note, listing);
	if (listing->failed)
		call_fail_errno(call, -ENOMEM, NULL);
	return !listing->failed;
}

static void list_all(struct server_call *call)
{
	const struct rpc_connect_list_all_interfaces_args *args = call->arguments;
	struct rpc_connect_list_all_interfaces_ret ret = { 0 };
	struct listing listing;

	if (!call_check_flags(call, args->flags, LIST_ACTIVE | LIST_INACTIVE) ||
	    !list(call, args->flags, NULL, &listing))
		return;
	ret.ifaces = listing.ifaces;
	ret.ifaces_count = args->need_results ? listing.count : 0;
	ret.ret = listing.count;
	call_reply(call, &ret);
}

static void num_of(struct server_call *call)
{
	bool defined = call->header.procedure == RPC_CONNECT_NUM_OF_DEFINED_INTERFACES;
	struct listing listing;

	if (!list(call, defined ? LIST_INACTIVE : LIST_ACTIVE, NULL, &listing))
		return;
	call_reply_number(call, (int32_t)listing.count);
}

static void list_names(struct server_call *call)
{
	const struct rpc_connect_list_interfaces_args *args = call->arguments;
	bool defined = call->header.procedure == RPC_CONNECT_LIST_DEFINED_INTERFACES;
	struct listing listing;

	if (list(call, defined ? LIST_INACTIVE : LIST_ACTIVE, NULL, &listing))
		call_reply_names(call, &listing.ifaces->name, sizeof(*listing.ifaces),
		    listing.count, args->maxnames);
}

/* False with the call failed. */
static bool interface_of(
    struct server_call *call, const char *name, struct host_interface *ret_interface)
{
	if (host_interface(&host_roots, name, ret_interface))
		return true;
	call_fail(call, RPC_ERR_NO_INTERFACE, RPC_FROM_INTERFACE,
	    "Interface not found: couldn't find interface named '%s'", name);
	return false;
}

static void lookup_by_name(struct server_call *call)
{
	const struct rpc_interface_lookup_by_name_args *args = call->arguments;
	struct rpc_interface_lookup_by_name_ret ret;
	struct host_interface interface;

	if (!interface_of(call, args->name, &interface))
		return;
	ret.iface = (struct rpc_iface){ interface.name, interface.mac };
	call_reply(call, &ret);
}

static void lookup_by_mac(struct server_call *call)
{
	const struct rpc_interface_lookup_by_mac_string_args *args = call->arguments;
	struct rpc_interface_lookup_by_mac_string_ret ret;
	struct listing listing;

	if (!list(call, 0, args->mac, &listing))
		return;
	if (listing.count != 1) {
		call_fail(call, listing.count ? RPC_ERR_MULTIPLE_INTERFACES : RPC_ERR_NO_INTERFACE,
		    RPC_FROM_INTERFACE,
		    listing.count ? "multiple interfaces with matching MAC address '%s'"
				  : "Interface not found: couldn't find interface with MAC "
				    "address '%s'",
		    args->mac);
		return;
	}
	ret.iface = listing.ifaces[0];
	call_reply(call, &ret);
}

static void is_active(struct server_call *call)
{
	const struct rpc_interface_is_active_args *args = call->arguments;
	struct host_interface interface;

	if (!interface_of(call, args->iface.name, &interface))
		return;
	call_reply_number(call, interface.active);
}

static void get_xml(struct server_call *call)
{
	const struct rpc_interface_get_xml_desc_args *args = call->arguments;
	struct host_interface interface;
	struct buf buf = BUF_INIT;

	if (!call_check_flags(call, args->flags, 1) ||
	    !interface_of(call, args->iface.name, &interface))
		return;
	xml_interface(&host_roots, &interface, &buf);
	call_reply_text(call, &buf);
}

const struct rpc_handler rpc_interface_handlers[] = {
	{ RPC_CONNECT_LIST_ALL_INTERFACES, list_all },
	{ RPC_CONNECT_NUM_OF_INTERFACES, num_of },
	{ RPC_CONNECT_NUM_OF_DEFINED_INTERFACES, num_of },
	{ RPC_CONNECT_LIST_INTERFACES, list_names },
	{ RPC_CONNECT_LIST_DEFINED_INTERFACES, list_names },
	{ RPC_INTERFACE_LOOKUP_BY_NAME, lookup_by_name },
	{ RPC_INTERFACE_LOOKUP_BY_MAC_STRING, lookup_by_mac },
	{ RPC_INTERFACE_IS_ACTIVE, is_active },
	{ RPC_INTERFACE_GET_XML_DESC, get_xml },
	{ 0 },
};
