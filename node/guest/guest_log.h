/* SPDX-License-Identifier: GPL-2.0-only */
/* Logs of guests, each of a bounded size with one older one: on the data volume, or in memory
 * without it. */
#ifndef BERTH_NODE_GUEST_GUEST_LOG_H
#define BERTH_NODE_GUEST_GUEST_LOG_H

#include <stdint.h>

#include "node/guest/paths.h"

#define GUEST_LOG_SIZE (256 * 1024)

/* Open NAME.log to append; one that has reached half of `size` becomes NAME.log.1 first. A
 * descriptor or -errno. */
int guest_log_open(const struct node_paths *paths, const char *name, uint64_t size);

/* Keep a log that is being written below `size`: what was there becomes NAME.log.1. */
void guest_log_bound(const struct node_paths *paths, const char *name, uint64_t size);

/* Append a line with the time. */
void guest_log_line(const struct node_paths *paths, const char *name, const char *line);

#endif
