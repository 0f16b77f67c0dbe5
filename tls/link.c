/* SPDX-License-Identifier: GPL-2.0-only */
#include "tls/link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include <mbedtls/error.h>
#include <mbedtls/net_sockets.h>

#define BLOCK 16384
#define SUBJECT 512
#define PEER 64
#define SECOND 1000000000ull

/* Bytes on their way one way. */
struct pipe {
	unsigned char data[BLOCK];
	size_t length;
	size_t sent;
};

struct link {
	struct links *links;
	struct link *next;
	struct link **place;
	char peer[PEER];
	bool early;   /* the handshake goes on */
	bool leaving; /* refused: what it still sends is dropped until it has seen so */
	int fd;
	int door; /* -1 while early */
	struct loop_watch *watch;
	struct loop_watch *door_watch;
	struct loop_timer timer;
	mbedtls_ssl_context ssl;
	bool wants_to_write; /* the library does, whatever it was asked for */
	struct pipe in;	     /* to berthd */
	struct pipe out;     /* to the client */
};

static void link_free(struct link *link)
{
	*link->place = link->next;
	if (link->next)
		link->next->place = link->place;
	link->links->count--;
	loop_timer_cancel(&link->timer);
	loop_remove(link->watch);
	loop_remove(link->door_watch);
	mbedtls_ssl_close_notify(&link->ssl);
	mbedtls_ssl_free(&link->ssl);
	close(link->fd);
	if (link->door >= 0)
		close(link->door);
	free(link);
}

static int bio_send(void *context, const unsigned char *data, size_t length)
{
	const struct link *link = context;
	ssize_t sent = send(link->fd, data, length, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (sent >= 0)
		return (int)sent;
	return errno == EAGAIN || errno == EINTR ? MBEDTLS_ERR_SSL_WANT_WRITE
						 : MBEDTLS_ERR_NET_SEND_FAILED;
}

static int bio_receive(void *context, unsigned char *data, size_t length)
{
	const struct link *link = context;
	ssize_t got = recv(link->fd, data, length, MSG_DONTWAIT);

	if (got >= 0)
		return (int)got;
	return errno == EAGAIN || errno == EINTR ? MBEDTLS_ERR_SSL_WANT_READ
						 : MBEDTLS_ERR_NET_RECV_FAILED;
}

/* Whether the library waits for its socket. */
static bool is_waiting(struct link *link, int result)
{
	link->wants_to_write |= result == MBEDTLS_ERR_SSL_WANT_WRITE;
	return result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE;
}

static void tell_refusal(struct link *link, int result)
{
	uint32_t verdict = mbedtls_ssl_get_verify_result(&link->ssl);
	char reason[256] = "";

	/* Whoever connects and says nothing is not worth a line. */
	if (result == MBEDTLS_ERR_SSL_CONN_EOF)
		return;
	if (result == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED && verdict && verdict != UINT32_MAX)
		mbedtls_x509_crt_verify_info(reason, sizeof(reason), "", verdict);
	else
		mbedtls_strerror(result, reason, sizeof(reason));
	syslog(LOG_NOTICE, "%s: refused: %.*s", link->peer, (int)strcspn(reason, "\n"), reason);
}

static bool connect_door(struct link *link)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", link->links->door);
	link->door = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (link->door >= 0 &&
	    !connect(link->door, (const struct sockaddr *)&address, sizeof(address)))
		return true;
	syslog(LOG_ERR, "%s: cannot reach berthd: %s", link->peer, strerror(errno));
	return false;
}

static void door_happened(void *context, uint32_t events);

/* The certificate is one of the CA; whether its subject may. */
static bool admit(struct link *link)
{
	const mbedtls_x509_crt *certificate = mbedtls_ssl_get_peer_cert(&link->ssl);
	char subject[SUBJECT];

	if (!certificate ||
	    mbedtls_x509_dn_gets(subject, sizeof(subject), &certificate->subject) < 0) {
		syslog(LOG_NOTICE, "%s: refused: its certificate's subject cannot be told",
		    link->peer);
		return false;
	}
	if (!subjects_match(link->links->subjects, subject)) {
		syslog(LOG_NOTICE, "%s: refused: tls-allow does not name %s", link->peer, subject);
		return false;
	}
	if (!connect_door(link) || loop_add(link->links->loop, link->door, EPOLLIN, door_happened,
				       link, &link->door_watch))
		return false;
	link->early = false;
	loop_timer_cancel(&link->timer);
	link->in.length = (size_t)snprintf((char *)link->in.data, BLOCK, "%s\n", subject);
	link->out.data[0] = 1;
	link->out.length = 1;
	return true;
}

/* From the client to berthd. 1: some bytes went on, 0: none now, -1: over. */
static int pass_in(struct link *link)
{
	struct pipe *pipe = &link->in;
	ssize_t sent;

	if (!pipe->length) {
		int got = mbedtls_ssl_read(&link->ssl, pipe->data, BLOCK);

		if (got <= 0)
			return is_waiting(link, got) ? 0 : -1;
		pipe->length = (size_t)got;
	}
	sent = send(link->door, pipe->data + pipe->sent, pipe->length - pipe->sent,
	    MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	pipe->sent += (size_t)sent;
	if (pipe->sent == pipe->length)
		pipe->sent = pipe->length = 0;
	return 1;
}

/* From berthd to the client. The library wants the same bytes again when it had to wait. */
static int pass_out(struct link *link)
{
	struct pipe *pipe = &link->out;
	int sent;

	if (!pipe->length) {
		ssize_t got = recv(link->door, pipe->data, BLOCK, MSG_DONTWAIT);

		if (got < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -1;
		if (!got)
			return -1;
		pipe->length = (size_t)got;
	}
	sent = mbedtls_ssl_write(&link->ssl, pipe->data + pipe->sent, pipe->length - pipe->sent);
	if (sent < 0)
		return is_waiting(link, sent) ? 0 : -1;
	pipe->sent += (size_t)sent;
	if (pipe->sent == pipe->length)
		pipe->sent = pipe->length = 0;
	return 1;
}

/* What to wait for: room where there are bytes for, bytes where there is room for. */
static int watch(struct link *link)
{
	uint32_t events = link->wants_to_write ? EPOLLOUT : 0;
	int result;

	if (link->early ? !link->wants_to_write : !link->in.length)
		events |= EPOLLIN;
	result = loop_change(link->watch, events);
	if (!result && link->door_watch)
		result = loop_change(link->door_watch,
		    (link->in.length ? EPOLLOUT : 0u) | (link->out.length ? 0u : EPOLLIN));
	return result;
}

static void drain(struct link *link)
{
	ssize_t got = recv(link->fd, link->in.data, BLOCK, MSG_DONTWAIT);

	if (!got || (got < 0 && errno != EAGAIN && errno != EINTR))
		link_free(link);
}

/* A client that is amid its own part of the handshake dies of a connection that is gone (libvirt's
 * does, by SIGPIPE), and never reads the alert. */
static void leave(struct link *link)
{
	mbedtls_ssl_close_notify(&link->ssl);
	shutdown(link->fd, SHUT_WR);
	link->leaving = true;
	if (loop_change(link->watch, EPOLLIN))
		link_free(link);
}

static void go_on(struct link *link)
{
	int in = 1;
	int out = 1;

	link->wants_to_write = false;
	if (link->early) {
		int result = mbedtls_ssl_handshake(&link->ssl);

		if (result && !is_waiting(link, result)) {
			tell_refusal(link, result);
			leave(link);
			return;
		}
		if (!result && !admit(link)) {
			leave(link);
			return;
		}
	}
	while (!link->early && in >= 0 && out >= 0 && (in || out)) {
		in = pass_in(link);
		out = pass_out(link);
	}
	if (in < 0 || out < 0 || watch(link))
		link_free(link);
}

static void happened(void *context, uint32_t events)
{
	struct link *link = context;

	/* With a client that is gone what berthd has not taken is of no use. */
	if (events & (EPOLLHUP | EPOLLERR))
		link_free(link);
	else if (link->leaving)
		drain(link);
	else
		go_on(link);
}

static void door_happened(void *context, uint32_t events)
{
	struct link *link = context;

	/* A hang-up would wake the loop until the client has read what is left. */
	if (events & (EPOLLHUP | EPOLLERR)) {
		loop_remove(link->door_watch);
		link->door_watch = NULL;
	}
	go_on(link);
}

static void late(void *context)
{
	link_free(context);
}

/* The oldest of those that are in their handshakes goes, if they are too many. */
static void make_room(struct links *links)
{
	struct link *oldest = NULL;
	unsigned int early = 0;

	for (struct link *link = links->first; link; link = link->next)
		if (link->early) {
			early++;
			oldest = link;
		}
	if (early >= LINKS_EARLY)
		link_free(oldest);
}

void link_begin(struct links *links, int fd, const char *peer)
{
	struct link *link;

	make_room(links);
	link = links->count < LINKS_MAX ? calloc(1, sizeof(*link)) : NULL;
	if (!link) {
		syslog(LOG_NOTICE, "%s: refused: there are %u connections", peer, links->count);
		close(fd);
		return;
	}
	link->links = links;
	link->fd = fd;
	link->door = -1;
	link->early = true;
	snprintf(link->peer, sizeof(link->peer), "%s", peer);
	mbedtls_ssl_init(&link->ssl);
	loop_timer_init(&link->timer, links->loop, late, link);
	loop_timer_set(&link->timer, loop_time(links->loop) + LINK_HANDSHAKE_SECONDS * SECOND);
	link->next = links->first;
	link->place = &links->first;
	if (link->next)
		link->next->place = &link->next;
	links->first = link;
	links->count++;
	if (mbedtls_ssl_setup(&link->ssl, &links->credentials->config) ||
	    loop_add(links->loop, fd, EPOLLIN, happened, link, &link->watch)) {
		link_free(link);
		return;
	}
	mbedtls_ssl_set_bio(&link->ssl, link, bio_send, bio_receive, NULL);
}

void links_end(struct links *links)
{
	while (links->first)
		link_free(links->first);
}
