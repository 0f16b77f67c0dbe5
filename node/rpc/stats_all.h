/* SPDX-License-Identifier: GPL-2.0-only */
/* CONNECT_GET_ALL_DOMAIN_STATS: the counters of many guests in one answer (virsh domstats,
 * virt-manager's graphs, monitoring). */
#ifndef BERTH_NODE_RPC_STATS_ALL_H
#define BERTH_NODE_RPC_STATS_ALL_H

#include "node/server/call.h"

/* libvirt: virDomainStatsTypes, those that are there. */
enum {
	STATS_STATE = 1,
	STATS_CPU = 2,
	STATS_BALLOON = 4,
	STATS_VCPU = 8,
	STATS_INTERFACE = 16,
	STATS_BLOCK = 32,
	STATS_GROUPS = 63,
};

/* libvirt: virConnectGetAllDomainStatsFlags. */
enum { STATS_FLAGS = (int)0xe00000ff, STATS_ENFORCE = (int)0x80000000 };

void stats_all(struct server_call *call, const struct rpc_connect_get_all_domain_stats_args *args);

#endif
