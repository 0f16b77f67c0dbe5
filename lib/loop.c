/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Watches are freed only between rounds of epoll_wait(2): an event that was fetched for one that a
 * callback has just removed finds it marked dead, not gone.
 */
#include "lib/loop.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_A_ROUND 64

struct loop_watch {
	struct loop *loop;
	int fd;
	void (*ready)(void *context, uint32_t events);
	void *context;
	bool dead;
	struct loop_watch *next;
	struct loop_watch **link; /* the pointer that leads here */
};

struct loop {
	int epoll;
	int wake; /* eventfd: a call was posted, or the loop is to stop */
	struct loop_watch *watches;
	struct loop_watch *dead;
	struct loop_timer *timers;
	pthread_mutex_t *callers; /* held while callbacks run, or NULL */
	const uint64_t *clock;
	pthread_mutex_t lock; /* of what follows */
	struct loop_call *calls;
	struct loop_call **calls_end;
	bool stopped;
};

uint64_t loop_time(const struct loop *loop)
{
	struct timespec now;

	if (loop->clock)
		return *loop->clock;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

int loop_create(struct loop **ret_loop)
{
	struct loop *loop = calloc(1, sizeof(*loop));
	struct epoll_event event = { .events = EPOLLIN };
	int result = -ENOMEM;

	if (!loop)
		return -ENOMEM;
	pthread_mutex_init(&loop->lock, NULL);
	loop->calls_end = &loop->calls;
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	loop->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (loop->epoll < 0 || loop->wake < 0 ||
	    epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->wake, &event)) {
		result = -errno;
		loop_free(loop);
		return result;
	}
	*ret_loop = loop;
	return 0;
}

static void bury(struct loop *loop)
{
	while (loop->dead) {
		struct loop_watch *watch = loop->dead;

		loop->dead = watch->next;
		free(watch);
	}
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	while (loop->watches)
		loop_remove(loop->watches);
	bury(loop);
	while (loop->timers)
		loop_timer_cancel(loop->timers);
	if (loop->epoll >= 0)
		close(loop->epoll);
	if (loop->wake >= 0)
		close(loop->wake);
	pthread_mutex_destroy(&loop->lock);
	free(loop);
}

void loop_set_lock(struct loop *loop, pthread_mutex_t *lock)
{
	loop->callers = lock;
}

void loop_set_clock(struct loop *loop, const uint64_t *clock)
{
	loop->clock = clock;
}

int loop_add(struct loop *loop, int fd, uint32_t events,
    void (*ready)(void *context, uint32_t events), void *context, struct loop_watch **ret_watch)
{
	struct loop_watch *watch = calloc(1, sizeof(*watch));
	struct epoll_event event = { .events = events, .data = { .ptr = watch } };

	if (!watch)
		return -ENOMEM;
	*watch = (struct loop_watch){ .loop = loop, .fd = fd, .ready = ready, .context = context };
	if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event)) {
		int result = -errno;

		free(watch);
		return result;
	}
	watch->next = loop->watches;
	watch->link = &loop->watches;
	if (watch->next)
		watch->next->link = &watch->next;
	loop->watches = watch;
	*ret_watch = watch;
	return 0;
}

int loop_change(struct loop_watch *watch, uint32_t events)
{
	struct epoll_event event = { .events = events, .data = { .ptr = watch } };

	return epoll_ctl(watch->loop->epoll, EPOLL_CTL_MOD, watch->fd, &event) ? -errno : 0;
}

void loop_remove(struct loop_watch *watch)
{
	if (!watch)
		return;
	epoll_ctl(watch->loop->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
	*watch->link = watch->next;
	if (watch->next)
		watch->next->link = watch->link;
	watch->dead = true;
	watch->next = watch->loop->dead;
	watch->loop->dead = watch;
}

static void wake(struct loop *loop)
{
	uint64_t one = 1;

	/* It can only fail with the counter full, when the loop is going to wake up anyway. */
	if (write(loop->wake, &one, sizeof(one)) < 0)
		return;
}

void loop_timer_init(
    struct loop_timer *timer, struct loop *loop, void (*fire)(void *context), void *context)
{
	*timer = (struct loop_timer){ .loop = loop, .fire = fire, .context = context };
}

void loop_timer_set(struct loop_timer *timer, uint64_t deadline)
{
	struct loop_timer **link;

	loop_timer_cancel(timer);
	timer->deadline = deadline ? deadline : 1;
	for (link = &timer->loop->timers; *link && (*link)->deadline <= timer->deadline;)
		link = &(*link)->next;
	timer->next = *link;
	*link = timer;
	/* Set by another thread, it may have to shorten the loop's sleep. */
	if (timer->loop->callers && timer->loop->timers == timer)
		wake(timer->loop);
}

void loop_timer_cancel(struct loop_timer *timer)
{
	if (!timer->deadline)
		return;
	for (struct loop_timer **link = &timer->loop->timers; *link; link = &(*link)->next)
		if (*link == timer) {
			*link = timer->next;
			break;
		}
	timer->deadline = 0;
	timer->next = NULL;
}

void loop_post(struct loop *loop, struct loop_call *call)
{
	pthread_mutex_lock(&loop->lock);
	if (!call->posted) {
		call->posted = true;
		call->next = NULL;
		*loop->calls_end = call;
		loop->calls_end = &call->next;
		wake(loop);
	}
	pthread_mutex_unlock(&loop->lock);
}

void loop_unpost(struct loop *loop, struct loop_call *call)
{
	pthread_mutex_lock(&loop->lock);
	for (struct loop_call **link = &loop->calls; call->posted && *link; link = &(*link)->next)
		if (*link == call) {
			*link = call->next;
			if (!*link)
				loop->calls_end = link;
			call->posted = false;
			break;
		}
	pthread_mutex_unlock(&loop->lock);
}

void loop_stop(struct loop *loop)
{
	pthread_mutex_lock(&loop->lock);
	loop->stopped = true;
	wake(loop);
	pthread_mutex_unlock(&loop->lock);
}

/* One call at a time, so that what it posts comes after those that wait already. */
static void run_calls(struct loop *loop)
{
	uint64_t count;

	if (read(loop->wake, &count, sizeof(count)) < 0)
		return;
	for (;;) {
		struct loop_call *call;

		pthread_mutex_lock(&loop->lock);
		call = loop->calls;
		if (call) {
			loop->calls = call->next;
			if (!loop->calls)
				loop->calls_end = &loop->calls;
			call->posted = false;
		}
		pthread_mutex_unlock(&loop->lock);
		if (!call)
			return;
		call->run(call->context);
	}
}

static void fire_timers(struct loop *loop)
{
	uint64_t now;

	if (!loop->timers)
		return;
	now = loop_time(loop);
	while (loop->timers && loop->timers->deadline <= now) {
		struct loop_timer *timer = loop->timers;

		loop_timer_cancel(timer);
		timer->fire(timer->context);
	}
}

/* How long epoll_wait(2) may sleep: until the first timer, rounded up so that it has passed. */
static int patience(const struct loop *loop, int milliseconds)
{
	uint64_t now;
	uint64_t left;

	if (!loop->timers)
		return milliseconds;
	now = loop_time(loop);
	left = loop->timers->deadline > now ? (loop->timers->deadline - now + 999999) / 1000000 : 0;
	if (milliseconds >= 0 && (uint64_t)milliseconds < left)
		return milliseconds;
	return left > 3600000 ? 3600000 : (int)left;
}

static void hold(struct loop *loop)
{
	if (loop->callers)
		pthread_mutex_lock(loop->callers);
}

static void release(struct loop *loop)
{
	if (loop->callers)
		pthread_mutex_unlock(loop->callers);
}

int loop_step(struct loop *loop, int milliseconds)
{
	struct epoll_event events[EVENTS_A_ROUND];
	int count;

	hold(loop);
	milliseconds = patience(loop, milliseconds);
	release(loop);
	count = epoll_wait(loop->epoll, events, EVENTS_A_ROUND, milliseconds);
	if (count < 0)
		return errno == EINTR ? 0 : -errno;
	hold(loop);
	for (int i = 0; i < count; i++) {
		struct loop_watch *watch = events[i].data.ptr;

		if (!watch)
			run_calls(loop);
		else if (!watch->dead)
			watch->ready(watch->context, events[i].events);
	}
	fire_timers(loop);
	bury(loop);
	release(loop);
	return 0;
}

int loop_run(struct loop *loop)
{
	for (;;) {
		bool stopped;
		int result;

		pthread_mutex_lock(&loop->lock);
		stopped = loop->stopped;
		loop->stopped = false;
		pthread_mutex_unlock(&loop->lock);
		if (stopped)
			return 0;
		result = loop_step(loop, -1);
		if (result)
			return result;
	}
}
