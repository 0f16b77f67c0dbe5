/* SPDX-License-Identifier: GPL-2.0-only */
/* What the machine and its guests can be, as clients read it before they write a guest's XML. Only
 * what works is told. */
#ifndef BERTH_NODE_XML_CAPABILITIES_H
#define BERTH_NODE_XML_CAPABILITIES_H

#include "lib/buf.h"
#include "node/guest/definition.h"

/* Where clients are told that the virtual machines' program is. */
#define XML_EMULATOR "/usr/bin/berth-vmm"

/* The machine that clients mean by a name, or NULL: "pc-q35-9.0" is q35, for a version is another
 * machine's. Before there was a q35, there was "pc-0.12", and RHEL's own "rhel5.4.0". */
const char *xml_machine(const char *name);

void xml_capabilities(struct buf *out);
void xml_domain_capabilities(const char *machine, struct buf *out);
void xml_pool_capabilities(struct buf *out);

#endif
