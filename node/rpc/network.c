/* SPDX-License-Identifier: GPL-2.0-only */
/* Networks: those of the file. All are persistent and started with the node. */
#include <errno.h>
#include <string.h>

#include "lib/uuid.h"
#include "node/rpc/guest.h"
#include "node/rpc/handlers.h"
#include "node/rpc/object.h"
#include "node/xml/network.h"

static const struct conf_object *first(const struct conf_model *model)
{
	return (const struct conf_object *)model->networks;
}

static bool is_active(struct server_call *call, const struct conf_network *network)
{
	struct server_core *core = call->core;

	return network->mode != CONF_MODE_OFF && core->ops->network_active &&
	       core->ops->network_active(core->driver, network);
}

static uint32_t traits(struct server_call *call, const struct conf_object *object)
{
	const struct conf_network *network = (const struct conf_network *)object;

	if (network->mode == CONF_MODE_OFF)
		return 0;
	return (is_active(call, network) ? OBJECT_ACTIVE : OBJECT_INACTIVE) | OBJECT_PERSISTENT |
	       (network->autostart ? OBJECT_AUTOSTART : OBJECT_NO_AUTOSTART);
}

static const char *uuid(const struct conf_object *object)
{
	return ((const struct conf_network *)object)->uuid;
}

static bool used_by(const struct conf_guest *guest, const char *name)
{
	const struct conf_nic *nic = guest->nics;

	while (nic && strcmp(nic->network, name) != 0)
		nic = nic->next;
	return nic;
}

const struct object_kind rpc_networks = {
	.section = "network",
	.missing = "Network not found: no network with matching",
	.code = RPC_ERR_NO_NETWORK,
	.from = RPC_FROM_NETWORK,
	.flags = OBJECT_TYPES - 1,
	.first = first,
	.uuid = uuid,
	.traits = traits,
	.used_by = used_by,
	.registration = RPC_CONNECT_NETWORK_EVENT_REGISTER_ANY,
	.lifecycle = RPC_NETWORK_EVENT_LIFECYCLE,
	.lifecycle_record = RPC_TYPE_NETWORK_EVENT_LIFECYCLE_ARGS,
};

static void get_xml(struct server_call *call)
{
	const struct rpc_network_get_xml_desc_args *args = call->arguments;
	const struct conf_network *network;
	struct buf buf = BUF_INIT;
	char uuid[UUID_TEXT];

	if (!call_check_flags(call, args->flags, 1))
		return;
	network = object_of(call, &rpc_networks, &args->net);
	if (!network)
		return;
	xml_network(network, uuid_text(args->net.uuid, uuid), &buf);
	call_reply_text(call, &buf);
}

static void get_bridge_name(struct server_call *call)
{
	const struct rpc_network_get_bridge_name_args *args = call->arguments;
	struct rpc_network_get_bridge_name_ret ret;
	const struct conf_network *network = object_of(call, &rpc_networks, &args->net);

	if (!network)
		return;
	ret.name = network->bridge;
	call_reply(call, &ret);
}

const struct rpc_handler rpc_network_handlers[] = {
	{ RPC_CONNECT_LIST_ALL_NETWORKS, object_list_all },
	{ RPC_CONNECT_NUM_OF_NETWORKS, object_num_of_active },
	{ RPC_CONNECT_NUM_OF_DEFINED_NETWORKS, object_num_of_inactive },
	{ RPC_CONNECT_LIST_NETWORKS, object_list_active },
	{ RPC_CONNECT_LIST_DEFINED_NETWORKS, object_list_inactive },
	{ RPC_NETWORK_LOOKUP_BY_NAME, object_by_name },
	{ RPC_NETWORK_LOOKUP_BY_UUID, object_by_uuid },
	{ RPC_NETWORK_GET_XML_DESC, get_xml },
	{ RPC_NETWORK_GET_AUTOSTART, object_autostart },
	{ RPC_NETWORK_GET_BRIDGE_NAME, get_bridge_name },
	{ RPC_NETWORK_IS_ACTIVE, object_is_active },
	{ RPC_NETWORK_IS_PERSISTENT, object_is_persistent },
	{ 0 },
};
