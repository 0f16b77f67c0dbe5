/* SPDX-License-Identifier: GPL-2.0-only */
/* What takes long with a guest, in the words of the protocol. */
#ifndef BERTH_NODE_RPC_JOB_H
#define BERTH_NODE_RPC_JOB_H

#include "node/server/call.h"

/* What it is and how far it has come; nothing of no job. */
void job_params(const struct driver_job *job, struct rpc_params *params);

#endif
