/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An event loop of one thread: descriptors, timers, and calls put off until the current event is
 * done. Everything is called on the thread that runs loop_run(). Other threads may call loop_post()
 * and loop_stop(), and with a lock (loop_set_lock) anything but loop_run() and loop_step() while
 * they hold it. Nothing here is for signal handlers.
 */
#ifndef BERTH_LIB_LOOP_H
#define BERTH_LIB_LOOP_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_watch;

/* loop_free takes NULL; watches and timers that are left are released with it, their descriptors
 * are not closed. */
int loop_create(struct loop **ret_loop);
void loop_free(struct loop *loop);

/* Hold `lock` whenever callbacks run, and not while the loop sleeps. To be called before it runs.
 */
void loop_set_lock(struct loop *loop, pthread_mutex_t *lock);

/* Take the time from `*clock` (nanoseconds, above 0) in the place of CLOCK_MONOTONIC: a test's,
 * which moves it and then calls loop_step(). */
void loop_set_clock(struct loop *loop, const uint64_t *clock);

/* Nanoseconds now. */
uint64_t loop_time(const struct loop *loop);

/* Serve events until loop_stop(). 0, or -errno of epoll_wait(2). */
int loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* Serve what is ready now, waiting `milliseconds` at most for the first (-1: for ever). For tests
 * and for draining. */
int loop_step(struct loop *loop, int milliseconds);

/*
 * Call `ready` whenever `fd` has one of `events` (EPOLLIN, EPOLLOUT; errors and hang-ups always
 * come). The descriptor stays the caller's, who removes the watch before closing it. Removing is
 * safe from within any callback, the watch's own too; NULL is taken.
 */
int loop_add(struct loop *loop, int fd, uint32_t events,
    void (*ready)(void *context, uint32_t events), void *context, struct loop_watch **ret_watch);
int loop_change(struct loop_watch *watch, uint32_t events);
void loop_remove(struct loop_watch *watch);

/* A timer, embedded in its owner. `fire` may set or cancel any timer, its own too. */
struct loop_timer {
	struct loop *loop;
	void (*fire)(void *context);
	void *context;
	uint64_t deadline;	 /* of loop_time(); 0: not set */
	struct loop_timer *next; /* of those set, by deadline */
};

void loop_timer_init(
    struct loop_timer *timer, struct loop *loop, void (*fire)(void *context), void *context);
void loop_timer_set(struct loop_timer *timer, uint64_t deadline);
void loop_timer_cancel(struct loop_timer *timer);

/* A call put off. It may be posted again once it has begun; posting it twice before that is one
 * call. Order is kept. */
struct loop_call {
	void (*run)(void *context);
	void *context;
	struct loop_call *next;
	bool posted;
};

void loop_post(struct loop *loop, struct loop_call *call);

/* Take it back, before its owner is freed; one that is not posted is taken. */
void loop_unpost(struct loop *loop, struct loop_call *call);

#endif
