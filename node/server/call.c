/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/server/call.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_SIZE 1024

struct server_call *call_create(
    struct client *client, struct server_core *core, const struct rpc_header *header)
{
	struct server_call *call = calloc(1, sizeof(*call));

	if (!call)
		return NULL;
	call->client = client;
	call->core = core;
	call->header = *header;
	call->signature = rpc_signature(header->procedure);
	rpc_memory_init(&call->memory, CALL_MEMORY);
	call->next = client->call_list;
	call->link = &client->call_list;
	if (call->next)
		call->next->link = &call->next;
	client->call_list = call;
	client->calls++;
	return call;
}

static void let_go(struct server_call *call)
{
	*call->link = call->next;
	if (call->next)
		call->next->link = call->link;
	call->client->calls--;
	call->client = NULL;
}

void call_free(struct server_call *call)
{
	struct client *client = call->client;

	if (client) {
		let_go(call);
		client_update(client);
	}
	rpc_memory_done(&call->memory);
	free(call);
}

void call_forget_client(struct client *client)
{
	while (client->call_list)
		let_go(client->call_list);
}

void call_send_error(struct client *client, const struct rpc_header *header,
    enum rpc_error_code code, enum rpc_error_from from, const char *message)
{
	struct rpc_error error = { .code = (int32_t)code,
		.domain = (int32_t)from,
		.message = message,
		.level = RPC_ERROR_LEVEL,
		.str1 = "%s",
		.str2 = message,
		.int1 = -1,
		.int2 = -1 };

	if (rpc_message_add(&client->out, header, RPC_TYPE_ERROR, &error))
		client_close(client);
	else
		client_flush(client);
}

static void fail(
    struct server_call *call, enum rpc_error_code code, enum rpc_error_from from, const char *text)
{
	struct rpc_header header = rpc_header_reply(&call->header, RPC_ERROR);

	if (call->client)
		call_send_error(call->client, &header, code, from, text);
	call_free(call);
}

void call_fail(struct server_call *call, enum rpc_error_code code, enum rpc_error_from from,
    const char *format, ...)
{
	char text[MESSAGE_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	fail(call, code, from, text);
}

void call_reply(struct server_call *call, const void *ret)
{
	struct rpc_header header = rpc_header_reply(&call->header, RPC_OK);
	enum rpc_type type = call->signature->returned;
	int result = 0;

	if (call->client) {
		result = rpc_message_add(&call->client->out, &header, type, ret);
		if (!result)
			client_flush(call->client);
	}
	if (result)
		call_fail(call, RPC_ERR_RPC, RPC_FROM_RPC,
		    "cannot send the answer of procedure %d: %s", header.procedure,
		    strerror(-result));
	else
		call_free(call);
}

void call_reply_none(struct server_call *call)
{
	size_t size = rpc_layout(call->signature->returned)->size;
	void *ret = rpc_memory_alloc(&call->memory, size);

	if (ret)
		call_reply(call, ret);
	else
		call_fail_errno(call, -ENOMEM, NULL);
}

void call_reply_number(struct server_call *call, int32_t number)
{
	struct rpc_domain_is_active_ret ret = { number };

	call_reply(call, &ret);
}

void call_reply_text(struct server_call *call, struct buf *text)
{
	struct rpc_domain_get_xml_desc_ret ret = { buf_text(text) };

	if (buf_ok(text))
		call_reply(call, &ret);
	else
		call_fail_errno(call, -ENOMEM, NULL);
	buf_done(text);
}

void call_reply_names(
    struct server_call *call, const char *const *first, size_t step, uint32_t count, int32_t most)
{
	struct rpc_connect_list_defined_domains_ret ret = { 0 };
	const char **names;

	if (most < 0)
		count = 0;
	else if (count > (uint32_t)most)
		count = (uint32_t)most;
	names = rpc_memory_alloc(&call->memory, (count + 1) * sizeof(*names));
	if (!names) {
		call_fail_errno(call, -ENOMEM, NULL);
		return;
	}
	for (; ret.names_count < count; ret.names_count++)
		names[ret.names_count] = *(
		    const char *const *)((const char *)first + ret.names_count * step);
	ret.names = names;
	call_reply(call, &ret);
}

void call_fail_errno(struct server_call *call, int result, const char *message)
{
	enum rpc_error_code code = result == -ENOENT   ? RPC_ERR_NO_DOMAIN
				   : result == -EBUSY  ? RPC_ERR_OPERATION_INVALID
				   : result == -EEXIST ? RPC_ERR_OPERATION_FAILED
				   : result == -EINVAL ? RPC_ERR_INVALID_ARG
				   : result == -EOPNOTSUPP || result == -ENOSYS
				       ? RPC_ERR_OPERATION_UNSUPPORTED
				   : result == -ENOMEM	? RPC_ERR_NO_MEMORY
				   : result == -EINTR	? RPC_ERR_OPERATION_ABORTED
				   : result == -ENOSPC	? RPC_ERR_OPERATION_FAILED
				   : result == -ENODATA ? RPC_ERR_SYSTEM
				   : result == -EBADMSG ? RPC_ERR_UNSUPPORTED_CONFIG
							: RPC_ERR_INTERNAL;

	call_fail(
	    call, code, RPC_FROM_QEMU, "%s", message && *message ? message : strerror(-result));
}

void call_fail_xml(struct server_call *call, enum rpc_error_from from, int result, const char *why)
{
	if (result == -EINVAL)
		call_fail(call, RPC_ERR_XML, from, "XML error: %s", why);
	else if (result == -EBADMSG)
		call_fail(
		    call, RPC_ERR_UNSUPPORTED_CONFIG, from, "unsupported configuration: %s", why);
	else
		call_fail_errno(call, result, why);
}

void call_done(void *context, int result, const char *message)
{
	struct server_call *call = context;

	if (result)
		call_fail_errno(call, result, message);
	else
		call_reply(call, NULL);
}

void call_unsupported(struct server_call *call)
{
	call_fail(call, RPC_ERR_RPC, RPC_FROM_RPC, "unknown procedure: %d", call->header.procedure);
}

bool call_check_flags(struct server_call *call, uint32_t flags, uint32_t allowed)
{
	if (!(flags & ~allowed))
		return true;
	call_fail(call, RPC_ERR_INVALID_ARG, RPC_FROM_QEMU,
	    "unsupported flags (0x%x) in procedure %d", flags & ~allowed, call->header.procedure);
	return false;
}
