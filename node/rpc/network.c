/* SPDX-License-Identifier: GPL-2.0-only */
/* Networks: those of the file. All are persistent and started with the node. */
#include <errno.h>
#include <string.h>

#include "node/host/ident.h"
#include "node/rpc/guest.h"
#include "node/rpc/handlers.h"
#include "node/xml/network.h"

static struct rpc_net net_of(const struct conf_network *network)
{
	struct rpc_net net = { .name = network->name };

	ident_uuid("network", network->name, net.uuid);
	return net;
}

static const struct conf_network *first(struct server_call *call)
{
	return call->core->ops->model(call->core->driver)->networks;
}

static bool is_active(struct server_call *call, const struct conf_network *network)
{
	struct server_core *core = call->core;

	return network->mode != CONF_MODE_OFF && core->ops->network_active &&
	       core->ops->network_active(core->driver, network);
}

/* NULL with the call failed. */
static const struct conf_network *network_of(struct server_call *call, const struct rpc_net *net)
{
	char text[GUEST_UUID_TEXT];

	for (const struct conf_network *network = first(call); network; network = network->next) {
		struct rpc_net one = net_of(network);

		if (!memcmp(one.uuid, net->uuid, sizeof(one.uuid)))
			return network;
	}
	call_fail(call, RPC_ERR_NO_NETWORK, RPC_FROM_NETWORK,
	    "Network not found: no network with matching uuid '%s' (%s)",
	    guest_uuid_text(net->uuid, text), net->name);
	return NULL;
}

/* libvirt: virConnectListAllNetworksFlags. */
enum { LIST_INACTIVE = 1, LIST_ACTIVE = 2, LIST_TRANSIENT = 8, LIST_NO_AUTOSTART = 32 };

static bool is_listed(struct server_call *call, const struct conf_network *network, uint32_t flags)
{
	uint32_t has = (is_active(call, network) ? LIST_ACTIVE : LIST_INACTIVE) | 4u | 16u;

	return !(flags & 3u && !(flags & has & 3u)) && !(flags & 12u && !(flags & has & 12u)) &&
	       !(flags & 48u && !(flags & has & 48u));
}

/* The networks that `flags` select; how many. NULL without memory. */
static struct rpc_net *list(struct server_call *call, uint32_t flags, uint32_t *ret_count)
{
	struct rpc_net *nets;
	uint32_t room = 1;

	for (const struct conf_network *network = first(call); network; network = network->next)
		room++;
	nets = rpc_memory_alloc(&call->memory, room * sizeof(*nets));
	*ret_count = 0;
	if (!nets) {
		call_fail_errno(call, -ENOMEM, NULL);
		return NULL;
	}
	for (const struct conf_network *network = first(call); network; network = network->next)
		if (is_listed(call, network, flags))
			nets[(*ret_count)++] = net_of(network);
	return nets;
}

static void list_all(struct server_call *call)
{
	const struct rpc_connect_list_all_networks_args *args = call->arguments;
	struct rpc_connect_list_all_networks_ret ret = { 0 };

	if (!call_check_flags(call, args->flags, 63))
		return;
	ret.nets = list(call, args->flags, &ret.ret);
	if (!ret.nets)
		return;
	ret.nets_count = args->need_results ? ret.ret : 0;
	call_reply(call, &ret);
}

static void num_of(struct server_call *call, uint32_t flags)
{
	struct rpc_connect_num_of_networks_ret ret;
	uint32_t count;

	if (!list(call, flags, &count))
		return;
	ret.num = (int32_t)count;
	call_reply(call, &ret);
}

static void num_of_networks(struct server_call *call)
{
	num_of(call, LIST_ACTIVE);
}

static void num_of_defined(struct server_call *call)
{
	num_of(call, LIST_INACTIVE);
}

static void list_names(struct server_call *call, uint32_t flags)
{
	const struct rpc_connect_list_networks_args *args = call->arguments;
	struct rpc_connect_list_networks_ret ret = { 0 };
	const char **names;
	uint32_t count;
	struct rpc_net *nets = list(call, flags, &count);

	if (!nets)
		return;
	names = rpc_memory_alloc(&call->memory, (count + 1) * sizeof(*names));
	while (names && ret.names_count < count && (int64_t)ret.names_count < args->maxnames) {
		names[ret.names_count] = nets[ret.names_count].name;
		ret.names_count++;
	}
	ret.names = names;
	call_reply(call, &ret);
}

static void list_networks(struct server_call *call)
{
	list_names(call, LIST_ACTIVE);
}

static void list_defined(struct server_call *call)
{
	list_names(call, LIST_INACTIVE);
}

static void lookup_by_name(struct server_call *call)
{
	const struct rpc_network_lookup_by_name_args *args = call->arguments;
	struct rpc_network_lookup_by_name_ret ret;

	for (const struct conf_network *network = first(call); network; network = network->next)
		if (!strcmp(network->name, args->name)) {
			ret.net = net_of(network);
			call_reply(call, &ret);
			return;
		}
	call_fail(call, RPC_ERR_NO_NETWORK, RPC_FROM_NETWORK,
	    "Network not found: no network with matching name '%s'", args->name);
}

static void lookup_by_uuid(struct server_call *call)
{
	const struct rpc_network_lookup_by_uuid_args *args = call->arguments;
	struct rpc_network_lookup_by_uuid_ret ret;
	struct rpc_net wanted = { .name = "" };
	const struct conf_network *network;

	memcpy(wanted.uuid, args->uuid, sizeof(wanted.uuid));
	network = network_of(call, &wanted);
	if (!network)
		return;
	ret.net = net_of(network);
	call_reply(call, &ret);
}

static void get_xml(struct server_call *call)
{
	const struct rpc_network_get_xml_desc_args *args = call->arguments;
	struct rpc_network_get_xml_desc_ret ret;
	const struct conf_network *network;
	struct buf buf = BUF_INIT;
	char uuid[GUEST_UUID_TEXT];

	if (!call_check_flags(call, args->flags, 1))
		return;
	network = network_of(call, &args->net);
	if (!network)
		return;
	xml_network(network, guest_uuid_text(args->net.uuid, uuid), &buf);
	ret.xml = buf_text(&buf);
	if (buf_ok(&buf))
		call_reply(call, &ret);
	else
		call_fail_errno(call, -ENOMEM, NULL);
	buf_done(&buf);
}

static void get_autostart(struct server_call *call)
{
	const struct rpc_network_get_autostart_args *args = call->arguments;
	struct rpc_network_get_autostart_ret ret;
	const struct conf_network *network = network_of(call, &args->net);

	if (!network)
		return;
	ret.autostart = network->mode != CONF_MODE_OFF;
	call_reply(call, &ret);
}

static void get_bridge_name(struct server_call *call)
{
	const struct rpc_network_get_bridge_name_args *args = call->arguments;
	struct rpc_network_get_bridge_name_ret ret;
	const struct conf_network *network = network_of(call, &args->net);

	if (!network)
		return;
	ret.name = network->bridge;
	call_reply(call, &ret);
}

static void network_is_active(struct server_call *call)
{
	const struct rpc_network_is_active_args *args = call->arguments;
	struct rpc_network_is_active_ret ret;
	const struct conf_network *network = network_of(call, &args->net);

	if (!network)
		return;
	ret.active = is_active(call, network);
	call_reply(call, &ret);
}

static void network_is_persistent(struct server_call *call)
{
	const struct rpc_network_is_persistent_args *args = call->arguments;
	struct rpc_network_is_persistent_ret ret = { 1 };

	if (network_of(call, &args->net))
		call_reply(call, &ret);
}

const struct rpc_handler rpc_network_handlers[] = {
	{ RPC_CONNECT_LIST_ALL_NETWORKS, list_all },
	{ RPC_CONNECT_NUM_OF_NETWORKS, num_of_networks },
	{ RPC_CONNECT_NUM_OF_DEFINED_NETWORKS, num_of_defined },
	{ RPC_CONNECT_LIST_NETWORKS, list_networks },
	{ RPC_CONNECT_LIST_DEFINED_NETWORKS, list_defined },
	{ RPC_NETWORK_LOOKUP_BY_NAME, lookup_by_name },
	{ RPC_NETWORK_LOOKUP_BY_UUID, lookup_by_uuid },
	{ RPC_NETWORK_GET_XML_DESC, get_xml },
	{ RPC_NETWORK_GET_AUTOSTART, get_autostart },
	{ RPC_NETWORK_GET_BRIDGE_NAME, get_bridge_name },
	{ RPC_NETWORK_IS_ACTIVE, network_is_active },
	{ RPC_NETWORK_IS_PERSISTENT, network_is_persistent },
	{ 0 },
};
