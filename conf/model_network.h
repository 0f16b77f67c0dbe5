/* SPDX-License-Identifier: GPL-2.0-only */
/* Networks, as plain values; see conf/model. */
#ifndef BERTH_CONF_MODEL_NETWORK_H
#define BERTH_CONF_MODEL_NETWORK_H

#include "conf/model_uplink.h"

enum conf_mode {
	CONF_MODE_NAT,
	CONF_MODE_ROUTED,
	CONF_MODE_ISOLATED,
	CONF_MODE_BRIDGE,
	CONF_MODE_OFF
};

struct conf_range {
	struct conf_range *next;
	struct conf_pos pos;
	struct netaddr first;
	struct netaddr last;
};

struct conf_host {
	struct conf_host *next;
	struct conf_pos pos;
	struct netaddr_mac mac;
	struct netaddr address;
	const char *name; /* or NULL */
};

struct conf_record {
	struct conf_record *next;
	struct conf_pos pos;
	const char *name;
	struct netaddr address;
};

struct conf_endpoint {
	const char *host; /* a static host's name, or an address, as written */
	uint64_t port;
};

struct conf_forward {
	struct conf_forward *next;
	struct conf_pos pos;
	unsigned int protocol; /* enum conf_protocol */
	uint64_t port;	       /* on the node */
	struct conf_endpoint target;
	struct netaddr from;	/* or anybody */
	struct netaddr address; /* of the target; completed by conf/check */
};

struct conf_dhcp_option {
	struct conf_dhcp_option *next;
	struct conf_pos pos;
	uint64_t number;
	const char *value;
};

enum conf_arch { CONF_ARCH_ANY, CONF_ARCH_BIOS, CONF_ARCH_UEFI, CONF_ARCH_UEFI_HTTP };

struct conf_boot_file {
	struct conf_boot_file *next;
	struct conf_pos pos;
	const char *file;
	unsigned int arch;     /* enum conf_arch */
	struct netaddr server; /* or the node */
};

enum conf_network_ipv6 { CONF_NET6_OFF, CONF_NET6_ULA, CONF_NET6_GIVEN };

struct conf_network_prefix {
	struct conf_network_prefix *next;
	struct conf_pos pos;
	enum conf_network_ipv6 how;
	struct netaddr address; /* the node's own with prefix; of a ULA filled in by conf/check */
};

struct conf_network {
	struct conf_network *next;
	struct conf_pos pos;
	const char *name;
	const struct conf_section *section;
	unsigned int mode;	/* enum conf_mode */
	const char *bridge;	/* the bridge's interface name, never NULL after conf/check */
	struct netaddr address; /* the node's own, with prefix; family 0: none */
	struct conf_network_prefix ipv6;
	struct conf_range *ranges;
	struct conf_range *ranges6;
	uint64_t lease;
	const char *domain; /* or NULL */
	struct conf_address *dns;
	struct conf_host *hosts;
	struct conf_record *records;
	struct conf_dhcp_option *options;
	const char *tftp; /* folder of the data volume */
	struct conf_boot_file *boot_files;
	struct conf_forward *forwards;
	struct conf_route *routes;
	bool guest_servers;
	bool stp;
	uint64_t forward_delay; /* seconds */
	uint64_t mtu;
	const char *uplink_name; /* that the bridge joins */
	const char *out;	 /* the only uplink that guests' traffic leaves by, or NULL */
	bool autostart;
	const char *uuid; /* or NULL */
	/* Completed by conf/check. */
	struct conf_uplink *uplink;
	struct conf_host *names; /* guests with a MAC address of their own and no host line */
	struct conf_host *names_end;
};

#endif
