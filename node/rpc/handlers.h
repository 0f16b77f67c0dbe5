/* SPDX-License-Identifier: GPL-2.0-only */
/* The handlers of procedures, one room a family: each table ends with a row of procedure 0. */
#ifndef BERTH_NODE_RPC_HANDLERS_H
#define BERTH_NODE_RPC_HANDLERS_H

#include "node/server/call.h"

struct rpc_handler {
	int32_t procedure;
	call_handler run;
};

/* What the handlers of a family get along in call->kind. */
extern const struct object_kind rpc_networks;
extern const struct object_kind rpc_pools;

extern const struct rpc_handler rpc_connect_handlers[];
extern const struct rpc_handler rpc_event_handlers[];
extern const struct rpc_handler rpc_host_handlers[];
extern const struct rpc_handler rpc_domain_handlers[];
extern const struct rpc_handler rpc_action_handlers[];
extern const struct rpc_handler rpc_save_handlers[];
extern const struct rpc_handler rpc_job_handlers[];
extern const struct rpc_handler rpc_absent_handlers[];
extern const struct rpc_handler rpc_stats_handlers[];
extern const struct rpc_handler rpc_vcpu_handlers[];
extern const struct rpc_handler rpc_lease_handlers[];
extern const struct rpc_handler rpc_define_handlers[];
extern const struct rpc_handler rpc_define_xml_handlers[];
extern const struct rpc_handler rpc_metadata_handlers[];
extern const struct rpc_handler rpc_tune_handlers[];
extern const struct rpc_handler rpc_limit_handlers[];
extern const struct rpc_handler rpc_guest_device_handlers[];
extern const struct rpc_handler rpc_network_handlers[];
extern const struct rpc_handler rpc_network_act_handlers[];
extern const struct rpc_handler rpc_network_update_handlers[];
extern const struct rpc_handler rpc_pool_handlers[];
extern const struct rpc_handler rpc_pool_act_handlers[];
extern const struct rpc_handler rpc_volume_handlers[];
extern const struct rpc_handler rpc_device_handlers[];
extern const struct rpc_handler rpc_interface_handlers[];
extern const struct rpc_handler rpc_volume_act_handlers[];
extern const struct rpc_handler rpc_volume_stream_handlers[];
extern const struct rpc_handler rpc_empty_handlers[];

#endif
