/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading what the node keeps of itself (docs/run-files.md), below a root that tests put elsewhere.
 */
#ifndef BERTH_CLI_NODE_FILES_H
#define BERTH_CLI_NODE_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/buf.h"

#define NODE_LINE 256

/* The folder that stands for "/"; "" on a node. Set once, before anything is read. */
void node_set_root(const char *root);

/* `path` below the root, in `target`; false when it does not fit. */
bool node_path(const char *path, char *target, size_t size);

/*
 * Line `number`, from 1, of a file, without what a terminal would act on. False, and an empty line,
 * when there is no such file or line.
 */
bool node_line(const char *path, unsigned int number, char line[NODE_LINE]);

/* How many lines a file has; 0 without it. */
unsigned int node_line_count(const char *path);

/* Call `each` for every name in a folder that does not begin with a dot, in order. */
void node_each_name(const char *path, void (*each)(const char *name, void *context), void *context);

/* Make bytes that a terminal would act on into "?". */
void node_clean(char *text);

bool node_exists(const char *path);

#endif
