/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which system calls a thread may still make (seccomp(2)): a table of rows, each with its reason. A
 * call that no row allows fails with EPERM and is told to the kernel's log: a row that was
 * forgotten costs a feature, not the process. Calls that only an intruder makes end it, unless a
 * row speaks of them.
 */
#ifndef BERTH_LIB_CALLFILTER_H
#define BERTH_LIB_CALLFILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CALLFILTER_ROWS_MAX 64

struct callfilter_row {
	long call;
	unsigned int threads; /* 1u << KIND for each kind of thread that it is for */
	/* Only where (argument & mask) == value; a mask of 0: always. */
	unsigned int argument;
	uint32_t mask;
	uint32_t value;
	const char *reason;
};

struct callfilter {
	const struct callfilter_row *rows;
	size_t count;
};

/* A row's condition. */
#define CALLFILTER_ALWAYS 0, 0, 0
/* Never executable memory (PROT_EXEC): what an intruder writes cannot be run. */
#define CALLFILTER_NOT_EXECUTABLE 2, 4, 0

/* Of the calling thread, of that kind, for good. Needs no_new_privs. 0 or -errno. */
int callfilter_enter(const struct callfilter *filter, unsigned int kind);

/* Whether a row speaks of that call of that kind of thread. */
bool callfilter_lists(const struct callfilter *filter, unsigned int kind, long call);

#endif
