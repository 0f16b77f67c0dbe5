/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/server/stream_socket.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "node/server/stream.h"

#define PACKET (64u * 1024)

struct socket_stream {
	struct server_stream stream;
	int fd;
	struct loop_watch *watch;
	uint32_t watched;
	bool ended;	 /* the descriptor has no more, and the client knows */
	struct buf held; /* for the descriptor */
	size_t held_sent;
};

static struct socket_stream *of(struct server_stream *stream)
{
	return (struct socket_stream *)stream;
}

static void update(struct socket_stream *stream)
{
	uint32_t events = 0;

	if (!stream->ended && client_pending(stream->stream.client) < STREAM_CLIENT_ROOM)
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
static void forward(struct socket_stream *stream)
{
	char data[PACKET];
	ssize_t got = recv(stream->fd, data, sizeof(data), MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0)
		stream->ended = true;
	stream_send(&stream->stream, data, got > 0 ? (size_t)got : 0);
}

/* What is held, to the descriptor. False when the stream is no more. */
static bool deliver(struct socket_stream *stream)
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
		stream_break(&stream->stream, RPC_ERR_INTERNAL,
		    "the other side of the stream takes no data");
		return false;
	}
	return true;
}

static void ready(void *context, uint32_t events)
{
	struct socket_stream *stream = context;

	if (stream->stream.client->closing)
		return;
	if (events & EPOLLOUT && !deliver(stream))
		return;
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR) && !stream->ended)
		forward(stream);
	update(stream);
}

static void take_data(struct server_stream *base, const uint8_t *data, size_t length)
{
	struct socket_stream *stream = of(base);

	if (length)
		buf_add(&stream->held, (const char *)data, length);
	if (deliver(stream))
		update(stream);
}

static void resume(struct server_stream *base)
{
	update(of(base));
}

static void release(struct server_stream *base)
{
	struct socket_stream *stream = of(base);

	loop_remove(stream->watch);
	close(stream->fd);
	buf_done(&stream->held);
	free(stream);
}

static const struct stream_ops ops = {
	.data = take_data, .finish = stream_end, .resume = resume, .free = release
};

int stream_socket_create(struct client *client, const struct rpc_header *header, int fd)
{
	struct socket_stream *stream = calloc(1, sizeof(*stream));
	int result;

	if (!stream)
		return -ENOMEM;
	stream->fd = fd;
	stream->watched = EPOLLIN;
	result = loop_add(client->loop, fd, stream->watched, ready, stream, &stream->watch);
	if (!result) {
		result = stream_add(client, header, &ops, &stream->stream);
		if (result)
			loop_remove(stream->watch);
	}
	if (result)
		free(stream);
	return result;
}
