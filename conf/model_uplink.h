/* SPDX-License-Identifier: GPL-2.0-only */
/* Uplinks, as plain values; see conf/model. */
#ifndef BERTH_CONF_MODEL_UPLINK_H
#define BERTH_CONF_MODEL_UPLINK_H

#include "conf/model_parts.h"

enum conf_nic_kind { CONF_NIC_NONE, CONF_NIC_ANY, CONF_NIC_MAC, CONF_NIC_PCI };

struct conf_selector {
	struct conf_selector *next;
	struct conf_pos pos;
	enum conf_nic_kind kind;
	struct netaddr_mac mac;
	const char *pci;
};

enum conf_how { CONF_HOW_NONE, CONF_HOW_DHCP, CONF_HOW_STATIC };

struct conf_uplink_address {
	struct conf_uplink_address *next;
	struct conf_pos pos;
	enum conf_how how;
	struct netaddr address; /* CONF_HOW_STATIC */
};

enum conf_bond_mode { CONF_BOND_NONE, CONF_BOND_ACTIVE_BACKUP, CONF_BOND_8023AD };

struct conf_bond {
	struct conf_bond *next;
	struct conf_pos pos;
	unsigned int mode; /* enum conf_bond_mode */
	unsigned int rate; /* 0 slow, 1 fast */
	unsigned int hash; /* 0 layer2, 1 layer2+3, 2 layer3+4 */
};

struct conf_vlan {
	struct conf_vlan *next;
	struct conf_pos pos;
	uint64_t id; /* 0: none */
	const char *on;
};

enum conf_ipv6 { CONF_IPV6_AUTO, CONF_IPV6_STATIC, CONF_IPV6_OFF };

struct conf_uplink {
	struct conf_uplink *next;
	struct conf_pos pos;
	const char *name; /* its interface on the node, unless it takes any port */
	const struct conf_section *section;
	struct conf_selector *nics;
	struct conf_bond bond;
	struct conf_vlan vlan;
	struct conf_uplink_address *addresses;
	struct conf_address *gateways;
	struct conf_address *dns;
	struct conf_route *routes;
	uint64_t mtu;	   /* 0: the driver's */
	unsigned int ipv6; /* enum conf_ipv6 */
	/* Completed by conf/check. */
	bool dhcp;
	struct conf_uplink *below; /* the port of a VLAN */
};

static inline bool conf_uplink_takes_any(const struct conf_uplink *uplink)
{
	return uplink->nics && uplink->nics->kind == CONF_NIC_ANY;
}

#endif
