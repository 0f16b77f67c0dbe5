/* SPDX-License-Identifier: GPL-2.0-only */
/* Events of guests in words. */
#ifndef BERTH_CLI_VIRSH_EVENT_TEXT_H
#define BERTH_CLI_VIRSH_EVENT_TEXT_H

#include "lib/buf.h"
#include "rpc/procs.h"

/* What follows "event 'reboot' for domain 'web'" in the line of an event, by its procedure. */
void event_text_add(struct buf *text, int32_t procedure, const void *record);

/* One of the words, or "unknown". */
const char *event_text_word(const char *const *words, size_t count, int32_t index);

#endif
