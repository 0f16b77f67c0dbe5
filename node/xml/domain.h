/* SPDX-License-Identifier: GPL-2.0-only */
/* A guest as libvirt's domain XML: what its section of the file says, and with a running one what
 * it got. The XML validates against libvirt's domain.rng. */
#ifndef BERTH_NODE_XML_DOMAIN_H
#define BERTH_NODE_XML_DOMAIN_H

#include "lib/buf.h"
#include "node/guest/driver.h"

/* libvirt: virDomainXMLFlags. */
enum { XML_SECURE = 1, XML_INACTIVE = 2, XML_UPDATE_CPU = 4, XML_MIGRATABLE = 8 };

void xml_domain(const struct conf_model *model, const struct driver_guest *guest,
    unsigned int flags, struct buf *out);

#endif
