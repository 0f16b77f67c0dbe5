/* SPDX-License-Identifier: GPL-2.0-only */
/* Running another program with bounds on its time and its output. */
#ifndef BERTH_LIB_PROC_H
#define BERTH_LIB_PROC_H

#include <stddef.h>

#include "lib/buf.h"

/*
 * Run `arguments` (NULL-terminated; the first is looked up in PATH) with stdin from /dev/null, and
 * append what it prints, both streams, to `output`, `limit` bytes at most; the rest is read and
 * dropped. After `seconds` it is killed. Returns its exit status, 128 + its signal, -ETIME when it
 * was killed for its time, or another -errno.
 */
int proc_run(char *const arguments[], unsigned int seconds, size_t limit, struct buf *output);

#endif
