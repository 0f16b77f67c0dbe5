/* SPDX-License-Identifier: GPL-2.0-only */
/* Running another program while the loop goes on, with bounds on its time and its output. */
#ifndef BERTH_LIB_TASK_H
#define BERTH_LIB_TASK_H

#include "lib/buf.h"
#include "lib/loop.h"

struct task;

/* `result` and `output` as of proc_run(); the task is gone. */
typedef void (*task_ended)(void *context, int result, const struct buf *output);

/* As proc_run(), but returns at once: 0, and `ended` is called once, later; or -errno. */
int task_start(struct loop *loop, char *const arguments[], unsigned int seconds, size_t limit,
    task_ended ended, void *context, struct task **ret_task);

/* Kill it; nobody is told. NULL is taken. */
void task_free(struct task *task);

#endif
