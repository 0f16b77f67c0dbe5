/* SPDX-License-Identifier: GPL-2.0-only */
/* Processors: single ones of a guest, what they have done, which kinds of them there are. */
#include "cli/virsh/affect.h"
#include "cli/virsh/commands.h"
#include "cli/virsh/objects.h"

static const struct option setvcpu_options[] = {
	DOMAIN,
	{ "vcpulist", OPTION_TEXT, true, "which: 0-3,^2" },
	{ "enable", OPTION_FLAG, false, "put them in" },
	{ "disable", OPTION_FLAG, false, "take them out" },
	AFFECT,
	{ 0 },
};

static bool cmd_setvcpu(struct shell *shell)
{
	struct rpc_domain_set_vcpu_args args = { .cpumap = shell_text(shell, "vcpulist"),
		.state = shell_flag(shell, "enable") };

	if (!shell_exclusive(shell, "enable", "disable") || !affect_flags(shell, NULL, &args.flags))
		return false;
	if (!args.state && !shell_flag(shell, "disable"))
		return shell_error("one of --enable, --disable is required");
	return object_domain(shell, "domain", BY_ANY, &args.dom) &&
	       shell_call(shell, RPC_DOMAIN_SET_VCPU, &args, NULL);
}

static const struct option stats_options[] = {
	DOMAIN,
	{ "total", OPTION_FLAG, false, "all of the node's processors together" },
	{ "start", OPTION_NUMBER, false, "from this one of the node's processors on" },
	{ "count", OPTION_NUMBER, false, "so many of them" },
	{ 0 },
};

#define SECOND 1000000000ull

/* "cpu_time    1.500000000 seconds"; `count` times the same parameters, one group a processor. */
static void print_times(const struct rpc_param *params, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		unsigned long long value = params[i].value.ul;

		shell_print("\t%-12s ", params[i].field);
		if (params[i].type == RPC_PARAM_ULLONG)
			shell_print("%9llu.%09llu seconds\n", value / SECOND, value % SECOND);
	}
}

static bool ask_stats(struct shell *shell, struct rpc_domain_get_cpu_stats_args *args,
    struct rpc_domain_get_cpu_stats_ret *ret_stats)
{
	if (!shell_call(shell, RPC_DOMAIN_GET_CPU_STATS, args, ret_stats))
		return shell_error(
		    "Failed to retrieve CPU statistics for domain '%s'", args->dom.name);
	return true;
}

/* `count` < 0: all from `start` on. Where there are none, only a total makes up for it. */
static bool print_each(
    struct shell *shell, const struct rpc_dom *dom, int64_t start, int64_t count, bool total)
{
	struct rpc_domain_get_cpu_stats_args args = { .dom = *dom };
	struct rpc_domain_get_cpu_stats_ret ret;

	if (!ask_stats(shell, &args, &ret))
		return false;
	if (count > ret.nparams)
		shell_print("Only %d CPUs available to show\n", ret.nparams);
	if (count < 0 || count > ret.nparams - start)
		count = ret.nparams - start;
	args.ncpus = 1;
	if (!ask_stats(shell, &args, &ret))
		return false;
	if (!ret.nparams) {
		shell_print("No per-CPU stats available");
		return total;
	}
	args.nparams = (uint32_t)ret.nparams;
	for (; count > 0; count--, start++) {
		args.start_cpu = (int32_t)start;
		if (!ask_stats(shell, &args, &ret))
			return false;
		shell_print("CPU%lld:\n", (long long)start);
		print_times(ret.params, ret.params_count);
	}
	return true;
}

static bool print_total(struct shell *shell, const struct rpc_dom *dom)
{
	struct rpc_domain_get_cpu_stats_args args = { .dom = *dom, .start_cpu = -1, .ncpus = 1 };
	struct rpc_domain_get_cpu_stats_ret ret;

	if (!ask_stats(shell, &args, &ret))
		return false;
	shell_print("Total:\n");
	if (!ret.nparams) {
		shell_print("\tNo total stats available\n");
		return true;
	}
	args.nparams = (uint32_t)ret.nparams;
	if (!ask_stats(shell, &args, &ret))
		return false;
	print_times(ret.params, ret.params_count);
	return true;
}

static bool cmd_stats(struct shell *shell)
{
	struct rpc_dom dom;
	int64_t start = 0;
	int64_t count = -1;
	bool good = true;
	bool each;
	bool total = shell_flag(shell, "total");

	if (!object_domain(shell, "domain", BY_ANY, &dom))
		return false;
	each = shell_number(shell, "start", &start, &good);
	each = shell_number(shell, "count", &count, &good) || each;
	if (!good)
		return false;
	if (start < 0)
		return shell_error("Invalid value for start CPU");
	if (!each && !total)
		each = total = true;
	return (!each || print_each(shell, &dom, start, count, total)) &&
	       (!total || print_total(shell, &dom));
}

static const struct option models_options[] = {
	{ "arch", OPTION_TEXT, true, "architecture" },
	{ 0 },
};

static bool cmd_models(struct shell *shell)
{
	struct rpc_connect_get_cpu_model_names_args args = { .arch = shell_text(shell, "arch"),
		.need_results = 1 };
	struct rpc_connect_get_cpu_model_names_ret ret;

	if (!shell_call(shell, RPC_CONNECT_GET_CPU_MODEL_NAMES, &args, &ret))
		return shell_error("failed to get CPU model names");
	if (!ret.models_count)
		shell_print("all CPU models are accepted\n");
	for (uint32_t i = 0; i < ret.models_count; i++)
		shell_print("%s\n", ret.models[i]);
	return true;
}

const struct command cpu_commands[] = {
	{ "cpu-stats", cmd_stats, stats_options, .help = "processor time of a guest" },
	{ "setvcpu", cmd_setvcpu, setvcpu_options,
	    .help = "put single virtual processors in, or take them out" },
	{ 0 },
};

const struct command cpu_host_commands[] = {
	{ "cpu-models", cmd_models, models_options, .help = "kinds of processors guests can have" },
	{ 0 },
};
