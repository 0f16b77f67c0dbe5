/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Changes of a guest that are neither its power nor a whole definition: the guest of the file is
 * copied, the copy changed, and the lines of the section that differ are written.
 *
 * `flags` are libvirt's virDomainModificationImpact. What a running guest takes over at once is
 * taken over from the file, so that "live" and "config" are one; devices come, go and get limits by
 * themselves (guest_change_reach); the rest is refused live.
 */
#ifndef BERTH_NODE_RPC_GUEST_CHANGE_H
#define BERTH_NODE_RPC_GUEST_CHANGE_H

#include "node/rpc/guest.h"

enum { AFFECT_LIVE = 1, AFFECT_CONFIG = 2 };

struct guest_change {
	struct server_call *call; /* its guest is the one to change */
	struct arena *arena;
	const struct conf_guest *old; /* the section */
	struct conf_guest new;	      /* its disks, CD-ROMs, NICs and pins are copies, too */
};

/* Find the guest and begin. False with the call failed. `live`: a running one takes it at once. */
bool guest_change_begin(struct guest_change *change, struct server_call *call,
    const struct rpc_dom *dom, uint32_t flags, bool live);

/* The same of the guest that is found already, and of `conf`: its section, or what it runs with. */
bool guest_change_of(
    struct guest_change *change, struct server_call *call, const struct conf_guest *conf);

/* Write what differs, and answer the call. */
void guest_change_end(struct guest_change *change);

/* Have the running guest's devices changed so; the file stays as it is. `done` is called unless the
 * call has failed before. */
void guest_change_plug(struct guest_change *change, struct driver_done done);

/* Fail the call instead; or drop it, with the call failed already. */
void guest_change_fail(struct guest_change *change, enum rpc_error_code code, const char *format,
    ...) __attribute__((format(printf, 3, 4)));
void guest_change_drop(struct guest_change *change);

/* A number of a parameter, or the call fails. */
bool guest_change_number(
    struct guest_change *change, const struct rpc_param *param, int64_t *ret_value);

/* What a change of devices is of: the guest that runs, its definition, or both. */
struct guest_reach {
	bool live;
	bool config;
};

/* Find the guest, and see that this can be done. False with the call failed. */
bool guest_change_reach(struct server_call *call, const struct rpc_dom *dom, uint32_t flags,
    struct guest_reach *ret_reach);

/* Whether `flags` can be done to the guest that is found, for changes by other means. False with
 * the call failed. */
bool guest_change_allowed(struct server_call *call, uint32_t flags, bool live);

/* A guest as it is, of the section that it has in `model`, with what is kept beside the file and,
 * of one that runs, where its devices are. `flags` are of node/xml/flags. */
void guest_xml(struct server_core *core, const struct conf_model *model,
    const struct driver_guest *guest, unsigned int flags, struct buf *ret_xml);

/* A guest as it is defined; of a transient one, as it runs. */
void guest_change_xml(struct server_core *core, const struct driver_guest *guest,
    unsigned int flags, struct buf *ret_xml);

/* The section of a guest, or NULL. */
const struct conf_guest *guest_change_section(struct server_core *core, const char *name);

#endif
