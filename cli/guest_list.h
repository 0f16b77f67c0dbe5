/* SPDX-License-Identifier: GPL-2.0-only */
/* The guests on the status screen, from what the daemon writes of each (docs/run-files.md). */
#ifndef BERTH_CLI_GUEST_LIST_H
#define BERTH_CLI_GUEST_LIST_H

#include "lib/buf.h"

/* Append one line a guest: name, state, size; of many, how many are in which state. Nothing without
 * guests. */
void guest_list_add(struct buf *buf);

/* Call `each` with every line that says what is not well with a guest. */
void guest_list_faults(void (*each)(const char *text, void *context), void *context);

#endif
