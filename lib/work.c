/* SPDX-License-Identifier: GPL-2.0-only */
#include "lib/work.h"

#include <errno.h>
#include <stdlib.h>

struct queue {
	struct work *first;
	struct work **end;
};

struct workers {
	struct loop *loop;
	unsigned int limit;
	struct loop_call deliver;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t idle;
	struct queue waiting;
	struct queue ended;
	unsigned int threads;
	bool stopping;
};

static void add(struct queue *queue, struct work *work)
{
	work->next = NULL;
	*queue->end = work;
	queue->end = &work->next;
}

static struct work *take(struct queue *queue)
{
	struct work *work = queue->first;

	if (work) {
		queue->first = work->next;
		if (!queue->first)
			queue->end = &queue->first;
	}
	return work;
}

/* Tell of all that has ended; each may start more. */
static void deliver(void *context)
{
	struct workers *workers = context;

	for (;;) {
		struct work *work;

		pthread_mutex_lock(&workers->lock);
		work = take(&workers->ended);
		pthread_mutex_unlock(&workers->lock);
		if (!work)
			return;
		work->done(work->context);
	}
}

/* A thread: until there is nothing left to do. */
static void *serve(void *context)
{
	struct workers *workers = context;
	struct work *work;

	pthread_mutex_lock(&workers->lock);
	while (!workers->stopping && (work = take(&workers->waiting))) {
		pthread_mutex_unlock(&workers->lock);
		work->run(work->context);
		pthread_mutex_lock(&workers->lock);
		add(&workers->ended, work);
		loop_post(workers->loop, &workers->deliver);
	}
	workers->threads--;
	pthread_cond_signal(&workers->idle);
	pthread_mutex_unlock(&workers->lock);
	return NULL;
}

int workers_create(struct loop *loop, unsigned int threads, struct workers **ret_workers)
{
	struct workers *workers = calloc(1, sizeof(*workers));

	if (!workers)
		return -ENOMEM;
	workers->loop = loop;
	workers->limit = threads;
	workers->deliver = (struct loop_call){ .run = deliver, .context = workers };
	workers->waiting.end = &workers->waiting.first;
	workers->ended.end = &workers->ended.first;
	pthread_mutex_init(&workers->lock, NULL);
	pthread_cond_init(&workers->idle, NULL);
	*ret_workers = workers;
	return 0;
}

void workers_free(struct workers *workers)
{
	struct work *work;

	if (!workers)
		return;
	pthread_mutex_lock(&workers->lock);
	workers->stopping = true;
	while (workers->threads)
		pthread_cond_wait(&workers->idle, &workers->lock);
	while ((work = take(&workers->waiting)))
		add(&workers->ended, work);
	pthread_mutex_unlock(&workers->lock);
	loop_unpost(workers->loop, &workers->deliver);
	deliver(workers);
	pthread_mutex_destroy(&workers->lock);
	pthread_cond_destroy(&workers->idle);
	free(workers);
}

static bool add_thread(struct workers *workers)
{
	pthread_attr_t attributes;
	pthread_t thread;
	bool well;

	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	well = !pthread_create(&thread, &attributes, serve, workers);
	pthread_attr_destroy(&attributes);
	return well;
}

void work_start(struct workers *workers, struct work *work)
{
	bool alone;

	pthread_mutex_lock(&workers->lock);
	add(workers->stopping ? &workers->ended : &workers->waiting, work);
	if (!workers->stopping && workers->threads < workers->limit && add_thread(workers))
		workers->threads++;
	alone = !workers->stopping && !workers->threads;
	if (alone)
		workers->threads++; /* this one */
	pthread_mutex_unlock(&workers->lock);
	if (alone)
		serve(workers);
}

bool workers_stopping(struct workers *workers)
{
	bool stopping;

	pthread_mutex_lock(&workers->lock);
	stopping = workers->stopping;
	pthread_mutex_unlock(&workers->lock);
	return stopping;
}
