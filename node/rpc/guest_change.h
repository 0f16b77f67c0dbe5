/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Changes of a guest that are neither its power nor a whole definition: the guest of the file is
 * copied, the copy changed, and the lines of the section that differ are written.
 *
 * `flags` are libvirt's virDomainModificationImpact. What a running guest takes over at once is
 * taken over from the file, so that "live" and "config" are one; what it does not is refused live.
 */
#ifndef BERTH_NODE_RPC_GUEST_CHANGE_H
#define BERTH_NODE_RPC_GUEST_CHANGE_H

#include "node/rpc/guest.h"

enum { AFFECT_LIVE = 1, AFFECT_CONFIG = 2 };

struct guest_change {
	struct server_call *call;
	struct arena *arena;
	struct driver_guest guest;
	const struct conf_guest *old; /* the section */
	struct conf_guest new;	      /* its disks, CD-ROMs, NICs and pins are copies, too */
};

/* Find the guest and begin. False with the call failed. `live`: a running one takes it at once. */
bool guest_change_begin(struct guest_change *change, struct server_call *call,
    const struct rpc_dom *dom, uint32_t flags, bool live);

/* Write what differs, and answer the call. */
void guest_change_end(struct guest_change *change);

/* Fail the call instead. */
void guest_change_fail(struct guest_change *change, enum rpc_error_code code, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

/* Whether `flags` can be done, for changes by other means. False with the call failed. */
bool guest_change_allowed(
    struct server_call *call, const struct driver_guest *guest, uint32_t flags, bool live);

/* The section of a guest, or NULL. */
const struct conf_guest *guest_change_section(struct server_core *core, const char *name);

#endif
