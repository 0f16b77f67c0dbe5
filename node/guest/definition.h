/* SPDX-License-Identifier: GPL-2.0-only */
/* The text by which a guest's process is told what to be (docs/vmm.md, "The definition"). Pure. */
#ifndef BERTH_NODE_GUEST_DEFINITION_H
#define BERTH_NODE_GUEST_DEFINITION_H

#include "conf/model_guest.h"
#include "lib/buf.h"

struct resources;

struct definition_options {
	unsigned int user; /* who the process becomes, and its group */
	bool paused;
	bool sandbox_off; /* for tests */
};

void definition_write(const struct conf_guest *guest, const struct resources *resources,
    const struct definition_options *options, struct buf *text);

#endif
