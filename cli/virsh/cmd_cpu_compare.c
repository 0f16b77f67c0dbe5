/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether a node has what a processor of an XML file has, and what several of them have alike: of
 * the node itself, and of what its guests can have. */
#include <stdio.h>
#include <string.h>

#include "cli/virsh/commands.h"
#include "cli/virsh/files.h"
#include "cli/virsh/objects.h"
#include "xml/read.h"

#define CPUS_MAX 256

/* The processors that a file tells of, alone, in a guest's XML or in a node's; a copy of each lives
 * as long as the command. */
static bool read_cpus(
    struct shell *shell, const char *path, const char *ret_cpus[CPUS_MAX], uint32_t *ret_count)
{
	static const char *const places[] = { "cpu", "domain/cpu", "capabilities/host/cpu" };
	struct buf text = BUF_INIT;
	struct buf whole = BUF_INIT;
	struct xml_element *tree;
	const char *start;
	const char *end;

	*ret_count = 0;
	if (!files_read(path, &text))
		return false;
	/* XML 1.0, section 2.8: a declaration stands at the beginning, or nowhere. */
	start = buf_text(&text);
	end = strncmp(start, "<?xml", 5) == 0 ? strstr(start, "?>") : NULL;
	buf_printf(&whole, "<container>%s</container>", end ? end + 2 : start);
	tree = xml_tree_read(buf_text(&whole), whole.length);
	for (size_t i = 0; tree && i < sizeof(places) / sizeof(places[0]); i++)
		for (const struct xml_element *cpu = xml_tree_find(tree, places[i]);
		     cpu && *ret_count < CPUS_MAX; cpu = xml_tree_next(cpu)) {
			size_t length = cpu->end - cpu->begin;
			char *copy = rpc_memory_alloc(&shell->conn->memory, length + 1);

			if (!copy)
				break;
			memcpy(copy, buf_text(&whole) + cpu->begin, length);
			copy[length] = '\0';
			ret_cpus[(*ret_count)++] = copy;
		}
	if (!tree)
		shell_error("%s: this is no XML", path);
	else if (!*ret_count)
		shell_error(
		    "File '%s' does not contain any <cpu> element or valid domain XML, host "
		    "capabilities XML, or domain capabilities XML",
		    path);
	xml_tree_free(tree);
	buf_done(&text);
	buf_done(&whole);
	return *ret_count > 0;
}

#define FILE_OPTION OBJECT_OPTION("file", "with the XML of processors")
#define WORD(name, help)                                                                           \
	{                                                                                          \
		name, OPTION_TEXT, false, help                                                     \
	}
#define FLAG(name, help)                                                                           \
	{                                                                                          \
		name, OPTION_FLAG, false, help                                                     \
	}
#define MACHINE                                                                                    \
	WORD("virttype", "kind of virtualization"), WORD("emulator", "emulator"),                  \
	    WORD("arch", "architecture"), WORD("machine", "kind of machine")
#define COMPARE                                                                                    \
	FLAG("error", "fail where something is missing"),                                          \
	    FLAG("validate", "check the XML against the schema")
#define BASELINE                                                                                   \
	FLAG("features", "with all that the model has"),                                           \
	    FLAG("migratable", "without what cannot move")

static const struct option compare_options[] = { FILE_OPTION, COMPARE, { 0 } };
static const struct option guest_compare_options[] = { FILE_OPTION, MACHINE, COMPARE, { 0 } };
static const struct option baseline_options[] = { FILE_OPTION, BASELINE, { 0 } };
static const struct option guest_baseline_options[] = { WORD("file", "with the XML of processors"),
	MACHINE, BASELINE, WORD("model", "one model of them, without more"), { 0 } };

/* libvirt: virConnectCompareCPUFlags and virConnectBaselineCPUFlags. */
static const struct object_flag compare_flags[] = { { "error", 1 }, { "validate", 2 }, { 0 } };
static const struct object_flag baseline_flags[] = { { "features", 1 }, { "migratable", 2 },
	{ 0 } };

/* By libvirt's virCPUCompareResult: what both kinds say around the file's name. */
static bool tell(struct shell *shell, const char *whose, const char *first, int32_t result)
{
	const char *file = shell_text(shell, "file");

	if (result == 2)
		shell_print("%s is a superset of CPU described in %s\n", first, file);
	else
		shell_print("CPU described in %s is %s %s\n", file,
		    result ? "identical to" : "incompatible with", whose);
	return result != 0;
}

static bool cmd_compare(struct shell *shell)
{
	const char *cpus[CPUS_MAX];
	struct rpc_connect_compare_cpu_args args = { .flags = object_flags(shell, compare_flags) };
	struct rpc_connect_compare_cpu_ret ret;
	uint32_t count;

	if (!read_cpus(shell, shell_text(shell, "file"), cpus, &count))
		return false;
	args.xml = cpus[0];
	if (!shell_call(shell, RPC_CONNECT_COMPARE_CPU, &args, &ret) || ret.result < 0)
		return shell_error("Failed to compare host CPU with %s", shell_text(shell, "file"));
	return tell(shell, "host CPU", "Host CPU", ret.result);
}

static bool cmd_guest_compare(struct shell *shell)
{
	const char *cpus[CPUS_MAX];
	struct rpc_connect_compare_hypervisor_cpu_args args = {
		.flags = object_flags(shell, compare_flags),
		.emulator = shell_text(shell, "emulator"),
		.arch = shell_text(shell, "arch"),
		.machine = shell_text(shell, "machine"),
		.virttype = shell_text(shell, "virttype"),
	};
	struct rpc_connect_compare_hypervisor_cpu_ret ret;
	uint32_t count;

	if (!read_cpus(shell, shell_text(shell, "file"), cpus, &count))
		return false;
	args.xml_cpu = cpus[0];
	if (!shell_call(shell, RPC_CONNECT_COMPARE_HYPERVISOR_CPU, &args, &ret) || ret.result < 0)
		return shell_error(
		    "Failed to compare hypervisor CPU with %s", shell_text(shell, "file"));
	return tell(shell, "the CPU provided by hypervisor on the host",
	    "The CPU provided by hypervisor on the host", ret.result);
}

static bool cmd_baseline(struct shell *shell)
{
	const char *cpus[CPUS_MAX];
	struct rpc_connect_baseline_cpu_args args = { .xml_cpus = cpus,
		.flags = object_flags(shell, baseline_flags) };
	struct rpc_connect_baseline_cpu_ret ret;

	if (!read_cpus(shell, shell_text(shell, "file"), cpus, &args.xml_cpus_count) ||
	    !shell_call(shell, RPC_CONNECT_BASELINE_CPU, &args, &ret))
		return false;
	shell_print("%s", ret.cpu);
	return true;
}

static bool cmd_guest_baseline(struct shell *shell)
{
	const char *cpus[CPUS_MAX];
	const char *file = shell_text(shell, "file");
	const char *model = shell_text(shell, "model");
	struct rpc_connect_baseline_hypervisor_cpu_args args = {
		.xml_cpus = cpus,
		.flags = object_flags(shell, baseline_flags),
		.emulator = shell_text(shell, "emulator"),
		.arch = shell_text(shell, "arch"),
		.machine = shell_text(shell, "machine"),
		.virttype = shell_text(shell, "virttype"),
	};
	struct rpc_connect_baseline_hypervisor_cpu_ret ret;
	char one[256];

	if (!shell_exclusive(shell, "file", "model"))
		return false;
	if (!file && !model)
		return shell_error("Either --file or --model must be provided");
	if (model) {
		snprintf(one, sizeof(one), "<cpu><model>%s</model></cpu>", model);
		cpus[args.xml_cpus_count++] = one;
	} else if (!read_cpus(shell, file, cpus, &args.xml_cpus_count)) {
		return false;
	}
	if (!shell_call(shell, RPC_CONNECT_BASELINE_HYPERVISOR_CPU, &args, &ret))
		return false;
	shell_print("%s", ret.cpu);
	return true;
}

const struct command cpu_compare_commands[] = {
	{ "cpu-baseline", cmd_baseline, baseline_options,
	    .help = "what the processors of a file have alike" },
	{ "cpu-compare", cmd_compare, compare_options,
	    .help = "whether the node has what a file's processor has" },
	{ "hypervisor-cpu-baseline", cmd_guest_baseline, guest_baseline_options,
	    .help = "the same as cpu-baseline, of what guests can have" },
	{ "hypervisor-cpu-compare", cmd_guest_compare, guest_compare_options,
	    .help = "whether guests can have what a file's processor has" },
	{ 0 },
};
