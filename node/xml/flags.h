/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BERTH_NODE_XML_FLAGS_H
#define BERTH_NODE_XML_FLAGS_H

/* libvirt: virDomainXMLFlags. */
enum { XML_SECURE = 1, XML_INACTIVE = 2, XML_UPDATE_CPU = 4, XML_MIGRATABLE = 8 };

#endif
