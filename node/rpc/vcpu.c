/* SPDX-License-Identifier: GPL-2.0-only */
/* Virtual processors: what each has done, and which of the node's processors it may use. */
#include <errno.h>
#include <string.h>

#include "node/host/host.h"
#include "node/rpc/guest.h"
#include "node/rpc/handlers.h"

#define MAPLEN_MAX (HOST_CPUS / 8)

/* What a list of the file says, or all of the node's. */
static void map_of(const char *list, uint8_t *map, size_t maplen)
{
	uint8_t bits[MAPLEN_MAX];
	struct host_cpus cpus;

	if (list) {
		host_parse_list(list, bits, sizeof(bits));
	} else {
		host_cpus(&cpus);
		memcpy(bits, cpus.map, sizeof(bits));
	}
	memcpy(map, bits, maplen);
}

/* The key `pin` of one, else `cpus` of all. */
static const char *list_of(const struct conf_guest *guest, unsigned int vcpu)
{
	for (const struct conf_pin *pin = guest->pins; pin; pin = pin->next)
		if (pin->vcpu == vcpu)
			return pin->cpus;
	return guest->cpus;
}

/* One map after the other, in the call's memory. NULL with the call failed. */
static const uint8_t *maps_of(
    struct server_call *call, const struct conf_guest *guest, unsigned int count, int32_t maplen)
{
	uint8_t *maps;

	if (maplen < 0 || maplen > MAPLEN_MAX) {
		call_fail(call, RPC_ERR_INVALID_ARG, RPC_FROM_QEMU,
		    "invalid argument: a processor map of %d bytes", maplen);
		return NULL;
	}
	maps = rpc_memory_alloc(&call->memory, (size_t)count * (size_t)maplen + 1);
	if (!maps) {
		call_fail_errno(call, -ENOMEM, NULL);
		return NULL;
	}
	for (unsigned int i = 0; i < count; i++)
		map_of(list_of(guest, i), maps + i * (size_t)maplen, (size_t)maplen);
	return maps;
}

#define VCPU_RUNNING 1

static void get_vcpus(struct server_call *call)
{
	const struct rpc_domain_get_vcpus_args *args = call->arguments;
	struct rpc_domain_get_vcpus_ret ret = { 0 };
	struct server_core *core = call->core;
	struct driver_stats stats = { 0 };
	struct rpc_vcpu_info info[256];
	unsigned int count;

	if (!guest_running(call, &args->dom))
		return;
	if (core->ops->stats && core->ops->stats(core->driver, call->guest.uuid, &stats))
		stats.vcpu_count = 0;
	count = (unsigned int)call->guest.conf->vcpus;
	if (args->maxinfo >= 0 && (unsigned int)args->maxinfo < count)
		count = (unsigned int)args->maxinfo;
	for (unsigned int i = 0; i < count && i < 256; i++) {
		bool known = i < stats.vcpu_count;

		info[i] = (struct rpc_vcpu_info){ .number = i,
			.state = VCPU_RUNNING,
			.cpu_time = known ? stats.vcpus[i].time : 0,
			.cpu = known ? stats.vcpus[i].cpu : -1 };
		ret.info_count++;
	}
	ret.info = info;
	ret.cpumaps = maps_of(call, call->guest.conf, ret.info_count, args->maplen);
	if (!ret.cpumaps)
		return;
	ret.cpumaps_count = ret.info_count * (uint32_t)args->maplen;
	call_reply(call, &ret);
}

static void get_vcpu_pin_info(struct server_call *call)
{
	const struct rpc_domain_get_vcpu_pin_info_args *args = call->arguments;
	struct rpc_domain_get_vcpu_pin_info_ret ret = { 0 };
	unsigned int count;

	if (!call_check_flags(call, args->flags, 3) || !guest_of(call, &args->dom))
		return;
	count = (unsigned int)call->guest.conf->vcpus;
	if (args->ncpumaps >= 0 && (unsigned int)args->ncpumaps < count)
		count = (unsigned int)args->ncpumaps;
	ret.cpumaps = maps_of(call, call->guest.conf, count, args->maplen);
	if (!ret.cpumaps)
		return;
	ret.cpumaps_count = count * (uint32_t)args->maplen;
	ret.num = (int32_t)count;
	call_reply(call, &ret);
}

static void get_emulator_pin_info(struct server_call *call)
{
	const struct rpc_domain_get_emulator_pin_info_args *args = call->arguments;
	struct rpc_domain_get_emulator_pin_info_ret ret = { .ret = 1 };
	uint8_t map[MAPLEN_MAX];

	if (!call_check_flags(call, args->flags, 3) || !guest_of(call, &args->dom))
		return;
	if (args->maplen < 0 || args->maplen > MAPLEN_MAX) {
		call_fail(call, RPC_ERR_INVALID_ARG, RPC_FROM_QEMU,
		    "invalid argument: a processor map of %d bytes", args->maplen);
		return;
	}
	map_of(call->guest.conf->emulator_cpus ? call->guest.conf->emulator_cpus
					       : call->guest.conf->cpus,
	    map, (size_t)args->maplen);
	ret.cpumaps = map;
	ret.cpumaps_count = (uint32_t)args->maplen;
	call_reply(call, &ret);
}

const struct rpc_handler rpc_vcpu_handlers[] = {
	{ RPC_DOMAIN_GET_VCPUS, get_vcpus },
	{ RPC_DOMAIN_GET_VCPU_PIN_INFO, get_vcpu_pin_info },
	{ RPC_DOMAIN_GET_EMULATOR_PIN_INFO, get_emulator_pin_info },
	{ 0 },
};
