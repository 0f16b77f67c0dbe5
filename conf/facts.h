/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a machine has, as text: one port or disk a line, with every selector that a berth.conf may
 * name it by.
 *
 *     nic eth0 mac:52:54:00:aa:bb:cc pci:0000:01:00.0 driver=virtio_net link=up
 *     disk sda serial:S4EVNF0M123456 wwn:0x5002538e40a1b2c3 pci:0000:00:1f.2 size=500107862016
 */
#ifndef BERTH_CONF_FACTS_H
#define BERTH_CONF_FACTS_H

#include "conf/model.h"
#include "lib/buf.h"

/* Append the facts of the machine whose sysfs is mounted on `sys`. 0, -ENOMEM or another -errno. */
int conf_facts_read(const char *sys, struct buf *buf);

/* Complain of each selector of `model` that means none or more than one of the lines of `facts`.
 * Partitions are not in the facts: partuuid: is passed by. */
void conf_facts_check(const char *facts, const struct conf_model *model, struct conf_diags *diags);

#endif
