/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Starting a guest's process. It gets the descriptors that it is passed, at numbers known before,
 * and nothing else by accident; it waits at a gate until the daemon has written down that it is
 * there, so that none is ever lost.
 */
#ifndef BERTH_NODE_GUEST_SPAWN_H
#define BERTH_NODE_GUEST_SPAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/buf.h"

/* Descriptors to pass; the first has the number SPAWN_FIRST in the new process. */
#define SPAWN_FIRST 3
#define SPAWN_MAX 1024

struct spawn_fds {
	int *fds;
	size_t count;
};

/* Take over `fd` and say which number it will have; -errno, with `fd` closed, on an error. */
int spawn_fds_add(struct spawn_fds *list, int fd);
/* Close them all. */
void spawn_fds_done(struct spawn_fds *list);

struct spawn_config {
	const char *program;
	char *const *arguments; /* ends with NULL */
	const struct spawn_fds *fds;
	int log;      /* becomes stdout and stderr */
	int outcome;  /* the number of the outcome's file, for "failed" before the program runs */
	int group;    /* folder of its control group; -1: none */
	bool isolate; /* a process namespace of its own */
};

struct spawned {
	pid_t pid;
	int pidfd;
	int gate; /* spawn_open_gate() */
};

/* 0 or -errno. The process runs nothing before its gate is opened. */
int spawn(const struct spawn_config *config, struct spawned *ret_spawned);

/* Let it run; or, by closing the gate, end it. */
int spawn_open_gate(struct spawned *spawned);

#endif
