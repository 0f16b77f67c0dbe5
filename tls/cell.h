/* SPDX-License-Identifier: GPL-2.0-only */
/* The cell that berth-tls locks itself into before it hears the first stranger. */
#ifndef BERTH_TLS_CELL_H
#define BERTH_TLS_CELL_H

#include <stdbool.h>

/*
 * From here on nothing can be opened, started or become more. `root` (or NULL: the root stays) is
 * all that can be reached by name, `user` (or NULL: stay who it is) is who this is, and there are
 * no more than `descriptors` descriptors. What is open already stays. 0 or -errno.
 */
int cell_enter(const char *root, const char *user, unsigned int descriptors);

/* Whether the filter has a row for the call. */
bool cell_lists(long call);

#endif
