/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One connection: whole messages come in, bytes go out, and nothing a client does costs more than
 * its bounds. It knows the framing, not what the messages mean: those go to the server's `message`.
 *
 * A client that does not read what it is sent is no longer read from; one that lets too much pile
 * up (events come unasked) is closed. Before it has opened the connection a client may send small
 * messages only.
 */
#ifndef BERTH_NODE_SERVER_CLIENT_H
#define BERTH_NODE_SERVER_CLIENT_H

#include "lib/loop.h"
#include "rpc/message.h"

#define CLIENT_MESSAGE_EARLY (64u * 1024)	     /* before the connection is opened */
#define CLIENT_MESSAGE_READ_ONLY (256u * 1024)	     /* of read-only clients */
#define CLIENT_MESSAGE (RPC_STRING_MAX + 64u * 1024) /* of others: one string of any size */
#define CLIENT_NAME 512				     /* the line of one that comes over TLS */
#define CLIENT_CALLS 32				     /* in progress */
#define CLIENT_PENDING (1024u * 1024)		     /* above this nothing is read */
#define CLIENT_PENDING_MAX (8u * 1024 * 1024)	     /* above this the client is closed */

struct client;
struct server_stream;
struct server_call;

struct client_events {
	/* The line that names it has come, of one whose messages begin behind such a line. */
	void (*named)(struct client *client, const char *name);
	/* A whole message. The client may be closing when it returns. */
	void (*message)(struct client *client, const uint8_t *data, size_t length);
	/* There is room for output again. */
	void (*drained)(struct client *client);
	/* It is gone: whoever points to it lets go. Its memory is released when this returns. */
	void (*closed)(struct client *client);
};

/* What a client asked to be told of. */
struct client_event {
	struct client_event *next;
	int32_t callback;
	int32_t event;
	int32_t procedure; /* of the registration, which decides how the event is sent */
	bool for_one;	   /* guest only */
	uint8_t uuid[16];
};

struct client {
	struct client *next; /* of the server */
	struct client **link;
	struct loop *loop;
	const struct client_events *events;
	void *server;
	int fd;
	bool read_only;
	bool naming;  /* a line with its name comes first */
	bool opened;  /* CONNECT_OPEN was answered */
	bool closing; /* at the end of the current event */
	struct loop_watch *watch;
	uint32_t watched; /* events */
	uint8_t *in;
	size_t in_length;
	size_t in_room;
	bool held;	   /* whole messages wait in `in` for calls to end */
	unsigned int full; /* streams that take no more for now */
	struct buf out;
	size_t out_sent;
	unsigned int calls; /* in progress */
	struct server_call *call_list;
	struct server_stream *streams;
	struct client_event *registered;
	int32_t callbacks; /* given so far */
};

/* Takes over `fd` on success. */
int client_create(struct loop *loop, int fd, bool read_only, const struct client_events *events,
    void *server, struct client **ret_client);

/* Close after the current event; for use anywhere. */
void client_close(struct client *client);

/* Close now; from the server only. */
void client_free(struct client *client);

/* Bytes were added to client->out: send what can be sent, watch for the rest. */
void client_flush(struct client *client);

/* Look again at whether to read: a call has ended, or `full` has changed. */
void client_update(struct client *client);

size_t client_pending(const struct client *client);

#endif
