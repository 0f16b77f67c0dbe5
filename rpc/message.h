/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages on the wire (libvirt: src/rpc/virnetprotocol.x): a length that counts itself, a header
 * of six words, and a payload. Both ends build messages in a buf and take them apart here; nothing
 * else knows the offsets.
 */
#ifndef BERTH_RPC_MESSAGE_H
#define BERTH_RPC_MESSAGE_H

#include "rpc/codec.h"

#define RPC_PROGRAM 0x20008086u
#define RPC_PROGRAM_QEMU 0x20008087u
#define RPC_PROGRAM_KEEPALIVE 0x6b656570u
#define RPC_VERSION 1u

#define RPC_HEADER_SIZE 28u /* with the length */
#define RPC_MESSAGE_MAX 33554432u
#define RPC_STREAM_DATA_MAX 262120u

enum rpc_message_type {
	RPC_CALL,
	RPC_REPLY,
	RPC_MESSAGE,
	RPC_STREAM,
	RPC_CALL_WITH_FDS,
	RPC_REPLY_WITH_FDS,
	RPC_STREAM_HOLE,
};

enum rpc_status { RPC_OK, RPC_ERROR, RPC_CONTINUE };

enum { RPC_KEEPALIVE_PING = 1, RPC_KEEPALIVE_PONG = 2 };

struct rpc_header {
	uint32_t program;
	uint32_t version;
	int32_t procedure;
	int32_t type; /* enum rpc_message_type */
	uint32_t serial;
	int32_t status; /* enum rpc_status */
};

/*
 * The length of the message that `data` begins with, of which `have` bytes are there: 0 when that
 * cannot be told yet, -EBADMSG when it is out of bounds or above `limit`, else the length, with
 * which the message may still be incomplete.
 */
int rpc_message_length(const uint8_t *data, size_t have, size_t limit);

/* Header and payload of one whole message. */
void rpc_message_open(const uint8_t *data, size_t length, struct rpc_header *ret_header,
    const uint8_t **ret_payload, size_t *ret_length);

/* Append a message that carries a record, or raw bytes. 0, -EMSGSIZE or -ENOMEM; on an error `out`
 * is as long as it was. */
int rpc_message_add(
    struct buf *out, const struct rpc_header *header, enum rpc_type type, const void *record);
int rpc_message_add_raw(
    struct buf *out, const struct rpc_header *header, const void *data, size_t length);

/* The header of what answers `header`: reply to a call, stream packet to either. */
struct rpc_header rpc_header_reply(const struct rpc_header *header, enum rpc_status status);
struct rpc_header rpc_header_stream(const struct rpc_header *header, enum rpc_status status);
struct rpc_header rpc_header_keepalive(int32_t procedure);

#endif
