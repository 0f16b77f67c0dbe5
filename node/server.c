/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/work.h"
#include "node/rpc/dispatch.h"
#include "node/rpc/events.h"
#include "node/server/stream.h"

#define LISTENERS 4
#define BACKLOG 64
/* Volumes that are worked on at once; the others wait. */
#define WORKERS 4

struct listener {
	struct server *server;
	int fd;
	bool read_only;
	struct loop_watch *watch;
};

struct server {
	struct server_core core; /* first: handlers get no more than this */
	struct client *clients;
	unsigned int client_count;
	struct listener listeners[LISTENERS];
	unsigned int listener_count;
};

static void message(struct client *client, const uint8_t *data, size_t length)
{
	rpc_dispatch(client, data, length);
}

static void closed(struct client *client)
{
	struct server *server = client->server;

	*client->link = client->next;
	if (client->next)
		client->next->link = client->link;
	server->client_count--;
	stream_free_all(client);
	call_forget_client(client);
}

static const struct client_events events = { message, stream_resume_all, closed };

int server_create(
    struct loop *loop, const struct driver_ops *ops, void *driver, struct server **ret_server)
{
	struct server *server = calloc(1, sizeof(*server));
	int error;

	if (!server)
		return -ENOMEM;
	server->core = (struct server_core){ .loop = loop, .ops = ops, .driver = driver };
	error = workers_create(loop, WORKERS, &server->core.workers);
	if (error) {
		free(server);
		return error;
	}
	*ret_server = server;
	return 0;
}

void server_free(struct server *server)
{
	if (!server)
		return;
	while (server->clients)
		client_free(server->clients);
	for (unsigned int i = 0; i < server->listener_count; i++) {
		loop_remove(server->listeners[i].watch);
		close(server->listeners[i].fd);
	}
	workers_free(server->core.workers);
	free(server);
}

int server_add(struct server *server, int fd, bool read_only)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);
	struct client *client;
	int result;

	if (server->client_count >= SERVER_CLIENTS)
		return -EBUSY;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size))
		return -errno;
	if (!read_only && peer.uid != 0 && peer.uid != geteuid())
		return -EACCES;
	result = client_create(server->core.loop, fd, read_only, &events, server, &client);
	if (result)
		return result;
	client->uid = peer.uid;
	client->next = server->clients;
	client->link = &server->clients;
	if (client->next)
		client->next->link = &client->next;
	server->clients = client;
	server->client_count++;
	return 0;
}

static void accept_client(void *context, uint32_t happened)
{
	struct listener *listener = context;
	int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)happened;
	/* Too many clients, or one that may not: closed without a word, as clients expect. */
	if (fd >= 0 && server_add(listener->server, fd, listener->read_only))
		close(fd);
}

/* A socket that listens at `path`, with its mode. The descriptor or -errno. */
static int listen_at(const char *path, mode_t mode)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;
	int result;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	unlink(path);
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) || chmod(path, mode) ||
	    listen(fd, BACKLOG)) {
		result = -errno;
		close(fd);
		return result;
	}
	return fd;
}

int server_listen(struct server *server, const char *path, bool read_only)
{
	struct listener *listener = &server->listeners[server->listener_count];
	int fd;
	int result;

	if (server->listener_count == LISTENERS)
		return -EBUSY;
	fd = listen_at(path, read_only ? 0777 : 0770);
	if (fd < 0)
		return fd;
	*listener = (struct listener){ .server = server, .fd = fd, .read_only = read_only };
	result = loop_add(
	    server->core.loop, fd, EPOLLIN, accept_client, listener, &listener->watch);
	if (result) {
		close(fd);
		return result;
	}
	server->listener_count++;
	return 0;
}

void server_guest_event(
    struct server *server, const struct driver_guest *guest, enum server_event event, int detail)
{
	for (struct client *client = server->clients; client; client = client->next)
		events_send_lifecycle(client, guest, (int32_t)event, detail);
}

void server_guest_rebooted(struct server *server, const struct driver_guest *guest)
{
	for (struct client *client = server->clients; client; client = client->next)
		events_send_reboot(client, guest);
}

unsigned int server_client_count(const struct server *server)
{
	return server->client_count;
}
