/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a checked berth.conf says, as plain values. Filled by conf/bind, proved by conf/check, read
 * by the renderers. All memory belongs to the arena that the configuration was loaded into. Lists
 * keep the order of the file.
 */
#ifndef BERTH_CONF_MODEL_H
#define BERTH_CONF_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/diag.h"
#include "lib/netaddr.h"

/* Linux: IFNAMSIZ less the NUL. */
#define CONF_INTERFACE_MAX 15

struct conf_text {
	const char *text;
	struct conf_pos pos;
	struct conf_text *next;
};

struct conf_address {
	struct netaddr address;
	struct conf_pos pos;
	struct conf_address *next;
};

struct conf_node {
	const char *hostname;	      /* never NULL */
	const char *timezone;	      /* zone name or POSIX TZ string; NULL: UTC */
	const char *console_password; /* crypt(3) hash, or NULL */
	struct conf_text *admin_keys;
	struct conf_text *ntp;
	struct conf_text *syslog; /* HOST:PORT */
};

enum conf_selector { CONF_NIC_NONE, CONF_NIC_ANY, CONF_NIC_MAC, CONF_NIC_PCI };

struct conf_uplink {
	const char *name; /* the port's interface name on the node, unless the selector is ANY */
	struct conf_pos pos;
	enum conf_selector selector;
	struct netaddr_mac mac;
	const char *pci;
	bool dhcp;
	struct conf_address *addresses; /* static ones */
	struct conf_address *gateways;
	struct conf_address *dns;
	uint64_t mtu; /* 0: the driver's */
	bool ipv6;    /* listen to router advertisements */
	struct conf_uplink *next;
};

enum conf_mode {
	CONF_MODE_NAT,
	CONF_MODE_ROUTED,
	CONF_MODE_ISOLATED,
	CONF_MODE_BRIDGE,
	CONF_MODE_OFF
};

struct conf_host {
	struct netaddr_mac mac;
	struct netaddr address;
	const char *name; /* or NULL */
	struct conf_pos pos;
	struct conf_host *next;
};

struct conf_forward {
	const char *protocol;	/* "tcp" or "udp" */
	uint64_t port;		/* on the node */
	const char *target;	/* a static host's name, or an address, as written */
	struct netaddr address; /* resolved by conf/check */
	uint64_t target_port;
	struct conf_pos pos;
	struct conf_forward *next;
};

struct conf_network {
	const char *name;
	struct conf_pos pos;
	enum conf_mode mode;
	const char *bridge;	     /* the bridge's interface name, never NULL after conf/check */
	struct netaddr address;	     /* the node's own, with prefix; family 0: none */
	struct conf_pos address_pos; /* line 0: the file gives none */
	struct netaddr dhcp_first;   /* family 0: no DHCP */
	struct netaddr dhcp_last;
	struct conf_pos dhcp_pos;
	uint64_t lease;	    /* seconds */
	const char *domain; /* or NULL */
	struct conf_host *hosts;
	struct conf_forward *forwards;
	const char *uplink_name; /* mode bridge */
	struct conf_pos uplink_pos;
	struct conf_uplink *uplink; /* resolved by conf/check */
	struct conf_network *next;
};

struct conf_model {
	struct conf_node node;
	struct conf_uplink *uplinks;
	struct conf_network *networks;
};

#endif
