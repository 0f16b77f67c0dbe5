/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The daemon's side of a guest's control socket (docs/vmm.md): requests, answered in their order,
 * and events, on one connection, so that what happened before an answer is told before it. What
 * comes back is another process's, which a guest may have taken over: it is
 * bounded and never trusted to come.
 */
#ifndef BERTH_NODE_GUEST_CONTROL_H
#define BERTH_NODE_GUEST_CONTROL_H

#include "lib/buf.h"
#include "lib/loop.h"

#define CONTROL_PACKET_MAX 65536
#define CONTROL_FDS_MAX 32

struct control;

struct control_ops {
	/* `text` is what follows "event ". NULL: none are asked for. */
	void (*event)(void *context, const char *text);
	/* The connection is of no use any more, as when no answer came in time. Not to free the
	 * control at once. */
	void (*lost)(void *context);
};

/* Connect, and ask for events. 0 or -errno. */
int control_open(struct loop *loop, const char *path, const struct control_ops *ops, void *context,
    struct control **ret_control);

/* Requests that wait are answered with -ECANCELED. NULL is taken. */
void control_free(struct control *control);

/*
 * 0: `done` is called once, from the loop or from control_free, with 0 and the lines behind "ok",
 * or with -errno and a text; -ETIME when no answer came. -ENOMEM: it is not. `fd`, if not -1, is
 * sent along, and closed here in any case.
 */
int control_request(struct control *control, const char *text, int fd,
    void (*done)(void *context, int result, const char *answer), void *context);

/* The same with `count` descriptors, CONTROL_FDS_MAX at most. */
int control_request_with(struct control *control, const char *text, const int *fds, size_t count,
    void (*done)(void *context, int result, const char *answer), void *context);

/* The same for what takes as long as it takes: never -ETIME. What the process says it gave up is
 * -EINTR. */
int control_wait(struct control *control, const char *text, int fd,
    void (*done)(void *context, int result, const char *answer), void *context);

/* One request on a connection of its own, waited for, `milliseconds` at most. The lines behind "ok"
 * are appended to `answer`. 0 or -errno. */
int control_ask(const char *path, const char *text, int milliseconds, struct buf *answer);

/* The value of "KEY=" at the start of a line of `answer`, into `value`; false without it. */
bool control_value(const char *answer, const char *key, char *value, size_t size);

#endif
