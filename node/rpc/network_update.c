/* SPDX-License-Identifier: GPL-2.0-only */
/* Parts of a network, changed one by one: static hosts, ranges and names. Each is a line of the
 * file, and the network's server reads it at once; no other part of the network is touched. */
#include <errno.h>
#include <string.h>

#include "node/rpc/handlers.h"
#include "node/rpc/object_change.h"
#include "node/xml/network_in.h"

/* libvirt: virNetworkUpdateCommand, virNetworkUpdateSection. */
enum { MODIFY = 1, DELETE, ADD_LAST, ADD_FIRST };
enum { DHCP_HOST = 4, DHCP_RANGE = 5, DNS_HOST = 10 };

#define EDITS_MAX (2 * XML_NAMES_MAX)

struct update {
	struct server_call *call;
	const struct conf_network *network;
	uint32_t command;
	const char *xml;
	struct xml_section texts; /* values of the edits */
	struct conf_edit edits[EDITS_MAX];
	size_t count;
};

/* The value is formatted as it stands in the file. */
static void add(struct update *update, enum conf_edit_verb verb, const char *key)
{
	update->edits[update->count++] = (struct conf_edit){ .verb = verb,
		.key = key,
		.value = update->texts.lines[update->texts.count - 1].value };
}

static bool fail(struct update *update, const char *what)
{
	call_fail(update->call, RPC_ERR_OPERATION_INVALID, RPC_FROM_NETWORK,
	    "Requested operation is not valid: %s in network '%s'", what, update->network->name);
	return false;
}

static bool fail_xml(struct update *update, int error, struct buf *why)
{
	call_fail_xml(update->call, RPC_FROM_NETWORK, error, buf_text(why));
	buf_done(why);
	return false;
}

static void host_line(struct update *update, const struct netaddr_mac *mac,
    const struct netaddr *address, const char *name)
{
	char hardware[NETADDR_TEXT];
	char text[NETADDR_TEXT];

	xml_section_say(&update->texts, "host", "%s %s%s%s", netaddr_mac_text(mac, hardware),
	    netaddr_text(address, text), name ? " " : "",
	    name ? xml_section_word(&update->texts, name) : "");
}

/* Whether a line of the file is the one that a client means: by all that it says of it; or, with
 * `any`, by some of it. */
static bool is_meant(const struct conf_host *host, const struct xml_host_in *wish, bool any)
{
	bool mac = wish->has_mac && !memcmp(&host->mac, &wish->mac, sizeof(wish->mac));
	bool address = wish->address.family && netaddr_equal(&host->address, &wish->address);
	bool name = wish->name && host->name && !strcmp(host->name, wish->name);

	if (any)
		return mac || address || name;
	return (!wish->has_mac || mac) && (!wish->address.family || address) &&
	       (!wish->name || name);
}

static const struct conf_host *find_host(
    const struct update *update, const struct xml_host_in *wish, bool any)
{
	const struct conf_host *host = update->network->hosts;

	while (host && !is_meant(host, wish, any))
		host = host->next;
	return host;
}

static bool update_host(struct update *update)
{
	struct buf why = BUF_INIT;
	struct xml_host_in wish;
	struct xml_host_in by_mac;
	const struct conf_host *host;
	int error = xml_host_in(update->xml, update->texts.arena, &wish, &why);

	if (!error && update->command != DELETE && (!wish.has_mac || wish.address.family != 4)) {
		buf_puts(&why,
		    "network/ip/dhcp/host: a host has a MAC address and an IPv4 address here");
		error = -EBADMSG;
	}
	if (error)
		return fail_xml(update, error, &why);
	by_mac = (struct xml_host_in){ .has_mac = wish.has_mac, .mac = wish.mac };
	host = find_host(update, update->command == MODIFY ? &by_mac : &wish,
	    update->command == ADD_LAST || update->command == ADD_FIRST);
	if (update->command == ADD_LAST || update->command == ADD_FIRST) {
		if (host)
			return fail(
			    update, "there is a dhcp host with this mac, ip or name already");
	} else if (!host) {
		return fail(update, "couldn't locate a matching dhcp host entry");
	}
	if (host) {
		host_line(update, &host->mac, &host->address, host->name);
		add(update, CONF_EDIT_REMOVE, "host");
	}
	if (update->command != DELETE) {
		host_line(update, &wish.mac, &wish.address, wish.name);
		add(update, CONF_EDIT_ADD, "host");
	}
	return true;
}

static bool update_range(struct update *update)
{
	struct buf why = BUF_INIT;
	struct netaddr first;
	struct netaddr last;
	const struct conf_range *range;
	const char *key;
	char begin[NETADDR_TEXT];
	char end[NETADDR_TEXT];
	int error = xml_range_in(update->xml, &first, &last, &why);

	if (error)
		return fail_xml(update, error, &why);
	if (update->command == MODIFY)
		return fail(update, "dhcp ranges cannot be modified, only added or deleted,");
	key = first.family == 4 ? "dhcp" : "dhcp6";
	range = first.family == 4 ? update->network->ranges : update->network->ranges6;
	while (
	    range && (!netaddr_equal(&range->first, &first) || !netaddr_equal(&range->last, &last)))
		range = range->next;
	if (!range != (update->command != DELETE))
		return fail(update, range ? "there is this dhcp range already"
					  : "couldn't locate a matching dhcp range entry");
	xml_section_say(
	    &update->texts, key, "%s-%s", netaddr_text(&first, begin), netaddr_text(&last, end));
	add(update, update->command == DELETE ? CONF_EDIT_REMOVE : CONF_EDIT_ADD, key);
	return true;
}

static bool has_record(
    const struct conf_network *network, const char *name, const struct netaddr *address)
{
	for (const struct conf_record *record = network->records; record; record = record->next)
		if (!strcmp(record->name, name) && netaddr_equal(&record->address, address))
			return true;
	return false;
}

static bool update_names(struct update *update)
{
	struct buf why = BUF_INIT;
	struct xml_record_in wish;
	char text[NETADDR_TEXT];
	int error = xml_record_in(update->xml, update->texts.arena, &wish, &why);

	if (!error && (!wish.address.family || !wish.count)) {
		buf_puts(&why, "network/dns/host: it has an address and a hostname");
		error = -EINVAL;
	}
	if (error)
		return fail_xml(update, error, &why);
	if (update->command == MODIFY)
		return fail(update, "DNS hosts cannot be modified, only added or deleted,");
	for (size_t i = 0; i < wish.count; i++) {
		bool there = has_record(update->network, wish.names[i], &wish.address);

		if (there != (update->command == DELETE))
			return fail(update, there ? "there is this DNS host already"
						  : "couldn't locate a matching DNS host entry");
		xml_section_say(&update->texts, "record", "%s %s",
		    xml_section_word(&update->texts, wish.names[i]),
		    netaddr_text(&wish.address, text));
		add(update, update->command == DELETE ? CONF_EDIT_REMOVE : CONF_EDIT_ADD, "record");
	}
	return true;
}

static const struct {
	uint32_t section;
	bool (*prepare)(struct update *update); /* false with the call failed */
} sections[] = {
	{ DHCP_HOST, update_host },
	{ DHCP_RANGE, update_range },
	{ DNS_HOST, update_names },
};

static void update_section(struct update *update, uint32_t section)
{
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		if (sections[i].section != section)
			continue;
		if (sections[i].prepare(update))
			object_edit(update->call, (const struct conf_object *)update->network,
			    update->edits, update->count);
		return;
	}
	call_fail(update->call, RPC_ERR_OPERATION_UNSUPPORTED, RPC_FROM_NETWORK,
	    "Operation not supported: ip-dhcp-host, ip-dhcp-range and dns-host are what can be updated; for the rest there is net-edit");
}

/* libvirt: VIR_NETWORK_UPDATE_AFFECT_LIVE, _CONFIG. What is in force is the file: one cannot change
 * without the other. */
static void network_update(struct server_call *call)
{
	const struct rpc_network_update_args *args = call->arguments;
	const struct conf_network *network;
	struct update update = { .call = call, .command = args->command, .xml = args->xml };

	if (!call_check_flags(call, args->flags, 3))
		return;
	network = object_of(call, &rpc_networks, &args->net);
	if (!network)
		return;
	if (args->flags == 1) {
		call_fail(call, RPC_ERR_OPERATION_UNSUPPORTED, RPC_FROM_NETWORK,
		    "Operation not supported: what is in force is the file: say --config, or both");
		return;
	}
	if (args->command < MODIFY || args->command > ADD_FIRST ||
	    strlen(args->xml) > XML_NETWORK_MAX) {
		call_fail(call, RPC_ERR_INVALID_ARG, RPC_FROM_NETWORK,
		    "invalid argument: there is no such command");
		return;
	}
	update.network = network;
	update.texts.arena = arena_create(OBJECT_ARENA);
	if (!update.texts.arena) {
		call_fail_errno(call, -ENOMEM, NULL);
		return;
	}
	update_section(&update, args->section);
	arena_free(update.texts.arena);
}

const struct rpc_handler rpc_network_update_handlers[] = {
	{ RPC_NETWORK_UPDATE, network_update },
	{ 0 },
};
