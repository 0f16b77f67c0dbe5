/* SPDX-License-Identifier: GPL-2.0-only */
/* Running another program with bounds on its time and its output. */
#ifndef BERTH_LIB_PROC_H
#define BERTH_LIB_PROC_H

#include <stddef.h>
#include <sys/types.h>

#include "lib/buf.h"

/*
 * Run `arguments` (NULL-terminated; the first is looked up in PATH) with stdin from /dev/null, and
 * append what it prints, both streams, to `output`, `limit` bytes at most; the rest is read and
 * dropped. After `seconds` it is killed. Returns its exit status, 128 + its signal, -ETIME when it
 * was killed for its time, or another -errno.
 */
int proc_run(char *const arguments[], unsigned int seconds, size_t limit, struct buf *output);

/* Only start it, at the head of a process group of its own. What it prints comes out of
 * `ret_output`. 0 or -errno; a program that is not there ends with 127. */
int proc_start(char *const arguments[], pid_t *ret_pid, int *ret_output);

#endif
