/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Nothing here waits for a client: an answer that it does not take closes its connection. What
 * comes in is a request's words and some descriptors, which the verb takes over or which are
 * closed.
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

#include "lib/num.h"
#include "vmm/machine_file.h"

#define WORDS_MAX 64

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

struct request {
	struct connection *connection;
	struct machine *machine;
	unsigned int count;
	char *words[WORDS_MAX];
	char plug[1024]; /* what follows the verb, as it came; "" if that is too long */
	char rest[1024]; /* what follows the second word, likewise */
	unsigned int fd_count;
	int fds[CONTROL_FDS_MAX]; /* -1: taken over */
	bool later;		  /* it is answered when its job ends */
	struct why why;		  /* of a failure; empty: that of the error */
	struct buf out;
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

/* A descriptor that came along is from now on its taker's; -1: there is none of that number. */
static int take_fd(struct request *request, int number)
{
	int fd = -1;

	if (number >= 0 && (unsigned int)number < request->fd_count) {
		fd = request->fds[number];
		request->fds[number] = -1;
	}
	return fd;
}

static int do_status(struct request *request)
{
	machine_status(request->machine, &request->out);
	return 0;
}

static int do_stats(struct request *request)
{
	machine_stats(request->machine, &request->out);
	return 0;
}

static int do_pause(struct request *request)
{
	return machine_pause(request->machine, "user");
}

static int do_resume(struct request *request)
{
	return machine_resume(request->machine);
}

static int do_power_button(struct request *request)
{
	return machine_power_button(request->machine);
}

static int do_reset(struct request *request)
{
	return machine_reset(request->machine, &request->why);
}

static int do_stop(struct request *request)
{
	machine_stop(request->machine);
	return 0;
}

static int do_nmi(struct request *request)
{
	return machine_nmi(request->machine);
}

static int do_balloon(struct request *request)
{
	uint64_t bytes;

	if (!num_parse(request->words[1], UINT64_MAX / 2, &bytes))
		return why(
		    &request->why, -EINVAL, "\"%s\" is no number of bytes", request->words[1]);
	return machine_set_balloon(request->machine, bytes);
}

static int do_console(struct request *request)
{
	bool force = request->count == 3 && strcmp(request->words[2], "force") == 0;

	if (request->count == 3 && !force)
		return why(&request->why, -EINVAL, "\"%s\" is not known", request->words[2]);
	return machine_console(request->machine, request->words[1], take_fd(request, 0), force);
}

static int do_console_size(struct request *request)
{
	uint64_t columns;
	uint64_t rows;

	if (!num_parse(request->words[2], UINT16_MAX, &columns) ||
	    !num_parse(request->words[3], UINT16_MAX, &rows))
		return -EINVAL;
	return machine_console_size(
	    request->machine, request->words[1], (unsigned int)columns, (unsigned int)rows);
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

static struct machine_done job_done(struct connection *connection)
{
	return (struct machine_done){ job_ended, connection };
}

static int job_begun(struct request *request, int result)
{
	if (!result) {
		request->fds[0] = -1;
		request->later = true;
	}
	return result;
}

static int do_save(struct request *request)
{
	uint64_t base = 0;

	if (request->count == 2 &&
	    (strncmp(request->words[1], "offset=", 7) != 0 ||
		!num_parse(request->words[1] + 7, 1ull << 40, &base) || base % MACHINE_FILE_PAGE))
		return why(&request->why, -EINVAL, "\"%s\" is not known", request->words[1]);
	return job_begun(request, machine_save(request->machine, request->fds[0], base,
				      job_done(request->connection), &request->why));
}

static int do_memory_dump(struct request *request)
{
	bool live = request->count == 2;

	if (live && strcmp(request->words[1], "live") != 0)
		return why(&request->why, -EINVAL, "\"%s\" is not known", request->words[1]);
	return job_begun(request, machine_dump(request->machine, request->fds[0], live,
				      job_done(request->connection), &request->why));
}

static int do_job_cancel(struct request *request)
{
	machine_cancel_job(request->machine);
	return 0;
}

static int do_disk_resize(struct request *request)
{
	return machine_disk_resized(request->machine, request->words[1]);
}

/* The words of limits are those of a definition; what else a line of one must have is made up. */
static int do_disk_limit(struct request *request)
{
	struct definition_disk disk;
	char line[1280];
	int result;

	snprintf(line, sizeof(line), "id=%.63s fd=0 %s", request->words[1], request->rest);
	result = definition_parse_disk(line, &disk, &request->why);
	return result ? result : machine_limit_disk(request->machine, &disk);
}

static int do_nic_link(struct request *request)
{
	bool up = strcmp(request->words[2], "up") == 0;

	if (!up && strcmp(request->words[2], "down") != 0)
		return why(
		    &request->why, -EINVAL, "\"%s\" is neither up nor down", request->words[2]);
	return machine_set_link(request->machine, request->words[1], up);
}

static int do_nic_limit(struct request *request)
{
	struct definition_nic nic;
	char line[1280];
	int result;

	snprintf(line, sizeof(line), "id=%.63s fd=0 mac=02:00:00:00:00:00 %s", request->words[1],
	    request->rest);
	result = definition_parse_nic(line, &nic, &request->why);
	return result ? result : machine_limit_nic(request->machine, &nic);
}

static int do_disk_add(struct request *request)
{
	struct definition_disk disk;
	int result = definition_parse_disk(request->plug, &disk, &request->why);

	if (result)
		return result;
	disk.fd = take_fd(request, disk.fd);
	if (disk.fd < 0)
		return why(&request->why, -EBADF, "disk \"%s\": its descriptor did not come along",
		    disk.id);
	return machine_add_disk(request->machine, &disk, &request->why);
}

/* Those that a line names by their number among the ones that came; false: not all are there. */
static bool take_fds(struct request *request, struct definition_fds *fds)
{
	bool whole = true;

	for (unsigned int i = 0; i < fds->count; i++) {
		fds->fd[i] = take_fd(request, fds->fd[i]);
		whole &= fds->fd[i] >= 0;
	}
	return whole;
}

static void close_fds(const struct definition_fds *fds)
{
	for (unsigned int i = 0; i < fds->count; i++)
		if (fds->fd[i] >= 0)
			close(fds->fd[i]);
}

static int do_nic_add(struct request *request)
{
	struct definition_nic nic;
	int result = definition_parse_nic(request->plug, &nic, &request->why);
	bool has_taps;
	bool has_vhosts;

	if (result)
		return result;
	has_taps = take_fds(request, &nic.tap);
	has_vhosts = take_fds(request, &nic.vhost);
	if (!has_taps || !has_vhosts) {
		close_fds(&nic.tap);
		close_fds(&nic.vhost);
		return why(&request->why, -EBADF,
		    "nic \"%s\": a descriptor of it did not come along", nic.id);
	}
	return machine_add_nic(request->machine, &nic, &request->why);
}

static int do_disk_remove(struct request *request)
{
	return machine_remove_disk(request->machine, request->words[1]);
}

static int do_nic_remove(struct request *request)
{
	return machine_remove_nic(request->machine, request->words[1]);
}

static int do_devices(struct request *request)
{
	machine_devices(request->machine, &request->out);
	return 0;
}

static int do_events(struct request *request)
{
	request->connection->events = true;
	return 0;
}

static const struct verb {
	const char *name;
	unsigned int words_min; /* with the verb */
	unsigned int words_max;
	bool wants_fd;
	int (*serve)(struct request *request);
} verbs[] = {
	{ "status", 1, 1, false, do_status },
	{ "stats", 1, 1, false, do_stats },
	{ "pause", 1, 1, false, do_pause },
	{ "resume", 1, 1, false, do_resume },
	{ "power-button", 1, 1, false, do_power_button },
	{ "reset", 1, 1, false, do_reset },
	{ "stop", 1, 1, false, do_stop },
	{ "nmi", 1, 1, false, do_nmi },
	{ "balloon", 2, 2, false, do_balloon },
	{ "console", 2, 3, true, do_console },
	{ "console-size", 4, 4, false, do_console_size },
	{ "save", 1, 2, true, do_save },
	{ "memory-dump", 1, 2, true, do_memory_dump },
	{ "job-cancel", 1, 1, false, do_job_cancel },
	{ "devices", 1, 1, false, do_devices },
	{ "disk-add", 2, WORDS_MAX, true, do_disk_add },
	{ "disk-remove", 2, 2, false, do_disk_remove },
	{ "disk-resize", 2, 2, false, do_disk_resize },
	{ "disk-limit", 2, WORDS_MAX, false, do_disk_limit },
	{ "nic-add", 2, WORDS_MAX, true, do_nic_add },
	{ "nic-remove", 2, 2, false, do_nic_remove },
	{ "nic-link", 3, 3, false, do_nic_link },
	{ "nic-limit", 2, WORDS_MAX, false, do_nic_limit },
	{ "events", 1, 1, false, do_events },
};

static void split(struct request *request, char *text)
{
	char *rest = NULL;
	const char *second = strchr(text, ' ');
	const char *third = second ? strchr(second + 1, ' ') : NULL;
	char *word;

	if (second && strlen(second) < sizeof(request->plug))
		snprintf(request->plug, sizeof(request->plug), "%s", second + 1);
	if (third && strlen(third) < sizeof(request->rest))
		snprintf(request->rest, sizeof(request->rest), "%s", third + 1);
	word = strtok_r(text, " ", &rest);
	while (word && request->count < WORDS_MAX) {
		request->words[request->count++] = word;
		word = strtok_r(NULL, " ", &rest);
	}
}

static int serve(struct request *request)
{
	const struct verb *verb = NULL;

	if (!request->count)
		return why(&request->why, -EINVAL, "an empty request");
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, request->words[0]) == 0)
			verb = &verbs[i];
	if (!verb)
		return why(&request->why, -ENOTSUP, "\"%.64s\" is not known", request->words[0]);
	if (request->count < verb->words_min || request->count > verb->words_max)
		return why(&request->why, -EINVAL, "%s: %u words", verb->name, request->count);
	if (verb->wants_fd && !request->fd_count)
		return why(&request->why, -EBADF, "%s: no descriptor came along", verb->name);
	return verb->serve(request);
}

/* A request's bytes and its descriptors; how many bytes, 0 at the end, -1: not now. */
static ssize_t receive(struct request *request, char *text, size_t size, bool *ret_whole)
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
	ssize_t length = recvmsg(
	    request->connection->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

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

static void readable(void *context, uint32_t events)
{
	struct connection *connection = context;
	struct request request = {
		.connection = connection, .machine = connection->control->machine, .out = BUF_INIT
	};
	char *text = malloc(CONTROL_PACKET_MAX + 1);
	ssize_t length;
	bool whole;
	int result;

	if (!text || (connection->waits && events & (EPOLLHUP | EPOLLERR))) {
		free(text);
		hang_up(connection);
		return;
	}
	length = receive(&request, text, CONTROL_PACKET_MAX, &whole);
	if (length > 0) {
		if (text[length - 1] == '\n')
			length--;
		text[length] = '\0';
		if (!whole || strlen(text) != (size_t)length) {
			result = why(&request.why, -EINVAL, "no text, or too much of it");
		} else {
			split(&request, text);
			result = serve(&request);
		}
		if (request.later && connection->fd < 0) {
			machine_cancel_job(request.machine);
		} else if (request.later) {
			connection->waits = true;
			loop_change(connection->watch, 0);
		} else {
			answer(
			    connection, result, result ? request.why.text : buf_text(&request.out));
		}
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
