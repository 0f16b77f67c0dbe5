/* SPDX-License-Identifier: GPL-2.0-only */
/* A stream to a socket, both ways. A guest that does not take its input, or a client that does not
 * take its output, holds up its own stream only. */
#ifndef BERTH_NODE_SERVER_STREAM_SOCKET_H
#define BERTH_NODE_SERVER_STREAM_SOCKET_H

#include "node/server/client.h"

#define STREAM_HELD_MAX (256u * 1024) /* bytes that the other side has not taken yet */

/* Join the stream of `header`, a call's, with a non-blocking socket, which is taken over on
 * success. To be called before the call is answered. 0, -EBUSY with too many streams, or another
 * -errno. */
int stream_socket_create(struct client *client, const struct rpc_header *header, int fd);

#endif
