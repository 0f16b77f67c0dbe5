/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Work that takes long, kept off the loop: each piece runs on a thread, so many at once, and the
 * others wait their turn in order. Threads are there only while there is work.
 *
 *     work_start(workers, &job->work);	 ... run(context) on a thread, then done(context) on the
 * loop
 */
#ifndef BERTH_LIB_WORK_H
#define BERTH_LIB_WORK_H

#include "lib/loop.h"

/* Embedded in its owner, which must live until `done` is called. */
struct work {
	void (*run)(void *context);  /* may touch what is the owner's, and nothing else */
	void (*done)(void *context); /* on the loop's thread */
	void *context;
	struct work *next;
};

struct workers;

int workers_create(struct loop *loop, unsigned int threads, struct workers **ret_workers);

/* Ask what runs to end early, and wait for it. Everything that was started is told as done, run or
 * not. NULL is taken. */
void workers_free(struct workers *workers);

/* From the loop's thread. Without any thread to be had it is run at once. */
void work_start(struct workers *workers, struct work *work);

/* For what runs long: whether it shall end early. From any thread. */
bool workers_stopping(struct workers *workers);

#endif
