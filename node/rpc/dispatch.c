/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is checked here, once for all procedures: program and version, that the connection is open
 * and allowed to write, and that the arguments are what the procedure has. What is not served is
 * answered with "unknown procedure", on which clients do without (libvirt: virNetServerProgram).
 */
#include "node/rpc/dispatch.h"

#include <errno.h>
#include <string.h>

#include "node/rpc/handlers.h"
#include "node/server/stream.h"

static const struct family {
	const struct rpc_handler *rows;
	const struct object_kind *kind;
} families[] = {
	{ rpc_connect_handlers, NULL },
	{ rpc_event_handlers, NULL },
	{ rpc_host_handlers, NULL },
	{ rpc_domain_handlers, NULL },
	{ rpc_action_handlers, NULL },
	{ rpc_save_handlers, NULL },
	{ rpc_job_handlers, NULL },
	{ rpc_absent_handlers, NULL },
	{ rpc_stats_handlers, NULL },
	{ rpc_vcpu_handlers, NULL },
	{ rpc_lease_handlers, NULL },
	{ rpc_define_handlers, NULL },
	{ rpc_define_xml_handlers, NULL },
	{ rpc_metadata_handlers, NULL },
	{ rpc_tune_handlers, NULL },
	{ rpc_limit_handlers, NULL },
	{ rpc_guest_device_handlers, NULL },
	{ rpc_network_handlers, &rpc_networks },
	{ rpc_network_act_handlers, &rpc_networks },
	{ rpc_network_update_handlers, &rpc_networks },
	{ rpc_pool_handlers, &rpc_pools },
	{ rpc_pool_act_handlers, &rpc_pools },
	{ rpc_volume_handlers, &rpc_pools },
	{ rpc_device_handlers, NULL },
	{ rpc_interface_handlers, NULL },
	{ rpc_volume_act_handlers, &rpc_pools },
	{ rpc_volume_stream_handlers, &rpc_pools },
	{ rpc_empty_handlers, NULL },
};

struct found {
	call_handler run;
	const struct object_kind *kind;
};

/* Without `run` when it is not served. */
static struct found find(int32_t procedure)
{
	/* Filled on first use: one look for each call after that. */
	static struct found handlers[RPC_PROCEDURE_END];

	if (!handlers[RPC_CONNECT_OPEN].run)
		for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
			for (const struct rpc_handler *row = families[i].rows; row->procedure;
			     row++)
				handlers[row->procedure] = (struct found){ row->run,
					families[i].kind };
	return procedure > 0 && procedure < RPC_PROCEDURE_END ? handlers[procedure] : handlers[0];
}

bool rpc_is_served(int32_t procedure)
{
	return find(procedure).run != NULL;
}

/* libvirt serves these before authentication, which here is done by the kernel. */
static bool is_early(int32_t procedure)
{
	return procedure == RPC_CONNECT_OPEN || procedure == RPC_CONNECT_CLOSE ||
	       procedure == RPC_CONNECT_SUPPORTS_FEATURE ||
	       (procedure >= RPC_AUTH_LIST && procedure <= RPC_AUTH_POLKIT);
}

/* An error in the place of an answer, without a call. */
static void refuse(struct client *client, const struct rpc_header *header, enum rpc_error_code code,
    const char *message)
{
	struct rpc_header reply = rpc_header_reply(header, RPC_ERROR);

	call_send_error(client, &reply, code, RPC_FROM_RPC, message);
}

static void keepalive(struct client *client, const struct rpc_header *header)
{
	struct rpc_header pong = rpc_header_keepalive(RPC_KEEPALIVE_PONG);

	if (header->procedure != RPC_KEEPALIVE_PING)
		return;
	if (rpc_message_add(&client->out, &pong, RPC_TYPE_NONE, NULL))
		client_close(client);
	else
		client_flush(client);
}

/* Decode the arguments into the call's own memory. 0 or -errno. */
static int decode(struct server_call *call, const uint8_t *payload, size_t length)
{
	enum rpc_type type = call->signature->arguments;
	void *record = NULL;
	int result;

	if (type != RPC_TYPE_NONE) {
		record = rpc_memory_alloc(&call->memory, rpc_layout(type)->size);
		if (!record)
			return -ENOMEM;
	}
	result = rpc_decode(type, payload, length, &call->memory, record);
	call->arguments = record;
	return result;
}

static void run_call(
    struct client *client, const struct rpc_header *header, const uint8_t *payload, size_t length)
{
	const struct rpc_signature *signature = rpc_signature(header->procedure);
	struct found handler = find(signature ? header->procedure : 0);
	struct server_call *call;
	int result;

	if (!client->opened && signature && !is_early(header->procedure)) {
		refuse(client, header, RPC_ERR_INTERNAL, "the connection is not open");
		return;
	}
	call = call_create(client, client->server, header);
	if (!call) {
		client_close(client);
		return;
	}
	if (!handler.run) {
		call_unsupported(call);
		return;
	}
	if (client->read_only && signature->flags & RPC_WRITES) {
		call_fail(call, RPC_ERR_READ_ONLY, RPC_FROM_QEMU,
		    "operation forbidden: this connection is read-only");
		return;
	}
	call->kind = handler.kind;
	result = decode(call, payload, length);
	if (result)
		call_fail(call, RPC_ERR_RPC, RPC_FROM_RPC,
		    "the arguments of procedure %d are wrong: %s", header->procedure,
		    strerror(-result));
	else
		handler.run(call);
}

void rpc_dispatch(struct client *client, const uint8_t *data, size_t length)
{
	struct rpc_header header;
	const uint8_t *payload;
	size_t payload_length;
	struct buf text = BUF_INIT;

	rpc_message_open(data, length, &header, &payload, &payload_length);
	if (header.program == RPC_PROGRAM_KEEPALIVE) {
		keepalive(client, &header);
		return;
	}
	if (header.program == RPC_PROGRAM_QEMU) {
		refuse(client, &header, RPC_ERR_NO_SUPPORT, RPC_NOT_QEMU);
		return;
	}
	if (header.program != RPC_PROGRAM || header.version != RPC_VERSION) {
		buf_printf(
		    &text, "Cannot find program %u version %u", header.program, header.version);
		refuse(client, &header, RPC_ERR_RPC, buf_text(&text));
		buf_done(&text);
		return;
	}
	switch (header.type) {
	case RPC_CALL:
		run_call(client, &header, payload, payload_length);
		return;
	case RPC_CALL_WITH_FDS:
		refuse(client, &header, RPC_ERR_RPC,
		    "unknown procedure: this node takes no descriptors");
		return;
	case RPC_STREAM:
	case RPC_STREAM_HOLE:
		stream_receive(client, &header, payload, payload_length);
		return;
	default:
		client_close(client);
	}
}
