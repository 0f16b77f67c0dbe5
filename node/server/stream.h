/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Streams of a client: bytes in packets that carry the serial of the call that opened them. What is
 * at the other end is a kind of its own: node/server/stream_socket, node/server/stream_file. This
 * is what they have in common.
 */
#ifndef BERTH_NODE_SERVER_STREAM_H
#define BERTH_NODE_SERVER_STREAM_H

#include "node/server/client.h"
#include "rpc/error.h"

#define STREAMS_MAX 16 /* of a client */
/* Above so much unsent output of its client a stream makes no more. */
#define STREAM_CLIENT_ROOM (256u * 1024)

struct server_stream;

struct stream_ops {
	/* Data of the client; a hole in it, or NULL when there are none. */
	void (*data)(struct server_stream *stream, const uint8_t *data, size_t length);
	void (*hole)(struct server_stream *stream, uint64_t length);
	/* The client has no more. It is to be answered with stream_end() or stream_break(). */
	void (*finish)(struct server_stream *stream);
	/* The client has room for output again. */
	void (*resume)(struct server_stream *stream);
	/* It is no more, for whatever reason. */
	void (*free)(struct server_stream *stream);
};

/* What every kind begins with. */
struct server_stream {
	struct server_stream *next;
	struct client *client;
	struct rpc_header header; /* of the call */
	const struct stream_ops *ops;
};

/* Join to the call of `header`, before that is answered. 0, or -EBUSY with too many streams. */
int stream_add(struct client *client, const struct rpc_header *header, const struct stream_ops *ops,
    struct server_stream *stream);

/* To the client. An empty packet says that there is no more. */
void stream_send(struct server_stream *stream, const void *data, size_t length);
void stream_send_hole(struct server_stream *stream, uint64_t length);

/* Answer the client that has finished, and free the stream; or tell it why it ends. */
void stream_end(struct server_stream *stream);
void stream_break(struct server_stream *stream, enum rpc_error_code code, const char *why);

/* A packet came from the client. Those of streams that are no more are dropped. */
void stream_receive(
    struct client *client, const struct rpc_header *header, const uint8_t *payload, size_t length);

/* The client has room for output again, or is gone. */
void stream_resume_all(struct client *client);
void stream_free_all(struct client *client);

#endif
