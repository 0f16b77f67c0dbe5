/* SPDX-License-Identifier: GPL-2.0-only */
/* What the daemon writes down of a guest, so that it knows all of it again after it was killed. One
 * file of KEY=VALUE lines, replaced at one stroke. */
#ifndef BERTH_NODE_GUEST_PERSIST_H
#define BERTH_NODE_GUEST_PERSIST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "node/guest/policy.h"

#define PERSIST_TEXT 256

#define PERSIST_PATH 512

/* What is to be done once the process has the state. */
enum persist_restore {
	PERSIST_RESTORE = 1,
	PERSIST_RESTORE_GO = 2,	    /* let it run */
	PERSIST_RESTORE_FORGET = 4, /* its file must be gone before it does */
};

struct persist {
	int id;	       /* of the last start; 0: never started */
	pid_t pid;     /* of its process; 0: none */
	uint64_t born; /* ticks, as /proc/PID/stat has them: tells it from another of that number */
	uint64_t started;  /* nanoseconds of CLOCK_MONOTONIC */
	bool transient;	   /* of no file */
	bool came_up;	   /* it answered once */
	bool autostarted;  /* its turn at the node's start has been */
	unsigned int wish; /* enum policy_wish */
	bool crashed;	   /* kept after a crash */
	uint64_t again;	   /* when it starts again; 0: it does not */
	unsigned int off;  /* enum policy_off, of the last end */
	struct policy_history history;
	unsigned int restore; /* of one that is being restored: enum persist_restore, or-ed */
	uint64_t saving;      /* number of the file that it is being saved to; 0: none */
	char saving_to[PERSIST_PATH];
	char message[PERSIST_TEXT]; /* why it did not start, or ended; "" if all is well */
	char taps[PERSIST_TEXT];    /* interface names, with blanks between */
};

/* 0 or -errno. */
int persist_write(const char *path, const struct persist *persist);

/* What is not there, or cannot be read, is zero. -errno without the file. */
int persist_read(const char *path, struct persist *ret_persist);

/* When the process `pid` was born, 0 if there is none. `proc` is where proc(5) is mounted. */
uint64_t persist_born(const char *proc, pid_t pid);

#endif
