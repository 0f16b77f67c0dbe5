/* SPDX-License-Identifier: GPL-2.0-only */
/* Shares and bounds of a guest, and what follows its ends. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/virsh/affect.h"
#include "cli/virsh/commands.h"
#include "cli/virsh/objects.h"
#include "cli/virsh/rate.h"
#include "lib/num.h"

#define PARAMS_MAX 32
#define UNLIMITED 9007199254740991ull /* libvirt: VIR_DOMAIN_MEMORY_PARAM_UNLIMITED */

static const char *const numa_modes[] = { "strict", "preferred", "interleave", "restrictive" };
#define NUMA_MODES (sizeof(numa_modes) / sizeof(numa_modes[0]))

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
		else if (!strcmp(params[i].field, "numa_mode") && (uint64_t)value < NUMA_MODES)
			shell_print("%-15s: %s\n", params[i].field, numa_modes[value]);
		else
			shell_print("%-15s: %" PRId64 "\n", params[i].field, value);
	}
}

/* What is set: an option, the parameter that it is, how its text is read. */
enum tune_sort {
	TUNE_NUMBER = 1,
	TUNE_SIZE,   /* bytes without a unit */
	TUNE_MEMORY, /* KiB without a unit, and told in KiB; -1 is no bound */
	TUNE_WEIGHT,
	TUNE_TEXT,
	TUNE_MODE,
	TUNE_RATE, /* average[,peak[,burst]] */
};

struct tune_field {
	const char *option;
	const char *field;
	enum tune_sort sort;
};

struct tune {
	int32_t get;
	int32_t set;
	const char *device; /* option that names one of the guest's, or NULL */
	const char *count_fault;
	const char *get_fault;
	const char *set_fault;
	const struct tune_field *fields; /* ends with a row without option */
};

static void add(struct rpc_param *params, uint32_t *count, struct rpc_param param)
{
	if (*count < PARAMS_MAX)
		params[(*count)++] = param;
}

/* Those of 0 but the first are as if they were not given. */
static bool add_rate(
    const struct tune_field *field, const char *text, struct rpc_param *params, uint32_t *ret_count)
{
	static const char *const fields[2][RATE_FIELDS] = { { "inbound.average", "inbound.peak",
								"inbound.burst", "inbound.floor" },
		{ "outbound.average", "outbound.peak", "outbound.burst", "outbound.floor" } };
	const bool out = *field->field == 'o';
	uint64_t values[RATE_FIELDS];

	if (!rate_parse(text, out, false, values))
		return false;
	for (unsigned int i = 0; i < RATE_FIELDS; i++)
		if (!i || values[i])
			add(params, ret_count,
			    (struct rpc_param){
				fields[out][i], RPC_PARAM_UINT, { .u = (uint32_t)values[i] } });
	return true;
}

static bool add_mode(
    const struct tune_field *field, const char *text, struct rpc_param *params, uint32_t *ret_count)
{
	uint64_t mode = 0;

	while (mode < NUMA_MODES && strcmp(numa_modes[mode], text) != 0)
		mode++;
	if (mode == NUMA_MODES && !num_parse(text, INT32_MAX, &mode))
		return shell_error("Invalid mode: %s", text);
	add(params, ret_count,
	    (struct rpc_param){ field->field, RPC_PARAM_INT, { .i = (int32_t)mode } });
	return true;
}

/* One option as a parameter. False with the fault told. */
static bool add_field(struct shell *shell, const struct tune_field *field, const char *text,
    struct rpc_param *params, uint32_t *ret_count)
{
	struct rpc_param param = { field->field, RPC_PARAM_ULLONG, { .ul = 0 } };
	bool memory = field->sort == TUNE_MEMORY;

	switch (field->sort) {
	case TUNE_RATE:
		return add_rate(field, text, params, ret_count);
	case TUNE_MODE:
		return add_mode(field, text, params, ret_count);
	case TUNE_TEXT:
		param.type = RPC_PARAM_STRING;
		param.value.s = text;
		break;
	case TUNE_WEIGHT:
		param.type = RPC_PARAM_UINT;
		if (!num_parse(text, INT32_MAX, &param.value.ul))
			return shell_error(
			    "Numeric value '%s' for <%s> option is malformed or out of range", text,
			    field->option);
		if (!param.value.ul)
			return shell_error("Invalid value of %d for I/O weight", 0);
		param.value.u = (uint32_t)param.value.ul;
		break;
	default:
		if (memory && *text == '-')
			param.value.ul = UNLIMITED;
		else if (!shell_parse_size(
			     shell, text, memory ? 1024 : 1, memory ? 1024 : 1, &param.value.ul))
			return shell_error(memory ? "Unable to parse integer parameter %s"
						  : "Unable to parse integer parameter",
			    field->option);
		break;
	}
	add(params, ret_count, param);
	return true;
}

static bool collect(struct shell *shell, const struct tune_field *fields, struct rpc_param *params,
    uint32_t *ret_count)
{
	for (; fields->option; fields++) {
		const char *text = shell_text(shell, fields->option);

		if (text && !add_field(shell, fields, text, params, ret_count))
			return false;
	}
	return true;
}

/* Arguments of those procedures that have a device and of those that have none. */
union tune_args {
	struct rpc_domain_get_memory_parameters_args get;
	struct rpc_domain_set_memory_parameters_args set;
	struct rpc_domain_get_block_io_tune_args get_of;
	struct rpc_domain_set_block_io_tune_args set_of;
};

static union tune_args get_args(
    const struct rpc_dom *dom, const char *device, int32_t count, uint32_t flags)
{
	if (device)
		return (union tune_args){ .get_of = { *dom, device, count, flags } };
	return (union tune_args){ .get = { *dom, count, flags } };
}

static bool get(struct shell *shell, const struct tune *tune, const struct rpc_dom *dom,
    const char *device, uint32_t flags)
{
	union tune_args args = get_args(dom, device, 0, flags);
	struct rpc_domain_get_memory_parameters_ret ret;

	if (!shell_call(shell, tune->get, &args, &ret))
		return shell_error("%s", tune->count_fault);
	if (!ret.nparams)
		return true;
	args = get_args(dom, device, ret.nparams, flags);
	if (!shell_call(shell, tune->get, &args, &ret))
		return shell_error("%s", tune->get_fault);
	print_params(ret.params, ret.params_count);
	return true;
}

/* With values they are set, without they are told. */
static bool cmd_tune(struct shell *shell)
{
	const struct tune *tune = shell->command->what;
	const char *device = tune->device ? shell_text(shell, tune->device) : NULL;
	struct rpc_param params[PARAMS_MAX];
	union tune_args args;
	struct rpc_dom dom;
	uint32_t count = 0;
	uint32_t flags;

	if (!affect_flags(shell, NULL, &flags) || !object_domain(shell, "domain", BY_ANY, &dom) ||
	    !collect(shell, tune->fields, params, &count))
		return false;
	if (!count)
		return get(shell, tune, &dom, device, flags);
	if (device)
		args = (union tune_args){ .set_of = { dom, device, count, params, flags } };
	else
		args = (union tune_args){ .set = { dom, count, params, flags } };
	return shell_call(shell, tune->set, &args, NULL) || shell_error("%s", tune->set_fault);
}

static const struct option schedinfo_options[] = {
	DOMAIN,
	{ "weight", OPTION_NAMED_NUMBER, false, "its share of the processors" },
	{ "cap", OPTION_NAMED_NUMBER, false, "its bound" },
	OPTION_CURRENT,
	OPTION_CONFIG,
	OPTION_LIVE,
	{ "set", OPTION_REST, false, "parameter=value" },
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

static bool are_known(const struct rpc_domain_set_scheduler_parameters_flags_args *args,
    const struct rpc_domain_get_scheduler_parameters_flags_ret *known)
{
	for (uint32_t i = 0; i < args->params_count; i++)
		if (!rpc_param_find(known->params, known->params_count, args->params[i].field))
			return shell_error("invalid scheduler option: %s", args->params[i].field);
	return true;
}

static bool cmd_schedinfo(struct shell *shell)
{
	static const struct tune_field names[] = { { "weight", "cpu_shares", TUNE_NUMBER }, { 0 } };
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
	get.flags = args.flags;
	if (!shell_call(shell, RPC_DOMAIN_GET_SCHEDULER_TYPE, &type_args, &type))
		return false;
	shell_print("%-15s: %s\n", "Scheduler", type.type);
	if (!shell_call(shell, RPC_DOMAIN_GET_SCHEDULER_PARAMETERS_FLAGS, &get, &ret))
		return false;
	if (args.params_count &&
	    (!are_known(&args, &ret) ||
		!shell_call(shell, RPC_DOMAIN_SET_SCHEDULER_PARAMETERS_FLAGS, &args, NULL) ||
		!shell_call(shell, RPC_DOMAIN_GET_SCHEDULER_PARAMETERS_FLAGS, &get, &ret)))
		return false;
	print_params(ret.params, ret.params_count);
	return true;
}

static const struct option blkdeviotune_options[] = {
	DOMAIN,
	{ "device", OPTION_TEXT, true, "target or path of a disk" },
	{ "total-bytes-sec", OPTION_NUMBER, false, "bytes a second" },
	{ "read-bytes-sec", OPTION_NUMBER, false, "bytes read a second" },
	{ "write-bytes-sec", OPTION_NUMBER, false, "bytes written a second" },
	{ "total-iops-sec", OPTION_NUMBER, false, "requests a second" },
	{ "read-iops-sec", OPTION_NUMBER, false, "reads a second" },
	{ "write-iops-sec", OPTION_NUMBER, false, "writes a second" },
	{ "total-bytes-sec-max", OPTION_NUMBER, false, "bytes a second for a short time" },
	{ "read-bytes-sec-max", OPTION_NUMBER, false, "bytes read a second for a short time" },
	{ "write-bytes-sec-max", OPTION_NUMBER, false, "bytes written a second for a short time" },
	{ "total-iops-sec-max", OPTION_NUMBER, false, "requests a second for a short time" },
	{ "read-iops-sec-max", OPTION_NUMBER, false, "reads a second for a short time" },
	{ "write-iops-sec-max", OPTION_NUMBER, false, "writes a second for a short time" },
	{ "size-iops-sec", OPTION_NUMBER, false, "bytes that count as one request" },
	{ "group-name", OPTION_TEXT, false, "name of a group of disks" },
	{ "total-bytes-sec-max-length", OPTION_NUMBER, false, "seconds of that time" },
	{ "read-bytes-sec-max-length", OPTION_NUMBER, false, "seconds of that time" },
	{ "write-bytes-sec-max-length", OPTION_NUMBER, false, "seconds of that time" },
	{ "total-iops-sec-max-length", OPTION_NUMBER, false, "seconds of that time" },
	{ "read-iops-sec-max-length", OPTION_NUMBER, false, "seconds of that time" },
	{ "write-iops-sec-max-length", OPTION_NUMBER, false, "seconds of that time" },
	AFFECT,
	{ 0 },
};

static const struct tune_field blkdeviotune_fields[] = {
	{ "total-bytes-sec", "total_bytes_sec", TUNE_SIZE },
	{ "read-bytes-sec", "read_bytes_sec", TUNE_SIZE },
	{ "write-bytes-sec", "write_bytes_sec", TUNE_SIZE },
	{ "total-iops-sec", "total_iops_sec", TUNE_SIZE },
	{ "read-iops-sec", "read_iops_sec", TUNE_SIZE },
	{ "write-iops-sec", "write_iops_sec", TUNE_SIZE },
	{ "total-bytes-sec-max", "total_bytes_sec_max", TUNE_SIZE },
	{ "read-bytes-sec-max", "read_bytes_sec_max", TUNE_SIZE },
	{ "write-bytes-sec-max", "write_bytes_sec_max", TUNE_SIZE },
	{ "total-iops-sec-max", "total_iops_sec_max", TUNE_SIZE },
	{ "read-iops-sec-max", "read_iops_sec_max", TUNE_SIZE },
	{ "write-iops-sec-max", "write_iops_sec_max", TUNE_SIZE },
	{ "size-iops-sec", "size_iops_sec", TUNE_SIZE },
	{ "group-name", "group_name", TUNE_TEXT },
	{ "total-bytes-sec-max-length", "total_bytes_sec_max_length", TUNE_SIZE },
	{ "read-bytes-sec-max-length", "read_bytes_sec_max_length", TUNE_SIZE },
	{ "write-bytes-sec-max-length", "write_bytes_sec_max_length", TUNE_SIZE },
	{ "total-iops-sec-max-length", "total_iops_sec_max_length", TUNE_SIZE },
	{ "read-iops-sec-max-length", "read_iops_sec_max_length", TUNE_SIZE },
	{ "write-iops-sec-max-length", "write_iops_sec_max_length", TUNE_SIZE },
	{ 0 },
};

static const struct tune blkdeviotune = { RPC_DOMAIN_GET_BLOCK_IO_TUNE,
	RPC_DOMAIN_SET_BLOCK_IO_TUNE, "device", "Unable to get block I/O throttle parameters",
	"Unable to get block I/O throttle parameters", "Unable to change block I/O throttle",
	blkdeviotune_fields };

static const struct option domiftune_options[] = {
	DOMAIN,
	{ "interface", OPTION_TEXT, true, "MAC address or name of an interface" },
	{ "inbound", OPTION_TEXT, false, "average[,peak[,burst]] in KiB a second, and KiB" },
	{ "outbound", OPTION_TEXT, false, "average[,peak[,burst]] in KiB a second, and KiB" },
	AFFECT,
	{ 0 },
};

static const struct tune_field domiftune_fields[] = { { "inbound", "inbound", TUNE_RATE },
	{ "outbound", "outbound", TUNE_RATE }, { 0 } };

static const struct tune domiftune = { RPC_DOMAIN_GET_INTERFACE_PARAMETERS,
	RPC_DOMAIN_SET_INTERFACE_PARAMETERS, "interface",
	"Unable to get number of interface parameters", "Unable to get interface parameters",
	"Unable to set interface parameters", domiftune_fields };

static const struct option memtune_options[] = {
	DOMAIN,
	{ "hard-limit", OPTION_NUMBER, false, "the most memory, KiB without a unit; -1: no bound" },
	{ "soft-limit", OPTION_NUMBER, false, "the most where memory is short" },
	{ "swap-hard-limit", OPTION_NUMBER, false, "the most memory and swap" },
	{ "min-guarantee", OPTION_NUMBER, false, "memory that it has in any case" },
	AFFECT,
	{ 0 },
};

static const struct tune_field memtune_fields[] = { { "hard-limit", "hard_limit", TUNE_MEMORY },
	{ "soft-limit", "soft_limit", TUNE_MEMORY },
	{ "swap-hard-limit", "swap_hard_limit", TUNE_MEMORY },
	{ "min-guarantee", "min_guarantee", TUNE_MEMORY }, { 0 } };

static const struct tune memtune = { RPC_DOMAIN_GET_MEMORY_PARAMETERS,
	RPC_DOMAIN_SET_MEMORY_PARAMETERS, NULL, "Unable to get number of memory parameters",
	"Unable to get memory parameters", "Unable to change memory parameters", memtune_fields };

static const struct option blkiotune_options[] = {
	DOMAIN,
	{ "weight", OPTION_NUMBER, false, "its share of all disks" },
	{ "device-weights", OPTION_TEXT, false, "of one device: path,weight and so on" },
	{ "device-read-iops-sec", OPTION_TEXT, false, "reads a second: path,number and so on" },
	{ "device-write-iops-sec", OPTION_TEXT, false, "writes a second" },
	{ "device-read-bytes-sec", OPTION_TEXT, false, "bytes read a second" },
	{ "device-write-bytes-sec", OPTION_TEXT, false, "bytes written a second" },
	AFFECT,
	{ 0 },
};

static const struct tune_field blkiotune_fields[] = { { "weight", "weight", TUNE_WEIGHT },
	{ "device-weights", "device_weight", TUNE_TEXT },
	{ "device-read-iops-sec", "device_read_iops_sec", TUNE_TEXT },
	{ "device-write-iops-sec", "device_write_iops_sec", TUNE_TEXT },
	{ "device-read-bytes-sec", "device_read_bytes_sec", TUNE_TEXT },
	{ "device-write-bytes-sec", "device_write_bytes_sec", TUNE_TEXT }, { 0 } };

static const struct tune blkiotune = { RPC_DOMAIN_GET_BLKIO_PARAMETERS,
	RPC_DOMAIN_SET_BLKIO_PARAMETERS, NULL, "Unable to get number of blkio parameters",
	"Unable to get blkio parameters", "Unable to change blkio parameters", blkiotune_fields };

static const struct option numatune_options[] = {
	DOMAIN,
	{ "mode", OPTION_TEXT, false, "strict, preferred, interleave or restrictive" },
	{ "nodeset", OPTION_TEXT, false, "memory nodes" },
	AFFECT,
	{ 0 },
};

static const struct tune_field numatune_fields[] = { { "nodeset", "numa_nodeset", TUNE_TEXT },
	{ "mode", "numa_mode", TUNE_MODE }, { 0 } };

static const struct tune numatune = { RPC_DOMAIN_GET_NUMA_PARAMETERS,
	RPC_DOMAIN_SET_NUMA_PARAMETERS, NULL, "Unable to get number of memory parameters",
	"Unable to get numa parameters", "Unable to change numa parameters", numatune_fields };

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

static const struct option blockresize_options[] = {
	DOMAIN,
	{ "path", OPTION_TEXT, true, "the disk, by target or source" },
	{ "size", OPTION_NUMBER, true, "its new size, KiB without a unit" },
	{ 0 },
};

static bool cmd_blockresize(struct shell *shell)
{
	struct rpc_domain_block_resize_args args = { .flags = 1 }; /* the size is in bytes */
	bool good = true;

	if (!object_domain(shell, "domain", BY_ANY, &args.dom) ||
	    !shell_size(shell, "size", 1024, 1, &args.size, &good))
		return false;
	args.disk = shell_text(shell, "path");
	if (!shell_call(shell, RPC_DOMAIN_BLOCK_RESIZE, &args, NULL))
		return shell_error("Failed to resize block device '%s'", args.disk);
	shell_print("Block device '%s' is resized", args.disk);
	return true;
}

const struct command tune_commands[] = {
	{ "blockresize", cmd_blockresize, blockresize_options,
	    .help = "let the disk of a running guest grow" },
	{ "blkdeviotune", cmd_tune, blkdeviotune_options, .help = "what a disk may do in a second",
	    .what = &blkdeviotune },
	{ "blkiotune", cmd_tune, blkiotune_options, .help = "a guest's share of the disks",
	    .what = &blkiotune },
	{ "domiftune", cmd_tune, domiftune_options,
	    .help = "what a network interface may do in a second", .what = &domiftune },
	{ "memtune", cmd_tune, memtune_options, .help = "bounds of a guest's memory",
	    .what = &memtune },
	{ "numatune", cmd_tune, numatune_options, .help = "memory nodes of a guest",
	    .what = &numatune },
	{ "schedinfo", cmd_schedinfo, schedinfo_options, .help = "a guest's share of processors" },
	{ "set-lifecycle-action", cmd_lifecycle, lifecycle_options,
	    .help = "what follows when a guest ends" },
	{ 0 },
};
