/* SPDX-License-Identifier: GPL-2.0-only */
/* A guest's configuration file of Xen's xm as libvirt's domain XML for this node. */
#ifndef BERTH_NODE_XEN_DOMAIN_H
#define BERTH_NODE_XEN_DOMAIN_H

#include "lib/buf.h"

/*
 * 0 with the XML; -EINVAL when the text is no such file, -EBADMSG when it says what the node cannot
 * do, both with why and the line in `why`; -ENOMEM. A paravirtual guest becomes a virtual machine
 * with virtio devices, which boots from its disk or from the kernel that the file names.
 */
int xen_domain(const char *text, struct buf *ret_xml, struct buf *why);

#endif
