/* SPDX-License-Identifier: GPL-2.0-only */
/* What the status screen shows of a guest: a file of its own in state/guests (docs/run-files.md).
 */
#ifndef BERTH_NODE_GUEST_GUEST_STATUS_H
#define BERTH_NODE_GUEST_GUEST_STATUS_H

#include "node/guest/guest.h"

/* "running", "off" and so on. */
const char *guest_status_word(const struct guest *guest);

void guest_status_write(const struct guest *guest);
void guest_status_remove(const struct guest *guest);

#endif
