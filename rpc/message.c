/* SPDX-License-Identifier: GPL-2.0-only */
#include "rpc/message.h"

#include <errno.h>
#include <string.h>

#include "rpc/xdr.h"

int rpc_message_length(const uint8_t *data, size_t have, size_t limit)
{
	struct xdr_in in = { .data = data, .left = have };
	uint32_t length;

	if (have < 4)
		return 0;
	length = xdr_read_u32(&in);
	if (length < RPC_HEADER_SIZE || length > limit || length > RPC_MESSAGE_MAX)
		return -EBADMSG;
	return (int)length;
}

void rpc_message_open(const uint8_t *data, size_t length, struct rpc_header *ret_header,
    const uint8_t **ret_payload, size_t *ret_length)
{
	struct xdr_in in = { .data = data, .left = length };

	xdr_read_u32(&in);
	ret_header->program = xdr_read_u32(&in);
	ret_header->version = xdr_read_u32(&in);
	ret_header->procedure = (int32_t)xdr_read_u32(&in);
	ret_header->type = (int32_t)xdr_read_u32(&in);
	ret_header->serial = xdr_read_u32(&in);
	ret_header->status = (int32_t)xdr_read_u32(&in);
	*ret_payload = in.data;
	*ret_length = in.left;
}

static void begin(struct buf *out, const struct rpc_header *header)
{
	xdr_write_u32(out, 0);
	xdr_write_u32(out, header->program);
	xdr_write_u32(out, header->version);
	xdr_write_u32(out, (uint32_t)header->procedure);
	xdr_write_u32(out, (uint32_t)header->type);
	xdr_write_u32(out, header->serial);
	xdr_write_u32(out, (uint32_t)header->status);
}

/* Write the length that is known now, or take the message back. */
static int end(struct buf *out, size_t start, int result)
{
	size_t length = out->length - start;

	if (!result && !buf_ok(out))
		result = -ENOMEM;
	if (!result && length > RPC_MESSAGE_MAX)
		result = -EMSGSIZE;
	if (result) {
		buf_cut(out, start);
		return result;
	}
	for (unsigned int i = 0; i < 4; i++)
		out->data[start + i] = (char)(length >> (24 - 8 * i));
	return 0;
}

int rpc_message_add(
    struct buf *out, const struct rpc_header *header, enum rpc_type type, const void *record)
{
	size_t start = out->length;

	begin(out, header);
	return end(out, start, type == RPC_TYPE_NONE ? 0 : rpc_encode(type, record, out));
}

int rpc_message_add_raw(
    struct buf *out, const struct rpc_header *header, const void *data, size_t length)
{
	size_t start = out->length;

	begin(out, header);
	if (length)
		buf_add(out, data, length);
	return end(out, start, 0);
}

struct rpc_header rpc_header_reply(const struct rpc_header *header, enum rpc_status status)
{
	struct rpc_header reply = *header;

	reply.type = RPC_REPLY;
	reply.status = (int32_t)status;
	return reply;
}

struct rpc_header rpc_header_stream(const struct rpc_header *header, enum rpc_status status)
{
	struct rpc_header packet = *header;

	packet.type = RPC_STREAM;
	packet.status = (int32_t)status;
	return packet;
}

struct rpc_header rpc_header_keepalive(int32_t procedure)
{
	return (struct rpc_header){ .program = RPC_PROGRAM_KEEPALIVE,
		.version = RPC_VERSION,
		.procedure = procedure,
		.type = RPC_MESSAGE };
}
