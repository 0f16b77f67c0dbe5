/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One call of a client, from its arguments to its answer. A handler gets it, and answers once, now
 * or later: with call_reply() or with call_fail(). Calls of one client are answered in any order.
 * The client may be gone by then; the call is not.
 */
#ifndef BERTH_NODE_SERVER_CALL_H
#define BERTH_NODE_SERVER_CALL_H

#include "node/guest/driver.h"
#include "node/server/client.h"
#include "rpc/error.h"

/* Memory for the answer of one call. */
#define CALL_MEMORY (8u * 1024 * 1024)

struct object_kind;
struct volume_use;
struct workers;

/* What handlers work with. */
struct server_core {
	struct loop *loop;
	const struct driver_ops *ops;
	void *driver;
	struct client *clients;
	struct workers *workers; /* for what takes long */
	struct volume_use *uses; /* volumes that are being read or written for clients */
};

struct server_call {
	struct client *client; /* NULL once it is gone */
	struct server_call *next;
	struct server_call **link;
	struct server_core *core;
	struct rpc_header header;
	const struct rpc_signature *signature;
	const struct object_kind *kind; /* of the procedure, for handlers of several kinds */
	const void *arguments;		/* the record, or NULL */
	struct driver_guest guest;	/* that it is about; node/rpc/guest finds it */
	struct rpc_memory memory;	/* of the arguments, and for the answer */
};

typedef void (*call_handler)(struct server_call *call);

/* Begin a call; the arguments are decoded already. NULL without memory. */
struct server_call *call_create(
    struct client *client, struct server_core *core, const struct rpc_header *header);
void call_free(struct server_call *call);

/* The client is closed: its calls go on without it. */
void call_forget_client(struct client *client);

/* Answer, and end the call. `ret` is the record that the procedure returns, or NULL. */
void call_reply(struct server_call *call, const void *ret);

/* The same with a record of zeros and empty lists, of one number, of one text, which is freed, and
 * of one list of names, at most `most` of those that stand `step` bytes apart. */
void call_reply_none(struct server_call *call);
void call_reply_number(struct server_call *call, int32_t number);
void call_reply_text(struct server_call *call, struct buf *text);
void call_reply_names(
    struct server_call *call, const char *const *first, size_t step, uint32_t count, int32_t most);

void call_fail(struct server_call *call, enum rpc_error_code code, enum rpc_error_from from,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The answer to a result of the driver: success without a record, or its error. */
void call_done(void *call, int result, const char *message);
void call_fail_errno(struct server_call *call, int result, const char *message);

/* What was wrong with XML of a client: -EINVAL it is none (27), -EBADMSG it says what cannot be
 * done (67). */
void call_fail_xml(struct server_call *call, enum rpc_error_from from, int result, const char *why);

/* For what is not there yet: clients then do without. */
void call_unsupported(struct server_call *call);

/* False, and the call has failed, when `flags` has others than `allowed`. */
bool call_check_flags(struct server_call *call, uint32_t flags, uint32_t allowed);

/* Send a message that answers no call. */
void call_send_error(struct client *client, const struct rpc_header *header,
    enum rpc_error_code code, enum rpc_error_from from, const char *message);

#endif
