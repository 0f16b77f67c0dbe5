/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/server/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "node/server/call.h"

#define PACKET (64u * 1024)
/* Above so much unsent output a stream reads no more of its descriptor. */
#define CLIENT_ROOM (256u * 1024)

struct server_stream {
	struct server_stream *next;
	struct client *client;
	struct rpc_header header; /* of the call */
	int fd;
	struct loop_watch *watch;
	uint32_t watched;
	bool ended;	 /* the descriptor has no more, and the client knows */
	struct buf held; /* for the descriptor */
	size_t held_sent;
};

static void ready(void *context, uint32_t events);

int stream_create(struct client *client, const struct rpc_header *header, int fd)
{
	struct server_stream *stream;
	unsigned int count = 0;
	int result;

	for (stream = client->streams; stream; stream = stream->next)
		count++;
	if (count >= STREAMS_MAX)
		return -EBUSY;
	stream = calloc(1, sizeof(*stream));
	if (!stream)
		return -ENOMEM;
	stream->client = client;
	stream->header = *header;
	stream->fd = fd;
	stream->watched = EPOLLIN;
	result = loop_add(client->loop, fd, stream->watched, ready, stream, &stream->watch);
	if (result) {
		free(stream);
		return result;
	}
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
	loop_remove(stream->watch);
	close(stream->fd);
	buf_done(&stream->held);
	free(stream);
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

/* Tell the client why the stream ends, and end it. */
static void break_off(struct server_stream *stream, const char *why)
{
	struct rpc_header header = rpc_header_stream(&stream->header, RPC_ERROR);

	call_send_error(stream->client, &header, RPC_ERR_INTERNAL, RPC_FROM_STREAMS, why);
	stream_free(stream);
}

static void update(struct server_stream *stream)
{
	uint32_t events = 0;

	if (!stream->ended && client_pending(stream->client) < CLIENT_ROOM)
		events |= EPOLLIN;
	if (stream->held.length > stream->held_sent)
		events |= EPOLLOUT;
	if (stream->ended && !events) {
		/* Its hang-up would wake the loop for ever. */
		loop_remove(stream->watch);
		stream->watch = NULL;
	}
	if (!stream->watch || events == stream->watched)
		return;
	stream->watched = events;
	loop_change(stream->watch, events);
}

/* From the descriptor to the client. An empty packet says that there is no more. */
static void forward(struct server_stream *stream)
{
	char data[PACKET];
	ssize_t got = recv(stream->fd, data, sizeof(data), MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0)
		stream->ended = true;
	send_packet(stream, RPC_CONTINUE, data, got > 0 ? (size_t)got : 0);
}

/* What is held, to the descriptor. False when the stream is no more. */
static bool deliver(struct server_stream *stream)
{
	while (stream->held.length > stream->held_sent) {
		ssize_t sent = send(stream->fd, stream->held.data + stream->held_sent,
		    stream->held.length - stream->held_sent, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno == EAGAIN)
			break;
		if (sent < 0) {
			/* Its own end is read, and told, as one. */
			stream->held_sent = stream->held.length;
			break;
		}
		stream->held_sent += (size_t)sent;
	}
	if (stream->held.length == stream->held_sent) {
		stream->held.length = 0;
		stream->held_sent = 0;
	}
	if (stream->held.failed || stream->held.length - stream->held_sent > STREAM_HELD_MAX) {
		break_off(stream, "the other side of the stream takes no data");
		return false;
	}
	return true;
}

static void ready(void *context, uint32_t events)
{
	struct server_stream *stream = context;

	if (stream->client->closing)
		return;
	if (events & EPOLLOUT && !deliver(stream))
		return;
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR) && !stream->ended)
		forward(stream);
	update(stream);
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
	if (header->type != RPC_STREAM) {
		break_off(stream, "this stream has no holes");
		return;
	}
	if (header->status == RPC_CONTINUE) {
		if (length)
			buf_add(&stream->held, (const char *)payload, length);
		if (deliver(stream))
			update(stream);
		return;
	}
	/* Finished or given up: both are answered (libvirt: "stream finish" and "abort"). */
	send_packet(stream, RPC_OK, NULL, 0);
	stream_free(stream);
}

void stream_resume_all(struct client *client)
{
	for (struct server_stream *stream = client->streams; stream; stream = stream->next)
		update(stream);
}
