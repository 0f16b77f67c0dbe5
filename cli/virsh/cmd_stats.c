/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/cmd_stats.h"

#include <stdio.h>
#include <string.h>

#include "cli/virsh/affect.h"
#include "cli/virsh/objects.h"
#include "cli/virsh/params.h"
#include "cli/virsh/pretty.h"
#include "cli/virsh/table.h"
#include "xml/read.h"

const struct option domblkstat_options[] = {
	DOMAIN,
	{ "device", OPTION_TEXT, false, "target or path of a disk; all together without" },
	{ "human", OPTION_FLAG, false, "in words" },
	{ 0 },
};

/* What a counter is called, in short and in words. */
struct counter {
	const char *field;
	const char *name;
	const char *words;
};

static void print_counter(
    const char *device, bool human, const struct counter *counter, long long value)
{
	if (value == -1)
		return;
	if (human)
		shell_print("%-32s %lld\n", counter->words, value);
	else
		shell_print("%s %s %lld\n", device, counter->name, value);
}

static bool block_stats_old(struct shell *shell, const struct rpc_dom *dom, const char *device)
{
	static const struct counter counters[] = {
		{ "", "rd_req", " number of read operations:" },
		{ "", "rd_bytes", " number of bytes read:" },
		{ "", "wr_req", " number of write operations:" },
		{ "", "wr_bytes", " number of bytes written:" },
		{ "", "errs", " error count:" },
	};
	struct rpc_domain_block_stats_args args = { *dom, device };
	struct rpc_domain_block_stats_ret ret;
	bool human = shell_flag(shell, "human");

	if (!shell_call(shell, RPC_DOMAIN_BLOCK_STATS, &args, &ret))
		return shell_error("Failed to get block stats %s %s", dom->name, device);
	if (human)
		shell_print("Device: %s\n", device);
	print_counter(device, human, &counters[0], ret.rd_req);
	print_counter(device, human, &counters[1], ret.rd_bytes);
	print_counter(device, human, &counters[2], ret.wr_req);
	print_counter(device, human, &counters[3], ret.wr_bytes);
	print_counter(device, human, &counters[4], ret.errs);
	return true;
}

static bool block_stats_new(
    struct shell *shell, const char *device, const struct rpc_domain_block_stats_flags_ret *ret)
{
	static const struct counter counters[] = {
		{ "rd_operations", "rd_req", " number of read operations:" },
		{ "rd_bytes", "rd_bytes", " number of bytes read:" },
		{ "wr_operations", "wr_req", " number of write operations:" },
		{ "wr_bytes", "wr_bytes", " number of bytes written:" },
		{ "errs", "errs", " error count:" },
		{ "flush_operations", "flush_operations", " number of flush operations:" },
		{ "rd_total_times", "rd_total_times", " total duration of reads (ns):" },
		{ "wr_total_times", "wr_total_times", " total duration of writes (ns):" },
		{ "flush_total_times", "flush_total_times", " total duration of flushes (ns):" },
	};
	bool human = shell_flag(shell, "human");

	if (human)
		shell_print("Device: %s\n", device);
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
		int64_t value;

		if (rpc_param_number(
			rpc_param_find(ret->params, ret->params_count, counters[i].field), &value))
			print_counter(device, human, &counters[i], value);
	}
	return true;
}

bool cmd_domblkstat(struct shell *shell)
{
	const char *device = shell_text(shell, "device");
	struct rpc_domain_block_stats_flags_args args = { .path = device ? device : "" };
	struct rpc_domain_block_stats_flags_ret ret;

	if (!object_domain(shell, "domain", BY_ANY, &args.dom))
		return false;
	if (shell_call(shell, RPC_DOMAIN_BLOCK_STATS_FLAGS, &args, &ret)) {
		args.nparams = ret.nparams;
		if (!ret.nparams)
			return true;
		if (shell_call(shell, RPC_DOMAIN_BLOCK_STATS_FLAGS, &args, &ret))
			return block_stats_new(shell, args.path, &ret);
	} else if (shell->conn->error.code == RPC_ERR_NO_SUPPORT) {
		shell_forget_error(shell);
		return block_stats_old(shell, &args.dom, args.path);
	}
	return false;
}

const struct option domblkinfo_options[] = {
	DOMAIN,
	{ "device", OPTION_TEXT, false, "target or path of a disk" },
	{ "human", OPTION_FLAG, false, "with units" },
	{ "all", OPTION_FLAG, false, "all disks" },
	{ 0 },
};

/* A row of all sizes, or of dashes. */
static void add_sizes(
    struct shell *shell, struct table *table, const struct rpc_domain_get_block_info_ret *sizes)
{
	uint64_t bytes[] = { sizes->capacity, sizes->allocation, sizes->physical };
	char text[PRETTY_TEXT];

	for (size_t i = 0; i < 3; i++)
		if (shell_flag(shell, "human"))
			table_add(table, pretty_size(bytes[i], text));
		else
			table_add_format(table, "%llu", (unsigned long long)bytes[i]);
}

static bool all_block_info(struct shell *shell, const struct rpc_dom *dom)
{
	static const char *const titles[] = { "Target", "Capacity", "Allocation", "Physical",
		NULL };
	const char *xml = object_xml(shell, &object_domains, dom, 0);
	struct xml_element *tree = xml ? xml_tree_read(xml, strlen(xml)) : NULL;
	struct table *table = table_create(titles);
	bool well = tree != NULL;

	for (const struct xml_element *disk = tree ? xml_tree_find(tree, "devices/disk") : NULL;
	     well && disk; disk = xml_tree_next(disk)) {
		struct rpc_domain_get_block_info_args args = { .dom = *dom,
			.path = xml_tree_attribute(disk, "target", "dev") };
		struct rpc_domain_get_block_info_ret ret;

		table_add(table, args.path);
		if (!xml_tree_find(disk, "source")) {
			for (size_t i = 0; i < 3; i++)
				table_add(table, "-");
			continue;
		}
		well = shell_call(shell, RPC_DOMAIN_GET_BLOCK_INFO, &args, &ret);
		if (well)
			add_sizes(shell, table, &ret);
	}
	if (well)
		table_print(table, shell->quiet);
	table_free(table);
	xml_tree_free(tree);
	return well;
}

static void print_size(const struct shell *shell, const char *title, uint64_t bytes)
{
	char text[PRETTY_TEXT];

	if (shell_flag(shell, "human"))
		shell_print("%-15s %s\n", title, pretty_size(bytes, text));
	else
		shell_print("%-15s %llu\n", title, (unsigned long long)bytes);
}

bool cmd_domblkinfo(struct shell *shell)
{
	struct rpc_domain_get_block_info_args args = { .path = shell_text(shell, "device") };
	struct rpc_domain_get_block_info_ret ret;
	bool all = shell_flag(shell, "all");

	if (!shell_exclusive(shell, "all", "device"))
		return false;
	if (!all && !args.path)
		return shell_error("command 'domblkinfo' requires <device> option");
	if (!object_domain(shell, "domain", BY_ANY, &args.dom))
		return false;
	if (all)
		return all_block_info(shell, &args.dom);
	if (!shell_call(shell, RPC_DOMAIN_GET_BLOCK_INFO, &args, &ret))
		return false;
	print_size(shell, "Capacity:", ret.capacity);
	print_size(shell, "Allocation:", ret.allocation);
	print_size(shell, "Physical:", ret.physical);
	return true;
}

const struct option domifstat_options[] = {
	DOMAIN,
	{ "interface", OPTION_TEXT, true, "name or MAC address of an interface" },
	{ 0 },
};

bool cmd_domifstat(struct shell *shell)
{
	const char *device = shell_text(shell, "interface");
	struct rpc_domain_interface_stats_args args = { .device = device };
	struct rpc_domain_interface_stats_ret ret;

	if (!object_domain(shell, "domain", BY_ANY, &args.dom))
		return false;
	if (!shell_call(shell, RPC_DOMAIN_INTERFACE_STATS, &args, &ret))
		return shell_error(
		    "Failed to get interface stats %s %s", shell_text(shell, "domain"), device);
	{
		const struct {
			const char *name;
			int64_t value;
		} counters[] = { { "rx_bytes", ret.rx_bytes }, { "rx_packets", ret.rx_packets },
			{ "rx_errs", ret.rx_errs }, { "rx_drop", ret.rx_drop },
			{ "tx_bytes", ret.tx_bytes }, { "tx_packets", ret.tx_packets },
			{ "tx_errs", ret.tx_errs }, { "tx_drop", ret.tx_drop } };

		for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
			if (counters[i].value != -1)
				shell_print("%s %s %lld\n", device, counters[i].name,
				    (long long)counters[i].value);
	}
	return true;
}

const struct option dommemstat_options[] = {
	DOMAIN,
	{ "period", OPTION_NAMED_NUMBER, false, "have them gathered every so many seconds" },
	AFFECT,
	{ 0 },
};

static bool set_period(struct shell *shell, const struct rpc_dom *dom, int64_t period)
{
	struct rpc_domain_set_memory_stats_period_args args = { .dom = *dom,
		.period = (int32_t)period };

	if (period < 0 || period > INT32_MAX)
		return shell_error("Invalid collection period value '%lld'", (long long)period);
	return affect_flags(shell, NULL, &args.flags) &&
	       (shell_call(shell, RPC_DOMAIN_SET_MEMORY_STATS_PERIOD, &args, NULL) ||
		   shell_error("Unable to change balloon collection period."));
}

bool cmd_dommemstat(struct shell *shell)
{
	static const char *const tags[] = { "swap_in", "swap_out", "major_fault", "minor_fault",
		"unused", "available", "actual", "rss", "usable", "last_update", "disk_caches",
		"hugetlb_pgalloc", "hugetlb_pgfail" };
	struct rpc_domain_memory_stats_args args = { .max_stats = 13 };
	struct rpc_domain_memory_stats_ret ret;
	int64_t period;
	bool good = true;

	if (!object_domain(shell, "domain", BY_ANY, &args.dom))
		return false;
	if (shell_number(shell, "period", &period, &good))
		return set_period(shell, &args.dom, period);
	if (!good)
		return false;
	if (!shell_call(shell, RPC_DOMAIN_MEMORY_STATS, &args, &ret))
		return shell_error("Failed to get memory statistics for domain %s", args.dom.name);
	for (uint32_t i = 0; i < ret.stats_count; i++)
		if ((uint32_t)ret.stats[i].tag < sizeof(tags) / sizeof(tags[0]))
			shell_print("%s %llu\n", tags[ret.stats[i].tag],
			    (unsigned long long)ret.stats[i].val);
	return true;
}

const struct option domstats_options[] = {
	{ "state", OPTION_FLAG, false, "state" },
	{ "cpu-total", OPTION_FLAG, false, "processor time" },
	{ "balloon", OPTION_FLAG, false, "memory" },
	{ "vcpu", OPTION_FLAG, false, "virtual processors" },
	{ "interface", OPTION_FLAG, false, "network interfaces" },
	{ "block", OPTION_FLAG, false, "disks" },
	{ "perf", OPTION_FLAG, false, "events of the processor" },
	{ "iothread", OPTION_FLAG, false, "I/O threads" },
	{ "memory", OPTION_FLAG, false, "memory bandwidth" },
	{ "dirtyrate", OPTION_FLAG, false, "memory that changes" },
	{ "vm", OPTION_FLAG, false, "of the hypervisor" },
	{ "list-active", OPTION_FLAG, false, "guests that run" },
	{ "list-inactive", OPTION_FLAG, false, "guests that are off" },
	{ "list-persistent", OPTION_FLAG, false, "guests with a definition" },
	{ "list-transient", OPTION_FLAG, false, "guests without" },
	{ "list-running", OPTION_FLAG, false, "guests that run and are not paused" },
	{ "list-paused", OPTION_FLAG, false, "guests that are paused" },
	{ "list-shutoff", OPTION_FLAG, false, "guests that are off" },
	{ "list-other", OPTION_FLAG, false, "guests in other states" },
	{ "raw", OPTION_FLAG, false, "as the node sends it" },
	{ "enforce", OPTION_FLAG, false, "fail where the node has not all of them" },
	{ "backing", OPTION_FLAG, false, "with the files that disks are based on" },
	{ "nowait", OPTION_FLAG, false, "only what is known at once" },
	{ "domain", OPTION_REST, false, "guests; all without" },
	{ 0 },
};

/* The groups and filters that were asked for. libvirt: virDomainStatsTypes. */
static void ask(const struct shell *shell, struct rpc_connect_get_all_domain_stats_args *ret_args)
{
	static const struct {
		const char *option;
		uint32_t group;
		uint32_t flag;
	} options[] = { { "state", 1, 0 }, { "cpu-total", 2, 0 }, { "balloon", 4, 0 },
		{ "vcpu", 8, 0 }, { "interface", 16, 0 }, { "block", 32, 0 }, { "perf", 64, 0 },
		{ "iothread", 128, 0 }, { "memory", 256, 0 }, { "dirtyrate", 512, 0 },
		{ "vm", 1024, 0 }, { "list-active", 0, 1 }, { "list-inactive", 0, 2 },
		{ "list-persistent", 0, 4 }, { "list-transient", 0, 8 }, { "list-running", 0, 16 },
		{ "list-paused", 0, 32 }, { "list-shutoff", 0, 64 }, { "list-other", 0, 128 },
		{ "nowait", 0, 1u << 29 }, { "backing", 0, 1u << 30 }, { "enforce", 0, 1u << 31 } };

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (shell_flag(shell, options[i].option)) {
			ret_args->stats |= options[i].group;
			ret_args->flags |= options[i].flag;
		}
}

bool cmd_domstats(struct shell *shell)
{
	struct rpc_connect_get_all_domain_stats_args args = { 0 };
	struct rpc_connect_get_all_domain_stats_ret ret;
	struct rpc_dom doms[SHELL_ARGUMENTS];

	ask(shell, &args);
	for (unsigned int i = 0; i < shell->count; i++) {
		struct argument whole = shell->arguments[i];
		struct argument first = shell->arguments[0];
		bool found;

		if (whole.option->kind != OPTION_REST)
			continue;
		/* One after the other in the place of the option. */
		shell->arguments[0] = whole;
		found = object_domain(shell, "domain", BY_ANY, &doms[args.doms_count]);
		shell->arguments[0] = first;
		if (!found)
			return false;
		args.doms_count++;
	}
	args.doms = doms;
	if (!shell_call(shell, RPC_CONNECT_GET_ALL_DOMAIN_STATS, &args, &ret))
		return false;
	for (uint32_t i = 0; i < ret.ret_stats_count; i++) {
		const struct rpc_domain_stats_record *record = &ret.ret_stats[i];

		shell_print("Domain: '%s'\n", record->dom.name);
		for (uint32_t param = 0; param < record->params_count; param++) {
			shell_print("  ");
			params_print(0, "=", &record->params[param], 1);
		}
		if (i + 1 < ret.ret_stats_count)
			shell_print("\n");
	}
	return true;
}
