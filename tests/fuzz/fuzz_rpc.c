/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Any bytes as any record of the protocol, from either end: no crash, no report of a sanitizer,
 * memory within what the length allows, and what is accepted is the same after a round trip.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Larger than any record. */
union record {
	uint64_t words[128];
	char bytes[1024];
};

/* The record of `data` as bytes again; false when it is refused. */
static bool pass(enum rpc_type type, const uint8_t *data, size_t size, struct buf *out)
{
	struct rpc_memory memory;
	union record record;
	int result;

	if (rpc_layout(type)->size > sizeof(record))
		abort();
	rpc_memory_init(&memory, RPC_DECODED(size));
	result = rpc_decode(type, data, size, &memory, &record);
	if (result == -ENOMEM)
		abort();
	if (!result && rpc_encode(type, &record, out))
		abort();
	rpc_memory_done(&memory);
	return result == 0;
}

/* The first bytes are a message's; its procedure and type say what the payload should be. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rpc_header header;
	const struct rpc_signature *signature;
	const uint8_t *payload;
	struct buf first = BUF_INIT;
	struct buf second = BUF_INIT;
	enum rpc_type type;
	size_t length;

	if (rpc_message_length(data, size, size) <= 0)
		return 0;
	rpc_message_open(data, size, &header, &payload, &length);
	signature = rpc_signature(header.procedure);
	if (!signature)
		return 0;
	type = header.status == RPC_ERROR	? RPC_TYPE_ERROR
	       : header.type == RPC_REPLY	? signature->returned
	       : header.type == RPC_STREAM_HOLE ? RPC_TYPE_STREAM_HOLE
						: signature->arguments;
	if (type != RPC_TYPE_NONE && pass(type, payload, length, &first)) {
		if (!pass(type, (const uint8_t *)buf_text(&first), first.length, &second) ||
		    first.length != second.length ||
		    memcmp(buf_text(&first), buf_text(&second), first.length) != 0)
			abort();
	}
	buf_done(&first);
	buf_done(&second);
	return 0;
}
