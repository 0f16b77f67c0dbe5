/* SPDX-License-Identifier: GPL-2.0-only */
/* What the machine's firmware says of it, as libvirt tells SMBIOS (sysinfo.rng). */
#ifndef BERTH_NODE_XML_SYSINFO_H
#define BERTH_NODE_XML_SYSINFO_H

#include "lib/buf.h"
#include "node/host/sysfs.h"

void xml_sysinfo(const struct host_roots *roots, struct buf *out);

#endif
