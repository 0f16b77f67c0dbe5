/* SPDX-License-Identifier: GPL-2.0-only */
/* A guest as libvirt's domain XML: what its section of the file says, with a running one what it
 * got, and what is kept of it beside the file. The XML validates against libvirt's domain.rng. */
#ifndef BERTH_NODE_XML_DOMAIN_H
#define BERTH_NODE_XML_DOMAIN_H

#include "lib/buf.h"
#include "node/guest/driver.h"
#include "node/xml/flags.h"

/* `parts` is what driver_ops.parts gives, or "". */
void xml_domain(const struct conf_model *model, const struct driver_guest *guest, const char *parts,
    unsigned int flags, struct buf *out);

#endif
