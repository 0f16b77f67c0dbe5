/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a machine has, as text: one port or disk a line, with every selector that a berth.conf may
 * name it by.
 *
 *     nic eth0 mac:52:54:00:aa:bb:cc pci:0000:01:00.0 driver=virtio_net link=up
 *     disk sda serial:S4EVNF0M123456 wwn:0x5002538e40a1b2c3 pci:0000:00:1f.2 size=500107862016
 *     part sda1 partuuid:6a06c1bb-9bb8-4c61-ae6c-8553ff216a1f size=500105740288
 */
#ifndef BERTH_CONF_FACTS_H
#define BERTH_CONF_FACTS_H

#include "conf/model.h"
#include "lib/buf.h"

/* Append the facts of the machine whose sysfs is mounted on `sys`; partitions of the disks that can
 * be read below `dev`. 0, -ENOMEM or another -errno. */
int conf_facts_read(const char *sys, const char *dev, struct buf *buf);

/* How many lines of `kind`, "nic" or "disk", a selector means; partuuid: means partitions. The name
 * of one of them, if it is asked for. */
size_t conf_facts_find(
    const char *facts, const char *kind, const char *selector, char *ret_name, size_t size);

/* Append the first selector of a line of `facts` that means the disk or partition of that kernel
 * name and no other; nothing when there is none. */
void conf_facts_selector(const char *facts, const char *name, struct buf *out);

/* Complain of each selector of `model` that means none or more than one of the lines of `facts`. */
void conf_facts_check(const char *facts, const struct conf_model *model, struct conf_diags *diags);

#endif
