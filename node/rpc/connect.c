/* SPDX-License-Identifier: GPL-2.0-only */
/* The connection itself: opening it, and what it is a connection to. */
#include <string.h>
#include <unistd.h>

#include "node/rpc/handlers.h"
#include "node/xml/capabilities.h"

/*
 * Versions are feature switches of clients, as major * 1000000 + minor * 1000 + micro. The library
 * is the one whose protocol this is; of the hypervisor virt-install wants 2.11 for q35 and
 * virt-manager 1.2 for qcow2.
 */
#define LIBRARY_VERSION 11003000
#define HYPERVISOR_VERSION 10000000

#define URI "qemu:///system"

/* libvirt: virDrvFeature, VIR_DRV_FEATURE_*. */
enum {
	FEATURE_TYPED_PARAM_STRING = 9,
	FEATURE_KEEPALIVE = 10,
	FEATURE_EVENT_CALLBACK = 14,
	FEATURE_CLOSE_CALLBACK = 15,
	FEATURE_NETWORK_UPDATE_ORDER = 16,
};

/* 0: none. Who the peer is, the kernel has said. */
static void auth_list(struct server_call *call)
{
	static const int32_t types[] = { 0 };
	struct rpc_auth_list_ret ret = { 1, types };

	call_reply(call, &ret);
}

static void supports_feature(struct server_call *call)
{
	const struct rpc_connect_supports_feature_args *args = call->arguments;
	struct rpc_connect_supports_feature_ret ret = { 0 };

	switch (args->feature) {
	case FEATURE_TYPED_PARAM_STRING:
	case FEATURE_KEEPALIVE:
	case FEATURE_EVENT_CALLBACK:
	case FEATURE_CLOSE_CALLBACK:
	case FEATURE_NETWORK_UPDATE_ORDER:
		ret.supported = 1;
		break;
	default:
		break;
	}
	call_reply(call, &ret);
}

#define OPEN_READ_ONLY 1u
#define OPEN_FLAGS 7u

static void open_connection(struct server_call *call)
{
	const struct rpc_connect_open_args *args = call->arguments;

	if (args->name && *args->name && strcmp(args->name, URI) != 0) {
		call_fail(call, RPC_ERR_NO_CONNECT, RPC_FROM_QEMU,
		    "no connection driver available for %s: this node is " URI, args->name);
		return;
	}
	if (!call_check_flags(call, args->flags, OPEN_FLAGS))
		return;
	if (args->flags & OPEN_READ_ONLY)
		call->client->read_only = true;
	call->client->opened = true;
	call_reply(call, NULL);
}

static void close_connection(struct server_call *call)
{
	struct client *client = call->client;

	client->opened = false;
	call_reply(call, NULL);
}

static void get_type(struct server_call *call)
{
	struct rpc_connect_get_type_ret ret = { "QEMU" };

	call_reply(call, &ret);
}

static void get_version(struct server_call *call)
{
	struct rpc_connect_get_version_ret ret = { HYPERVISOR_VERSION };

	call_reply(call, &ret);
}

static void get_lib_version(struct server_call *call)
{
	struct rpc_connect_get_lib_version_ret ret = { LIBRARY_VERSION };

	call_reply(call, &ret);
}

static void get_hostname(struct server_call *call)
{
	char name[256] = "";
	struct rpc_connect_get_hostname_ret ret = { name };

	gethostname(name, sizeof(name) - 1);
	call_reply(call, &ret);
}

static void get_uri(struct server_call *call)
{
	struct rpc_connect_get_uri_ret ret = { URI };

	call_reply(call, &ret);
}

static void get_max_vcpus(struct server_call *call)
{
	call_reply_number(call, DEFINITION_VCPUS);
}

/* A Unix socket: nobody listens in. */
static void is_secure(struct server_call *call)
{
	call_reply_number(call, 1);
}

const struct rpc_handler rpc_connect_handlers[] = {
	{ RPC_AUTH_LIST, auth_list },
	{ RPC_CONNECT_SUPPORTS_FEATURE, supports_feature },
	{ RPC_CONNECT_OPEN, open_connection },
	{ RPC_CONNECT_CLOSE, close_connection },
	{ RPC_CONNECT_GET_TYPE, get_type },
	{ RPC_CONNECT_GET_VERSION, get_version },
	{ RPC_CONNECT_GET_LIB_VERSION, get_lib_version },
	{ RPC_CONNECT_GET_HOSTNAME, get_hostname },
	{ RPC_CONNECT_GET_URI, get_uri },
	{ RPC_CONNECT_GET_MAX_VCPUS, get_max_vcpus },
	{ RPC_CONNECT_IS_SECURE, is_secure },
	{ 0 },
};
