/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
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
	bool tls; /* clients are named by `uid`, who alone may connect */
	uint32_t uid;
	struct loop_watch *watch;
};

struct server {
	struct server_core core; /* first: handlers get no more than this */
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

static void named(struct client *client, const char *name)
{
	(void)client;
	syslog(LOG_INFO, "a client over TLS: %s", name);
}

static const struct client_events events = { named, message, stream_resume_all, closed };

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
	while (server->core.clients)
		client_free(server->core.clients);
	for (unsigned int i = 0; i < server->listener_count; i++) {
		loop_remove(server->listeners[i].watch);
		close(server->listeners[i].fd);
	}
	workers_free(server->core.workers);
	free(server);
}

static int add(struct server *server, int fd, bool read_only, struct client **ret_client)
{
	struct client *client;
	int result;

	if (server->client_count >= SERVER_CLIENTS)
		return -EBUSY;
	result = client_create(server->core.loop, fd, read_only, &events, server, &client);
	if (result)
		return result;
	client->next = server->core.clients;
	client->link = &server->core.clients;
	if (client->next)
		client->next->link = &client->next;
	server->core.clients = client;
	server->client_count++;
	*ret_client = client;
	return 0;
}

/* Who the peer is, the kernel says. */
static int peer_of(int fd, uint32_t *ret_uid)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size))
		return -errno;
	*ret_uid = peer.uid;
	return 0;
}

int server_add(struct server *server, int fd, bool read_only)
{
	struct client *client;
	uint32_t uid;
	int result = peer_of(fd, &uid);

	if (result)
		return result;
	if (!read_only && uid != 0 && uid != geteuid())
		return -EACCES;
	return add(server, fd, read_only, &client);
}

static int add_tls(struct server *server, int fd, uint32_t owner)
{
	struct client *client;
	uint32_t uid;
	int result = peer_of(fd, &uid);

	if (result)
		return result;
	if (uid != owner)
		return -EACCES;
	result = add(server, fd, false, &client);
	if (!result)
		client->naming = true;
	return result;
}

static void accept_client(void *context, uint32_t happened)
{
	struct listener *listener = context;
	int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)happened;
	/* Too many clients, or one that may not: closed without a word, as clients expect. */
	if (fd >= 0 && (listener->tls ? add_tls(listener->server, fd, listener->uid)
				      : server_add(listener->server, fd, listener->read_only)))
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

static int listen_with(struct server *server, const char *path, mode_t mode, struct listener kind)
{
	struct listener *listener = &server->listeners[server->listener_count];
	int result;

	if (server->listener_count == LISTENERS)
		return -EBUSY;
	kind.server = server;
	kind.fd = listen_at(path, mode);
	if (kind.fd < 0)
		return kind.fd;
	*listener = kind;
	result = loop_add(
	    server->core.loop, kind.fd, EPOLLIN, accept_client, listener, &listener->watch);
	if (result) {
		close(kind.fd);
		return result;
	}
	server->listener_count++;
	return 0;
}

int server_listen(struct server *server, const char *path, bool read_only)
{
	return listen_with(
	    server, path, read_only ? 0777 : 0770, (struct listener){ .read_only = read_only });
}

int server_listen_tls(struct server *server, const char *path, uint32_t uid, uint32_t gid)
{
	int result = listen_with(server, path, 0660, (struct listener){ .tls = true, .uid = uid });

	if (!result && chown(path, (uid_t)-1, gid))
		result = -errno;
	return result;
}

void server_guest_event(
    struct server *server, const struct driver_guest *guest, enum server_event event, int detail)
{
	events_send_lifecycle(&server->core, guest, (int32_t)event, detail);
}

void server_guest_rebooted(struct server *server, const struct driver_guest *guest)
{
	events_send_reboot(&server->core, guest);
}

void server_guest_no_space(
    struct server *server, const struct driver_guest *guest, const char *alias)
{
	events_send_no_space(&server->core, guest, alias);
}

void server_guest_memory(struct server *server, const struct driver_guest *guest, uint64_t bytes)
{
	events_send_memory(&server->core, guest, bytes);
}

void server_guest_device(
    struct server *server, const struct driver_guest *guest, const char *alias, bool came)
{
	if (came)
		events_send_added(&server->core, guest, alias);
	else
		events_send_removed(&server->core, guest, alias);
}

void server_guest_job(
    struct server *server, const struct driver_guest *guest, const struct driver_job *job)
{
	events_send_job(&server->core, guest, job);
}

unsigned int server_client_count(const struct server *server)
{
	return server->client_count;
}
