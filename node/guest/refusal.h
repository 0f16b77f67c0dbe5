/* SPDX-License-Identifier: GPL-2.0-only */
/* What the file may ask for and this version's machine does not have: such a guest is refused when
 * it is to start, by the key's name, and never started without it. Pure. */
#ifndef BERTH_NODE_GUEST_REFUSAL_H
#define BERTH_NODE_GUEST_REFUSAL_H

#include <stdbool.h>

#include "conf/model_guest.h"
#include "lib/buf.h"

/* True, with one line in `why`, when the guest cannot be started as it is. */
bool refusal_of(const struct conf_guest *guest, struct buf *why);

#endif
