/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/guest/control.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE (10ull * 1000000000)

struct request {
	struct request *next;
	char *text;
	size_t fd_count;
	int fds[CONTROL_FDS_MAX];
	bool patient;
	void (*done)(void *context, int result, const char *answer);
	void *context;
};

struct control {
	struct loop *loop;
	const struct control_ops *ops;
	void *context;
	int fd; /* -1: broken */
	struct loop_watch *watch;
	struct request *first; /* the one that was sent, if `sent` */
	struct request **last;
	bool sent;
	struct loop_timer timer;
	struct loop_call pump;
	char packet[CONTROL_PACKET_MAX + 1];
};

static int connect_to(const char *path, int flags)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if ((size_t)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path) >=
	    sizeof(address.sun_path))
		return -ENAMETOOLONG;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		int error = -errno;

		close(fd);
		return error;
	}
	return fd;
}

static int send_packet(int sock, const char *text, const int *fds, size_t count)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(CONTROL_FDS_MAX * sizeof(int))];
	} aside = { 0 };
	/* sendmsg(2) does not write to it. */
	union {
		const char *in;
		char *out;
	} data = { .in = text };
	struct iovec part = { .iov_base = data.out, .iov_len = strlen(text) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (count) {
		struct cmsghdr *head;

		message.msg_control = aside.room;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		head = CMSG_FIRSTHDR(&message);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(head), fds, count * sizeof(int));
	}
	return sendmsg(sock, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static void hang_up(struct control *control)
{
	loop_remove(control->watch);
	control->watch = NULL;
	if (control->fd >= 0)
		close(control->fd);
	control->fd = -1;
}

/* Take the first request off and answer it. */
static void finish(struct control *control, int result, const char *answer)
{
	struct request *request = control->first;

	control->first = request->next;
	if (!control->first)
		control->last = &control->first;
	control->sent = false;
	loop_timer_cancel(&control->timer);
	while (request->fd_count)
		close(request->fds[--request->fd_count]);
	if (control->first)
		loop_post(control->loop, &control->pump);
	if (request->done)
		request->done(request->context, result, answer);
	free(request->text);
	free(request);
}

static int number_of_error(const char *name)
{
	static const struct {
		const char *name;
		int error;
	} errors[] = { { "EBUSY", -EBUSY }, { "EINVAL", -EINVAL }, { "ENOENT", -ENOENT },
		{ "ENOSPC", -ENOSPC }, { "EOPNOTSUPP", -EOPNOTSUPP }, { "ENOTSUP", -EOPNOTSUPP },
		{ "ENOMEM", -ENOMEM }, { "EEXIST", -EEXIST }, { "EAGAIN", -EAGAIN },
		{ "ECANCELED", -EINTR }, { "EFBIG", -EFBIG }, { "EDQUOT", -EDQUOT },
		{ "EROFS", -EROFS } };

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (!strcmp(errors[i].name, name))
			return errors[i].error;
	return -EIO;
}

/* "ok" and lines, or "error NAME TEXT". The rest of the packet in `ret_rest`; a text is its line.
 */
static int read_answer(char *packet, const char **ret_rest)
{
	char name[32];
	size_t length;

	if (!strncmp(packet, "ok", 2) && (!packet[2] || packet[2] == '\n')) {
		*ret_rest = packet + 2 + (packet[2] == '\n');
		return 0;
	}
	if (strncmp(packet, "error ", 6)) {
		*ret_rest = "the guest's process does not speak the protocol";
		return -EPROTO;
	}
	packet[strcspn(packet, "\n")] = '\0';
	length = strcspn(packet + 6, " ");
	snprintf(name, sizeof(name), "%.*s", (int)length, packet + 6);
	*ret_rest = packet + 6 + length + (packet[6 + length] != '\0');
	return number_of_error(name);
}

/* What waits is answered by the pump, outside of whoever found out. */
static void lose(struct control *control)
{
	hang_up(control);
	if (control->first)
		loop_post(control->loop, &control->pump);
	control->ops->lost(control->context);
}

static void arrived(void *context, uint32_t events)
{
	struct control *control = context;
	ssize_t length = recv(control->fd, control->packet, CONTROL_PACKET_MAX, MSG_DONTWAIT);
	const char *rest;
	int result;

	(void)events;
	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (length <= 0) {
		lose(control);
		return;
	}
	control->packet[length] = '\0';
	if (!strncmp(control->packet, "event ", 6) && control->ops->event) {
		control->packet[strcspn(control->packet, "\n")] = '\0';
		control->ops->event(control->context, control->packet + 6);
	} else if (control->sent) {
		result = read_answer(control->packet, &rest);
		finish(control, result, rest);
	}
}

/* The answer may still come, and must not be taken for that of the next request. */
static void give_up(void *context)
{
	struct control *control = context;

	hang_up(control);
	if (control->first)
		finish(control, -ETIME, "the guest's process does not answer");
	control->ops->lost(control->context);
}

static void pump(void *context)
{
	struct control *control = context;
	int error;

	if (!control->first || (control->sent && control->fd >= 0))
		return;
	if (control->fd < 0) {
		finish(control, -EPIPE, "the guest's process has gone, or does not answer");
		return;
	}
	error = send_packet(
	    control->fd, control->first->text, control->first->fds, control->first->fd_count);
	if (error) {
		finish(control, error, strerror(-error));
		return;
	}
	control->sent = true;
	if (!control->first->patient)
		loop_timer_set(&control->timer, loop_time(control->loop) + PATIENCE);
}

int control_open(struct loop *loop, const char *path, const struct control_ops *ops, void *context,
    struct control **ret_control)
{
	struct control *control = calloc(1, sizeof(*control));
	int error = 0;

	if (!control)
		return -ENOMEM;
	control->loop = loop;
	control->ops = ops;
	control->context = context;
	control->last = &control->first;
	control->pump = (struct loop_call){ .run = pump, .context = control };
	loop_timer_init(&control->timer, loop, give_up, control);
	control->fd = connect_to(path, SOCK_NONBLOCK);
	if (control->fd < 0)
		error = control->fd;
	else
		error = loop_add(loop, control->fd, EPOLLIN, arrived, control, &control->watch);
	if (!error && ops->event)
		error = control_request(control, "events", -1, NULL, NULL);
	if (error) {
		control_free(control);
		return error;
	}
	*ret_control = control;
	return 0;
}

/* Nothing that waits outlives the control; what a `done` asks for now is answered as well. */
void control_free(struct control *control)
{
	if (!control)
		return;
	hang_up(control);
	while (control->first)
		finish(control, -ECANCELED, "the guest ended");
	loop_timer_cancel(&control->timer);
	loop_unpost(control->loop, &control->pump);
	free(control);
}

static int request_with(struct control *control, const char *text, const int *fds, size_t count,
    bool patient, void (*done)(void *context, int result, const char *answer), void *context)
{
	struct request *request = calloc(1, sizeof(*request));

	if (request)
		request->text = strdup(text);
	if (!request || !request->text || count > CONTROL_FDS_MAX) {
		if (request)
			free(request->text);
		free(request);
		for (size_t i = 0; i < count; i++)
			close(fds[i]);
		return -ENOMEM;
	}
	for (size_t i = 0; i < count; i++)
		request->fds[i] = fds[i];
	request->fd_count = count;
	request->patient = patient;
	request->done = done;
	request->context = context;
	*control->last = request;
	control->last = &request->next;
	loop_post(control->loop, &control->pump);
	return 0;
}

int control_request(struct control *control, const char *text, int fd,
    void (*done)(void *context, int result, const char *answer), void *context)
{
	return request_with(control, text, &fd, fd >= 0, false, done, context);
}

int control_request_with(struct control *control, const char *text, const int *fds, size_t count,
    void (*done)(void *context, int result, const char *answer), void *context)
{
	return request_with(control, text, fds, count, false, done, context);
}

int control_wait(struct control *control, const char *text, int fd,
    void (*done)(void *context, int result, const char *answer), void *context)
{
	return request_with(control, text, &fd, fd >= 0, true, done, context);
}

int control_ask(const char *path, const char *text, int milliseconds, struct buf *answer)
{
	struct pollfd wait = { .events = POLLIN };
	char *packet = malloc(CONTROL_PACKET_MAX + 1);
	const char *rest;
	ssize_t length = -1;
	int error = packet ? 0 : -ENOMEM;

	wait.fd = error ? error : connect_to(path, 0);
	if (!error && wait.fd < 0)
		error = wait.fd;
	if (!error)
		error = send_packet(wait.fd, text, NULL, 0);
	if (!error && poll(&wait, 1, milliseconds) != 1)
		error = -ETIME;
	if (!error) {
		length = recv(wait.fd, packet, CONTROL_PACKET_MAX, MSG_DONTWAIT);
		error = length > 0 ? 0 : length < 0 ? -errno : -EPIPE;
	}
	if (!error) {
		packet[length] = '\0';
		error = read_answer(packet, &rest);
		if (!error)
			buf_puts(answer, rest);
	}
	if (wait.fd >= 0)
		close(wait.fd);
	free(packet);
	return error;
}

bool control_value(const char *answer, const char *key, char *value, size_t size)
{
	size_t length = strlen(key);

	for (const char *line = answer; *line;
	     line += strcspn(line, "\n") + (strchr(line, '\n') != NULL)) {
		if (strncmp(line, key, length) || line[length] != '=')
			continue;
		snprintf(
		    value, size, "%.*s", (int)strcspn(line + length + 1, "\n"), line + length + 1);
		return true;
	}
	return false;
}
