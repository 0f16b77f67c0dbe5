/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/conn.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/virsh/conn_transport.h"

#define MEMORY (64u * 1024 * 1024)
#define TICK 500 /* milliseconds */

void conn_fail(struct conn *conn, int code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	conn->error.code = code;
	vsnprintf(conn->error.message, sizeof(conn->error.message), format, arguments);
	va_end(arguments);
}

static int broken(struct conn *conn, const char *why)
{
	conn->broken = true;
	conn_fail(conn, RPC_ERR_RPC, "Cannot recv data: %s", why);
	return -1;
}

/* A message must not raise SIGPIPE in the middle of printing something else. */
static int put(struct conn *conn, const char *data, size_t length)
{
	while (length) {
		ssize_t sent = send(conn->out, data, length, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return broken(conn, strerror(errno));
		data += sent;
		length -= (size_t)sent;
	}
	return 0;
}

static int put_message(
    struct conn *conn, const struct rpc_header *header, enum rpc_type type, const void *record)
{
	struct buf out = BUF_INIT;
	int result = rpc_message_add(&out, header, type, record);

	if (result)
		conn_fail(conn, RPC_ERR_RPC, "cannot send the call: %s", strerror(-result));
	else
		result = put(conn, out.data, out.length);
	buf_done(&out);
	return result ? -1 : 0;
}

/* Whether a whole message has come; its length then. */
static int whole(struct conn *conn)
{
	int length = rpc_message_length(
	    (const uint8_t *)buf_text(&conn->received), conn->received.length, RPC_MESSAGE_MAX);

	if (length < 0)
		return broken(conn, "the other side does not speak this protocol");
	return length && (size_t)length <= conn->received.length ? length : 0;
}

/* Read until there is a message. Its length, 0 when `also` has input or time is up first, or -1. */
static int receive(struct conn *conn, int also, int milliseconds)
{
	char data[65536];
	int length;

	while (!(length = whole(conn))) {
		struct pollfd wait[2] = { { .fd = conn->in, .events = POLLIN },
			{ .fd = also, .events = POLLIN } };
		ssize_t got;

		if (poll(wait, 2, milliseconds) < 0)
			return errno == EINTR ? 0 : broken(conn, strerror(errno));
		if (!wait[0].revents)
			return 0;
		got = recv(conn->in, data, sizeof(data), 0);
		if (got < 0)
			return broken(conn, strerror(errno));
		if (got == 0)
			return broken(conn, "End of file while reading data: Input/output error");
		buf_add(&conn->received, data, (size_t)got);
	}
	return length;
}

static void drop(struct conn *conn, int length)
{
	size_t left = conn->received.length - (size_t)length;

	memmove(conn->received.data, conn->received.data + length, left);
	buf_cut(&conn->received, left);
}

static void take_error(struct conn *conn, const uint8_t *payload, size_t length)
{
	struct rpc_error error;

	if (rpc_decode(RPC_TYPE_ERROR, payload, length, &conn->memory, &error)) {
		conn_fail(conn, RPC_ERR_RPC, "the node sent an error that cannot be read");
		return;
	}
	conn_fail(conn, error.code, "%s", error.message ? error.message : "unknown error");
	/* libvirt: virNetClientProgramDispatchError. */
	if (error.code == RPC_ERR_RPC && error.message &&
	    !strncmp(error.message, "unknown procedure", 17))
		conn->error.code = RPC_ERR_NO_SUPPORT;
}

/* What comes unasked: a ping, an event. */
static void take_unasked(
    struct conn *conn, const struct rpc_header *header, const uint8_t *payload, size_t length)
{
	struct rpc_header pong = rpc_header_keepalive(RPC_KEEPALIVE_PONG);
	const struct rpc_signature *signature = rpc_signature(header->procedure);
	union {
		uint64_t words[64];
		char bytes[512];
	} record;
	struct rpc_memory memory;

	if (header->program == RPC_PROGRAM_KEEPALIVE) {
		if (header->procedure == RPC_KEEPALIVE_PING)
			put_message(conn, &pong, RPC_TYPE_NONE, NULL);
		return;
	}
	if (header->program != RPC_PROGRAM || !conn->event || !signature ||
	    !(signature->flags & RPC_EVENT) ||
	    rpc_layout(signature->arguments)->size > sizeof(record))
		return;
	rpc_memory_init(&memory, RPC_DECODED(length));
	if (!rpc_decode(signature->arguments, payload, length, &memory, &record))
		conn->event(conn->event_context, header->procedure, &record);
	rpc_memory_done(&memory);
}

static int take_reply(struct conn *conn, const struct rpc_header *header, const uint8_t *payload,
    size_t length, void *ret)
{
	enum rpc_type type = rpc_signature(header->procedure)->returned;

	if (header->status == RPC_ERROR) {
		take_error(conn, payload, length);
		return -1;
	}
	if (type == RPC_TYPE_NONE || !ret)
		return 0;
	if (!rpc_decode(type, payload, length, &conn->memory, ret))
		return 0;
	conn_fail(conn, RPC_ERR_RPC, "the node's answer cannot be read");
	return -1;
}

static bool is_answer(const struct rpc_header *header, const struct rpc_header *call)
{
	return header->program == RPC_PROGRAM && header->serial == call->serial &&
	       header->procedure == call->procedure && header->type == RPC_REPLY;
}

struct conn_waiting {
	struct rpc_header call;
	void *ret;
	bool answered;
	int result;
	struct conn_error error;
};

/* Take a message: true when it is the answer to `call`. That of a call that waits beside it is put
 * there; packets of streams are kept off. */
static bool take_message(
    struct conn *conn, int length, const struct rpc_header *call, void *ret, int *ret_result)
{
	struct conn_waiting *waiting = conn->waiting;
	struct rpc_header header;
	const uint8_t *payload;
	size_t payload_length;
	bool answered;

	rpc_message_open((const uint8_t *)conn->received.data, (size_t)length, &header, &payload,
	    &payload_length);
	answered = is_answer(&header, call);
	if (answered) {
		*ret_result = take_reply(conn, &header, payload, payload_length, ret);
	} else if (waiting && is_answer(&header, &waiting->call)) {
		struct conn_error before = conn->error;

		waiting->result = take_reply(conn, &header, payload, payload_length, waiting->ret);
		waiting->answered = true;
		waiting->error = conn->error;
		conn->error = before;
	} else if (header.type == RPC_MESSAGE) {
		take_unasked(conn, &header, payload, payload_length);
	}
	drop(conn, length);
	return answered;
}

static int await(struct conn *conn, const struct rpc_header *call, void *ret)
{
	for (;;) {
		int length = receive(conn, -1, -1);
		int result;

		if (length < 0)
			return -1;
		if (length > 0 && take_message(conn, length, call, ret, &result))
			return result;
	}
}

/* Nothing is left in the error, or why not. As libvirt's library does it, what changes something is
 * not sent over a read-only connection. */
static bool may_call(struct conn *conn, int32_t procedure)
{
	conn->error.code = 0;
	if (conn->broken)
		conn_fail(conn, RPC_ERR_INVALID_CONN, "the connection is lost");
	else if (conn->read_only && rpc_function(procedure))
		conn_fail(conn, RPC_ERR_READ_ONLY,
		    "operation forbidden: read only access prevents %s", rpc_function(procedure));
	return !conn->error.code;
}

int conn_call(struct conn *conn, int32_t procedure, const void *arguments, void *ret)
{
	struct rpc_header call = { RPC_PROGRAM, RPC_VERSION, procedure, RPC_CALL, conn->serial++,
		RPC_OK };

	if (!may_call(conn, procedure) ||
	    put_message(conn, &call, rpc_signature(procedure)->arguments, arguments))
		return -1;
	return await(conn, &call, ret);
}

int conn_call_ticking(struct conn *conn, int32_t procedure, const void *arguments, void *ret,
    void (*tick)(void *context), void *context)
{
	struct conn_waiting waiting = { .call = { RPC_PROGRAM, RPC_VERSION, procedure, RPC_CALL,
					    conn->serial++, RPC_OK },
		.ret = ret };
	int length = 0;

	if (!may_call(conn, procedure) ||
	    put_message(conn, &waiting.call, rpc_signature(procedure)->arguments, arguments))
		return -1;
	conn->waiting = &waiting;
	while (!waiting.answered && length >= 0) {
		length = receive(conn, -1, TICK);
		if (length > 0)
			waiting.answered |= take_message(
			    conn, length, &waiting.call, ret, &waiting.result);
		else if (length == 0)
			tick(context);
	}
	conn->waiting = NULL;
	if (length < 0 && !waiting.answered)
		return -1;
	if (waiting.error.code)
		conn->error = waiting.error;
	return waiting.result;
}

void conn_release(struct conn *conn)
{
	rpc_memory_done(&conn->memory);
}

int conn_stream_open(struct conn *conn, int32_t procedure, const void *arguments, void *ret)
{
	uint32_t serial = conn->serial;

	if (conn_call(conn, procedure, arguments, ret))
		return -1;
	conn->stream = serial;
	conn->stream_procedure = procedure;
	return 0;
}

static int put_packet(struct conn *conn, enum rpc_status status, const void *data, size_t length)
{
	struct rpc_header header = { RPC_PROGRAM, RPC_VERSION, conn->stream_procedure, RPC_STREAM,
		conn->stream, (int32_t)status };
	struct buf out = BUF_INIT;
	int result = rpc_message_add_raw(&out, &header, data, length);

	if (!result)
		result = put(conn, out.data, out.length);
	buf_done(&out);
	return result ? -1 : 0;
}

int conn_stream_send(struct conn *conn, const void *data, size_t length)
{
	while (length) {
		size_t part = length < RPC_STREAM_DATA_MAX ? length : RPC_STREAM_DATA_MAX;

		if (put_packet(conn, RPC_CONTINUE, data, part))
			return -1;
		data = (const char *)data + part;
		length -= part;
	}
	return 0;
}

int conn_stream_send_hole(struct conn *conn, int64_t length)
{
	struct rpc_header header = { RPC_PROGRAM, RPC_VERSION, conn->stream_procedure,
		RPC_STREAM_HOLE, conn->stream, RPC_CONTINUE };
	struct rpc_stream_hole hole = { length, 0 };

	return put_message(conn, &header, RPC_TYPE_STREAM_HOLE, &hole);
}

static int take_hole(struct conn *conn, const uint8_t *payload, size_t length, size_t *ret_length)
{
	struct rpc_stream_hole hole;

	if (rpc_decode(RPC_TYPE_STREAM_HOLE, payload, length, &conn->memory, &hole) ||
	    hole.length < 0)
		return broken(conn, "a hole in the stream cannot be read");
	*ret_length = (size_t)hole.length;
	return 1;
}

/* One packet of the stream into a buffer of its own, or what else there is. */
static int stream_step(struct conn *conn, int also, struct rpc_header *ret_header,
    const uint8_t **ret_data, size_t *ret_length)
{
	struct rpc_header header;
	const uint8_t *payload;
	int length = receive(conn, also, -1);
	int result = 0;

	if (length <= 0)
		return length;
	rpc_message_open(
	    (const uint8_t *)conn->received.data, (size_t)length, &header, &payload, ret_length);
	if (header.type == RPC_MESSAGE) {
		take_unasked(conn, &header, payload, *ret_length);
	} else if (header.type == RPC_STREAM && header.serial == conn->stream) {
		char *copy = rpc_memory_copy(&conn->memory, (const char *)payload, *ret_length);

		*ret_header = header;
		*ret_data = (const uint8_t *)copy;
		result = copy ? 1 : -1;
		if (header.status == RPC_ERROR) {
			take_error(conn, payload, *ret_length);
			conn->stream = 0;
			result = -1;
		}
	} else if (header.type == RPC_STREAM_HOLE && header.serial == conn->stream) {
		*ret_header = header;
		*ret_data = NULL;
		result = take_hole(conn, payload, *ret_length, ret_length);
	}
	drop(conn, length);
	return result;
}

int conn_stream_receive(struct conn *conn, int also, const uint8_t **ret_data, size_t *ret_length)
{
	struct rpc_header header;

	return stream_step(conn, also, &header, ret_data, ret_length);
}

int conn_stream_check(struct conn *conn)
{
	struct rpc_header header;
	const uint8_t *data;
	size_t length;
	struct pollfd input = { .fd = conn->in, .events = POLLIN };
	int result = 0;

	while (result >= 0 && (whole(conn) > 0 || poll(&input, 1, 0) > 0))
		result = stream_step(conn, -1, &header, &data, &length);
	return result < 0 ? -1 : 0;
}

int conn_stream_finish(struct conn *conn)
{
	struct rpc_header header;
	const uint8_t *data;
	size_t length;
	int result;

	if (!conn->stream || put_packet(conn, RPC_OK, NULL, 0))
		return -1;
	do {
		result = stream_step(conn, -1, &header, &data, &length);
	} while (result == 0 || (result == 1 && header.status != RPC_OK));
	conn->stream = 0;
	return result == 1 ? 0 : -1;
}

void conn_stream_abort(struct conn *conn)
{
	if (conn->stream)
		put_packet(conn, RPC_ERROR, NULL, 0);
	conn->stream = 0;
}

int conn_wait(struct conn *conn, int milliseconds)
{
	struct rpc_header header;
	const uint8_t *payload;
	size_t payload_length;
	int length = receive(conn, -1, milliseconds);

	if (length <= 0)
		return length < 0 ? -1 : 1;
	rpc_message_open((const uint8_t *)conn->received.data, (size_t)length, &header, &payload,
	    &payload_length);
	if (header.type == RPC_MESSAGE)
		take_unasked(conn, &header, payload, payload_length);
	drop(conn, length);
	return 0;
}

static int reach(struct conn *conn)
{
	struct conn_transport transport;
	int code = conn_connect(&conn->uri, conn->read_only, &transport);

	if (code) {
		conn_fail(conn, code, "%s", transport.fault);
		return -1;
	}
	conn->in = transport.fd;
	conn->out = transport.fd;
	conn->ssh = transport.ssh;
	return 0;
}

static int authenticate(struct conn *conn)
{
	struct rpc_auth_list_ret ret;

	if (conn_call(conn, RPC_AUTH_LIST, NULL, &ret))
		return conn->error.code == RPC_ERR_NO_SUPPORT ? 0 : -1;
	for (uint32_t i = 0; i < ret.types_count; i++)
		if (ret.types[i] == 0)
			return 0;
	if (!ret.types_count)
		return 0;
	conn_fail(conn, RPC_ERR_AUTH_FAILED,
	    "authentication failed: the node wants a kind of authentication that this virsh does not have");
	return -1;
}

int conn_open(struct conn *conn, const char *text, bool read_only)
{
	struct rpc_connect_open_args args = { .flags = read_only ? 1 : 0 };

	memset(conn, 0, sizeof(*conn));
	conn->in = -1;
	conn->out = -1;
	conn->read_only = read_only;
	rpc_memory_init(&conn->memory, MEMORY);
	if (!uri_parse(text, &conn->uri)) {
		conn_fail(conn, RPC_ERR_NO_CONNECT, "no connection driver available for %s", text);
		return -1;
	}
	args.name = conn->uri.name;
	if (reach(conn) || authenticate(conn) || conn_call(conn, RPC_CONNECT_OPEN, &args, NULL))
		return -1;
	return 0;
}

void conn_close(struct conn *conn)
{
	if (conn->in >= 0 && !conn->broken)
		conn_call(conn, RPC_CONNECT_CLOSE, NULL, NULL);
	if (conn->in >= 0)
		close(conn->in);
	if (conn->ssh)
		waitpid(conn->ssh, NULL, 0);
	buf_done(&conn->received);
	rpc_memory_done(&conn->memory);
	conn->in = -1;
	conn->out = -1;
	conn->ssh = 0;
}
