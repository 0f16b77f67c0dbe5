/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Connections: packets in, answers and events out. Nothing here waits for a client: an answer that
 * it does not take closes its connection.
 */
#include "vmm/control.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vmm/control_request.h"

struct connection {
	struct control *control;
	int fd;
	bool events;
	bool waits; /* for the end of its job: no further request meanwhile, and its end is the
		       job's */
	struct loop_watch *watch;
};

struct control {
	struct loop *loop;
	struct machine *machine;
	int socket;
	struct loop_watch *watch;
	struct connection connections[CONTROL_CONNECTIONS_MAX];
};

static const char *error_name(int error)
{
	static const struct {
		int error;
		const char *name;
	} names[] = { { EBUSY, "EBUSY" }, { EINVAL, "EINVAL" }, { ENOENT, "ENOENT" },
		{ ENOTSUP, "ENOTSUP" }, { ERANGE, "ERANGE" }, { EEXIST, "EEXIST" },
		{ ENOSPC, "ENOSPC" }, { ENOMEM, "ENOMEM" }, { EBADF, "EBADF" }, { EPERM, "EPERM" },
		{ EFBIG, "EFBIG" }, { ECANCELED, "ECANCELED" }, { EDQUOT, "EDQUOT" },
		{ EROFS, "EROFS" } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].error == error)
			return names[i].name;
	return "EIO";
}

static void hang_up(struct connection *connection)
{
	struct control *control = connection->control;
	bool waits = connection->waits;

	loop_remove(connection->watch);
	close(connection->fd);
	*connection = (struct connection){ .control = control, .fd = -1 };
	/* Nobody is left who wants to know what becomes of it. */
	if (waits)
		machine_cancel_job(control->machine);
}

static void send_packet(struct connection *connection, const char *text, size_t length)
{
	if (send(connection->fd, text, length, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)length)
		hang_up(connection);
}

static void answer(struct connection *connection, int result, const char *text)
{
	struct buf packet = BUF_INIT;

	if (result)
		buf_printf(&packet, "error %s %s\n", error_name(-result),
		    *text ? text : strerror(-result));
	else
		buf_printf(&packet, "ok\n%s", text);
	if (connection->fd >= 0 && buf_ok(&packet) && packet.length <= CONTROL_PACKET_MAX)
		send_packet(connection, buf_text(&packet), packet.length);
	buf_done(&packet);
}

static void job_ended(void *context, int result, const char *text)
{
	struct connection *connection = context;

	/* Whoever hung up has gone, and perhaps somebody else has come in its place. */
	if (!connection->waits)
		return;
	connection->waits = false;
	loop_change(connection->watch, EPOLLIN);
	answer(connection, result, text ? text : "");
}

/* A request's bytes and its descriptors; how many bytes, 0 at the end, -1: not now. */
static ssize_t receive(
    int fd, char *text, size_t size, struct control_request *request, bool *ret_whole)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(CONTROL_FDS_MAX * sizeof(int))];
	} control;
	struct iovec part = { .iov_base = text, .iov_len = size };
	struct msghdr message = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	ssize_t length = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	*ret_whole = !(message.msg_flags & (MSG_TRUNC | MSG_CTRUNC));
	if (length < 0)
		return errno == EAGAIN || errno == EINTR ? -1 : 0;
	for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header;
	     header = CMSG_NXTHDR(&message, header)) {
		size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
			continue;
		/* `control` has no room for more than there is here. */
		for (size_t i = 0; i < count; i++)
			memcpy(&request->fds[request->fd_count++],
			    CMSG_DATA(header) + i * sizeof(int), sizeof(int));
	}
	return length;
}

static void serve(struct connection *connection, struct control_request *request, char *text)
{
	int result = control_request_serve(request, text);

	connection->events |= request->wants_events;
	if (request->later && connection->fd < 0) {
		machine_cancel_job(request->machine);
	} else if (request->later) {
		connection->waits = true;
		loop_change(connection->watch, 0);
	} else {
		answer(connection, result, result ? request->why.text : buf_text(&request->out));
	}
}

static void readable(void *context, uint32_t events)
{
	struct connection *connection = context;
	struct control_request request = { .machine = connection->control->machine,
		.done = { job_ended, connection },
		.out = BUF_INIT };
	char *text = malloc(CONTROL_PACKET_MAX + 1);
	ssize_t length;
	bool whole;

	if (!text || (connection->waits && events & (EPOLLHUP | EPOLLERR))) {
		free(text);
		hang_up(connection);
		return;
	}
	length = receive(connection->fd, text, CONTROL_PACKET_MAX, &request, &whole);
	if (length > 0) {
		if (text[length - 1] == '\n')
			length--;
		text[length] = '\0';
		if (!whole || strlen(text) != (size_t)length)
			answer(connection, -EINVAL, "no text, or too much of it");
		else
			serve(connection, &request, text);
	} else if (length == 0) {
		hang_up(connection);
	}
	for (unsigned int i = 0; i < request.fd_count; i++)
		if (request.fds[i] >= 0)
			close(request.fds[i]);
	buf_done(&request.out);
	free(text);
}

static void incoming(void *context, uint32_t events)
{
	struct control *control = context;
	struct connection *connection = NULL;
	int fd = accept4(control->socket, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd < 0)
		return;
	for (unsigned int i = 0; i < CONTROL_CONNECTIONS_MAX && !connection; i++)
		if (control->connections[i].fd < 0)
			connection = &control->connections[i];
	if (!connection) {
		close(fd);
		return;
	}
	*connection = (struct connection){ .control = control, .fd = fd };
	if (loop_add(control->loop, fd, EPOLLIN, readable, connection, &connection->watch)) {
		close(fd);
		connection->fd = -1;
	}
}

int control_listen(
    struct loop *loop, int socket, struct machine *machine, struct control **ret_control)
{
	struct control *control = calloc(1, sizeof(*control));
	int result;

	if (!control) {
		close(socket);
		return -ENOMEM;
	}
	control->loop = loop;
	control->machine = machine;
	control->socket = socket;
	for (unsigned int i = 0; i < CONTROL_CONNECTIONS_MAX; i++)
		control->connections[i] = (struct connection){ .control = control, .fd = -1 };
	result = loop_add(loop, socket, EPOLLIN, incoming, control, &control->watch);
	if (result) {
		control_close(control);
		return result;
	}
	*ret_control = control;
	return 0;
}

void control_close(struct control *control)
{
	if (!control)
		return;
	for (unsigned int i = 0; i < CONTROL_CONNECTIONS_MAX; i++)
		if (control->connections[i].fd >= 0)
			hang_up(&control->connections[i]);
	loop_remove(control->watch);
	close(control->socket);
	free(control);
}

void control_event(struct control *control, const char *format, ...)
{
	char text[512];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (length >= (int)sizeof(text))
		length = sizeof(text) - 1;
	for (unsigned int i = 0; i < CONTROL_CONNECTIONS_MAX; i++)
		if (control->connections[i].fd >= 0 && control->connections[i].events)
			send_packet(&control->connections[i], text, (size_t)length);
}
