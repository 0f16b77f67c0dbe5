/* SPDX-License-Identifier: GPL-2.0-only */
/* The machine: processors, memory, and what guests can be made of. */
#include <errno.h>
#include <string.h>

#include "node/host/host.h"
#include "node/rpc/handlers.h"
#include "node/xml/capabilities.h"
#include "node/xml/sysinfo.h"

static void node_get_info(struct server_call *call)
{
	struct rpc_node_get_info_ret ret = { .model = "x86_64" };
	struct host_cpus cpus;
	struct host_memory memory;

	host_cpus(&cpus);
	if (host_memory(-1, &memory)) {
		call_fail(
		    call, RPC_ERR_SYSTEM, RPC_FROM_QEMU, "cannot read the machine's memory size");
		return;
	}
	ret.memory = memory.total;
	ret.cpus = (int32_t)cpus.online;
	ret.mhz = (int32_t)cpus.mhz;
	ret.nodes = (int32_t)cpus.cells;
	ret.sockets = (int32_t)cpus.sockets;
	ret.cores = (int32_t)cpus.cores;
	ret.threads = (int32_t)cpus.threads;
	call_reply(call, &ret);
}

static void get_free_memory(struct server_call *call)
{
	struct rpc_node_get_free_memory_ret ret;
	struct host_memory memory;

	if (host_memory(-1, &memory)) {
		call_fail(
		    call, RPC_ERR_SYSTEM, RPC_FROM_QEMU, "cannot read the machine's free memory");
		return;
	}
	ret.free_mem = memory.free * 1024;
	call_reply(call, &ret);
}

static void get_cells_free_memory(struct server_call *call)
{
	const struct rpc_node_get_cells_free_memory_args *args = call->arguments;
	struct rpc_node_get_cells_free_memory_ret ret = { 0 };
	struct host_memory memory;
	uint64_t cells[HOST_CELLS];

	if (args->start_cell < 0 || args->maxcells < 0) {
		call_fail(call, RPC_ERR_INVALID_ARG, RPC_FROM_QEMU, "there is no cell %d",
		    args->start_cell);
		return;
	}
	while (ret.cells_count < (uint32_t)args->maxcells && ret.cells_count < HOST_CELLS &&
	       args->start_cell < HOST_CELLS &&
	       !host_memory(args->start_cell + (int32_t)ret.cells_count, &memory))
		cells[ret.cells_count++] = memory.free * 1024;
	if (!ret.cells_count) {
		call_fail(call, RPC_ERR_INTERNAL, RPC_FROM_QEMU,
		    "internal error: start cell %d out of range", args->start_cell);
		return;
	}
	ret.cells = cells;
	call_reply(call, &ret);
}

static void get_cpu_stats(struct server_call *call)
{
	const struct rpc_node_get_cpu_stats_args *args = call->arguments;
	struct rpc_node_get_cpu_stats_ret ret = { .nparams = 4 };
	struct host_cpu_times times;
	struct rpc_node_get_cpu_stats stats[4];

	if (!call_check_flags(call, args->flags, 0))
		return;
	if (host_cpu_times(args->cpu_num, &times)) {
		call_fail(call, RPC_ERR_INVALID_ARG, RPC_FROM_QEMU,
		    "Invalid cpuNum %d in nodeGetCPUStats", args->cpu_num);
		return;
	}
	stats[0] = (struct rpc_node_get_cpu_stats){ "kernel", times.kernel };
	stats[1] = (struct rpc_node_get_cpu_stats){ "user", times.user };
	stats[2] = (struct rpc_node_get_cpu_stats){ "idle", times.idle };
	stats[3] = (struct rpc_node_get_cpu_stats){ "iowait", times.iowait };
	ret.params = stats;
	ret.params_count = args->nparams >= 4 ? 4 : 0;
	call_reply(call, &ret);
}

/* Of the whole machine four values, of a memory node two, as libvirt has them. */
static void get_memory_stats(struct server_call *call)
{
	const struct rpc_node_get_memory_stats_args *args = call->arguments;
	struct rpc_node_get_memory_stats_ret ret = { .nparams = args->cell_num < 0 ? 4 : 2 };
	struct rpc_node_get_memory_stats stats[4];
	struct host_memory memory;

	if (!call_check_flags(call, args->flags, 0))
		return;
	if (host_memory(args->cell_num < 0 ? -1 : args->cell_num, &memory)) {
		call_fail(call, RPC_ERR_INVALID_ARG, RPC_FROM_QEMU, "there is no memory node %d",
		    args->cell_num);
		return;
	}
	stats[0] = (struct rpc_node_get_memory_stats){ "total", memory.total };
	stats[1] = (struct rpc_node_get_memory_stats){ "free", memory.free };
	stats[2] = (struct rpc_node_get_memory_stats){ "buffers", memory.buffers };
	stats[3] = (struct rpc_node_get_memory_stats){ "cached", memory.cached };
	ret.params = stats;
	ret.params_count = args->nparams >= ret.nparams ? (uint32_t)ret.nparams : 0;
	call_reply(call, &ret);
}

/* Of each cell each size that is asked for, in this order. */
static void get_free_pages(struct server_call *call)
{
	const struct rpc_node_get_free_pages_args *args = call->arguments;
	struct rpc_node_get_free_pages_ret ret = { 0 };
	struct host_pages sizes[HOST_PAGE_SIZES];
	uint64_t *counts;
	uint32_t cells = args->cell_count < HOST_CELLS ? args->cell_count : HOST_CELLS;

	if (!call_check_flags(call, args->flags, 0))
		return;
	counts = rpc_memory_alloc(
	    &call->memory, ((size_t)cells * args->pages_count + 1) * sizeof(*counts));
	if (!counts) {
		call_fail_errno(call, -ENOMEM, NULL);
		return;
	}
	for (uint32_t cell = 0; cell < cells && args->start_cell >= 0; cell++) {
		unsigned int count = args->start_cell < HOST_CELLS
					 ? host_pages(args->start_cell + (int32_t)cell, sizes,
					       HOST_PAGE_SIZES)
					 : 0;

		for (uint32_t i = 0; count && i < args->pages_count; i++) {
			unsigned int size = 0;

			while (size < count && sizes[size].kib != args->pages[i])
				size++;
			if (size == count) {
				call_fail(call, RPC_ERR_OPERATION_FAILED, RPC_FROM_QEMU,
				    "operation failed: page size %u KiB is not available on node %d",
				    args->pages[i], args->start_cell + (int32_t)cell);
				return;
			}
			counts[ret.counts_count++] = sizes[size].free;
		}
	}
	if (!ret.counts_count) {
		call_fail(call, RPC_ERR_INTERNAL, RPC_FROM_QEMU,
		    "internal error: start cell %d out of range", args->start_cell);
		return;
	}
	ret.counts = counts;
	call_reply(call, &ret);
}

static void get_cpu_map(struct server_call *call)
{
	const struct rpc_node_get_cpu_map_args *args = call->arguments;
	struct rpc_node_get_cpu_map_ret ret = { 0 };
	struct host_cpus cpus;

	if (!call_check_flags(call, args->flags, 0))
		return;
	host_cpus(&cpus);
	if (args->need_map) {
		ret.cpumap = cpus.map;
		ret.cpumap_count = (cpus.present + 7) / 8;
	}
	if (args->need_online)
		ret.online = cpus.online;
	ret.ret = (int32_t)cpus.present;
	call_reply(call, &ret);
}

static void get_capabilities(struct server_call *call)
{
	struct buf buf = BUF_INIT;

	xml_capabilities(&buf);
	call_reply_text(call, &buf);
}

static void get_pool_capabilities(struct server_call *call)
{
	const struct rpc_connect_get_storage_pool_capabilities_args *args = call->arguments;
	struct buf buf = BUF_INIT;

	if (!call_check_flags(call, args->flags, 0))
		return;
	xml_pool_capabilities(&buf);
	call_reply_text(call, &buf);
}

static void get_domain_capabilities(struct server_call *call)
{
	const struct rpc_connect_get_domain_capabilities_args *args = call->arguments;
	const char *machine = args->machine ? args->machine : "pc";
	struct buf buf = BUF_INIT;

	if (!call_check_flags(call, args->flags, 0))
		return;
	if (args->arch && strcmp(args->arch, "x86_64") != 0 && strcmp(args->arch, "i686") != 0) {
		call_fail(call, RPC_ERR_INVALID_ARG, RPC_FROM_QEMU,
		    "unknown architecture: %s: guests here are x86_64", args->arch);
		return;
	}
	if (args->virttype && strcmp(args->virttype, "kvm") != 0) {
		call_fail(call, RPC_ERR_INVALID_ARG, RPC_FROM_QEMU,
		    "unknown virttype: %s: guests here are kvm", args->virttype);
		return;
	}
	if (!xml_machine(machine)) {
		call_fail(call, RPC_ERR_INVALID_ARG, RPC_FROM_QEMU,
		    "the machine '%s' is not supported: it is pc or q35", machine);
		return;
	}
	xml_domain_capabilities(xml_machine(machine), &buf);
	call_reply_text(call, &buf);
}

static void get_sysinfo(struct server_call *call)
{
	const struct rpc_connect_get_sysinfo_args *args = call->arguments;
	struct rpc_connect_get_sysinfo_ret ret;
	struct buf buf = BUF_INIT;

	if (!call_check_flags(call, args->flags, 0))
		return;
	xml_sysinfo(&host_roots, &buf);
	ret.sysinfo = buf_text(&buf);
	if (buf_ok(&buf))
		call_reply(call, &ret);
	else
		call_fail_errno(call, -ENOMEM, NULL);
	buf_done(&buf);
}

/* Answered with the code on which clients do without. */
static void without_models(struct server_call *call)
{
	call_fail(call, RPC_ERR_NO_SUPPORT, RPC_FROM_QEMU,
	    "this function is not supported by the connection driver: guests have the node's own "
	    "processor, there are no models of it");
}

const struct rpc_handler rpc_host_handlers[] = {
	{ RPC_CONNECT_GET_SYSINFO, get_sysinfo },
	{ RPC_CONNECT_GET_CPU_MODEL_NAMES, without_models },
	{ RPC_NODE_GET_INFO, node_get_info },
	{ RPC_NODE_GET_FREE_MEMORY, get_free_memory },
	{ RPC_NODE_GET_CELLS_FREE_MEMORY, get_cells_free_memory },
	{ RPC_NODE_GET_CPU_STATS, get_cpu_stats },
	{ RPC_NODE_GET_MEMORY_STATS, get_memory_stats },
	{ RPC_NODE_GET_FREE_PAGES, get_free_pages },
	{ RPC_NODE_GET_CPU_MAP, get_cpu_map },
	{ RPC_CONNECT_GET_CAPABILITIES, get_capabilities },
	{ RPC_CONNECT_GET_DOMAIN_CAPABILITIES, get_domain_capabilities },
	{ RPC_CONNECT_GET_STORAGE_POOL_CAPABILITIES, get_pool_capabilities },
	{ 0 },
};
