/* SPDX-License-Identifier: GPL-2.0-only */
/* What Xen's xm shows otherwise than virsh does. These commands are called by xm, by no list. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/virsh/commands.h"
#include "cli/virsh/console.h"
#include "cli/virsh/native.h"
#include "cli/virsh/objects.h"
#include "cli/virsh/pretty.h"
#include "lib/num.h"
#include "rpc/param.h"

/* Xen's weight of a guest that has no other, and the share that is as much here. */
#define XEN_WEIGHT 256
#define OUR_SHARES 100

static const struct option create_options[] = {
	{ "file", OPTION_TEXT, true, "a file of Xen, or a guest that is defined" },
	{ "console", OPTION_FLAG, false, "attach to its console" },
	{ "paused", OPTION_FLAG, false, "leave it paused" },
	{ 0 },
};

/* As xm finds files: here, then in /etc/xen. NULL: neither. */
static const char *file_of(const char *name, char *path, size_t size)
{
	if (!access(name, R_OK))
		return name;
	snprintf(path, size, "/etc/xen/%s", name);
	return strchr(name, '/') || access(path, R_OK) ? NULL : path;
}

static bool cmd_create(struct shell *shell)
{
	struct rpc_domain_create_xml_args args = { .flags = shell_flag(shell, "paused") };
	struct rpc_domain_create_with_flags_args start = { .flags = args.flags };
	struct rpc_domain_create_xml_ret ret;
	const char *name = shell_text(shell, "file");
	char path[4096];
	const char *file = file_of(name, path, sizeof(path));

	if (file) {
		args.xml_desc = native_xml(shell, "xen-xm", file);
		if (!args.xml_desc || !shell_call(shell, RPC_DOMAIN_CREATE_XML, &args, &ret))
			return shell_error("Failed to create domain from %s", file);
	} else {
		if (!object_domain(shell, "file", BY_NAME | BY_UUID, &start.dom))
			return false;
		if (!shell_call(shell, RPC_DOMAIN_CREATE_WITH_FLAGS, &start, &ret))
			return shell_error("Failed to start domain '%s'", start.dom.name);
	}
	return !shell_flag(shell, "console") || console_attach(shell, &ret.dom, NULL, 0);
}

static const struct option list_options[] = {
	{ "domain", OPTION_TEXT, false, "id, name or UUID; all that run without" },
	{ "long", OPTION_FLAG, false, "XML" },
	{ 0 },
};

/* The guest of option "domain", or those that run. False, and told, on an error. */
static bool chosen(
    struct shell *shell, struct rpc_dom *one, const struct rpc_dom **ret_doms, uint32_t *ret_count)
{
	struct rpc_connect_list_all_domains_args args = { .need_results = 1, .flags = 1 };

	*ret_doms = one;
	*ret_count = 1;
	if (shell_text(shell, "domain"))
		return object_domain(shell, "domain", BY_ANY, one);
	*ret_doms = object_list(shell, RPC_CONNECT_LIST_ALL_DOMAINS, &args, sizeof(**ret_doms),
	    object_compare, ret_count);
	return *ret_doms || !*ret_count;
}

/* "r-----": running, blocked, paused, shut down, crashed, dying. */
static const char *letters_of(int state)
{
	static const char *const letters[] = { "------", "r-----", "-b----", "--p---", "-----d",
		"---s--", "----c-", "--p---" };

	return state >= 0 && state < 8 ? letters[state] : letters[0];
}

static bool print_row(struct shell *shell, const struct rpc_dom *dom)
{
	struct rpc_domain_get_info_args args = { *dom };
	struct rpc_domain_get_info_ret info;
	char id[NUM_TEXT] = "";

	if (!shell_call(shell, RPC_DOMAIN_GET_INFO, &args, &info))
		return false;
	if (dom->id >= 0)
		snprintf(id, sizeof(id), "%d", dom->id);
	shell_print("%-40s %3s %8llu %5u %8s %9.1f\n", dom->name, id,
	    (unsigned long long)info.memory / 1024, info.nr_virt_cpu, letters_of((int)info.state),
	    (double)info.cpu_time / 1e9);
	return true;
}

static bool cmd_list(struct shell *shell)
{
	const struct rpc_dom *doms;
	struct rpc_dom one;
	uint32_t count;

	if (!chosen(shell, &one, &doms, &count))
		return false;
	if (!shell_flag(shell, "long"))
		shell_print("%-40s %3s %8s %5s %8s %9s\n", "Name", "ID", "Mem(MiB)", "VCPUs",
		    "State", "Time(s)");
	for (uint32_t i = 0; i < count; i++) {
		if (shell_flag(shell, "long")) {
			const char *xml = object_xml(shell, &object_domains, &doms[i], 0);

			if (!xml)
				return false;
			shell_print("%s", xml);
		} else if (!print_row(shell, &doms[i])) {
			/* It may have ended meanwhile. */
			if (shell->conn->error.code != RPC_ERR_NO_DOMAIN)
				return false;
			shell_forget_error(shell);
		}
	}
	return true;
}

static bool print_vcpus(struct shell *shell, const struct rpc_dom *dom, int cpus)
{
	static const char *const states[] = { "--p", "r--", "-b-" };
	struct rpc_domain_get_vcpus_args args = { *dom, 0, (cpus + 7) / 8 };
	struct rpc_domain_get_vcpus_ret ret;
	struct rpc_domain_get_info_args info_args = { *dom };
	struct rpc_domain_get_info_ret info;

	if (!shell_call(shell, RPC_DOMAIN_GET_INFO, &info_args, &info))
		return false;
	args.maxinfo = (int32_t)info.nr_virt_cpu;
	if (!shell_call(shell, RPC_DOMAIN_GET_VCPUS, &args, &ret))
		return false;
	for (uint32_t i = 0; i < ret.info_count; i++) {
		const struct rpc_vcpu_info *vcpu = &ret.info[i];
		const uint8_t *map = ret.cpumaps + i * (uint32_t)args.maplen;
		bool any = ret.cpumaps_count < (i + 1) * (uint32_t)args.maplen;
		int allowed = 0;

		for (int cpu = 0; !any && cpu < cpus; cpu++)
			allowed += map[cpu / 8] >> (cpu % 8) & 1;
		shell_print("%-32s %3d %5u %5d %5s %9.1f ", dom->name, dom->id, vcpu->number,
		    vcpu->cpu,
		    states[vcpu->state == 1   ? 1
			   : vcpu->state == 2 ? 2
					      : 0],
		    (double)vcpu->cpu_time / 1e9);
		if (any || allowed == cpus)
			shell_print("any cpu");
		else
			pretty_print_list(map, cpus);
		shell_print("\n");
	}
	return true;
}

static bool cmd_vcpu_list(struct shell *shell)
{
	struct rpc_node_get_info_ret node;
	const struct rpc_dom *doms;
	struct rpc_dom one;
	uint32_t count;

	if (!shell_call(shell, RPC_NODE_GET_INFO, NULL, &node) ||
	    !chosen(shell, &one, &doms, &count))
		return false;
	shell_print("%-32s %3s %5s %5s %5s %9s %s\n", "Name", "ID", "VCPU", "CPU", "State",
	    "Time(s)", "CPU Affinity");
	for (uint32_t i = 0; i < count; i++)
		if (!print_vcpus(shell, &doms[i], node.cpus))
			return false;
	return true;
}

static const struct option credit_options[] = {
	DOMAIN,
	{ "weight", OPTION_TEXT, false, "share of the processors; 256 is the usual" },
	{ "cap", OPTION_TEXT, false, "percent of one processor; 0: no bound" },
	{ 0 },
};

/* One of them as a parameter of ours; false, and told, when it is no number. */
static bool credit(struct shell *shell, const char *option, const char *field, uint64_t times,
    uint64_t by, struct rpc_param *params, uint32_t *ret_count)
{
	const char *text = shell_text(shell, option);
	uint64_t number;

	if (!text)
		return true;
	if (!num_parse(text, 65535, &number))
		return shell_error("--%s: \"%s\" is no number", option, text);
	params[(*ret_count)++] = (struct rpc_param){ field, RPC_PARAM_LLONG,
		{ .l = number ? (int64_t)(number * times / by) : -1 } };
	return true;
}

static bool cmd_sched_credit(struct shell *shell)
{
	struct rpc_domain_set_scheduler_parameters_args args = { .params_count = 0 };
	struct rpc_domain_get_scheduler_parameters_args get = { .nparams = 16 };
	struct rpc_domain_get_scheduler_parameters_ret ret;
	struct rpc_param params[2];
	int64_t shares = OUR_SHARES;
	int64_t period = 0;
	int64_t quota = 0;

	if (!object_domain(shell, "domain", BY_ANY, &args.dom) ||
	    !credit(shell, "weight", "cpu_shares", OUR_SHARES, XEN_WEIGHT, params,
		&args.params_count) ||
	    !credit(shell, "cap", "global_quota", 1000, 1, params, &args.params_count))
		return false;
	args.params = params;
	if (args.params_count)
		return shell_call(shell, RPC_DOMAIN_SET_SCHEDULER_PARAMETERS, &args, NULL);
	get.dom = args.dom;
	if (!shell_call(shell, RPC_DOMAIN_GET_SCHEDULER_PARAMETERS, &get, &ret))
		return false;
	rpc_param_number(rpc_param_find(ret.params, ret.params_count, "cpu_shares"), &shares);
	rpc_param_number(rpc_param_find(ret.params, ret.params_count, "global_period"), &period);
	rpc_param_number(rpc_param_find(ret.params, ret.params_count, "global_quota"), &quota);
	shell_print("{'cap': %lld, 'weight': %lld}\n",
	    quota > 0 && period > 0 ? (long long)(quota * 100 / period) : 0LL,
	    (long long)(shares * XEN_WEIGHT / OUR_SHARES));
	return true;
}

const struct command xm_commands[] = {
	{ "xm-create", cmd_create, create_options, .hidden = true, .help = "xm create" },
	{ "xm-list", cmd_list, list_options, .hidden = true, .help = "xm list" },
	{ "xm-vcpu-list", cmd_vcpu_list, list_options, .hidden = true, .help = "xm vcpu-list" },
	{ "xm-sched-credit", cmd_sched_credit, credit_options, .hidden = true,
	    .help = "xm sched-credit" },
	{ 0 },
};
