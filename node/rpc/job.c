/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory dumps, and how far what takes long has come. */
#include "node/rpc/job.h"

#include <errno.h>

#include "node/rpc/guest.h"
#include "node/rpc/handlers.h"

/* libvirt: virDomainCoreDumpFlags. A dump is of memory alone and past the cache in any case. */
enum {
	DUMP_CRASH = 1,
	DUMP_LIVE = 2,
	DUMP_BYPASS_CACHE = 4,
	DUMP_RESET = 8,
	DUMP_MEMORY_ONLY = 16
};
#define DUMP_FLAGS (DUMP_CRASH | DUMP_LIVE | DUMP_BYPASS_CACHE | DUMP_RESET | DUMP_MEMORY_ONLY)
/* libvirt: virDomainCoreDumpFormat, VIR_DOMAIN_CORE_DUMP_FORMAT_RAW: ELF. */
#define FORMAT_RAW 0

/* libvirt: virDomainJobType, virDomainJobOperation. */
enum { TYPE_NONE = 0, TYPE_BOUNDED = 1, TYPE_COMPLETED = 3, TYPE_FAILED = 4, TYPE_CANCELLED = 5 };
enum { OPERATION_SAVE = 2, OPERATION_DUMP = 8 };
enum { STATS_COMPLETED = 1, STATS_KEEP_COMPLETED = 2 };

static void dump_to(
    struct server_call *call, const struct rpc_dom *dom, const char *path, uint32_t flags)
{
	const struct driver_dump dump = { .path = path,
		.live = flags & DUMP_LIVE,
		.crash = flags & DUMP_CRASH,
		.reset = flags & DUMP_RESET };
	struct server_core *core = call->core;

	if (!call_check_flags(call, flags, DUMP_FLAGS))
		return;
	if (dump.crash + dump.live + dump.reset > 1) {
		call_fail(call, RPC_ERR_INVALID_ARG, RPC_FROM_QEMU,
		    "invalid argument: of crash, live and reset one can be asked for");
		return;
	}
	if (!guest_running(call, dom))
		return;
	if (core->ops->dump)
		core->ops->dump(
		    core->driver, call->guest.uuid, &dump, (struct driver_done){ call_done, call });
	else
		call_unsupported(call);
}

static void dump(struct server_call *call)
{
	const struct rpc_domain_core_dump_args *args = call->arguments;

	dump_to(call, &args->dom, args->to, args->flags);
}

static void dump_with_format(struct server_call *call)
{
	static const char *const formats[] = { "raw", "kdump-zlib", "kdump-lzo", "kdump-snappy",
		"win-dmp" };
	const struct rpc_domain_core_dump_with_format_args *args = call->arguments;

	if (args->dumpformat == FORMAT_RAW)
		dump_to(call, &args->dom, args->to, args->flags);
	else
		call_fail(call, RPC_ERR_INVALID_ARG, RPC_FROM_QEMU,
		    "invalid argument: unsupported dumpformat '%s': this node writes ELF files",
		    args->dumpformat < sizeof(formats) / sizeof(formats[0])
			? formats[args->dumpformat]
			: "unknown");
}

static int32_t type_of(const struct driver_job *job)
{
	static const int32_t types[] = { [DRIVER_JOB_GOES_ON] = TYPE_BOUNDED,
		[DRIVER_JOB_DONE] = TYPE_COMPLETED,
		[DRIVER_JOB_FAILED] = TYPE_FAILED,
		[DRIVER_JOB_GIVEN_UP] = TYPE_CANCELLED };

	return job->kind ? types[job->end] : TYPE_NONE;
}

/* None is an answer, too. */
static struct driver_job job_of(
    struct server_call *call, const struct driver_guest *guest, bool ended)
{
	struct server_core *core = call->core;
	struct driver_job job = { 0 };

	if (!core->ops->job || core->ops->job(core->driver, guest->uuid, ended, &job))
		job.kind = DRIVER_JOB_NONE;
	return job;
}

static void get_info(struct server_call *call)
{
	const struct rpc_domain_get_job_info_args *args = call->arguments;
	struct rpc_domain_get_job_info_ret ret = { 0 };
	struct driver_job job;

	if (!guest_running(call, &args->dom))
		return;
	job = job_of(call, &call->guest, false);
	ret.type = type_of(&job);
	if (job.kind) {
		ret.time_elapsed = job.elapsed / 1000000;
		ret.mem_total = ret.data_total = job.total;
		ret.mem_processed = ret.data_processed = job.processed;
		ret.mem_remaining = ret.data_remaining = job.total - job.processed;
	}
	call_reply(call, &ret);
}

void job_params(const struct driver_job *job, struct rpc_params *params)
{
	uint64_t rest = job->total - job->processed;

	if (!job->kind)
		return;
	rpc_params_int(
	    params, job->kind == DRIVER_JOB_SAVE ? OPERATION_SAVE : OPERATION_DUMP, "operation");
	rpc_params_ullong(params, job->elapsed / 1000000, "time_elapsed");
	rpc_params_ullong(params, job->total, "data_total");
	rpc_params_ullong(params, job->processed, "data_processed");
	rpc_params_ullong(params, rest, "data_remaining");
	rpc_params_ullong(params, job->total, "memory_total");
	rpc_params_ullong(params, job->processed, "memory_processed");
	rpc_params_ullong(params, rest, "memory_remaining");
}

static void get_stats(struct server_call *call)
{
	const struct rpc_domain_get_job_stats_args *args = call->arguments;
	struct rpc_params params = { .memory = &call->memory };
	struct rpc_domain_get_job_stats_ret ret = { 0 };
	bool ended = args->flags & STATS_COMPLETED;
	struct driver_job job;

	if (!call_check_flags(call, args->flags, STATS_COMPLETED | STATS_KEEP_COMPLETED) ||
	    !(ended ? guest_of(call, &args->dom) : guest_running(call, &args->dom)))
		return;
	job = job_of(call, &call->guest, ended);
	ret.type = type_of(&job);
	job_params(&job, &params);
	if (params.failed) {
		call_fail_errno(call, -ENOMEM, NULL);
		return;
	}
	ret.params = params.items;
	ret.params_count = params.count;
	call_reply(call, &ret);
}

static void give_up(struct server_call *call, const struct rpc_dom *dom)
{
	struct server_core *core = call->core;

	if (!guest_running(call, dom))
		return;
	if (job_of(call, &call->guest, false).kind)
		core->ops->give_up_job(
		    core->driver, call->guest.uuid, (struct driver_done){ call_done, call });
	else
		call_fail(call, RPC_ERR_OPERATION_INVALID, RPC_FROM_QEMU,
		    "Requested operation is not valid: no job is active on the domain");
}

static void abort_job(struct server_call *call)
{
	const struct rpc_domain_abort_job_args *args = call->arguments;

	give_up(call, &args->dom);
}

static void abort_job_flags(struct server_call *call)
{
	const struct rpc_domain_abort_job_flags_args *args = call->arguments;

	if (call_check_flags(call, args->flags, 0))
		give_up(call, &args->dom);
}

const struct rpc_handler rpc_job_handlers[] = {
	{ RPC_DOMAIN_CORE_DUMP, dump },
	{ RPC_DOMAIN_CORE_DUMP_WITH_FORMAT, dump_with_format },
	{ RPC_DOMAIN_GET_JOB_INFO, get_info },
	{ RPC_DOMAIN_GET_JOB_STATS, get_stats },
	{ RPC_DOMAIN_ABORT_JOB, abort_job },
	{ RPC_DOMAIN_ABORT_JOB_FLAGS, abort_job_flags },
	{ 0 },
};
