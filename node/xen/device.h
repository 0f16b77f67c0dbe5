/* SPDX-License-Identifier: GPL-2.0-only */
/* The devices of a guest of Xen as libvirt's XML; for node/xen/domain. */
#ifndef BERTH_NODE_XEN_DEVICE_H
#define BERTH_NODE_XEN_DEVICE_H

#include "node/xen/known.h"
#include "xml/write.h"

/* All of them; `hvm`: the guest is fully virtualized, and sees emulated devices where the file
 * names no others. What cannot be done is refused in `guest`. */
void xen_devices(struct xen_guest *guest, bool hvm, struct xml *xml);

#endif
