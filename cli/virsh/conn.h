/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A connection to a node: calls, events, streams. One thread; a call waits for its answer and
 * serves on the way what comes unasked. Nothing here prints: an error is left in `error`.
 */
#ifndef BERTH_CLI_VIRSH_CONN_H
#define BERTH_CLI_VIRSH_CONN_H

#include <sys/types.h>

#include "cli/virsh/uri.h"
#include "rpc/error.h"
#include "rpc/message.h"

struct conn_error {
	int code; /* enum rpc_error_code; 0: none */
	char message[1024];
};

struct conn {
	struct uri uri;
	bool read_only;
	int in;
	int out;   /* the same with a socket */
	pid_t ssh; /* or 0 */
	bool broken;
	uint32_t serial;
	struct buf received;
	struct rpc_memory memory; /* of answers, until the next conn_release() */
	struct conn_error error;
	uint32_t stream; /* serial of the stream that is open; 0: none */
	int32_t stream_procedure;
	/* An event: its procedure number and record. */
	void (*event)(void *context, int32_t procedure, const void *record);
	void *event_context;
	struct conn_waiting *waiting; /* a call that others are made beside; NULL: none */
};

/* Connect, and open `text`. 0, or -1 with the error set; `conn` is to be closed in any case. */
int conn_open(struct conn *conn, const char *text, bool read_only);
void conn_close(struct conn *conn);

/* Call a procedure. 0 with its record in `ret`, which points into the connection's memory, or -1.
 */
int conn_call(struct conn *conn, int32_t procedure, const void *arguments, void *ret);

/* The same of a call that takes long: `tick` is called again and again meanwhile, and may make
 * others. */
int conn_call_ticking(struct conn *conn, int32_t procedure, const void *arguments, void *ret,
    void (*tick)(void *context), void *context);

/* Throw away the answers of before. */
void conn_release(struct conn *conn);

/* The same as conn_call, of a procedure that opens a stream. */
int conn_stream_open(struct conn *conn, int32_t procedure, const void *arguments, void *ret);
int conn_stream_send(struct conn *conn, const void *data, size_t length);
int conn_stream_send_hole(struct conn *conn, int64_t length);

/* Whether the other side still takes what is sent, of a stream that only sends: 0, or -1. */
int conn_stream_check(struct conn *conn);

/*
 * Wait for what comes next: 1 with data of the stream (0 bytes: its end; NULL: a hole of so many),
 * 0 when it was something else or the other descriptor `also` (-1: none) has input, -1 on an error.
 */
int conn_stream_receive(struct conn *conn, int also, const uint8_t **ret_data, size_t *ret_length);

/* Tell that there is no more, and wait for the answer; or give the stream up. */
int conn_stream_finish(struct conn *conn);
void conn_stream_abort(struct conn *conn);

/* Wait `milliseconds` for events, or for ever with -1. 0, 1 when the time is up, -1 on an error. */
int conn_wait(struct conn *conn, int milliseconds);

void conn_fail(struct conn *conn, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
