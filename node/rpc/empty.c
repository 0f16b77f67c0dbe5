/* SPDX-License-Identifier: GPL-2.0-only */
/* Kinds of objects of which the node has none: filters, secrets. Lists are empty, and who looks for
 * one is told that it is not there, with the code of its kind. */
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
	char text[GUEST_UUID_TEXT];

	call_fail(call, RPC_ERR_NO_SECRET, RPC_FROM_SECRET,
	    "Secret not found: no secret with matching uuid '%s'",
	    guest_uuid_text(args->uuid, text));
}

const struct rpc_handler rpc_empty_handlers[] = {
	{ RPC_CONNECT_LIST_ALL_NWFILTERS, list_filters },
	{ RPC_CONNECT_LIST_ALL_NWFILTER_BINDINGS, list_bindings },
	{ RPC_CONNECT_NUM_OF_NWFILTERS, num_of_filters },
	{ RPC_CONNECT_LIST_NWFILTERS, filter_names },
	{ RPC_NWFILTER_LOOKUP_BY_NAME, filter_by_name },
	{ RPC_CONNECT_LIST_ALL_SECRETS, list_secrets },
	{ RPC_CONNECT_NUM_OF_SECRETS, num_of_secrets },
	{ RPC_SECRET_LOOKUP_BY_UUID, secret_by_uuid },
	{ 0 },
};
