/* SPDX-License-Identifier: GPL-2.0-only */
/* Guests: which there are, and what each is and does. Nothing here changes anything. */
#include <errno.h>
#include <string.h>

#include "lib/uuid.h"
#include "node/rpc/guest_change.h"
#include "node/rpc/handlers.h"
#include "node/xml/domain.h"

#define LIST_MAX 16384 /* of the protocol */

/* libvirt: virConnectListAllDomainsFlags. Flags of a pair or group are "one of", groups are "and".
 */
static bool is_listed(const struct driver_guest *guest, uint32_t flags)
{
	bool active = guest_is_active(guest);
	uint32_t has = (active ? 1u : 2u) | (guest->persistent ? 4u : 8u) |
		       (guest->saved ? 256u : 512u) | (guest->autostart ? 1024u : 2048u) | 8192u |
		       32768u;
	static const uint32_t groups[] = { 3, 12, 16 | 32 | 64 | 128, 256 | 512, 1024 | 2048,
		4096 | 8192, 16384 | 32768 };

	has |= guest->state == DRIVER_RUNNING	 ? 16u
	       : guest->state == DRIVER_PAUSED	 ? 32u
	       : guest->state == DRIVER_SHUT_OFF ? 64u
						 : 128u;
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (flags & groups[i] && !(flags & has & groups[i]))
			return false;
	return true;
}

#define LIST_FLAGS 0xffffu

struct listing {
	struct server_call *call;
	uint32_t flags;
	struct rpc_dom *doms;
	uint32_t count;
	uint32_t room;
};

static bool add_dom(void *context, const struct driver_guest *guest)
{
	struct listing *listing = context;

	if (!is_listed(guest, listing->flags))
		return true;
	if (listing->count < listing->room)
		listing->doms[listing->count] = guest_dom(guest);
	listing->count++;
	return listing->count < LIST_MAX;
}

/* The guests that `flags` select, in the call's memory. False with the call failed. */
static bool list_guests(struct server_call *call, uint32_t flags, struct listing *ret_listing)
{
	struct server_core *core = call->core;
	struct listing count = { .call = call, .flags = flags };

	core->ops->guests(core->driver, add_dom, &count);
	*ret_listing = (struct listing){ .call = call, .flags = flags, .room = count.count };
	ret_listing->doms = rpc_memory_alloc(
	    &call->memory, (count.count + 1) * sizeof(*ret_listing->doms));
	if (!ret_listing->doms) {
		call_fail_errno(call, -ENOMEM, NULL);
		return false;
	}
	core->ops->guests(core->driver, add_dom, ret_listing);
	if (ret_listing->count > ret_listing->room)
		ret_listing->count = ret_listing->room;
	return true;
}

static void list_all(struct server_call *call)
{
	const struct rpc_connect_list_all_domains_args *args = call->arguments;
	struct rpc_connect_list_all_domains_ret ret = { 0 };
	struct listing listing;

	if (!call_check_flags(call, args->flags, LIST_FLAGS) ||
	    !list_guests(call, args->flags, &listing))
		return;
	ret.ret = listing.count;
	if (args->need_results) {
		ret.domains = listing.doms;
		ret.domains_count = listing.count;
	}
	call_reply(call, &ret);
}

static void num_of_domains(struct server_call *call)
{
	struct listing listing;

	if (!list_guests(call, 1, &listing))
		return;
	call_reply_number(call, (int32_t)listing.count);
}

static void num_of_defined(struct server_call *call)
{
	struct listing listing;

	if (!list_guests(call, 2, &listing))
		return;
	call_reply_number(call, (int32_t)listing.count);
}

static void list_ids(struct server_call *call)
{
	const struct rpc_connect_list_domains_args *args = call->arguments;
	struct rpc_connect_list_domains_ret ret = { 0 };
	struct listing listing;
	int32_t *ids;

	if (!list_guests(call, 1, &listing))
		return;
	ids = rpc_memory_alloc(&call->memory, (listing.count + 1) * sizeof(*ids));
	while (ids && ret.ids_count < listing.count && (int64_t)ret.ids_count < args->maxids) {
		ids[ret.ids_count] = listing.doms[ret.ids_count].id;
		ret.ids_count++;
	}
	ret.ids = ids;
	call_reply(call, &ret);
}

static void list_defined(struct server_call *call)
{
	const struct rpc_connect_list_defined_domains_args *args = call->arguments;
	struct listing listing;

	if (list_guests(call, 2, &listing))
		call_reply_names(call, &listing.doms->name, sizeof(*listing.doms), listing.count,
		    args->maxnames);
}

static bool has_id(const void *key, const struct driver_guest *guest)
{
	return guest->id == *(const int32_t *)key;
}

static bool has_name(const void *key, const struct driver_guest *guest)
{
	return !strcmp(guest->conf->name, key);
}

static void lookup_by_id(struct server_call *call)
{
	const struct rpc_domain_lookup_by_id_args *args = call->arguments;
	struct rpc_domain_lookup_by_id_ret ret;

	if (args->id < 0 || !guest_find(call, has_id, &args->id)) {
		call_fail(call, RPC_ERR_NO_DOMAIN, RPC_FROM_QEMU,
		    "Domain not found: no domain with matching id %d", args->id);
		return;
	}
	ret.dom = guest_dom(&call->guest);
	call_reply(call, &ret);
}

static void lookup_by_name(struct server_call *call)
{
	const struct rpc_domain_lookup_by_name_args *args = call->arguments;
	struct rpc_domain_lookup_by_name_ret ret;

	if (!guest_find(call, has_name, args->name)) {
		call_fail(call, RPC_ERR_NO_DOMAIN, RPC_FROM_QEMU,
		    "Domain not found: no domain with matching name '%s'", args->name);
		return;
	}
	ret.dom = guest_dom(&call->guest);
	call_reply(call, &ret);
}

static void lookup_by_uuid(struct server_call *call)
{
	const struct rpc_domain_lookup_by_uuid_args *args = call->arguments;
	struct rpc_domain_lookup_by_uuid_ret ret;
	char text[UUID_TEXT];

	if (!guest_find_uuid(call, args->uuid)) {
		call_fail(call, RPC_ERR_NO_DOMAIN, RPC_FROM_QEMU,
		    "Domain not found: no domain with matching uuid '%s'",
		    uuid_text(args->uuid, text));
		return;
	}
	ret.dom = guest_dom(&call->guest);
	call_reply(call, &ret);
}

static void get_state(struct server_call *call)
{
	const struct rpc_domain_get_state_args *args = call->arguments;
	struct rpc_domain_get_state_ret ret;

	if (!call_check_flags(call, args->flags, 0) || !guest_of(call, &args->dom))
		return;
	ret.state = (int32_t)call->guest.state;
	ret.reason = call->guest.reason;
	call_reply(call, &ret);
}

static void get_info(struct server_call *call)
{
	const struct rpc_domain_get_info_args *args = call->arguments;
	struct rpc_domain_get_info_ret ret = { 0 };
	struct server_core *core = call->core;
	struct driver_stats stats;

	if (!guest_of(call, &args->dom))
		return;
	ret.state = (uint32_t)call->guest.state;
	ret.max_mem = guest_memory_max(&call->guest);
	ret.memory = call->guest.conf->memory / 1024;
	ret.nr_virt_cpu = (uint32_t)call->guest.conf->vcpus;
	if (guest_is_active(&call->guest) && core->ops->stats &&
	    !core->ops->stats(core->driver, call->guest.uuid, &stats)) {
		ret.cpu_time = stats.cpu_time;
		if (stats.memory)
			ret.memory = stats.memory / 1024;
	}
	call_reply(call, &ret);
}

static void get_xml(struct server_call *call)
{
	const struct rpc_domain_get_xml_desc_args *args = call->arguments;
	struct buf buf = BUF_INIT;

	if (!call_check_flags(
		call, args->flags, XML_SECURE | XML_INACTIVE | XML_UPDATE_CPU | XML_MIGRATABLE) ||
	    !guest_of(call, &args->dom))
		return;
	if (call->client->read_only && args->flags & XML_SECURE) {
		call_fail(call, RPC_ERR_READ_ONLY, RPC_FROM_QEMU,
		    "operation forbidden: virDomainGetXMLDesc with secure flag");
		return;
	}
	if (args->flags & XML_INACTIVE)
		guest_change_xml(call->core, &call->guest, args->flags, &buf);
	else
		guest_xml(call->core, call->core->ops->model(call->core->driver), &call->guest,
		    args->flags, &buf);
	call_reply_text(call, &buf);
}

static void is_active(struct server_call *call)
{
	const struct rpc_domain_is_active_args *args = call->arguments;

	if (!guest_of(call, &args->dom))
		return;
	call_reply_number(call, guest_is_active(&call->guest));
}

static void is_persistent(struct server_call *call)
{
	const struct rpc_domain_is_persistent_args *args = call->arguments;

	if (!guest_of(call, &args->dom))
		return;
	call_reply_number(call, call->guest.persistent);
}

static void is_updated(struct server_call *call)
{
	const struct rpc_domain_is_updated_args *args = call->arguments;

	if (!guest_of(call, &args->dom))
		return;
	call_reply_number(call, call->guest.changed);
}

static void get_autostart(struct server_call *call)
{
	const struct rpc_domain_get_autostart_args *args = call->arguments;

	if (!guest_of(call, &args->dom))
		return;
	call_reply_number(call, call->guest.autostart);
}

static void get_os_type(struct server_call *call)
{
	const struct rpc_domain_get_os_type_args *args = call->arguments;
	struct rpc_domain_get_os_type_ret ret = { "hvm" };

	if (guest_of(call, &args->dom))
		call_reply(call, &ret);
}

static void get_max_memory(struct server_call *call)
{
	const struct rpc_domain_get_max_memory_args *args = call->arguments;
	struct rpc_domain_get_max_memory_ret ret;

	if (!guest_of(call, &args->dom))
		return;
	ret.memory = guest_memory_max(&call->guest);
	call_reply(call, &ret);
}

static void get_max_vcpus(struct server_call *call)
{
	const struct rpc_domain_get_max_vcpus_args *args = call->arguments;

	if (!guest_of(call, &args->dom))
		return;
	call_reply_number(call, (int32_t)guest_vcpus_max(&call->guest));
}

/* libvirt: virDomainVcpuFlags. */
enum { VCPU_LIVE = 1, VCPU_CONFIG = 2, VCPU_MAXIMUM = 4 };

static void get_vcpus_flags(struct server_call *call)
{
	const struct rpc_domain_get_vcpus_flags_args *args = call->arguments;

	if (!call_check_flags(call, args->flags, VCPU_LIVE | VCPU_CONFIG | VCPU_MAXIMUM) ||
	    !guest_of(call, &args->dom))
		return;
	if (args->flags & VCPU_LIVE && !guest_is_active(&call->guest)) {
		call_fail(call, RPC_ERR_OPERATION_INVALID, RPC_FROM_QEMU,
		    "Requested operation is not valid: domain is not running");
		return;
	}
	call_reply_number(call, args->flags & VCPU_MAXIMUM ? (int32_t)guest_vcpus_max(&call->guest)
							   : (int32_t)call->guest.conf->vcpus);
}

static void get_messages(struct server_call *call)
{
	const struct rpc_domain_get_messages_args *args = call->arguments;
	struct rpc_domain_get_messages_ret ret = { 0 };

	if (!call_check_flags(call, args->flags, 3) || !guest_of(call, &args->dom))
		return;
	ret.msgs = call->guest.messages;
	while (ret.msgs && ret.msgs[ret.msgs_count])
		ret.msgs_count++;
	call_reply(call, &ret);
}

static void get_control_info(struct server_call *call)
{
	const struct rpc_domain_get_control_info_args *args = call->arguments;

	if (call_check_flags(call, args->flags, 0) && guest_running(call, &args->dom))
		call_reply_none(call);
}

const struct rpc_handler rpc_domain_handlers[] = {
	{ RPC_CONNECT_LIST_ALL_DOMAINS, list_all },
	{ RPC_CONNECT_NUM_OF_DOMAINS, num_of_domains },
	{ RPC_CONNECT_NUM_OF_DEFINED_DOMAINS, num_of_defined },
	{ RPC_CONNECT_LIST_DOMAINS, list_ids },
	{ RPC_CONNECT_LIST_DEFINED_DOMAINS, list_defined },
	{ RPC_DOMAIN_LOOKUP_BY_ID, lookup_by_id },
	{ RPC_DOMAIN_LOOKUP_BY_NAME, lookup_by_name },
	{ RPC_DOMAIN_LOOKUP_BY_UUID, lookup_by_uuid },
	{ RPC_DOMAIN_GET_STATE, get_state },
	{ RPC_DOMAIN_GET_INFO, get_info },
	{ RPC_DOMAIN_GET_XML_DESC, get_xml },
	{ RPC_DOMAIN_IS_ACTIVE, is_active },
	{ RPC_DOMAIN_IS_PERSISTENT, is_persistent },
	{ RPC_DOMAIN_IS_UPDATED, is_updated },
	{ RPC_DOMAIN_GET_AUTOSTART, get_autostart },
	{ RPC_DOMAIN_GET_OS_TYPE, get_os_type },
	{ RPC_DOMAIN_GET_MAX_MEMORY, get_max_memory },
	{ RPC_DOMAIN_GET_MAX_VCPUS, get_max_vcpus },
	{ RPC_DOMAIN_GET_VCPUS_FLAGS, get_vcpus_flags },
	{ RPC_DOMAIN_GET_MESSAGES, get_messages },
	{ RPC_DOMAIN_GET_CONTROL_INFO, get_control_info },
	{ 0 },
};
