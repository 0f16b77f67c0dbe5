/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kinds of objects of which the node has none: filters, secrets, snapshots. Lists are empty, and
 * who looks for one is told that it is not there, with the code of its kind. What would make one,
 * and what would change an interface of the node, is refused with the reason.
 */
#include <errno.h>

#include "lib/uuid.h"
#include "node/rpc/guest.h"
#include "node/rpc/handlers.h"
#include "node/rpc/object.h"

/* An answer of which everything is 0, empty, or not there, of a guest, with which all the arguments
 * begin: it has no snapshot, checkpoint or block job, no security label, no thread for disks alone,
 * and does not start once by itself. */
static void nothing_of_guest(struct server_call *call)
{
	const struct rpc_domain_suspend_args *args = call->arguments;

	if (guest_of(call, &args->dom))
		call_reply_none(call);
}

/* Ports are of networks that guests are plugged into by others. */
static void nothing_of_network(struct server_call *call)
{
	const struct rpc_network_is_active_args *args = call->arguments;

	if (object_of(call, &rpc_networks, &args->net))
		call_reply_none(call);
}

static void network_metadata(struct server_call *call)
{
	const struct rpc_network_is_active_args *args = call->arguments;

	if (object_of(call, &rpc_networks, &args->net))
		call_fail(call, RPC_ERR_NO_NETWORK_METADATA, RPC_FROM_NETWORK,
		    "metadata not found: Requested metadata element is not present");
}

static void filter_by_name(struct server_call *call)
{
	const struct rpc_nwfilter_lookup_by_name_args *args = call->arguments;

	call_fail(call, RPC_ERR_NO_NWFILTER, RPC_FROM_NWFILTER,
	    "Network filter not found: no nwfilter with matching name '%s'", args->name);
}

static void binding_by_port(struct server_call *call)
{
	const struct rpc_nwfilter_binding_lookup_by_port_dev_args *args = call->arguments;

	call_fail(call, RPC_ERR_NO_NWFILTER_BINDING, RPC_FROM_NWFILTER,
	    "Network filter binding not found: no nwfilter binding for port dev '%s'", args->name);
}

static void secret_by_uuid(struct server_call *call)
{
	const struct rpc_secret_lookup_by_uuid_args *args = call->arguments;
	char text[UUID_TEXT];

	call_fail(call, RPC_ERR_NO_SECRET, RPC_FROM_SECRET,
	    "Secret not found: no secret with matching uuid '%s'", uuid_text(args->uuid, text));
}

static void filter_by_uuid(struct server_call *call)
{
	const struct rpc_nwfilter_lookup_by_uuid_args *args = call->arguments;
	char text[UUID_TEXT];

	call_fail(call, RPC_ERR_NO_NWFILTER, RPC_FROM_NWFILTER,
	    "Network filter not found: no nwfilter with matching uuid '%s'",
	    uuid_text(args->uuid, text));
}

static void secret_by_usage(struct server_call *call)
{
	const struct rpc_secret_lookup_by_usage_args *args = call->arguments;

	call_fail(call, RPC_ERR_NO_SECRET, RPC_FROM_SECRET,
	    "Secret not found: no secret with matching usage '%s'", args->usage_id);
}

/* Why, by the family that the procedure is of. */
static void refuse(struct server_call *call, enum rpc_error_from from, const char *reason)
{
	call_fail(call, RPC_ERR_OPERATION_UNSUPPORTED, from, "Operation not supported: %s", reason);
}

static void refuse_filter(struct server_call *call)
{
	refuse(call, RPC_FROM_NWFILTER,
	    "this node keeps no network filters: a [network] says what its guests may reach");
}

static void refuse_secret(struct server_call *call)
{
	refuse(call, RPC_FROM_SECRET,
	    "this node keeps no secrets: its guests have no disks that need one");
}

static void refuse_interface(struct server_call *call)
{
	refuse(call, RPC_FROM_INTERFACE,
	    "interfaces of this node are the [uplink] and [network] sections of berth.conf: "
	    "change those");
}

/* What has a filter, or a secret, in its arguments has its name, or its UUID, first. */
const struct rpc_handler rpc_empty_handlers[] = {
	{ RPC_CONNECT_LIST_ALL_NWFILTERS, call_reply_none },
	{ RPC_CONNECT_LIST_ALL_NWFILTER_BINDINGS, call_reply_none },
	{ RPC_CONNECT_NUM_OF_NWFILTERS, call_reply_none },
	{ RPC_CONNECT_LIST_NWFILTERS, call_reply_none },
	{ RPC_NWFILTER_LOOKUP_BY_NAME, filter_by_name },
	{ RPC_NWFILTER_LOOKUP_BY_UUID, filter_by_uuid },
	{ RPC_NWFILTER_GET_XML_DESC, filter_by_name },
	{ RPC_NWFILTER_UNDEFINE, filter_by_name },
	{ RPC_NWFILTER_DEFINE_XML, refuse_filter },
	{ RPC_NWFILTER_DEFINE_XML_FLAGS, refuse_filter },
	{ RPC_NWFILTER_BINDING_LOOKUP_BY_PORT_DEV, binding_by_port },
	{ RPC_NWFILTER_BINDING_CREATE_XML, refuse_filter },
	{ RPC_CONNECT_LIST_ALL_SECRETS, call_reply_none },
	{ RPC_CONNECT_NUM_OF_SECRETS, call_reply_none },
	{ RPC_CONNECT_LIST_SECRETS, call_reply_none },
	{ RPC_SECRET_LOOKUP_BY_UUID, secret_by_uuid },
	{ RPC_SECRET_LOOKUP_BY_USAGE, secret_by_usage },
	{ RPC_SECRET_GET_XML_DESC, secret_by_uuid },
	{ RPC_SECRET_GET_VALUE, secret_by_uuid },
	{ RPC_SECRET_SET_VALUE, secret_by_uuid },
	{ RPC_SECRET_UNDEFINE, secret_by_uuid },
	{ RPC_SECRET_DEFINE_XML, refuse_secret },
	{ RPC_DOMAIN_SNAPSHOT_NUM, nothing_of_guest },
	{ RPC_DOMAIN_SNAPSHOT_LIST_NAMES, nothing_of_guest },
	{ RPC_DOMAIN_LIST_ALL_SNAPSHOTS, nothing_of_guest },
	{ RPC_DOMAIN_HAS_CURRENT_SNAPSHOT, nothing_of_guest },
	{ RPC_DOMAIN_LIST_ALL_CHECKPOINTS, nothing_of_guest },
	{ RPC_DOMAIN_GET_BLOCK_JOB_INFO, nothing_of_guest },
	{ RPC_DOMAIN_GET_SECURITY_LABEL, nothing_of_guest },
	{ RPC_DOMAIN_GET_SECURITY_LABEL_LIST, nothing_of_guest },
	{ RPC_DOMAIN_GET_AUTOSTART_ONCE, nothing_of_guest },
	{ RPC_DOMAIN_GET_IOTHREAD_INFO, nothing_of_guest },
	{ RPC_NODE_GET_SECURITY_MODEL, call_reply_none },
	{ RPC_NETWORK_LIST_ALL_PORTS, nothing_of_network },
	{ RPC_NETWORK_GET_METADATA, network_metadata },
	{ RPC_INTERFACE_DEFINE_XML, refuse_interface },
	{ RPC_INTERFACE_UNDEFINE, refuse_interface },
	{ RPC_INTERFACE_CREATE, refuse_interface },
	{ RPC_INTERFACE_DESTROY, refuse_interface },
	{ RPC_INTERFACE_CHANGE_BEGIN, refuse_interface },
	{ RPC_INTERFACE_CHANGE_COMMIT, refuse_interface },
	{ RPC_INTERFACE_CHANGE_ROLLBACK, refuse_interface },
	{ 0 },
};
