/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kinds of objects of which the node has none: filters, secrets. Lists are empty, and who looks for
 * one is told that it is not there, with the code of its kind. What would make one, and what would
 * change an interface of the node, is refused with the reason.
 */
#include "lib/uuid.h"
#include "node/rpc/guest.h"
#include "node/rpc/handlers.h"

static void list_filters(struct server_call *call)
{
	struct rpc_connect_list_all_nwfilters_ret ret = { 0 };

	call_reply(call, &ret);
}

static void list_bindings(struct server_call *call)
{
	struct rpc_connect_list_all_nwfilter_bindings_ret ret = { 0 };

	call_reply(call, &ret);
}

static void num_of_filters(struct server_call *call)
{
	struct rpc_connect_num_of_nwfilters_ret ret = { 0 };

	call_reply(call, &ret);
}

static void filter_names(struct server_call *call)
{
	struct rpc_connect_list_nwfilters_ret ret = { 0 };

	call_reply(call, &ret);
}

static void filter_by_name(struct server_call *call)
{
	const struct rpc_nwfilter_lookup_by_name_args *args = call->arguments;

	call_fail(call, RPC_ERR_NO_NWFILTER, RPC_FROM_NWFILTER,
	    "Network filter not found: no nwfilter with matching name '%s'", args->name);
}

static void list_secrets(struct server_call *call)
{
	struct rpc_connect_list_all_secrets_ret ret = { 0 };

	call_reply(call, &ret);
}

static void num_of_secrets(struct server_call *call)
{
	struct rpc_connect_num_of_secrets_ret ret = { 0 };

	call_reply(call, &ret);
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

static void secret_uuids(struct server_call *call)
{
	struct rpc_connect_list_secrets_ret ret = { 0 };

	call_reply(call, &ret);
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

const struct rpc_handler rpc_empty_handlers[] = {
	{ RPC_CONNECT_LIST_ALL_NWFILTERS, list_filters },
	{ RPC_CONNECT_LIST_ALL_NWFILTER_BINDINGS, list_bindings },
	{ RPC_CONNECT_NUM_OF_NWFILTERS, num_of_filters },
	{ RPC_CONNECT_LIST_NWFILTERS, filter_names },
	{ RPC_NWFILTER_LOOKUP_BY_NAME, filter_by_name },
	{ RPC_CONNECT_LIST_ALL_SECRETS, list_secrets },
	{ RPC_CONNECT_NUM_OF_SECRETS, num_of_secrets },
	{ RPC_NWFILTER_LOOKUP_BY_UUID, filter_by_uuid },
	{ RPC_NWFILTER_DEFINE_XML, refuse_filter },
	{ RPC_NWFILTER_DEFINE_XML_FLAGS, refuse_filter },
	{ RPC_NWFILTER_BINDING_CREATE_XML, refuse_filter },
	{ RPC_CONNECT_LIST_SECRETS, secret_uuids },
	{ RPC_SECRET_LOOKUP_BY_UUID, secret_by_uuid },
	{ RPC_SECRET_LOOKUP_BY_USAGE, secret_by_usage },
	{ RPC_SECRET_DEFINE_XML, refuse_secret },
	{ RPC_INTERFACE_DEFINE_XML, refuse_interface },
	{ RPC_INTERFACE_UNDEFINE, refuse_interface },
	{ RPC_INTERFACE_CREATE, refuse_interface },
	{ RPC_INTERFACE_DESTROY, refuse_interface },
	{ RPC_INTERFACE_CHANGE_BEGIN, refuse_interface },
	{ RPC_INTERFACE_CHANGE_COMMIT, refuse_interface },
	{ RPC_INTERFACE_CHANGE_ROLLBACK, refuse_interface },
	{ 0 },
};
