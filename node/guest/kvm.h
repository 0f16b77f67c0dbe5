/* SPDX-License-Identifier: GPL-2.0-only */
/* The way to hardware virtualization, and why there is none. */
#ifndef BERTH_NODE_GUEST_KVM_H
#define BERTH_NODE_GUEST_KVM_H

#include "lib/buf.h"
#include "node/guest/paths.h"

/* /dev/kvm; or -errno with the reason in `why`: the processor lacks it, the firmware has it off, a
 * module is missing. */
int kvm_open(const struct node_paths *paths, struct buf *why, int *ret_fd);

#endif
