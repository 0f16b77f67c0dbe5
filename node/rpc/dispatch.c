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

static const struct rpc_handler *const families[] = {
	rpc_connect_handlers,
	rpc_event_handlers,
	rpc_host_handlers,
	rpc_domain_handlers,
	rpc_action_handlers,
	rpc_stats_handlers,
	rpc_vcpu_handlers,
	rpc_lease_handlers,
	rpc_define_handlers,
	rpc_network_handlers,
	rpc_pool_handlers,
	rpc_volume_handlers,
	rpc_empty_handlers,
};

static call_handler find(int32_t procedure)
{
	/* Filled on first use: one look for each call after that. */
	static call_handler handlers[RPC_PROCEDURE_END];

	if (!handlers[RPC_CONNECT_OPEN])
		for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
			for (const struct rpc_handler *row = families[i]; row->procedure; row++)
				handlers[row->procedure] = row->run;
	return procedure > 0 && procedure < RPC_PROCEDURE_END ? handlers[procedure] : NULL;
}

bool rpc_is_served(int32_t procedure)
{
	return find(procedure) != NULL;
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
	call_handler handler = signature ? find(header->procedure) : NULL;
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
	if (!handler) {
		call_unsupported(call);
		return;
	}
	if (client->read_only && signature->flags & RPC_WRITES) {
		call_fail(call, RPC_ERR_READ_ONLY, RPC_FROM_QEMU,
		    "operation forbidden: this connection is read-only");
		return;
	}
	result = decode(call, payload, length);
	if (result)
		call_fail(call, RPC_ERR_RPC, RPC_FROM_RPC,
		    "the arguments of procedure %d are wrong: %s", header->procedure,
		    strerror(-result));
	else
		handler(call);
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
