/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/server/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_ROOM (16u * 1024)

static void ready(void *context, uint32_t events);

int client_create(struct loop *loop, int fd, bool read_only, const struct client_events *events,
    void *server, struct client **ret_client)
{
	struct client *client = calloc(1, sizeof(*client));
	int result;

	if (!client)
		return -ENOMEM;
	client->loop = loop;
	client->events = events;
	client->server = server;
	client->fd = fd;
	client->read_only = read_only;
	client->watched = EPOLLIN;
	result = loop_add(loop, fd, client->watched, ready, client, &client->watch);
	if (result) {
		free(client);
		return result;
	}
	*ret_client = client;
	return 0;
}

void client_free(struct client *client)
{
	if (!client)
		return;
	client->events->closed(client);
	loop_remove(client->watch);
	close(client->fd);
	while (client->registered) {
		struct client_event *event = client->registered;

		client->registered = event->next;
		free(event);
	}
	buf_done(&client->out);
	free(client->in);
	free(client);
}

size_t client_pending(const struct client *client)
{
	return client->out.length - client->out_sent;
}

/* Whether calls and packets are taken from it. */
static bool takes(const struct client *client)
{
	return client->calls < CLIENT_CALLS && !client->full;
}

void client_update(struct client *client)
{
	bool reads = takes(client) && client_pending(client) < CLIENT_PENDING;
	uint32_t events = 0;

	if (client->closing)
		return;
	if (reads)
		events |= EPOLLIN;
	/* Room to send is always soon: it brings the loop back to what is held. */
	if (client_pending(client) || (client->held && takes(client)))
		events |= EPOLLOUT;
	if (events == client->watched)
		return;
	client->watched = events;
	if (loop_change(client->watch, events))
		client_close(client);
}

void client_close(struct client *client)
{
	if (client->closing)
		return;
	client->closing = true;
	/* The hang-up that this makes brings the loop back to ready(), which frees the client. */
	shutdown(client->fd, SHUT_RDWR);
	client->watched = EPOLLIN;
	loop_change(client->watch, EPOLLIN);
}

void client_flush(struct client *client)
{
	while (!client->closing && client_pending(client)) {
		ssize_t sent = send(client->fd, client->out.data + client->out_sent,
		    client_pending(client), MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno != EAGAIN)
			client_close(client);
		if (sent < 0)
			break;
		client->out_sent += (size_t)sent;
	}
	if (!client_pending(client)) {
		/* A large reply does not stay in memory for the rest of the connection. */
		if (client->out.capacity > CLIENT_MESSAGE_EARLY)
			buf_done(&client->out);
		client->out.length = 0;
		client->out_sent = 0;
	} else if (client->out_sent > client->out.length / 2) {
		memmove(client->out.data, client->out.data + client->out_sent,
		    client_pending(client) + 1);
		client->out.length -= client->out_sent;
		client->out_sent = 0;
	}
	if (client->out.failed || client_pending(client) > CLIENT_PENDING_MAX)
		client_close(client);
	client_update(client);
}

static size_t limit_of(const struct client *client)
{
	if (!client->opened)
		return CLIENT_MESSAGE_EARLY;
	return client->read_only ? CLIENT_MESSAGE_READ_ONLY : CLIENT_MESSAGE;
}

/* Take the line with the name out of what has come. False while it is not whole. */
static bool take_name(struct client *client)
{
	uint8_t *end = client->in_length ? memchr(client->in, '\n', client->in_length) : NULL;
	size_t length = end ? (size_t)(end - client->in) : client->in_length;

	if (length >= CLIENT_NAME) {
		client_close(client);
		return false;
	}
	if (!end)
		return false;
	*end = '\0';
	client->naming = false;
	client->events->named(client, (const char *)client->in);
	client->in_length -= length + 1;
	memmove(client->in, end + 1, client->in_length);
	return true;
}

static void make_room(struct client *client, size_t wanted)
{
	uint8_t *in = client->in_room == wanted ? client->in : realloc(client->in, wanted);

	if (!in) {
		client_close(client);
		return;
	}
	client->in = in;
	client->in_room = wanted;
}

/* Give away whole messages; make room for the rest of the one that has begun. */
static void take_messages(struct client *client)
{
	size_t taken = 0;
	size_t wanted = READ_ROOM;

	client->held = false;
	while (!client->closing && (!client->naming || take_name(client))) {
		size_t left = client->in_length - taken;
		int length = rpc_message_length(client->in + taken, left, limit_of(client));

		if (length < 0) {
			client_close(client);
			return;
		}
		if (length == 0 || (size_t)length > left) {
			/* Memory grows with what has come, not with what is announced. */
			wanted = (size_t)length < 2 * left ? (size_t)length : 2 * left;
			break;
		}
		if (!takes(client) || client_pending(client) >= CLIENT_PENDING) {
			client->held = true;
			break;
		}
		client->events->message(client, client->in + taken, (size_t)length);
		taken += (size_t)length;
	}
	if (taken)
		memmove(client->in, client->in + taken, client->in_length - taken);
	client->in_length -= taken;
	if (wanted < READ_ROOM)
		wanted = READ_ROOM;
	if (wanted < client->in_length)
		wanted = client->in_length;
	make_room(client, wanted);
}

static void receive(struct client *client)
{
	ssize_t got;

	if (!client->in_room)
		make_room(client, READ_ROOM);
	if (client->in_length < client->in_room) {
		got = recv(client->fd, client->in + client->in_length,
		    client->in_room - client->in_length, MSG_DONTWAIT);
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (got <= 0) {
			client_close(client);
			return;
		}
		client->in_length += (size_t)got;
	}
	take_messages(client);
	client_update(client);
}

static void ready(void *context, uint32_t events)
{
	struct client *client = context;

	if (client->closing) {
		client_free(client);
		return;
	}
	if (events & EPOLLOUT) {
		client_flush(client);
		if (!client->closing && client_pending(client) < CLIENT_PENDING / 2)
			client->events->drained(client);
	}
	if (!client->closing && client->held)
		take_messages(client);
	if (client->closing)
		return;
	if (client->watched & EPOLLIN && events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		receive(client);
	else if (events & (EPOLLHUP | EPOLLERR))
		client_close(client);
	client_update(client);
}
