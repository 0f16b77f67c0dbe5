/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a guest's processors, and what else works for it, may run. */
#include "cli/virsh/affect.h"
#include "cli/virsh/commands.h"
#include "cli/virsh/cpus.h"
#include "cli/virsh/objects.h"
#include "cli/virsh/table.h"

#define CPULIST                                                                                    \
	{                                                                                          \
		"cpulist", OPTION_TEXT, false, "where it may run: 0-3,^2; r for all"               \
	}

static const struct option vcpupin_options[] = {
	DOMAIN,
	{ "vcpu", OPTION_NUMBER, false, "one virtual processor" },
	CPULIST,
	AFFECT,
	{ 0 },
};

static bool pin_vcpu(
    struct shell *shell, const struct rpc_dom *dom, int64_t vcpu, uint32_t flags, int cpus)
{
	struct rpc_domain_pin_vcpu_flags_args args = {
		.dom = *dom, .vcpu = (uint32_t)vcpu, .flags = flags
	};
	struct rpc_domain_pin_vcpu_args old = { .dom = *dom, .vcpu = (uint32_t)vcpu };
	uint8_t map[CPUS_BYTES];

	if (!cpus_given(shell, cpus, map, &args.cpumap_count))
		return false;
	args.cpumap = map;
	old.cpumap = map;
	old.cpumap_count = args.cpumap_count;
	return affect_said(shell) ? shell_call(shell, RPC_DOMAIN_PIN_VCPU_FLAGS, &args, NULL)
				  : shell_call(shell, RPC_DOMAIN_PIN_VCPU, &old, NULL);
}

static bool cmd_vcpupin(struct shell *shell)
{
	static const char *const titles[] = { "VCPU", "CPU Affinity", NULL };
	struct rpc_domain_get_vcpu_pin_info_args args = { .ncpumaps = 256 };
	struct rpc_domain_get_vcpu_pin_info_ret ret;
	struct table *table;
	char text[CPUS_TEXT];
	int64_t vcpu = -1;
	bool good = true;
	bool pins = shell_text(shell, "cpulist") != NULL;
	int cpus;

	if (!affect_flags(shell, NULL, &args.flags))
		return false;
	shell_number(shell, "vcpu", &vcpu, &good);
	if (good && pins && vcpu < 0)
		return shell_error("vcpupin: Missing vCPU number in pin mode.");
	if (!good || !object_domain(shell, "domain", BY_ANY, &args.dom))
		return false;
	cpus = cpus_of_host(shell);
	if (cpus < 0)
		return false;
	if (pins)
		return pin_vcpu(shell, &args.dom, vcpu, args.flags, cpus);
	args.maplen = (cpus + 7) / 8;
	if (!shell_call(shell, RPC_DOMAIN_GET_VCPU_PIN_INFO, &args, &ret))
		return false;
	table = table_create(titles);
	for (int32_t i = 0; i < ret.num && (uint32_t)((i + 1) * args.maplen) <= ret.cpumaps_count;
	     i++) {
		if (vcpu >= 0 && vcpu != i)
			continue;
		table_add_format(table, "%d", i);
		table_add(table, cpus_list(ret.cpumaps + i * args.maplen, args.maplen, cpus, text));
	}
	table_print(table, shell->quiet);
	table_free(table);
	return true;
}

static const struct option emulatorpin_options[] = { DOMAIN, CPULIST, AFFECT, { 0 } };

static bool pin_emulator(struct shell *shell, const struct rpc_dom *dom, uint32_t flags, int cpus)
{
	struct rpc_domain_pin_emulator_args args = { .dom = *dom,
		.flags = affect_said(shell) ? flags : AFFECT_LIVE };
	uint8_t map[CPUS_BYTES];

	if (!cpus_given(shell, cpus, map, &args.cpumap_count))
		return false;
	args.cpumap = map;
	return shell_call(shell, RPC_DOMAIN_PIN_EMULATOR, &args, NULL);
}

static bool cmd_emulatorpin(struct shell *shell)
{
	struct rpc_domain_get_emulator_pin_info_args args = { .maplen = 0 };
	struct rpc_domain_get_emulator_pin_info_ret ret;
	char text[CPUS_TEXT];
	int cpus;

	if (!affect_flags(shell, NULL, &args.flags) ||
	    !object_domain(shell, "domain", BY_ANY, &args.dom))
		return false;
	cpus = cpus_of_host(shell);
	if (cpus < 0)
		return false;
	if (shell_text(shell, "cpulist"))
		return pin_emulator(shell, &args.dom, args.flags, cpus);
	args.maplen = (cpus + 7) / 8;
	if (!shell_call(shell, RPC_DOMAIN_GET_EMULATOR_PIN_INFO, &args, &ret))
		return false;
	shell_extra(shell, "emulator: CPU Affinity\n----------------------------------\n");
	shell_print("       *: %s\n", cpus_list(ret.cpumaps, (int)ret.cpumaps_count, cpus, text));
	return true;
}

const struct command pin_commands[] = {
	{ "emulatorpin", cmd_emulatorpin, emulatorpin_options,
	    .help = "where what works for a guest may run" },
	{ "vcpupin", cmd_vcpupin, vcpupin_options,
	    .help = "where a guest's virtual processors may run" },
	{ 0 },
};
