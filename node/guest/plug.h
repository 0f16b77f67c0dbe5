/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Disks and NICs of a guest that runs with others than it was started with, and the configuration
 * that says so. Pure.
 */
#ifndef BERTH_NODE_GUEST_PLUG_H
#define BERTH_NODE_GUEST_PLUG_H

#include "lib/buf.h"
#include "node/guest/config.h"
#include "node/guest/resources.h"

/* The devices of one guest, each with its target or its MAC address, so that none is another's when
 * one before it goes. */
struct plug_set {
	unsigned int disk_count;
	unsigned int nic_count;
	struct conf_disk disks[RESOURCE_DISKS_MAX];
	struct conf_nic nics[RESOURCE_NICS_MAX];
	char targets[RESOURCE_DISKS_MAX][RESOURCE_ID]; /* where the section has none */
};

/* Of a section. False: there are more than a guest can have. */
bool plug_set_fill(struct plug_set *set, const struct conf_guest *guest);

/* 0, or -errno with one line in `why`: all is there, or taken. */
int plug_set_add_disk(struct plug_set *set, const struct conf_disk *disk, struct buf *why);
int plug_set_add_nic(struct plug_set *set, const struct conf_guest *guest,
    const struct conf_nic *nic, struct buf *why);
void plug_set_remove(struct plug_set *set, bool is_nic, unsigned int index);

/* `base` with these devices for the guest. 0, or -errno with what is wrong in `why`. */
int plug_set_config(const struct plug_set *set, const struct config *base, const char *name,
    struct buf *why, struct config **ret_config);

#endif
