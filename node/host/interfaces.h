/* SPDX-License-Identifier: GPL-2.0-only */
/* The node's own network interfaces: ports, bonds, VLANs, bridges. Read anew each time. */
#ifndef BERTH_NODE_HOST_INTERFACES_H
#define BERTH_NODE_HOST_INTERFACES_H

#include "node/host/sysfs.h"

#define HOST_INTERFACES 1024
#define HOST_INTERFACE_NAME 16

enum host_interface_type {
	HOST_ETHERNET,
	HOST_BRIDGE,
	HOST_BOND,
	HOST_VLAN,
};

struct host_interface {
	enum host_interface_type type;
	char name[HOST_INTERFACE_NAME];
	char mac[18];
	bool active; /* up, by the administrator's will */
};

/* False when there is none of this name. */
bool host_interface(
    const struct host_roots *roots, const char *name, struct host_interface *ret_interface);

/* Each of them by name, until `each` says false. The taps of guests are not among them. */
void host_interfaces(const struct host_roots *roots,
    bool (*each)(void *context, const struct host_interface *interface), void *context);

/* Number and interface below a VLAN; false when it is none. */
bool host_vlan(const struct host_roots *roots, const char *name, unsigned int *ret_tag,
    char ret_below[HOST_INTERFACE_NAME]);

#endif
