/* SPDX-License-Identifier: GPL-2.0-only */
/* Guests between the wire and the driver. */
#ifndef BERTH_NODE_RPC_GUEST_H
#define BERTH_NODE_RPC_GUEST_H

#include "node/server/call.h"

/* How a guest is named on the wire; it points into `guest`. */
struct rpc_dom guest_dom(const struct driver_guest *guest);

/*
 * Finding a guest puts it into the call (call->guest), in the place of one that was found before. A
 * call that goes on in a callback finds its guest anew: what the driver has shown is valid for so
 * long only.
 */

/* Find by UUID, as procedures name guests. False with the call failed (code 42) when there is none.
 */
bool guest_of(struct server_call *call, const struct rpc_dom *dom);

/* The same, and it must be running or paused: code 55 else. */
bool guest_running(struct server_call *call, const struct rpc_dom *dom);

/* Without failing the call. `wanted` is asked of each. */
bool guest_find(struct server_call *call,
    bool (*wanted)(const void *key, const struct driver_guest *guest), const void *key);
bool guest_find_uuid(struct server_call *call, const uint8_t uuid[16]);

bool guest_is_active(const struct driver_guest *guest);

/* Sizes on the wire are KiB. */
uint64_t guest_memory_max(const struct driver_guest *guest);
unsigned int guest_vcpus_max(const struct driver_guest *guest);

#endif
