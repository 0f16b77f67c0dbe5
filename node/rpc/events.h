/* SPDX-License-Identifier: GPL-2.0-only */
/* Events: who asked for which, and telling them. */
#ifndef BERTH_NODE_RPC_EVENTS_H
#define BERTH_NODE_RPC_EVENTS_H

#include "node/server/call.h"

/* To one client, as often as it asked for it. */
void events_send_lifecycle(
    struct client *client, const struct driver_guest *guest, int32_t event, int32_t detail);
void events_send_reboot(struct client *client, const struct driver_guest *guest);

#endif
