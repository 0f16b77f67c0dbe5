/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Networks defined, started, stopped, changed and removed: sections of the file, put in force as
 * every other change of it. A network on an uplink of the node is never started, stopped or
 * removed from here: the client may be at the other end of that uplink.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "node/rpc/guest.h"
#include "node/rpc/handlers.h"
#include "node/rpc/object_change.h"
#include "node/xml/network_in.h"

static const struct conf_object *as_object(const struct conf_network *network)
{
	return (const struct conf_object *)network;
}

static bool is_up(struct server_call *call, const struct conf_network *network)
{
	return rpc_networks.traits(call, as_object(network)) & OBJECT_ACTIVE;
}

static const struct conf_network *find(void *context, const char *name)
{
	struct server_call *call = context;

	return object_named(call, &rpc_networks, name);
}

/* What of a section's keys XML speaks of; the others stay. Files for some kinds of clients only are
 * among them, which XML has no place for. */
static const char *const known[] = { "mode", "bridge", "address", "ipv6", "dhcp", "dhcp6", "domain",
	"dns", "host", "record", "tftp", "route", "out", "stp", "forward-delay", "mtu", "autostart",
	"uuid", "boot-file", NULL };
#define KNOWN (sizeof(known) / sizeof(known[0]))

static bool has_special_files(const struct conf_network *network)
{
	for (const struct conf_boot_file *file = network ? network->boot_files : NULL; file;
	     file = file->next)
		if (file->arch != CONF_ARCH_ANY)
			return true;
	return false;
}

static void define(struct server_call *call, struct xml_section *section, object_then then)
{
	const struct conf_network *now = find(call, section->name);
	const char *keys[KNOWN];

	memcpy(keys, known, sizeof(known));
	if (has_special_files(now))
		keys[KNOWN - 2] = NULL;
	object_say_uuid(call, section);
	/* libvirt: what is new does not start with the node until that is asked for. */
	if (!now || !now->autostart)
		xml_section_say(section, "autostart", "no");
	object_define(call, section, keys, then);
}

static void define_text(struct server_call *call, const char *xml, object_then then)
{
	struct xml_section *section = calloc(1, sizeof(*section));
	struct buf why = BUF_INIT;
	int error = -ENOMEM;

	if (section) {
		section->arena = arena_create(OBJECT_ARENA);
		if (section->arena)
			error = xml_network_in(xml, find, call, section, &why);
	}
	if (error)
		call_fail_xml(call, RPC_FROM_NETWORK, error, buf_text(&why));
	else if (object_may_be(call, section->name, section->uuid, then))
		define(call, section, then);
	buf_done(&why);
	if (section)
		arena_free(section->arena);
	free(section);
}

static void define_xml(struct server_call *call)
{
	const struct rpc_network_define_xml_args *args = call->arguments;

	define_text(call, args->xml, NULL);
}

/* libvirt: VIR_NETWORK_DEFINE_VALIDATE. */
static void define_xml_flags(struct server_call *call)
{
	const struct rpc_network_define_xml_flags_args *args = call->arguments;

	if (call_check_flags(call, args->flags, 1))
		define_text(call, args->xml, NULL);
}

/* Whether it may be started, stopped and removed from afar. False with the call failed. */
static bool is_own(struct server_call *call, const struct conf_network *network)
{
	if (network->mode != CONF_MODE_BRIDGE)
		return true;
	call_fail(call, RPC_ERR_OPERATION_UNSUPPORTED, RPC_FROM_NETWORK,
	    "Operation not supported: network '%s' is on uplink '%s' of the node: change it with berth config apply, which goes back by itself when the node cannot be reached",
	    network->name, network->uplink_name);
	return false;
}

/* By UUID. NULL with the call failed. */
static const struct conf_network *own_network(struct server_call *call, const struct rpc_net *net)
{
	const struct conf_network *network = object_of(call, &rpc_networks, net);

	return network && is_own(call, network) ? network : NULL;
}

static void undefine(struct server_call *call)
{
	const struct rpc_network_undefine_args *args = call->arguments;
	const struct conf_network *network = own_network(call, &args->net);

	if (!network)
		return;
	if (is_up(call, network))
		call_fail(call, RPC_ERR_OPERATION_INVALID, RPC_FROM_NETWORK,
		    "Requested operation is not valid: network '%s' is active: stop it first (net-destroy)",
		    network->name);
	else
		object_undefine(call, as_object(network), "mode", "off");
}

static void set_autostart(struct server_call *call)
{
	const struct rpc_network_set_autostart_args *args = call->arguments;
	const struct conf_network *network = own_network(call, &args->net);

	if (network)
		object_set(call, as_object(network), "autostart", args->autostart ? "yes" : "no");
}

/* A start or a stop that is under way. */
struct switching {
	struct server_call *call;
	char *name;
	bool active;
	bool returned; /* the network is the answer */
};

static void switched(void *context, int result, const char *message)
{
	struct switching *switching = context;
	struct server_call *call = switching->call;
	const struct conf_network *network = find(call, switching->name);
	struct rpc_net record = { 0 };

	if (!result && network) {
		record = object_record(&rpc_networks, as_object(network));
		events_send_object(call->core, &rpc_networks, &record,
		    switching->active ? OBJECT_STARTED : OBJECT_STOPPED);
	}
	if (record.name && switching->returned)
		call_reply(call, &record);
	else
		call_done(call, result, message);
	free(switching->name);
	free(switching);
}

static void set_active(
    struct server_call *call, const struct conf_network *network, bool active, bool returned)
{
	struct server_core *core;
	struct switching *switching;

	/* Without a network the call has been answered, and is no more. */
	if (!network || !is_own(call, network))
		return;
	core = call->core;
	if (is_up(call, network) == active) {
		call_fail(call, RPC_ERR_OPERATION_INVALID, RPC_FROM_NETWORK,
		    active ? "Requested operation is not valid: network is already active"
			   : "Requested operation is not valid: network '%s' is not active",
		    network->name);
		return;
	}
	switching = calloc(1, sizeof(*switching));
	if (switching)
		*switching = (struct switching){ call, strdup(network->name), active, returned };
	if (!switching || !switching->name || !core->ops->network_set_active) {
		if (switching)
			free(switching->name);
		free(switching);
		call_unsupported(call);
		return;
	}
	core->ops->network_set_active(
	    core->driver, network->name, active, (struct driver_done){ switched, switching });
}

static void create(struct server_call *call)
{
	const struct rpc_network_create_args *args = call->arguments;

	set_active(call, object_of(call, &rpc_networks, &args->net), true, false);
}

static void destroy(struct server_call *call)
{
	const struct rpc_network_destroy_args *args = call->arguments;

	set_active(call, object_of(call, &rpc_networks, &args->net), false, false);
}

static void start_defined(struct server_call *call, const struct conf_object *object)
{
	set_active(call, (const struct conf_network *)object, true, true);
}

/* Both procedures begin with the XML. What is not in the file is not there: what is created is
 * defined and started, and stays until it is undefined. */
static void create_xml(struct server_call *call)
{
	const struct rpc_network_create_xml_args *args = call->arguments;

	define_text(call, args->xml, start_defined);
}

const struct rpc_handler rpc_network_act_handlers[] = {
	{ RPC_NETWORK_DEFINE_XML, define_xml },
	{ RPC_NETWORK_DEFINE_XML_FLAGS, define_xml_flags },
	{ RPC_NETWORK_CREATE_XML, create_xml },
	{ RPC_NETWORK_CREATE_XML_FLAGS, create_xml },
	{ RPC_NETWORK_UNDEFINE, undefine },
	{ RPC_NETWORK_SET_AUTOSTART, set_autostart },
	{ RPC_NETWORK_CREATE, create },
	{ RPC_NETWORK_DESTROY, destroy },
	{ 0 },
};
