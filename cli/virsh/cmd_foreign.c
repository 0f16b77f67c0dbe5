/* SPDX-License-Identifier: GPL-2.0-only */
/* What other hosts that virsh talks to may have, and nodes have none of: threads for disks alone,
 * ports of networks, a monitor. */
#include "cli/virsh/affect.h"
#include "cli/virsh/commands.h"
#include "cli/virsh/cpus.h"
#include "cli/virsh/objects.h"
#include "cli/virsh/table.h"

static const struct option iothreadinfo_options[] = { DOMAIN, AFFECT, { 0 } };

static bool cmd_iothreadinfo(struct shell *shell)
{
	static const char *const titles[] = { "IOThread ID", "CPU Affinity", NULL };
	struct rpc_domain_get_iothread_info_args args = { 0 };
	struct rpc_domain_get_iothread_info_ret ret;
	struct table *table;
	char text[CPUS_TEXT];
	int cpus;

	if (!affect_flags(shell, NULL, &args.flags) ||
	    !object_domain(shell, "domain", BY_ANY, &args.dom))
		return false;
	if (!shell_call(shell, RPC_DOMAIN_GET_IOTHREAD_INFO, &args, &ret))
		return shell_error("Unable to get domain IOThreads information");
	if (!ret.info_count) {
		shell_extra(shell, "No IOThreads found for the domain");
		return true;
	}
	cpus = cpus_of_host(shell);
	table = table_create(titles);
	for (uint32_t i = 0; i < ret.info_count; i++) {
		table_add_format(table, "%u", ret.info[i].iothread_id);
		table_add(table,
		    cpus_list(ret.info[i].cpumap, (int)ret.info[i].cpumap_count, cpus, text));
	}
	table_print(table, shell->quiet);
	table_free(table);
	return true;
}

static const struct option ports_options[] = {
	NETWORK,
	{ "uuid", OPTION_FLAG, false, "UUIDs only" },
	{ "table", OPTION_FLAG, false, "a table (default)" },
	{ 0 },
};

static bool cmd_ports(struct shell *shell)
{
	static const char *const titles[] = { "UUID", NULL };
	struct rpc_network_list_all_ports_args args = { .need_results = 1 };
	struct rpc_network_list_all_ports_ret ret;
	struct table *table;
	char text[UUID_TEXT];

	if (!object_given(shell, &object_networks, BY_ANY, &args.network))
		return false;
	if (!shell_call(shell, RPC_NETWORK_LIST_ALL_PORTS, &args, &ret))
		return shell_error("Failed to list network ports");
	table = shell_flag(shell, "uuid") ? NULL : table_create(titles);
	for (uint32_t i = 0; i < ret.ports_count; i++) {
		uuid_text(ret.ports[i].uuid, text);
		if (table)
			table_add(table, text);
		else
			shell_print("%s\n", text);
	}
	table_print(table, shell->quiet);
	table_free(table);
	return true;
}

static const struct option monitor_options[] = {
	DOMAIN,
	{ "hmp", OPTION_FLAG, false, "a command for people" },
	{ "pretty", OPTION_FLAG, false, "its answer in lines" },
	{ "return-value", OPTION_FLAG, false, "only what its answer returns" },
	{ "pass-fds", OPTION_NAMED, false, "descriptors that go with it" },
	{ "cmd", OPTION_REST, true, "command" },
	{ 0 },
};

static const struct option agent_options[] = {
	DOMAIN,
	{ "timeout", OPTION_NAMED_NUMBER, false, "seconds to wait" },
	{ "async", OPTION_FLAG, false, "do not wait" },
	{ "block", OPTION_FLAG, false, "wait for ever" },
	{ "pretty", OPTION_FLAG, false, "its answer in lines" },
	{ "cmd", OPTION_REST, true, "command" },
	{ 0 },
};

/* QEMU's own procedures are another program on the wire, which nodes do not serve. */
static bool cmd_of_qemu(struct shell *shell)
{
	struct rpc_dom dom;

	if (!object_domain(shell, "domain", BY_ANY, &dom))
		return false;
	conn_fail(shell->conn, RPC_ERR_NO_SUPPORT, RPC_NOT_QEMU);
	return false;
}

const struct command foreign_commands[] = {
	{ "iothreadinfo", cmd_iothreadinfo, iothreadinfo_options,
	    .help = "threads that disks of a guest have for themselves" },
	{ "qemu-agent-command", cmd_of_qemu, agent_options,
	    .help = "ask the agent in a guest of QEMU's" },
	{ "qemu-monitor-command", cmd_of_qemu, monitor_options,
	    .help = "tell the monitor of a guest of QEMU's" },
	{ 0 },
};

const struct command foreign_network_commands[] = {
	{ "net-port-list", cmd_ports, ports_options, .help = "ports of a network" },
	{ 0 },
};
