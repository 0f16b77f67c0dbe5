/* SPDX-License-Identifier: GPL-2.0-only */
/* Shares and bounds of a guest, and what follows its ends. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/virsh/affect.h"
#include "cli/virsh/commands.h"
#include "cli/virsh/objects.h"
#include "lib/num.h"

#define PARAMS_MAX 32
#define UNLIMITED 9007199254740991ull /* libvirt: VIR_DOMAIN_MEMORY_PARAM_UNLIMITED */

static void print_params(const struct rpc_param *params, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		int64_t value = 0;

		if (params[i].type == RPC_PARAM_STRING)
			shell_print("%-15s: %s\n", params[i].field, params[i].value.s);
		else if (!rpc_param_number(&params[i], &value))
			continue;
		else if ((uint64_t)value == UNLIMITED)
			shell_print("%-15s: unlimited\n", params[i].field);
		else
			shell_print("%-15s: %" PRId64 "\n", params[i].field, value);
	}
}

/* Options that are parameters. False, and told, for one that is no number. */
struct named {
	const char *option;
	const char *field;
};

static bool collect(
    struct shell *shell, const struct named *names, struct rpc_param *params, uint32_t *ret_count)
{
	for (; names->option; names++) {
		const char *text = shell_text(shell, names->option);
		uint64_t value;

		if (!text)
			continue;
		if (!num_parse(text, INT64_MAX, &value))
			return shell_error("Unable to parse integer parameter");
		params[(*ret_count)++] = (struct rpc_param){ names->field, RPC_PARAM_ULLONG,
			{ .ul = value } };
	}
	return true;
}

static const struct option schedinfo_options[] = {
	DOMAIN,
	{ "weight", OPTION_NAMED, false, "its share of the processors" },
	{ "cap", OPTION_NAMED, false, "its bound" },
	{ "set", OPTION_NAMED, false, "parameter=value" },
	AFFECT,
	{ 0 },
};

/* Every --set that was given. */
static bool collect_sets(struct shell *shell, struct rpc_param *params, uint32_t *ret_count)
{
	static char names[SHELL_ARGUMENTS][32];

	for (unsigned int i = 0; i < shell->count && *ret_count < PARAMS_MAX; i++) {
		const char *text = shell->arguments[i].value;
		const char *equals = text ? strchr(text, '=') : NULL;
		bool minus;
		uint64_t value;

		if (strcmp(shell->arguments[i].option->name, "set") != 0)
			continue;
		minus = equals && equals[1] == '-';
		if (!equals || !num_parse(equals + 1 + minus, INT64_MAX, &value))
			return shell_error("Invalid syntax for --set, expecting name=value");
		snprintf(names[i], sizeof(names[i]), "%.*s", (int)(equals - text), text);
		params[(*ret_count)++] = (struct rpc_param){ names[i], RPC_PARAM_LLONG,
			{ .l = minus ? -(int64_t)value : (int64_t)value } };
	}
	return true;
}

static bool cmd_schedinfo(struct shell *shell)
{
	static const struct named names[] = { { "weight", "cpu_shares" }, { 0 } };
	struct rpc_domain_set_scheduler_parameters_flags_args args = { 0 };
	struct rpc_domain_get_scheduler_type_args type_args;
	struct rpc_domain_get_scheduler_type_ret type;
	struct rpc_domain_get_scheduler_parameters_flags_args get = { .nparams = 16 };
	struct rpc_domain_get_scheduler_parameters_flags_ret ret;
	struct rpc_param params[PARAMS_MAX + 2];

	if (!affect_flags(shell, NULL, &args.flags) ||
	    !object_domain(shell, "domain", BY_ANY, &args.dom) ||
	    !collect(shell, names, params, &args.params_count) ||
	    !collect_sets(shell, params, &args.params_count))
		return false;
	args.params = params;
	type_args.dom = get.dom = args.dom;
	if (!shell_call(shell, RPC_DOMAIN_GET_SCHEDULER_TYPE, &type_args, &type))
		return false;
	shell_print("%-15s: %s\n", "Scheduler", type.type);
	if (args.params_count &&
	    !shell_call(shell, RPC_DOMAIN_SET_SCHEDULER_PARAMETERS_FLAGS, &args, NULL))
		return false;
	get.flags = args.flags;
	if (!shell_call(shell, RPC_DOMAIN_GET_SCHEDULER_PARAMETERS_FLAGS, &get, &ret))
		return false;
	print_params(ret.params, ret.params_count);
	return true;
}

static const struct option blkdeviotune_options[] = {
	DOMAIN,
	{ "device", OPTION_TEXT, true, "target or path of a disk" },
	{ "total-bytes-sec", OPTION_NAMED, false, "bytes a second" },
	{ "read-bytes-sec", OPTION_NAMED, false, "bytes read a second" },
	{ "write-bytes-sec", OPTION_NAMED, false, "bytes written a second" },
	{ "total-iops-sec", OPTION_NAMED, false, "requests a second" },
	{ "read-iops-sec", OPTION_NAMED, false, "reads a second" },
	{ "write-iops-sec", OPTION_NAMED, false, "writes a second" },
	AFFECT,
	{ 0 },
};

static bool cmd_blkdeviotune(struct shell *shell)
{
	static const struct named names[] = { { "total-bytes-sec", "total_bytes_sec" },
		{ "read-bytes-sec", "read_bytes_sec" }, { "write-bytes-sec", "write_bytes_sec" },
		{ "total-iops-sec", "total_iops_sec" }, { "read-iops-sec", "read_iops_sec" },
		{ "write-iops-sec", "write_iops_sec" }, { 0 } };
	struct rpc_domain_set_block_io_tune_args args = { .disk = shell_text(shell, "device") };
	struct rpc_domain_get_block_io_tune_args get = { .nparams = 32 };
	struct rpc_domain_get_block_io_tune_ret ret;
	struct rpc_param params[PARAMS_MAX];

	if (!affect_flags(shell, NULL, &args.flags) ||
	    !object_domain(shell, "domain", BY_ANY, &args.dom))
		return false;
	if (!collect(shell, names, params, &args.params_count))
		return false;
	args.params = params;
	if (args.params_count)
		return shell_call(shell, RPC_DOMAIN_SET_BLOCK_IO_TUNE, &args, NULL) ||
		       shell_error("Unable to change block I/O throttle");
	get.dom = args.dom;
	get.disk = args.disk;
	get.flags = args.flags;
	if (!shell_call(shell, RPC_DOMAIN_GET_BLOCK_IO_TUNE, &get, &ret))
		return shell_error("Unable to get block I/O throttle parameters");
	print_params(ret.params, ret.params_count);
	return true;
}

static const struct option domiftune_options[] = {
	DOMAIN,
	{ "interface", OPTION_TEXT, true, "MAC address or name of an interface" },
	{ "inbound", OPTION_NAMED, false, "average[,peak[,burst]] in KiB a second, and KiB" },
	{ "outbound", OPTION_NAMED, false, "average[,peak[,burst]] in KiB a second, and KiB" },
	AFFECT,
	{ 0 },
};

/* average[,peak[,burst]] */
static bool collect_rate(struct shell *shell, const char *option, const char *const fields[3],
    struct rpc_param *params, uint32_t *ret_count)
{
	const char *text = shell_text(shell, option);
	char digits[NUM_TEXT];

	for (unsigned int i = 0; text && *text && i < 3; i++) {
		size_t length = strcspn(text, ",");
		uint64_t value = 0;

		snprintf(digits, sizeof(digits), "%.*s", (int)length, text);
		if (length && !num_parse(digits, UINT32_MAX, &value))
			return shell_error("%s format is incorrect", option);
		params[(*ret_count)++] = (struct rpc_param){ fields[i], RPC_PARAM_UINT,
			{ .u = (uint32_t)value } };
		text += length + (text[length] == ',');
	}
	return true;
}

static bool cmd_domiftune(struct shell *shell)
{
	static const char *const in[] = { "inbound.average", "inbound.peak", "inbound.burst" };
	static const char *const out[] = { "outbound.average", "outbound.peak", "outbound.burst" };
	struct rpc_domain_set_interface_parameters_args args = { .device = shell_text(
								     shell, "interface") };
	struct rpc_domain_get_interface_parameters_args get = { .nparams = 16 };
	struct rpc_domain_get_interface_parameters_ret ret;
	struct rpc_param params[PARAMS_MAX];

	if (!affect_flags(shell, NULL, &args.flags) ||
	    !object_domain(shell, "domain", BY_ANY, &args.dom) ||
	    !collect_rate(shell, "inbound", in, params, &args.params_count) ||
	    !collect_rate(shell, "outbound", out, params, &args.params_count))
		return false;
	args.params = params;
	if (args.params_count)
		return shell_call(shell, RPC_DOMAIN_SET_INTERFACE_PARAMETERS, &args, NULL) ||
		       shell_error("Unable to set interface parameters");
	get.dom = args.dom;
	get.device = args.device;
	get.flags = args.flags;
	if (!shell_call(shell, RPC_DOMAIN_GET_INTERFACE_PARAMETERS, &get, &ret))
		return shell_error("Unable to get interface parameters");
	print_params(ret.params, ret.params_count);
	return true;
}

static const struct option memtune_options[] = { DOMAIN, AFFECT, { 0 } };

static bool cmd_memtune(struct shell *shell)
{
	struct rpc_domain_get_memory_parameters_args args = { .nparams = 16 };
	struct rpc_domain_get_memory_parameters_ret ret;

	if (!affect_flags(shell, NULL, &args.flags) ||
	    !object_domain(shell, "domain", BY_ANY, &args.dom))
		return false;
	if (!shell_call(shell, RPC_DOMAIN_GET_MEMORY_PARAMETERS, &args, &ret))
		return shell_error("Unable to get memory parameters");
	print_params(ret.params, ret.params_count);
	return true;
}

static const struct option lifecycle_options[] = {
	DOMAIN,
	{ "type", OPTION_TEXT, true, "poweroff, reboot or crash" },
	{ "action", OPTION_TEXT, true, "destroy, restart, preserve and so on" },
	AFFECT,
	{ 0 },
};

static bool index_of(const char *const *words, const char *word, uint32_t *ret_index)
{
	for (*ret_index = 0; words[*ret_index]; ++*ret_index)
		if (!strcmp(words[*ret_index], word))
			return true;
	return false;
}

static bool cmd_lifecycle(struct shell *shell)
{
	static const char *const types[] = { "poweroff", "reboot", "crash", NULL };
	static const char *const actions[] = { "destroy", "restart", "rename-restart", "preserve",
		"coredump-destroy", "coredump-restart", NULL };
	struct rpc_domain_set_lifecycle_action_args args = { 0 };

	if (!affect_flags(shell, NULL, &args.flags) ||
	    !object_domain(shell, "domain", BY_ANY, &args.dom))
		return false;
	if (!index_of(types, shell_text(shell, "type"), &args.type))
		return shell_error("Invalid lifecycle type '%s'.", shell_text(shell, "type"));
	if (!index_of(actions, shell_text(shell, "action"), &args.action))
		return shell_error("Invalid lifecycle action '%s'.", shell_text(shell, "action"));
	return shell_call(shell, RPC_DOMAIN_SET_LIFECYCLE_ACTION, &args, NULL) ||
	       shell_error("Unable to change lifecycle action.");
}

const struct command tune_commands[] = {
	{ "blkdeviotune", cmd_blkdeviotune, blkdeviotune_options,
	    .help = "what a disk may do in a second" },
	{ "domiftune", cmd_domiftune, domiftune_options,
	    .help = "what a network interface may do in a second" },
	{ "memtune", cmd_memtune, memtune_options, .help = "bounds of a guest's memory" },
	{ "schedinfo", cmd_schedinfo, schedinfo_options, .help = "a guest's share of processors" },
	{ "set-lifecycle-action", cmd_lifecycle, lifecycle_options,
	    .help = "what follows when a guest ends" },
	{ 0 },
};
