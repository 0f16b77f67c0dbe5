/* SPDX-License-Identifier: GPL-2.0-only */
/* What the machine and its guests can be, as clients read it before they write a guest's XML. Only
 * what works is told. */
#ifndef BERTH_NODE_XML_CAPABILITIES_H
#define BERTH_NODE_XML_CAPABILITIES_H

#include "lib/buf.h"

/* Where clients are told that the virtual machines' program is. */
#define XML_EMULATOR "/usr/bin/berth-vmm"

void xml_capabilities(struct buf *out);
void xml_domain_capabilities(const char *machine, struct buf *out);

#endif
