/* SPDX-License-Identifier: GPL-2.0-only */
/* The node that guests run on. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/virsh/commands.h"
#include "cli/virsh/pretty.h"
#include "cli/virsh/version.h"
#include "xml/read.h"

static bool cmd_nodeinfo(struct shell *shell)
{
	struct rpc_node_get_info_ret info;

	if (!shell_call(shell, RPC_NODE_GET_INFO, NULL, &info))
		return shell_error("failed to get node information");
	shell_print("%-20s %.32s\n", "CPU model:", info.model);
	shell_print("%-20s %d\n", "CPU(s):", info.cpus);
	if (info.mhz)
		shell_print("%-20s %d MHz\n", "CPU frequency:", info.mhz);
	shell_print("%-20s %d\n", "CPU socket(s):", info.sockets);
	shell_print("%-20s %d\n", "Core(s) per socket:", info.cores);
	shell_print("%-20s %d\n", "Thread(s) per core:", info.threads);
	shell_print("%-20s %d\n", "NUMA cell(s):", info.nodes);
	shell_print("%-20s %llu KiB\n", "Memory size:", (unsigned long long)info.memory);
	return true;
}

static bool cmd_capabilities(struct shell *shell)
{
	struct rpc_connect_get_capabilities_ret ret;

	if (!shell_call(shell, RPC_CONNECT_GET_CAPABILITIES, NULL, &ret))
		return shell_error("failed to get capabilities");
	shell_print("%s\n", ret.capabilities);
	return true;
}

static const struct option domcapabilities_options[] = {
	{ "virttype", OPTION_TEXT, false, "kind of virtualization" },
	{ "emulatorbin", OPTION_TEXT, false, "emulator" },
	{ "arch", OPTION_TEXT, false, "architecture" },
	{ "machine", OPTION_TEXT, false, "kind of machine" },
	{ 0 },
};

static bool cmd_domcapabilities(struct shell *shell)
{
	struct rpc_connect_get_domain_capabilities_args args = {
		.emulatorbin = shell_text(shell, "emulatorbin"),
		.arch = shell_text(shell, "arch"),
		.machine = shell_text(shell, "machine"),
		.virttype = shell_text(shell, "virttype"),
	};
	struct rpc_connect_get_domain_capabilities_ret ret;

	if (!shell_call(shell, RPC_CONNECT_GET_DOMAIN_CAPABILITIES, &args, &ret))
		return shell_error("failed to get emulator capabilities");
	shell_print("%s\n", ret.capabilities);
	return true;
}

static bool cmd_sysinfo(struct shell *shell)
{
	struct rpc_connect_get_sysinfo_args args = { 0 };
	struct rpc_connect_get_sysinfo_ret ret;

	if (!shell_call(shell, RPC_CONNECT_GET_SYSINFO, &args, &ret))
		return shell_error("failed to get sysinfo");
	shell_print("%s", ret.sysinfo);
	return true;
}

static bool cmd_hostname(struct shell *shell)
{
	struct rpc_connect_get_hostname_ret ret;

	if (!shell_call(shell, RPC_CONNECT_GET_HOSTNAME, NULL, &ret))
		return shell_error("failed to get hostname");
	shell_print("%s\n", ret.hostname);
	return true;
}

static bool cmd_uri(struct shell *shell)
{
	shell_print("%s\n", shell->conn->uri.text);
	return true;
}

static const struct option version_options[] = {
	{ "daemon", OPTION_FLAG, false, "and of the daemon" },
	{ 0 },
};

static void print_version(const char *what, const char *of, unsigned long long version)
{
	shell_print("%s %s %llu.%llu.%llu\n", what, of, version / 1000000, version / 1000 % 1000,
	    version % 1000);
}

static bool cmd_version(struct shell *shell)
{
	struct rpc_connect_get_type_ret type;
	struct rpc_connect_get_version_ret hypervisor;
	struct rpc_connect_get_lib_version_ret library;
	char name[64];

	if (!shell_call(shell, RPC_CONNECT_GET_TYPE, NULL, &type))
		return shell_error("failed to get hypervisor type");
	strncpy(name, type.type, sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	print_version("Compiled against library:", "libvirt", VIRSH_LIBRARY);
	print_version("Using library:", "libvirt", VIRSH_LIBRARY);
	print_version("Using API:", name, VIRSH_LIBRARY);
	if (!shell_call(shell, RPC_CONNECT_GET_VERSION, NULL, &hypervisor))
		return shell_error("failed to get the hypervisor version");
	if (hypervisor.hv_ver)
		print_version("Running hypervisor:", name, hypervisor.hv_ver);
	else
		shell_print("Cannot extract running %s hypervisor version\n", name);
	if (!shell_flag(shell, "daemon"))
		return true;
	if (!shell_call(shell, RPC_CONNECT_GET_LIB_VERSION, NULL, &library))
		return shell_error("failed to get the daemon version");
	shell_print("Running against daemon: %llu.%llu.%llu\n",
	    (unsigned long long)library.lib_ver / 1000000,
	    (unsigned long long)library.lib_ver / 1000 % 1000,
	    (unsigned long long)library.lib_ver % 1000);
	return true;
}

static const struct option maxvcpus_options[] = {
	{ "type", OPTION_TEXT, false, "kind of guest" },
	{ 0 },
};

static bool cmd_maxvcpus(struct shell *shell)
{
	struct rpc_connect_get_max_vcpus_args args = { shell_text(shell, "type") };
	struct rpc_connect_get_max_vcpus_ret ret;

	if (!shell_call(shell, RPC_CONNECT_GET_MAX_VCPUS, &args, &ret))
		return false;
	shell_print("%d\n", ret.max_vcpus);
	return true;
}

static const struct option freecell_options[] = {
	{ "cellno", OPTION_NUMBER, false, "number of a memory node" },
	{ "all", OPTION_FLAG, false, "all of them" },
	{ 0 },
};

static bool free_of_cell(struct shell *shell, int32_t cell, uint64_t *ret_kib)
{
	struct rpc_node_get_cells_free_memory_args args = { cell, 1 };
	struct rpc_node_get_cells_free_memory_ret ret;

	if (!shell_call(shell, RPC_NODE_GET_CELLS_FREE_MEMORY, &args, &ret))
		return false;
	if (ret.cells_count != 1)
		return false;
	*ret_kib = ret.cells[0] / 1024;
	return true;
}

/* The nodes are those that the capabilities name. */
static bool free_of_all(struct shell *shell)
{
	struct rpc_connect_get_capabilities_ret ret;
	struct xml_element *tree;
	uint64_t total = 0;
	bool well = true;

	if (!shell_call(shell, RPC_CONNECT_GET_CAPABILITIES, NULL, &ret))
		return shell_error("unable to get node capabilities");
	tree = xml_tree_read(ret.capabilities, strlen(ret.capabilities));
	for (const struct xml_element *cell = tree ? xml_tree_find(tree, "host/topology/cells/cell")
						   : NULL;
	     cell && well; cell = xml_tree_next(cell)) {
		const char *id = xml_tree_attribute(cell, "", "id");
		uint64_t kib;

		well = id && free_of_cell(shell, (int32_t)strtol(id, NULL, 10), &kib);
		if (!well)
			break;
		shell_print("%5s: %10llu KiB\n", id, (unsigned long long)kib);
		total += kib;
	}
	xml_tree_free(tree);
	if (!well)
		return shell_error("failed to get free memory for NUMA node");
	shell_print("--------------------\n");
	shell_print("%5s: %10llu KiB\n", "Total", (unsigned long long)total);
	return true;
}

static bool cmd_freecell(struct shell *shell)
{
	struct rpc_node_get_free_memory_ret ret;
	int64_t cell;
	uint64_t kib;
	bool good = true;

	if (!shell_exclusive(shell, "all", "cellno"))
		return false;
	if (shell_flag(shell, "all"))
		return free_of_all(shell);
	if (shell_number(shell, "cellno", &cell, &good)) {
		if (!free_of_cell(shell, (int32_t)cell, &kib))
			return false;
		shell_print("%lld: %llu KiB\n", (long long)cell, (unsigned long long)kib);
		return true;
	}
	if (!good || !shell_call(shell, RPC_NODE_GET_FREE_MEMORY, NULL, &ret))
		return false;
	shell_print("%s: %llu KiB\n", "Total", (unsigned long long)ret.free_mem / 1024);
	return true;
}

static const struct option freepages_options[] = {
	{ "cellno", OPTION_NUMBER, false, "number of a memory node" },
	{ "pagesize", OPTION_NUMBER, false, "size of the pages, KiB or with a unit" },
	{ "all", OPTION_FLAG, false, "of all memory nodes" },
	{ 0 },
};

static bool print_pages(struct shell *shell, int32_t cell, const uint32_t *sizes, uint32_t count)
{
	struct rpc_node_get_free_pages_args args = { count, sizes, cell, 1, 0 };
	struct rpc_node_get_free_pages_ret ret;

	if (!shell_call(shell, RPC_NODE_GET_FREE_PAGES, &args, &ret))
		return false;
	for (uint32_t i = 0; i < count && i < ret.counts_count; i++)
		shell_print("%uKiB: %llu\n", sizes[i], (unsigned long long)ret.counts[i]);
	return true;
}

/* The sizes that the capabilities name, or the one that is asked for. */
static uint32_t page_sizes(const struct xml_element *tree, uint32_t *sizes, uint32_t room)
{
	uint32_t count = 0;

	for (const struct xml_element *pages = xml_tree_find(tree, "host/cpu/pages");
	     pages && count < room; pages = xml_tree_next(pages)) {
		const char *size = xml_tree_attribute(pages, "", "size");

		if (size)
			sizes[count++] = (uint32_t)strtoul(size, NULL, 10);
	}
	return count;
}

static bool pages_of_all(struct shell *shell, uint32_t size)
{
	struct rpc_connect_get_capabilities_ret ret;
	struct xml_element *tree;
	uint32_t sizes[8] = { size };
	uint32_t count = 1;
	bool well = true;

	if (!shell_call(shell, RPC_CONNECT_GET_CAPABILITIES, NULL, &ret))
		return shell_error("unable to get node capabilities");
	tree = xml_tree_read(ret.capabilities, strlen(ret.capabilities));
	if (!size)
		count = page_sizes(tree, sizes, sizeof(sizes) / sizeof(sizes[0]));
	for (const struct xml_element *cell = tree ? xml_tree_find(tree, "host/topology/cells/cell")
						   : NULL;
	     cell && well; cell = xml_tree_next(cell)) {
		const char *id = xml_tree_attribute(cell, "", "id");

		shell_print("Node %s:\n", id);
		well = id && print_pages(shell, (int32_t)strtol(id, NULL, 10), sizes, count);
		shell_print("\n");
	}
	xml_tree_free(tree);
	return well;
}

static bool cmd_freepages(struct shell *shell)
{
	uint64_t size = 0;
	uint32_t only;
	int64_t cell;
	bool good = true;
	bool sized = shell_size(shell, "pagesize", 1024, 1024, &size, &good);

	if (!shell_exclusive(shell, "all", "cellno"))
		return false;
	if (!good)
		return false;
	only = (uint32_t)size;
	if (shell_flag(shell, "all"))
		return pages_of_all(shell, only);
	if (!shell_number(shell, "cellno", &cell, &good))
		return good && shell_error("missing cellno argument");
	if (!sized)
		return shell_error("missing pagesize argument");
	return print_pages(shell, (int32_t)cell, &only, 1);
}

static const struct option nodecpumap_options[] = {
	{ "pretty", OPTION_FLAG, false, "as a list" },
	{ 0 },
};

static bool cmd_nodecpumap(struct shell *shell)
{
	struct rpc_node_get_cpu_map_args args = { 1, 1, 0 };
	struct rpc_node_get_cpu_map_ret ret;

	if (!shell_call(shell, RPC_NODE_GET_CPU_MAP, &args, &ret))
		return shell_error("Unable to get cpu map");
	shell_print("%-15s %d\n", "CPUs present:", ret.ret);
	shell_print("%-15s %u\n", "CPUs online:", ret.online);
	shell_print("%-15s ", "CPU map:");
	if ((uint32_t)ret.ret > ret.cpumap_count * 8)
		ret.ret = (int32_t)ret.cpumap_count * 8;
	if (shell_flag(shell, "pretty"))
		pretty_print_list(ret.cpumap, ret.ret);
	else
		for (int32_t i = 0; i < ret.ret; i++)
			shell_print("%c", ret.cpumap[i / 8] & (1 << (i % 8)) ? 'y' : '-');
	shell_print("\n");
	return true;
}

static const struct option nodecpustats_options[] = {
	{ "cpu", OPTION_NUMBER, false, "one processor" },
	{ "percent", OPTION_FLAG, false, "what share of a second from now on" },
	{ 0 },
};

static const char *const cpu_times[][2] = { { "user", "user:" }, { "kernel", "system:" },
	{ "idle", "idle:" }, { "iowait", "iowait:" }, { "intr", "intr:" } };
#define CPU_TIMES (sizeof(cpu_times) / sizeof(cpu_times[0]))

struct cpu_sample {
	bool has[CPU_TIMES];
	uint64_t value[CPU_TIMES];
};

static bool sample_cpu(struct shell *shell, int32_t cpu, struct cpu_sample *ret_sample)
{
	struct rpc_node_get_cpu_stats_args args = { cpu, 0, 0 };
	struct rpc_node_get_cpu_stats_ret ret;

	memset(ret_sample, 0, sizeof(*ret_sample));
	if (!shell_call(shell, RPC_NODE_GET_CPU_STATS, &args, &ret))
		return shell_error("Unable to get number of cpu stats");
	args.nparams = ret.nparams;
	if (!shell_call(shell, RPC_NODE_GET_CPU_STATS, &args, &ret))
		return shell_error("Unable to get node cpu stats");
	for (size_t i = 0; i < CPU_TIMES; i++)
		for (uint32_t field = 0; field < ret.params_count; field++)
			if (!strcmp(ret.params[field].field, cpu_times[i][0])) {
				ret_sample->has[i] = true;
				ret_sample->value[i] = ret.params[field].value;
			}
	return true;
}

/* Shares of the time between two looks. What is neither idle nor waiting is used. */
static void print_shares(const struct cpu_sample *before, const struct cpu_sample *after)
{
	double total = 0;
	double unused = 0;

	for (size_t i = 0; i < CPU_TIMES; i++) {
		double spent = (double)(after->value[i] - before->value[i]);

		total += spent;
		if (!strcmp(cpu_times[i][0], "idle") || !strcmp(cpu_times[i][0], "iowait"))
			unused += spent;
	}
	if (total == 0)
		total = 1;
	shell_print("%-15s %5.1f%%\n", "usage:", (total - unused) * 100 / total);
	for (size_t i = 0; i < CPU_TIMES; i++)
		if (after->has[i])
			shell_print("%-15s %5.1f%%\n", cpu_times[i][1],
			    (double)(after->value[i] - before->value[i]) * 100 / total);
}

static bool cmd_nodecpustats(struct shell *shell)
{
	struct cpu_sample before;
	struct cpu_sample after;
	int64_t cpu = -1;
	bool good = true;

	shell_number(shell, "cpu", &cpu, &good);
	if (!good || !sample_cpu(shell, (int32_t)cpu, &before))
		return false;
	if (shell_flag(shell, "percent")) {
		sleep(1);
		if (!sample_cpu(shell, (int32_t)cpu, &after))
			return false;
		print_shares(&before, &after);
		return true;
	}
	for (size_t i = 0; i < CPU_TIMES; i++)
		if (before.has[i])
			shell_print(
			    "%-15s %20llu\n", cpu_times[i][1], (unsigned long long)before.value[i]);
	return true;
}

static const struct option nodememstats_options[] = {
	{ "cell", OPTION_NUMBER, false, "one memory node" },
	{ 0 },
};

static bool cmd_nodememstats(struct shell *shell)
{
	struct rpc_node_get_memory_stats_args args = { 0, -1, 0 };
	struct rpc_node_get_memory_stats_ret ret;
	int64_t cell;
	bool good = true;

	if (shell_number(shell, "cell", &cell, &good))
		args.cell_num = (int32_t)cell;
	if (!good || !shell_call(shell, RPC_NODE_GET_MEMORY_STATS, &args, &ret))
		return good && shell_error("Unable to get number of memory stats");
	args.nparams = ret.nparams;
	if (!shell_call(shell, RPC_NODE_GET_MEMORY_STATS, &args, &ret))
		return shell_error("Unable to get memory stats");
	for (uint32_t i = 0; i < ret.params_count; i++)
		shell_print("%-7s: %20llu KiB\n", ret.params[i].field,
		    (unsigned long long)ret.params[i].value);
	return true;
}

const struct command host_commands[] = {
	{ "capabilities", cmd_capabilities, NULL, .help = "what the node is and can be, as XML" },
	{ "domcapabilities", cmd_domcapabilities, domcapabilities_options,
	    .help = "what guests can be, as XML" },
	{ "freecell", cmd_freecell, freecell_options, .help = "free memory of the memory nodes" },
	{ "hostname", cmd_hostname, NULL, .help = "the node's name" },
	{ "maxvcpus", cmd_maxvcpus, maxvcpus_options,
	    .help = "the most virtual processors of a guest" },
	{ "freepages", cmd_freepages, freepages_options, .help = "free pages of the memory nodes" },
	{ "nodecpumap", cmd_nodecpumap, nodecpumap_options, .help = "the node's processors" },
	{ "nodecpustats", cmd_nodecpustats, nodecpustats_options,
	    .help = "what the node's processors have done" },
	{ "nodeinfo", cmd_nodeinfo, NULL, .help = "the main facts of the node" },
	{ "nodememstats", cmd_nodememstats, nodememstats_options, .help = "the node's memory" },
	{ "sysinfo", cmd_sysinfo, NULL, .help = "what the node's firmware says of it, as XML" },
	{ "uri", cmd_uri, NULL, .help = "what this is connected to" },
	{ "version", cmd_version, version_options, .help = "versions" },
	{ 0 },
};
