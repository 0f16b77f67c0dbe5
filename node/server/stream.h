/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Streams: bytes between a client and a descriptor, in packets that carry the serial of the call
 * that opened them. A guest that does not take its input, or a client that does not take its
 * output, holds up its own stream only.
 */
#ifndef BERTH_NODE_SERVER_STREAM_H
#define BERTH_NODE_SERVER_STREAM_H

#include "node/server/client.h"

#define STREAMS_MAX 16		      /* of a client */
#define STREAM_HELD_MAX (256u * 1024) /* bytes that the other side has not taken yet */

/* Join the stream of `header`, a call's, with a non-blocking socket, which is taken over on
 * success. To be called before the call is answered. 0, -EBUSY with too many streams, or another
 * -errno. */
int stream_create(struct client *client, const struct rpc_header *header, int fd);

/* A packet came from the client. Those of streams that are no more are dropped. */
void stream_receive(
    struct client *client, const struct rpc_header *header, const uint8_t *payload, size_t length);

/* The client has room for output again, or is gone. */
void stream_resume_all(struct client *client);
void stream_free_all(struct client *client);

#endif
