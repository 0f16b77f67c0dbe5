/* SPDX-License-Identifier: GPL-2.0-only */
/* The text by which a guest's process is told what to be (docs/vmm.md, "The definition"). Pure. */
#ifndef BERTH_NODE_GUEST_DEFINITION_H
#define BERTH_NODE_GUEST_DEFINITION_H

#include "conf/model_guest.h"
#include "lib/buf.h"

struct resource_disk;
struct resource_nic;
struct resources;

/* As many as the process takes; a file may say more. */
#define DEFINITION_VCPUS 64

struct definition_options {
	unsigned int user; /* who the process becomes, and its group */
	bool paused;
	int load; /* number of the descriptor of a saved state; 0: it boots */
	unsigned int load_offset;
	bool sandbox_off; /* for tests */
};

void definition_write(const struct conf_guest *guest, const struct resources *resources,
    const struct definition_options *options, struct buf *text);

/* One line each. */
void definition_write_disk(const struct resource_disk *disk, struct buf *text);
void definition_write_nic(const struct resource_nic *nic, struct buf *text);
/* The words of their limits, each with a blank before it. */
void definition_write_disk_limits(const struct conf_disk *conf, struct buf *text);
void definition_write_nic_limits(const struct conf_nic *conf, struct buf *text);

#endif
