/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Clients register for any event there is, also for those that never come here: virsh's `event
 * --all` and virt-manager give up when one is refused. Three ways of asking exist for guests, each
 * with its own message; the newest is the one with callback numbers.
 */
#include "node/rpc/events.h"

#include <stdlib.h>
#include <string.h>

#include "node/rpc/guest.h"
#include "node/rpc/handlers.h"
#include "node/rpc/job.h"
#include "node/rpc/object.h"
#include "node/xml/disks.h"

#define EVENT_LIFECYCLE 0
#define OBJECT_EVENT_LIFECYCLE 0
#define OBJECT_EVENT_REFRESH 1 /* of pools */
#define EVENTS_OF_GUESTS 28    /* libvirt 11.3: VIR_DOMAIN_EVENT_ID_LAST */
#define EVENTS_OF_OTHERS 2     /* networks, pools, devices, secrets */
#define REGISTRATIONS_MAX 512  /* of one client */

static void send(struct client *client, int32_t procedure, enum rpc_type type, const void *record)
{
	struct rpc_header header = { RPC_PROGRAM, RPC_VERSION, procedure, RPC_MESSAGE, 0, RPC_OK };

	if (rpc_message_add(&client->out, &header, type, record))
		client_close(client);
	else
		client_flush(client);
}

static bool wants(const struct client_event *wish, const struct driver_guest *guest, int32_t event)
{
	bool of_guests = wish->procedure == RPC_CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY ||
			 wish->procedure == RPC_CONNECT_DOMAIN_EVENT_REGISTER_ANY ||
			 wish->procedure == RPC_CONNECT_DOMAIN_EVENT_REGISTER;

	return of_guests && wish->event == event &&
	       (!wish->for_one || !memcmp(wish->uuid, guest->uuid, sizeof(wish->uuid)));
}

/* How an event of guests is told: with a callback number in front, and without, as those that are
 * older than callback numbers can be. */
struct telling {
	int32_t event; /* libvirt: virDomainEventID */
	int32_t procedure;
	enum rpc_type type;
	int32_t old_procedure; /* 0: none */
	enum rpc_type old_type;
};

#define TELLING(number, name)                                                                      \
	{                                                                                          \
		number, RPC_DOMAIN_EVENT_CALLBACK_##name,                                          \
		    RPC_TYPE_DOMAIN_EVENT_CALLBACK_##name##_ARGS, RPC_DOMAIN_EVENT_##name,         \
		    RPC_TYPE_DOMAIN_EVENT_##name##_ARGS                                            \
	}
#define NEW_TELLING(number, name)                                                                  \
	{                                                                                          \
		number, RPC_DOMAIN_EVENT_CALLBACK_##name,                                          \
		    RPC_TYPE_DOMAIN_EVENT_CALLBACK_##name##_ARGS, 0, 0                             \
	}

/* `record` begins with the callback number; `old` is what follows it. */
static void tell(struct server_core *core, const struct driver_guest *guest,
    const struct telling *telling, int32_t *record, const void *old)
{
	for (struct client *client = core->clients; client; client = client->next)
		for (const struct client_event *wish = client->registered; wish;
		     wish = wish->next) {
			if (client->closing || !wants(wish, guest, telling->event))
				continue;
			*record = wish->callback;
			if (wish->procedure == RPC_CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY)
				send(client, telling->procedure, telling->type, record);
			else if (telling->old_procedure)
				send(client, telling->old_procedure, telling->old_type, old);
		}
}

void events_send_lifecycle(
    struct server_core *core, const struct driver_guest *guest, int32_t event, int32_t detail)
{
	static const struct telling telling = TELLING(EVENT_LIFECYCLE, LIFECYCLE);
	struct rpc_domain_event_callback_lifecycle_args args = {
		.msg = { .dom = guest_dom(guest), .event = event, .detail = detail },
	};

	tell(core, guest, &telling, &args.callback_id, &args.msg);
}

void events_send_reboot(struct server_core *core, const struct driver_guest *guest)
{
	static const struct telling telling = TELLING(1, REBOOT);
	struct rpc_domain_event_callback_reboot_args args = { .msg = { guest_dom(guest) } };

	tell(core, guest, &telling, &args.callback_id, &args.msg);
}

/* libvirt: VIR_DOMAIN_EVENT_IO_ERROR_PAUSE. */
#define IO_ERROR_PAUSED 1

void events_send_no_space(
    struct server_core *core, const struct driver_guest *guest, const char *alias)
{
	static const struct telling telling = TELLING(4, IO_ERROR);
	static const struct telling with_reason = TELLING(6, IO_ERROR_REASON);
	const struct conf_model *model = core->ops->model(core->driver);
	struct rpc_domain_event_callback_io_error_args args = { 0 };
	struct rpc_domain_event_callback_io_error_reason_args more = { 0 };
	struct buf source = BUF_INIT;
	char target[XML_TARGET];

	for (unsigned int i = 0; xml_disk_at(guest->conf, i, target); i++)
		if (xml_disk_is_named(model, guest, i, guest->full_disk))
			xml_disk_source(model, guest, i, &source);
	args.msg = (struct rpc_domain_event_io_error_msg){ guest_dom(guest), buf_text(&source),
		alias, IO_ERROR_PAUSED };
	more.msg = (struct rpc_domain_event_io_error_reason_msg){ guest_dom(guest),
		buf_text(&source), alias, IO_ERROR_PAUSED, "enospc" };
	tell(core, guest, &telling, &args.callback_id, &args.msg);
	tell(core, guest, &with_reason, &more.callback_id, &more.msg);
	buf_done(&source);
}

void events_send_memory(struct server_core *core, const struct driver_guest *guest, uint64_t bytes)
{
	static const struct telling telling = TELLING(13, BALLOON_CHANGE);
	struct rpc_domain_event_callback_balloon_change_args args = {
		.msg = { .dom = guest_dom(guest), .actual = bytes / 1024 },
	};

	tell(core, guest, &telling, &args.callback_id, &args.msg);
}

void events_send_removed(
    struct server_core *core, const struct driver_guest *guest, const char *alias)
{
	static const struct telling telling = TELLING(15, DEVICE_REMOVED);
	struct rpc_domain_event_callback_device_removed_args args = {
		.msg = { .dom = guest_dom(guest), .dev_alias = alias },
	};

	tell(core, guest, &telling, &args.callback_id, &args.msg);
}

void events_send_added(
    struct server_core *core, const struct driver_guest *guest, const char *alias)
{
	static const struct telling telling = NEW_TELLING(19, DEVICE_ADDED);
	struct rpc_domain_event_callback_device_added_args args = { .dom = guest_dom(guest),
		.dev_alias = alias };

	tell(core, guest, &telling, &args.callback_id, NULL);
}

void events_send_job(
    struct server_core *core, const struct driver_guest *guest, const struct driver_job *job)
{
	static const struct telling telling = NEW_TELLING(21, JOB_COMPLETED);
	struct rpc_memory memory;
	struct rpc_params params = { .memory = &memory };
	struct rpc_domain_event_callback_job_completed_args args = { .dom = guest_dom(guest) };

	rpc_memory_init(&memory, CALL_MEMORY);
	job_params(job, &params);
	args.params = params.items;
	args.params_count = params.count;
	if (!params.failed)
		tell(core, guest, &telling, &args.callback_id, NULL);
	rpc_memory_done(&memory);
}

void events_send_metadata(
    struct server_core *core, const struct driver_guest *guest, int32_t type, const char *uri)
{
	static const struct telling telling = NEW_TELLING(23, METADATA_CHANGE);
	struct rpc_domain_event_callback_metadata_change_args args = {
		.dom = guest_dom(guest), .type = type, .nsuri = uri
	};

	tell(core, guest, &telling, &args.callback_id, NULL);
}

static bool wants_object(const struct client_event *wish, int32_t registration, int32_t event,
    const struct rpc_net *record)
{
	return wish->procedure == registration && wish->event == event &&
	       (!wish->for_one || !memcmp(wish->uuid, record->uuid, sizeof(wish->uuid)));
}

/* Records of both kinds are of one shape (node/rpc/object). */
void events_send_object(struct server_core *core, const struct object_kind *kind,
    const struct rpc_net *record, enum object_event event)
{
	struct rpc_network_event_lifecycle_args args = { .net = *record, .event = (int32_t)event };

	for (struct client *client = core->clients; client; client = client->next)
		for (const struct client_event *wish = client->registered; wish; wish = wish->next)
			if (!client->closing && wants_object(wish, kind->registration,
						    OBJECT_EVENT_LIFECYCLE, record)) {
				args.callback_id = wish->callback;
				send(client, kind->lifecycle, kind->lifecycle_record, &args);
			}
}

void events_send_refresh(struct server_core *core, const struct rpc_net *record)
{
	struct rpc_storage_pool_event_refresh_args args = { .pool = { .name = record->name } };

	memcpy(args.pool.uuid, record->uuid, sizeof(args.pool.uuid));
	for (struct client *client = core->clients; client; client = client->next)
		for (const struct client_event *wish = client->registered; wish; wish = wish->next)
			if (!client->closing && wants_object(wish, rpc_pools.registration,
						    OBJECT_EVENT_REFRESH, record)) {
				args.callback_id = wish->callback;
				send(client, RPC_STORAGE_POOL_EVENT_REFRESH,
				    RPC_TYPE_STORAGE_POOL_EVENT_REFRESH_ARGS, &args);
			}
}

/* Note a wish. Its callback number, or -1 with the call failed. */
static int32_t add(struct server_call *call, int32_t event, int32_t last, const uint8_t *uuid)
{
	struct client_event *wish;
	unsigned int count = 0;

	if (event < 0 || event >= last) {
		call_fail(call, RPC_ERR_INVALID_ARG, RPC_FROM_QEMU, "there is no event %d", event);
		return -1;
	}
	for (wish = call->client->registered; wish; wish = wish->next)
		count++;
	wish = count < REGISTRATIONS_MAX ? calloc(1, sizeof(*wish)) : NULL;
	if (!wish) {
		call_fail(call, RPC_ERR_NO_MEMORY, RPC_FROM_QEMU, "too many event registrations");
		return -1;
	}
	wish->callback = call->client->callbacks++;
	wish->event = event;
	wish->procedure = call->header.procedure;
	wish->for_one = uuid != NULL;
	if (uuid)
		memcpy(wish->uuid, uuid, sizeof(wish->uuid));
	wish->next = call->client->registered;
	call->client->registered = wish;
	return wish->callback;
}

/* Drop the first wish that fits: by callback number, or by event where that is -1. */
static void drop(struct server_call *call, int32_t procedure, int32_t callback, int32_t event)
{
	for (struct client_event **link = &call->client->registered; *link; link = &(*link)->next) {
		struct client_event *wish = *link;

		if (wish->procedure != procedure ||
		    (callback >= 0 ? wish->callback != callback : wish->event != event))
			continue;
		*link = wish->next;
		free(wish);
		call_reply(call, NULL);
		return;
	}
	call_fail(call, RPC_ERR_INTERNAL, RPC_FROM_QEMU, "no such event registration");
}

static void domain_callback_register(struct server_call *call)
{
	const struct rpc_connect_domain_event_callback_register_any_args *args = call->arguments;
	struct rpc_connect_domain_event_callback_register_any_ret ret;

	ret.callback_id = add(
	    call, args->event_id, EVENTS_OF_GUESTS, args->dom ? args->dom->uuid : NULL);
	if (ret.callback_id >= 0)
		call_reply(call, &ret);
}

static void domain_callback_deregister(struct server_call *call)
{
	const struct rpc_connect_domain_event_callback_deregister_any_args *args = call->arguments;

	drop(call, RPC_CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY, args->callback_id, 0);
}

static void domain_register_any(struct server_call *call)
{
	const struct rpc_connect_domain_event_register_any_args *args = call->arguments;

	if (add(call, args->event_id, EVENTS_OF_GUESTS, NULL) >= 0)
		call_reply(call, NULL);
}

static void domain_deregister_any(struct server_call *call)
{
	const struct rpc_connect_domain_event_deregister_any_args *args = call->arguments;

	drop(call, RPC_CONNECT_DOMAIN_EVENT_REGISTER_ANY, -1, args->event_id);
}

static void domain_register(struct server_call *call)
{
	if (add(call, EVENT_LIFECYCLE, EVENTS_OF_GUESTS, NULL) >= 0)
		call_reply_number(call, 1);
}

static void domain_deregister(struct server_call *call)
{
	for (struct client_event **link = &call->client->registered; *link; link = &(*link)->next)
		if ((*link)->procedure == RPC_CONNECT_DOMAIN_EVENT_REGISTER) {
			struct client_event *wish = *link;

			*link = wish->next;
			free(wish);
			break;
		}
	call_reply_number(call, 0);
}

/* All arguments are an event's number and an object, or none. */
static void register_event(struct server_call *call, int32_t event, const uint8_t *uuid)
{
	struct rpc_connect_network_event_register_any_ret ret;

	ret.callback_id = add(call, event, EVENTS_OF_OTHERS, uuid);
	if (ret.callback_id >= 0)
		call_reply(call, &ret);
}

/* Of networks and pools; both are a name and a UUID. */
static void object_register(struct server_call *call)
{
	const struct rpc_connect_network_event_register_any_args *args = call->arguments;

	register_event(call, args->event_id, args->net ? args->net->uuid : NULL);
}

/* Of devices and secrets nothing happens yet that would be told. */
static void other_register(struct server_call *call)
{
	const struct rpc_connect_secret_event_register_any_args *args = call->arguments;

	register_event(call, args->event_id, NULL);
}

static void network_deregister(struct server_call *call)
{
	const struct rpc_connect_network_event_deregister_any_args *args = call->arguments;

	drop(call, RPC_CONNECT_NETWORK_EVENT_REGISTER_ANY, args->callback_id, 0);
}

static void pool_deregister(struct server_call *call)
{
	const struct rpc_connect_storage_pool_event_deregister_any_args *args = call->arguments;

	drop(call, RPC_CONNECT_STORAGE_POOL_EVENT_REGISTER_ANY, args->callback_id, 0);
}

static void device_deregister(struct server_call *call)
{
	const struct rpc_connect_node_device_event_deregister_any_args *args = call->arguments;

	drop(call, RPC_CONNECT_NODE_DEVICE_EVENT_REGISTER_ANY, args->callback_id, 0);
}

static void secret_deregister(struct server_call *call)
{
	const struct rpc_connect_secret_event_deregister_any_args *args = call->arguments;

	drop(call, RPC_CONNECT_SECRET_EVENT_REGISTER_ANY, args->callback_id, 0);
}

/* The one event of these, that the node closes the connection, is the connection's end. */
static void close_callback(struct server_call *call)
{
	call_reply(call, NULL);
}

const struct rpc_handler rpc_event_handlers[] = {
	{ RPC_CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY, domain_callback_register },
	{ RPC_CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY, domain_callback_deregister },
	{ RPC_CONNECT_DOMAIN_EVENT_REGISTER_ANY, domain_register_any },
	{ RPC_CONNECT_DOMAIN_EVENT_DEREGISTER_ANY, domain_deregister_any },
	{ RPC_CONNECT_DOMAIN_EVENT_REGISTER, domain_register },
	{ RPC_CONNECT_DOMAIN_EVENT_DEREGISTER, domain_deregister },
	{ RPC_CONNECT_NETWORK_EVENT_REGISTER_ANY, object_register },
	{ RPC_CONNECT_NETWORK_EVENT_DEREGISTER_ANY, network_deregister },
	{ RPC_CONNECT_STORAGE_POOL_EVENT_REGISTER_ANY, object_register },
	{ RPC_CONNECT_STORAGE_POOL_EVENT_DEREGISTER_ANY, pool_deregister },
	{ RPC_CONNECT_NODE_DEVICE_EVENT_REGISTER_ANY, other_register },
	{ RPC_CONNECT_NODE_DEVICE_EVENT_DEREGISTER_ANY, device_deregister },
	{ RPC_CONNECT_SECRET_EVENT_REGISTER_ANY, other_register },
	{ RPC_CONNECT_SECRET_EVENT_DEREGISTER_ANY, secret_deregister },
	{ RPC_CONNECT_REGISTER_CLOSE_CALLBACK, close_callback },
	{ RPC_CONNECT_UNREGISTER_CLOSE_CALLBACK, close_callback },
	{ 0 },
};
