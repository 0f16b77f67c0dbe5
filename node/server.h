/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libvirt's RPC protocol, served: the door of node/server and node/rpc. It knows guests through
 * node/guest/driver.h only. Everything runs on the loop's thread.
 *
 *     server_create(loop, &ops, driver, &server);
 *     server_listen(server, "/run/libvirt/libvirt-sock", false);
 *     server_listen(server, "/run/libvirt/libvirt-sock-ro", true);
 *
 * The driver tells it of what happens to guests with server_guest_event().
 */
#ifndef BERTH_NODE_SERVER_H
#define BERTH_NODE_SERVER_H

#include "lib/loop.h"
#include "node/guest/driver.h"

#define SERVER_CLIENTS 256

struct server;

/* `ops` and `driver` must outlive the server. server_free takes NULL. */
int server_create(
    struct loop *loop, const struct driver_ops *ops, void *driver, struct server **ret_server);
void server_free(struct server *server);

/* Listen on a Unix socket at `path`, of which an old one is replaced. Who may write is root, or
 * whoever runs the daemon; who may read is anybody. 0 or -errno. */
int server_listen(struct server *server, const char *path, bool read_only);

/* The same for berth-tls, which runs as user `uid` of group `gid` and says in a line before each
 * connection's messages whose it is. */
int server_listen_tls(struct server *server, const char *path, uint32_t uid, uint32_t gid);

/* Serve a connection that is there already; it is taken over on success. */
int server_add(struct server *server, int fd, bool read_only);

/* libvirt: virDomainEventType; the details are those of each. */
enum server_event {
	SERVER_GUEST_DEFINED,	/* 0 added, 1 changed */
	SERVER_GUEST_UNDEFINED, /* 0 */
	SERVER_GUEST_STARTED,	/* 0 booted */
	SERVER_GUEST_SUSPENDED, /* 0 by the user, 2 for an I/O error */
	SERVER_GUEST_RESUMED,	/* 0 by the user */
	SERVER_GUEST_STOPPED,	/* 0 shut down, 1 destroyed, 2 crashed, 5 failed */
	SERVER_GUEST_SHUTDOWN,	/* 0 finished, 1 by the guest, 2 by the host */
	SERVER_GUEST_SUSPENDED_BY_ITSELF,
	SERVER_GUEST_CRASHED, /* 0 panicked */
};

void server_guest_event(
    struct server *server, const struct driver_guest *guest, enum server_event event, int detail);

/* The guest restarts without an end of its machine. */
void server_guest_rebooted(struct server *server, const struct driver_guest *guest);

/* A disk (driver_guest.full_disk) met the end of the space that its image has: the guest is paused.
 */
void server_guest_no_space(
    struct server *server, const struct driver_guest *guest, const char *alias);

/* Its balloon leaves it so many bytes now. */
void server_guest_memory(struct server *server, const struct driver_guest *guest, uint64_t bytes);

/* A disk or NIC has come or gone while the guest ran. `alias` as in its XML
 * (node/guest/alias). */
void server_guest_device(
    struct server *server, const struct driver_guest *guest, const char *alias, bool came);

/* What took long has ended. */
void server_guest_job(
    struct server *server, const struct driver_guest *guest, const struct driver_job *job);

unsigned int server_client_count(const struct server *server);

#endif
