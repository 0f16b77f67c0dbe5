/* SPDX-License-Identifier: GPL-2.0-only */
/* Guests: what they do, and what their devices have done. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/virsh/cmd_devices.h"
#include "cli/virsh/cmd_list.h"
#include "cli/virsh/cmd_stats.h"
#include "cli/virsh/commands.h"
#include "cli/virsh/cpus.h"
#include "cli/virsh/objects.h"
#include "cli/virsh/pretty.h"
#include "cli/virsh/states.h"
#include "cli/virsh/table.h"

static bool get_info(
    struct shell *shell, const struct rpc_dom *dom, struct rpc_domain_get_info_ret *ret_info)
{
	struct rpc_domain_get_info_args args = { *dom };

	return shell_call(shell, RPC_DOMAIN_GET_INFO, &args, ret_info);
}

/* Four bytes a character, up to a NUL. */
static void print_label(const char *title, const char *text, uint32_t count)
{
	shell_print("%-15s %.*s", title, (int)count, count ? text : "");
}

static bool print_security(struct shell *shell, const struct rpc_dom *dom)
{
	struct rpc_domain_get_security_label_args args = { *dom };
	struct rpc_node_get_security_model_ret model;
	struct rpc_domain_get_security_label_ret label;

	if (!shell_call(shell, RPC_NODE_GET_SECURITY_MODEL, NULL, &model)) {
		bool missing = shell->conn->error.code == RPC_ERR_NO_SUPPORT;

		if (missing)
			shell_forget_error(shell);
		return missing;
	}
	if (!model.model_count || !*model.model)
		return true;
	print_label("Security model:", model.model, model.model_count);
	shell_print("\n");
	print_label("Security DOI:", model.doi, model.doi_count);
	shell_print("\n");
	if (!shell_call(shell, RPC_DOMAIN_GET_SECURITY_LABEL, &args, &label))
		return false;
	if (label.label_count && *label.label) {
		print_label("Security label:", label.label, label.label_count);
		shell_print(" (%s)\n", label.enforcing ? "enforcing" : "permissive");
	}
	return true;
}

static bool print_messages(struct shell *shell, const struct rpc_dom *dom)
{
	struct rpc_domain_get_messages_args args = { *dom, 0 };
	struct rpc_domain_get_messages_ret ret;

	if (!shell_call(shell, RPC_DOMAIN_GET_MESSAGES, &args, &ret)) {
		shell_forget_error(shell);
		return true;
	}
	for (uint32_t i = 0; i < ret.msgs_count; i++)
		shell_print("%-15s %s\n", i ? "" : "Messages:", ret.msgs[i]);
	return true;
}

static bool cmd_dominfo(struct shell *shell)
{
	struct rpc_dom dom;
	struct rpc_domain_get_os_type_ret os;
	struct rpc_domain_get_info_ret info;
	struct rpc_domain_is_persistent_ret persistent;
	struct rpc_domain_get_autostart_ret autostart;
	struct rpc_domain_has_managed_save_image_args save_args = { .flags = 0 };
	struct rpc_domain_has_managed_save_image_ret save;
	char text[UUID_TEXT];

	if (!object_domain(shell, "domain", BY_ANY, &dom))
		return false;
	if (dom.id >= 0)
		shell_print("%-15s %d\n", "Id:", dom.id);
	else
		shell_print("%-15s %s\n", "Id:", "-");
	shell_print("%-15s %s\n", "Name:", dom.name);
	shell_print("%-15s %s\n", "UUID:", uuid_text(dom.uuid, text));
	if (shell_call(shell, RPC_DOMAIN_GET_OS_TYPE, &dom, &os))
		shell_print("%-15s %s\n", "OS Type:", os.type);
	if (!get_info(shell, &dom, &info))
		return false;
	shell_print("%-15s %s\n", "State:", state_text((int)info.state));
	shell_print("%-15s %u\n", "CPU(s):", info.nr_virt_cpu);
	if (info.cpu_time)
		shell_print("%-15s %.1lfs\n", "CPU time:", (double)info.cpu_time / 1000000000.0);
	if (info.max_mem != UINT64_MAX / 1024)
		shell_print("%-15s %llu KiB\n", "Max memory:", (unsigned long long)info.max_mem);
	else
		shell_print("%-15s %s\n", "Max memory:", "no limit");
	shell_print("%-15s %llu KiB\n", "Used memory:", (unsigned long long)info.memory);
	shell_print("%-15s %s\n", "Persistent:",
	    !shell_call(shell, RPC_DOMAIN_IS_PERSISTENT, &dom, &persistent) ? "unknown"
	    : persistent.persistent					    ? "yes"
									    : "no");
	if (shell_call(shell, RPC_DOMAIN_GET_AUTOSTART, &dom, &autostart))
		shell_print("%-15s %s\n", "Autostart:", autostart.autostart ? "enable" : "disable");
	save_args.dom = dom;
	shell_print("%-15s %s\n", "Managed save:",
	    !shell_call(shell, RPC_DOMAIN_HAS_MANAGED_SAVE_IMAGE, &save_args, &save) ? "unknown"
	    : save.result							     ? "yes"
										     : "no");
	shell_forget_error(shell);
	return print_security(shell, &dom) && print_messages(shell, &dom);
}

static const struct option domstate_options[] = {
	DOMAIN,
	{ "reason", OPTION_FLAG, false, "and why it is in this state" },
	{ 0 },
};

static bool cmd_domstate(struct shell *shell)
{
	struct rpc_domain_get_state_args args = { .flags = 0 };
	struct rpc_domain_get_state_ret ret;

	if (!object_domain(shell, "domain", BY_ANY, &args.dom) ||
	    !shell_call(shell, RPC_DOMAIN_GET_STATE, &args, &ret))
		return false;
	if (shell_flag(shell, "reason"))
		shell_print(
		    "%s (%s)\n", state_text(ret.state), state_reason(ret.state, ret.reason));
	else
		shell_print("%s\n", state_text(ret.state));
	return true;
}

static bool cmd_domcontrol(struct shell *shell)
{
	static const char *const states[] = { "ok", "background job", "occupied", "error" };
	struct rpc_domain_get_control_info_args args = { .flags = 0 };
	struct rpc_domain_get_control_info_ret ret;

	if (!object_domain(shell, "domain", BY_ANY, &args.dom) ||
	    !shell_call(shell, RPC_DOMAIN_GET_CONTROL_INFO, &args, &ret))
		return false;
	if (ret.state != 0 && ret.state != 3)
		shell_print("%s (%0.3fs)\n", states[ret.state & 3], (double)ret.state_time / 1000);
	else
		shell_print("%s\n", states[ret.state & 3]);
	return true;
}

static bool cmd_domblkerror(struct shell *shell)
{
	static const char *const words[] = { "no error", "unspecified error", "no space" };
	struct rpc_domain_get_disk_errors_args args = { .maxerrors = 0 };
	struct rpc_domain_get_disk_errors_ret ret;

	if (!object_domain(shell, "domain", BY_ANY, &args.dom) ||
	    !shell_call(shell, RPC_DOMAIN_GET_DISK_ERRORS, &args, &ret))
		return false;
	args.maxerrors = (uint32_t)ret.nerrors;
	if (ret.nerrors && !shell_call(shell, RPC_DOMAIN_GET_DISK_ERRORS, &args, &ret))
		return false;
	if (!ret.errors_count)
		shell_extra(shell, "No errors found\n");
	for (uint32_t i = 0; i < ret.errors_count; i++)
		shell_print("%s: %s\n", ret.errors[i].disk,
		    (uint32_t)ret.errors[i].error < 3 ? words[ret.errors[i].error] : "unknown");
	return true;
}

static const struct option vcpuinfo_options[] = {
	DOMAIN,
	{ "pretty", OPTION_FLAG, false, "affinity as a list" },
	{ 0 },
};

/* "y--y", or with --pretty "0,3 (out of 4)". */
static void print_affinity(
    const struct shell *shell, const uint8_t *map, int maplen, int vcpu, int cpus)
{
	shell_print("%-15s ", "CPU Affinity:");
	if (!shell_flag(shell, "pretty")) {
		for (int i = 0; i < cpus; i++)
			shell_print("%c", cpus_has(map + vcpu * maplen, maplen, i) ? 'y' : '-');
		shell_print("\n");
		return;
	}
	pretty_print_list(map + vcpu * maplen, cpus);
	shell_print(" (out of %d)\n", cpus);
}

/* Of a guest that is off only where they may run is known. */
static bool print_inactive_vcpus(struct shell *shell, const struct rpc_dom *dom, int cpus,
    const struct rpc_domain_get_info_ret *info)
{
	struct rpc_domain_get_vcpu_pin_info_args args = { .dom = *dom,
		.ncpumaps = (int32_t)info->nr_virt_cpu,
		.maplen = (cpus + 7) / 8,
		.flags = 2 };
	struct rpc_domain_get_vcpu_pin_info_ret ret;

	shell_forget_error(shell);
	if (!shell_call(shell, RPC_DOMAIN_GET_VCPU_PIN_INFO, &args, &ret))
		return false;
	for (int32_t i = 0; i < ret.num && (uint32_t)((i + 1) * args.maplen) <= ret.cpumaps_count;
	     i++) {
		shell_print("%-15s %d\n", "VCPU:", i);
		shell_print("%-15s %s\n", "CPU:", "N/A");
		shell_print("%-15s %s\n", "State:", "N/A");
		shell_print("%-15s %s\n", "CPU time", "N/A");
		print_affinity(shell, ret.cpumaps, args.maplen, i, cpus);
		if (i + 1 < ret.num)
			shell_print("\n");
	}
	return true;
}

static bool cmd_vcpuinfo(struct shell *shell)
{
	struct rpc_domain_get_vcpus_args args;
	struct rpc_domain_get_vcpus_ret ret;
	struct rpc_domain_get_info_ret info;
	int cpus;

	if (!object_domain(shell, "domain", BY_ANY, &args.dom))
		return false;
	cpus = cpus_of_host(shell);
	if (cpus < 0 || !get_info(shell, &args.dom, &info))
		return false;
	args.maxinfo = (int32_t)info.nr_virt_cpu;
	args.maplen = (cpus + 7) / 8;
	if (!shell_call(shell, RPC_DOMAIN_GET_VCPUS, &args, &ret))
		return info.state == 5 && print_inactive_vcpus(shell, &args.dom, cpus, &info);
	for (uint32_t i = 0; i < ret.info_count; i++) {
		shell_print("%-15s %u\n", "VCPU:", ret.info[i].number);
		shell_print("%-15s %d\n", "CPU:", ret.info[i].cpu);
		shell_print("%-15s %s\n", "State:", state_of_vcpu(ret.info[i].state));
		if (ret.info[i].cpu_time)
			shell_print("%-15s %.1lfs\n",
			    "CPU time:", (double)ret.info[i].cpu_time / 1000000000.0);
		if (ret.cpumaps_count >= (i + 1) * (uint32_t)args.maplen)
			print_affinity(shell, ret.cpumaps, args.maplen, (int)i, cpus);
		if (i + 1 < ret.info_count)
			shell_print("\n");
	}
	return true;
}

const struct command monitor_commands[] = {
	{ "domblkerror", cmd_domblkerror, domain_only, .help = "disks of a guest that fail" },
	{ "domblkinfo", cmd_domblkinfo, domblkinfo_options, .help = "sizes of a guest's disk" },
	{ "domblklist", cmd_domblklist, domblklist_options, .help = "a guest's disks" },
	{ "domblkstat", cmd_domblkstat, domblkstat_options,
	    .help = "what a guest's disk has done" },
	{ "domcontrol", cmd_domcontrol, domain_only, .help = "whether a guest can be steered" },
	{ "domdisplay", cmd_domdisplay, domdisplay_options, .help = "address of a guest's screen" },
	{ "domifaddr", cmd_domifaddr, domifaddr_options, .help = "addresses of a guest that runs" },
	{ "domiflist", cmd_domiflist, domiflist_options, .help = "a guest's network interfaces" },
	{ "domifstat", cmd_domifstat, domifstat_options,
	    .help = "what a network interface has done" },
	{ "dominfo", cmd_dominfo, domain_only, .help = "the main facts of a guest" },
	{ "dommemstat", cmd_dommemstat, dommemstat_options, .help = "a guest's memory" },
	{ "domstate", cmd_domstate, domstate_options, .help = "a guest's state" },
	{ "domstats", cmd_domstats, domstats_options, .help = "counters of one or many guests" },
	{ "list", cmd_list, list_options, .help = "the guests" },
	{ "ttyconsole", cmd_ttyconsole, domain_only, .help = "terminal of a guest's console" },
	{ "vcpuinfo", cmd_vcpuinfo, vcpuinfo_options, .help = "a guest's virtual processors" },
	{ "vncdisplay", cmd_vncdisplay, domain_only, .help = "number of a guest's VNC screen" },
	{ 0 },
};
