/* SPDX-License-Identifier: GPL-2.0-only */
/* One device more, less, or another one, in the XML of a domain. */
#ifndef BERTH_NODE_XML_DOMAIN_DEVICE_H
#define BERTH_NODE_XML_DOMAIN_DEVICE_H

#include <stdbool.h>

#include "lib/buf.h"

enum xml_device_change { XML_ATTACH, XML_DETACH, XML_UPDATE };

/* `domain` with the device added, or without the one that `device` names, or with it in the place
 * of that one. A disk is known by its target, an interface by its MAC address, others by what they
 * are. 0; -EINVAL: `device` is no XML; -EEXIST: it is there; -ENODEV: it is not; -ENOTUNIQ: it may
 * be several. */
int xml_device_change(
    enum xml_device_change change, const char *domain, const char *device, struct buf *ret_domain);

/* The device of the domain that has this alias, as XML. 0 or -ENODEV. */
int xml_device_of_alias(const char *domain, const char *alias, struct buf *ret_device);

#endif
