/* SPDX-License-Identifier: GPL-2.0-only */
/* What is wrong with a file: every complaint of one run, each with its place. */
#ifndef BERTH_CONF_DIAG_H
#define BERTH_CONF_DIAG_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/arena.h"
#include "lib/buf.h"

/* Both count from 1; columns count characters as editors do, a tab as one. Line 0: the file as a
 * whole. */
struct conf_pos {
	unsigned int line;
	unsigned int column;
};

struct conf_diag {
	struct conf_pos pos;
	const char *message;
	struct conf_diag *next;
};

struct conf_diags {
	struct arena *arena;
	struct conf_diag *first; /* in order of the file */
	size_t count;
};

void conf_diag_add(struct conf_diags *diags, struct conf_pos pos, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* "FILE:LINE:COL: message", one line each. */
void conf_diags_print(const struct conf_diags *diags, const char *file, struct buf *buf);

#endif
