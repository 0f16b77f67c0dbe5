/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/server/stream.h"

#include <errno.h>

#include "node/server/call.h"

int stream_add(struct client *client, const struct rpc_header *header, const struct stream_ops *ops,
    struct server_stream *stream)
{
	unsigned int count = 0;

	for (const struct server_stream *one = client->streams; one; one = one->next)
		count++;
	if (count >= STREAMS_MAX)
		return -EBUSY;
	stream->client = client;
	stream->header = *header;
	stream->ops = ops;
	stream->next = client->streams;
	client->streams = stream;
	return 0;
}

static void stream_free(struct server_stream *stream)
{
	struct server_stream **link = &stream->client->streams;

	while (*link != stream)
		link = &(*link)->next;
	*link = stream->next;
	stream->ops->free(stream);
}

void stream_free_all(struct client *client)
{
	while (client->streams)
		stream_free(client->streams);
}

static void send_packet(
    struct server_stream *stream, enum rpc_status status, const void *data, size_t length)
{
	struct rpc_header header = rpc_header_stream(&stream->header, status);

	if (rpc_message_add_raw(&stream->client->out, &header, data, length))
		client_close(stream->client);
	else
		client_flush(stream->client);
}

void stream_send(struct server_stream *stream, const void *data, size_t length)
{
	send_packet(stream, RPC_CONTINUE, data, length);
}

void stream_send_hole(struct server_stream *stream, uint64_t length)
{
	struct rpc_header header = rpc_header_stream(&stream->header, RPC_CONTINUE);
	struct rpc_stream_hole hole = { .length = (int64_t)length };

	header.type = RPC_STREAM_HOLE;
	if (rpc_message_add(&stream->client->out, &header, RPC_TYPE_STREAM_HOLE, &hole))
		client_close(stream->client);
	else
		client_flush(stream->client);
}

void stream_end(struct server_stream *stream)
{
	send_packet(stream, RPC_OK, NULL, 0);
	stream_free(stream);
}

void stream_break(struct server_stream *stream, enum rpc_error_code code, const char *why)
{
	struct rpc_header header = rpc_header_stream(&stream->header, RPC_ERROR);

	call_send_error(stream->client, &header, code, RPC_FROM_STREAMS, why);
	stream_free(stream);
}

static void take_hole(struct server_stream *stream, const uint8_t *payload, size_t length)
{
	struct rpc_stream_hole hole;
	struct rpc_memory memory;
	int result;

	rpc_memory_init(&memory, 0);
	result = rpc_decode(RPC_TYPE_STREAM_HOLE, payload, length, &memory, &hole);
	rpc_memory_done(&memory);
	if (!stream->ops->hole || result || hole.length < 0)
		stream_break(stream, RPC_ERR_INTERNAL,
		    stream->ops->hole ? "this is no hole" : "this stream has no holes");
	else
		stream->ops->hole(stream, (uint64_t)hole.length);
}

void stream_receive(
    struct client *client, const struct rpc_header *header, const uint8_t *payload, size_t length)
{
	struct server_stream *stream = client->streams;

	while (stream && (stream->header.serial != header->serial ||
			     stream->header.procedure != header->procedure))
		stream = stream->next;
	if (!stream)
		return;
	if (header->type != RPC_STREAM)
		take_hole(stream, payload, length);
	else if (header->status == RPC_CONTINUE)
		stream->ops->data(stream, payload, length);
	else if (header->status == RPC_OK)
		stream->ops->finish(stream);
	else
		stream_end(stream); /* given up, which is answered as well (libvirt: "abort") */
}

void stream_resume_all(struct client *client)
{
	struct server_stream *next;

	for (struct server_stream *stream = client->streams; stream; stream = next) {
		next = stream->next;
		stream->ops->resume(stream);
	}
}
