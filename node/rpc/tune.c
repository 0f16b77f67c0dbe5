/* SPDX-License-Identifier: GPL-2.0-only */
/* Shares and bounds of a guest: processors, memory nodes; what follows an end. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "node/host/host.h"
#include "node/rpc/guest_change.h"
#include "node/rpc/handlers.h"

#define PERIOD 100000		      /* microseconds, of cpu-cap */
#define UNLIMITED 9007199254740991ull /* libvirt: VIR_DOMAIN_MEMORY_PARAM_UNLIMITED */
#define FLAGS 7u		      /* and that texts are understood */
#define TEXTS 4u

/* A map of the protocol as a list of the file; NULL when it is all that the node has. */
static const char *list_of_map(struct arena *arena, const uint8_t *map, uint32_t length)
{
	struct host_cpus cpus;
	struct buf text = BUF_INIT;
	const char *list;
	bool all = true;

	host_cpus(&cpus);
	for (unsigned int i = 0; i < HOST_CPUS; i++) {
		bool has = i / 8 < length && map[i / 8] & 1u << i % 8;

		if (cpus.map[i / 8] & 1u << i % 8 && !has)
			all = false;
		if (has)
			buf_printf(&text, "%s%u", text.length ? "," : "", i);
	}
	list = all ? NULL : arena_copy(arena, buf_text(&text), text.length);
	buf_done(&text);
	return list;
}

static bool is_empty(const uint8_t *map, uint32_t length)
{
	for (uint32_t i = 0; i < length; i++)
		if (map[i])
			return false;
	return true;
}

static void pin(struct guest_change *change, uint32_t vcpu, const uint8_t *map, uint32_t length)
{
	struct conf_pin **link = &change->new.pins;
	const char *list = list_of_map(change->arena, map, length);

	if (vcpu >= guest_vcpus_max(&change->call->guest)) {
		guest_change_fail(
		    change, RPC_ERR_INVALID_ARG, "invalid argument: vcpu %u is out of range", vcpu);
		return;
	}
	if (is_empty(map, length)) {
		guest_change_fail(
		    change, RPC_ERR_INVALID_ARG, "invalid argument: Empty cpu list for pinning");
		return;
	}
	while (*link && (*link)->vcpu != vcpu)
		link = &(*link)->next;
	if (!list && *link) {
		*link = (*link)->next;
	} else if (list) {
		if (!*link)
			*link = arena_alloc(change->arena, sizeof(**link));
		(*link)->vcpu = vcpu;
		(*link)->cpus = list;
	}
	guest_change_end(change);
}

static void pin_vcpu(struct server_call *call)
{
	const struct rpc_domain_pin_vcpu_args *args = call->arguments;
	struct guest_change change;

	if (guest_change_begin(&change, call, &args->dom, 0, true))
		pin(&change, args->vcpu, args->cpumap, args->cpumap_count);
}

static void pin_vcpu_flags(struct server_call *call)
{
	const struct rpc_domain_pin_vcpu_flags_args *args = call->arguments;
	struct guest_change change;

	if (guest_change_begin(&change, call, &args->dom, args->flags, true))
		pin(&change, args->vcpu, args->cpumap, args->cpumap_count);
}

static void pin_emulator(struct server_call *call)
{
	const struct rpc_domain_pin_emulator_args *args = call->arguments;
	struct guest_change change;

	if (!guest_change_begin(&change, call, &args->dom, args->flags, true))
		return;
	if (is_empty(args->cpumap, args->cpumap_count)) {
		guest_change_fail(
		    &change, RPC_ERR_INVALID_ARG, "invalid argument: Empty cpu list for pinning");
		return;
	}
	change.new.emulator_cpus = list_of_map(change.arena, args->cpumap, args->cpumap_count);
	guest_change_end(&change);
}

static void scheduler_type(struct server_call *call)
{
	const struct rpc_domain_get_scheduler_type_args *args = call->arguments;
	struct rpc_domain_get_scheduler_type_ret ret = { "posix", 3 };

	if (guest_of(call, &args->dom))
		call_reply(call, &ret);
}

static void scheduler_of(const struct conf_guest *guest, struct rpc_params *params)
{
	rpc_params_ullong(params, guest->cpu_weight, "cpu_shares");
	rpc_params_ullong(params, PERIOD, "global_period");
	rpc_params_llong(
	    params, guest->cpu_cap ? (int64_t)(guest->cpu_cap * PERIOD / 100) : -1, "global_quota");
}

static void get_scheduler(struct server_call *call)
{
	const struct rpc_domain_get_scheduler_parameters_args *args = call->arguments;
	struct rpc_domain_get_scheduler_parameters_ret ret = { 0 };
	struct rpc_params params = { .memory = &call->memory };

	if (!guest_of(call, &args->dom))
		return;
	scheduler_of(call->guest.conf, &params);
	ret.params = params.items;
	ret.params_count = params.count;
	call_reply(call, &ret);
}

static void get_scheduler_flags(struct server_call *call)
{
	const struct rpc_domain_get_scheduler_parameters_flags_args *args = call->arguments;

	if (call_check_flags(call, args->flags, FLAGS))
		get_scheduler(call);
}

static void set_scheduler_of(
    struct guest_change *change, const struct rpc_param *params, uint32_t count)
{
	int64_t period = PERIOD;
	int64_t value;

	for (uint32_t i = 0; i < count; i++) {
		if (!guest_change_number(change, &params[i], &value))
			return;
		if (!strcmp(params[i].field, "cpu_shares") && value >= 1 && value <= 10000) {
			change->new.cpu_weight = (uint64_t)value;
		} else if (!strcmp(params[i].field, "global_period") && value > 0) {
			period = value;
		} else if (strcmp(params[i].field, "global_quota") != 0) {
			guest_change_fail(change, RPC_ERR_UNSUPPORTED_CONFIG,
			    "unsupported configuration: %s = %lld is not there: cpu_shares is 1 to 10000, a bound is global_quota",
			    params[i].field, (long long)value);
			return;
		}
	}
	for (uint32_t i = 0; i < count; i++)
		if (!strcmp(params[i].field, "global_quota") &&
		    guest_change_number(change, &params[i], &value))
			change->new.cpu_cap = value <= 0 ? 0
							 : (uint64_t)value * 100 / (uint64_t)period;
	guest_change_end(change);
}

static void set_scheduler(struct server_call *call)
{
	const struct rpc_domain_set_scheduler_parameters_args *args = call->arguments;
	struct guest_change change;

	if (guest_change_begin(&change, call, &args->dom, 0, true))
		set_scheduler_of(&change, args->params, args->params_count);
}

static void set_scheduler_flags(struct server_call *call)
{
	const struct rpc_domain_set_scheduler_parameters_flags_args *args = call->arguments;
	struct guest_change change;

	if (guest_change_begin(&change, call, &args->dom, args->flags, true))
		set_scheduler_of(&change, args->params, args->params_count);
}

static void get_memory(struct server_call *call)
{
	static const char *const names[] = { "hard_limit", "soft_limit", "swap_hard_limit" };
	const struct rpc_domain_get_memory_parameters_args *args = call->arguments;
	struct rpc_domain_get_memory_parameters_ret ret = { .nparams = 3 };
	struct rpc_params params = { .memory = &call->memory };

	if (!call_check_flags(call, args->flags, FLAGS) || !guest_of(call, &args->dom))
		return;
	for (size_t i = 0; i < 3; i++)
		rpc_params_ullong(&params, UNLIMITED, "%s", names[i]);
	if (args->nparams) {
		ret.params = params.items;
		ret.params_count = params.count;
	}
	call_reply(call, &ret);
}

static void refuse_memory(struct server_call *call)
{
	call_fail(call, RPC_ERR_UNSUPPORTED_CONFIG, RPC_FROM_QEMU,
	    "unsupported configuration: a guest's memory has no bound but its size: setmem, setmaxmem");
}

static void get_blkio(struct server_call *call)
{
	const struct rpc_domain_get_blkio_parameters_args *args = call->arguments;

	if (call_check_flags(call, args->flags, FLAGS) && guest_of(call, &args->dom))
		call_reply_none(call);
}

static void refuse_blkio(struct server_call *call)
{
	call_fail(call, RPC_ERR_UNSUPPORTED_CONFIG, RPC_FROM_QEMU,
	    "unsupported configuration: disks have bounds of their own: blkdeviotune");
}

static void get_numa(struct server_call *call)
{
	const struct rpc_domain_get_numa_parameters_args *args = call->arguments;
	struct rpc_domain_get_numa_parameters_ret ret = { .nparams = 2 };
	struct rpc_params params = { .memory = &call->memory };

	if (!call_check_flags(call, args->flags, FLAGS) || !guest_of(call, &args->dom))
		return;
	rpc_params_int(&params, (int32_t)call->guest.conf->numa.mode, "numa_mode");
	rpc_params_string(&params, call->guest.conf->numa.nodes ? call->guest.conf->numa.nodes : "",
	    "numa_nodeset");
	if (args->nparams) {
		ret.params = params.items;
		ret.params_count = params.count;
	}
	call_reply(call, &ret);
}

static void set_numa(struct server_call *call)
{
	const struct rpc_domain_set_numa_parameters_args *args = call->arguments;
	const struct rpc_param *mode = rpc_param_find(
	    args->params, args->params_count, "numa_mode");
	const struct rpc_param *nodes = rpc_param_find(
	    args->params, args->params_count, "numa_nodeset");
	struct guest_change change;
	int64_t value = 0;

	if (!guest_change_begin(&change, call, &args->dom, args->flags & ~TEXTS, false))
		return;
	/* libvirt: virDomainNumatuneMemMode; the file's order is the same. */
	if (mode && (!rpc_param_number(mode, &value) || value < 0 || value > 2)) {
		guest_change_fail(&change, RPC_ERR_UNSUPPORTED_CONFIG,
		    "unsupported configuration: memory is strict, preferred or interleaved");
		return;
	}
	if (mode)
		change.new.numa.mode = (unsigned int)value;
	if (nodes && nodes->type == RPC_PARAM_STRING)
		change.new.numa.nodes = *nodes->value.s ? arena_copy(change.arena, nodes->value.s,
							      strlen(nodes->value.s))
							: NULL;
	guest_change_end(&change);
}

/* libvirt: virDomainLifecycle and virDomainLifecycleAction, to the file's choices. */
static void set_lifecycle(struct server_call *call)
{
	static const int choices[] = { 0, 1, -1, 2, 3, 4 };
	const struct rpc_domain_set_lifecycle_action_args *args = call->arguments;
	struct guest_change change;
	unsigned int *fields[3] = { &change.new.on_poweroff, &change.new.on_reboot,
		&change.new.on_crash };
	int choice = args->action < 6 ? choices[args->action] : -1;

	if (!guest_change_begin(&change, call, &args->dom, args->flags, true))
		return;
	if (args->type > 2 || choice < 0 || (choice > 2 && args->type != 2)) {
		guest_change_fail(&change, RPC_ERR_UNSUPPORTED_CONFIG,
		    "unsupported configuration: this does not follow that");
		return;
	}
	*fields[args->type] = (unsigned int)choice;
	guest_change_end(&change);
}

const struct rpc_handler rpc_tune_handlers[] = {
	{ RPC_DOMAIN_PIN_VCPU, pin_vcpu },
	{ RPC_DOMAIN_PIN_VCPU_FLAGS, pin_vcpu_flags },
	{ RPC_DOMAIN_PIN_EMULATOR, pin_emulator },
	{ RPC_DOMAIN_GET_SCHEDULER_TYPE, scheduler_type },
	{ RPC_DOMAIN_GET_SCHEDULER_PARAMETERS, get_scheduler },
	{ RPC_DOMAIN_GET_SCHEDULER_PARAMETERS_FLAGS, get_scheduler_flags },
	{ RPC_DOMAIN_SET_SCHEDULER_PARAMETERS, set_scheduler },
	{ RPC_DOMAIN_SET_SCHEDULER_PARAMETERS_FLAGS, set_scheduler_flags },
	{ RPC_DOMAIN_GET_MEMORY_PARAMETERS, get_memory },
	{ RPC_DOMAIN_SET_MEMORY_PARAMETERS, refuse_memory },
	{ RPC_DOMAIN_GET_BLKIO_PARAMETERS, get_blkio },
	{ RPC_DOMAIN_SET_BLKIO_PARAMETERS, refuse_blkio },
	{ RPC_DOMAIN_GET_NUMA_PARAMETERS, get_numa },
	{ RPC_DOMAIN_SET_NUMA_PARAMETERS, set_numa },
	{ RPC_DOMAIN_SET_LIFECYCLE_ACTION, set_lifecycle },
	{ 0 },
};
