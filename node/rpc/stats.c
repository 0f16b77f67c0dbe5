/* SPDX-License-Identifier: GPL-2.0-only */
/* Counters of guests, one by one as virsh asks, and in bulk as monitoring does. */
#include <errno.h>
#include <string.h>

#include "node/host/host.h"
#include "node/rpc/guest.h"
#include "node/rpc/handlers.h"
#include "node/rpc/stats_all.h"
#include "node/xml/disks.h"

/* The counters of a guest that runs; false with the call failed. */
static bool stats_of(
    struct server_call *call, const struct rpc_dom *dom, struct driver_stats *ret_stats)
{
	struct server_core *core = call->core;
	int result;

	if (!core->ops->stats) {
		call_unsupported(call);
		return false;
	}
	if (!guest_running(call, dom))
		return false;
	result = core->ops->stats(core->driver, call->guest.uuid, ret_stats);
	if (!result)
		return true;
	call_fail_errno(call, result, NULL);
	return false;
}

/* A disk by target or path; with "" all together. False with the call failed. */
static bool disk_of(struct server_call *call, const struct rpc_dom *dom, const char *path,
    struct driver_disk_stats *ret_disk)
{
	const struct conf_model *model = call->core->ops->model(call->core->driver);
	struct driver_stats stats;
	char target[XML_TARGET];
	bool found = *path == '\0';

	if (!stats_of(call, dom, &stats))
		return false;
	memset(ret_disk, 0, sizeof(*ret_disk));
	for (unsigned int i = 0; i < stats.disk_count && xml_disk_at(call->guest.conf, i, target);
	     i++) {
		const struct driver_disk_stats *disk = &stats.disks[i];

		if (*path && !xml_disk_is_named(model, &call->guest, i, path))
			continue;
		found = true;
		ret_disk->read_requests += disk->read_requests;
		ret_disk->read_bytes += disk->read_bytes;
		ret_disk->read_time += disk->read_time;
		ret_disk->write_requests += disk->write_requests;
		ret_disk->write_bytes += disk->write_bytes;
		ret_disk->write_time += disk->write_time;
		ret_disk->flush_requests += disk->flush_requests;
		ret_disk->flush_time += disk->flush_time;
		ret_disk->allocation += disk->allocation;
		ret_disk->capacity += disk->capacity;
		ret_disk->physical += disk->physical;
	}
	if (!found)
		call_fail(call, RPC_ERR_INVALID_ARG, RPC_FROM_QEMU,
		    "invalid argument: invalid path %s not assigned to domain", path);
	return found;
}

static void block_stats(struct server_call *call)
{
	const struct rpc_domain_block_stats_args *args = call->arguments;
	struct rpc_domain_block_stats_ret ret;
	struct driver_disk_stats disk;

	if (!disk_of(call, &args->dom, args->path, &disk))
		return;
	ret.rd_req = (int64_t)disk.read_requests;
	ret.rd_bytes = (int64_t)disk.read_bytes;
	ret.wr_req = (int64_t)disk.write_requests;
	ret.wr_bytes = (int64_t)disk.write_bytes;
	ret.errs = -1;
	call_reply(call, &ret);
}

static void block_stats_flags(struct server_call *call)
{
	const struct rpc_domain_block_stats_flags_args *args = call->arguments;
	struct rpc_domain_block_stats_flags_ret ret = { .nparams = 8 };
	struct rpc_params params = { .memory = &call->memory };
	struct driver_disk_stats disk;

	if (!call_check_flags(call, args->flags, 4) ||
	    !disk_of(call, &args->dom, args->path, &disk))
		return;
	rpc_params_llong(&params, (int64_t)disk.read_requests, "rd_operations");
	rpc_params_llong(&params, (int64_t)disk.read_bytes, "rd_bytes");
	rpc_params_llong(&params, (int64_t)disk.read_time, "rd_total_times");
	rpc_params_llong(&params, (int64_t)disk.write_requests, "wr_operations");
	rpc_params_llong(&params, (int64_t)disk.write_bytes, "wr_bytes");
	rpc_params_llong(&params, (int64_t)disk.write_time, "wr_total_times");
	rpc_params_llong(&params, (int64_t)disk.flush_requests, "flush_operations");
	rpc_params_llong(&params, (int64_t)disk.flush_time, "flush_total_times");
	ret.params = params.items;
	ret.params_count = args->nparams >= ret.nparams ? params.count : 0;
	call_reply(call, &ret);
}

static void block_info(struct server_call *call)
{
	const struct rpc_domain_get_block_info_args *args = call->arguments;
	struct rpc_domain_get_block_info_ret ret;
	struct driver_disk_stats disk;

	if (!call_check_flags(call, args->flags, 0) ||
	    !disk_of(call, &args->dom, args->path, &disk))
		return;
	ret.allocation = disk.allocation;
	ret.capacity = disk.capacity;
	ret.physical = disk.physical;
	call_reply(call, &ret);
}

/* By the name of its tap, or by its MAC address. */
static bool is_nic(const struct driver_guest *guest, const struct conf_nic *nic, unsigned int i,
    const char *device)
{
	const struct netaddr_mac *mac = guest->macs ? &guest->macs[i] : &nic->mac;
	char text[NETADDR_TEXT];

	return (guest->taps && guest->taps[i] && !strcmp(guest->taps[i], device)) ||
	       !strcasecmp(netaddr_mac_text(mac, text), device);
}

static void interface_stats(struct server_call *call)
{
	const struct rpc_domain_interface_stats_args *args = call->arguments;
	struct rpc_domain_interface_stats_ret ret;
	struct driver_stats stats;
	unsigned int i = 0;

	if (!stats_of(call, &args->dom, &stats))
		return;
	for (const struct conf_nic *nic = call->guest.conf->nics; nic && i < stats.nic_count;
	     nic = nic->next, i++) {
		const struct driver_nic_stats *one = &stats.nics[i];

		if (!is_nic(&call->guest, nic, i, args->device))
			continue;
		ret.rx_bytes = (int64_t)one->rx_bytes;
		ret.rx_packets = (int64_t)one->rx_packets;
		ret.rx_errs = (int64_t)one->rx_errors;
		ret.rx_drop = (int64_t)one->rx_drops;
		ret.tx_bytes = (int64_t)one->tx_bytes;
		ret.tx_packets = (int64_t)one->tx_packets;
		ret.tx_errs = (int64_t)one->tx_errors;
		ret.tx_drop = (int64_t)one->tx_drops;
		call_reply(call, &ret);
		return;
	}
	call_fail(call, RPC_ERR_INVALID_ARG, RPC_FROM_QEMU,
	    "invalid argument: '%s' is not a known interface", args->device);
}

/* libvirt: virDomainMemoryStatTags. */
enum {
	TAG_SWAP_IN,
	TAG_SWAP_OUT,
	TAG_MAJOR_FAULT,
	TAG_MINOR_FAULT,
	TAG_UNUSED,
	TAG_AVAILABLE,
	TAG_ACTUAL,
	TAG_RSS,
	TAG_USABLE,
	TAG_LAST_UPDATE,
	TAG_DISK_CACHES,
	TAGS
};

static void memory_stats(struct server_call *call)
{
	const struct rpc_domain_memory_stats_args *args = call->arguments;
	struct rpc_domain_memory_stats_ret ret = { 0 };
	struct rpc_domain_memory_stat values[TAGS];
	struct driver_stats stats;

	if (!call_check_flags(call, args->flags, 0) || !stats_of(call, &args->dom, &stats))
		return;
#define ADD(of, value)                                                                             \
	do {                                                                                       \
		if (ret.stats_count < args->max_stats)                                             \
			values[ret.stats_count++] = (struct rpc_domain_memory_stat){ of,           \
				(value) };                                                         \
	} while (0)
	ADD(TAG_ACTUAL, (stats.memory ? stats.memory : call->guest.conf->memory) / 1024);
	if (stats.last_update) {
		ADD(TAG_SWAP_IN, stats.swap_in / 1024);
		ADD(TAG_SWAP_OUT, stats.swap_out / 1024);
		ADD(TAG_MAJOR_FAULT, stats.major_faults);
		ADD(TAG_MINOR_FAULT, stats.minor_faults);
		ADD(TAG_UNUSED, stats.guest_free / 1024);
		ADD(TAG_AVAILABLE, stats.guest_available / 1024);
		ADD(TAG_USABLE, stats.guest_usable / 1024);
		ADD(TAG_LAST_UPDATE, stats.last_update);
		ADD(TAG_DISK_CACHES, stats.guest_caches / 1024);
	}
	ADD(TAG_RSS, stats.rss / 1024);
#undef ADD
	ret.stats = values;
	call_reply(call, &ret);
}

#define DISK_NO_SPACE 2 /* libvirt: VIR_DOMAIN_DISK_ERROR_NO_SPACE */

/* The node hears of one only: that there was no room. Others are the guest's to deal with. */
static void disk_errors(struct server_call *call)
{
	const struct rpc_domain_get_disk_errors_args *args = call->arguments;
	struct rpc_domain_get_disk_errors_ret ret = { 0 };
	struct rpc_domain_disk_error full = { .error = DISK_NO_SPACE };

	if (!call_check_flags(call, args->flags, 0) || !guest_running(call, &args->dom))
		return;
	full.disk = call->guest.full_disk;
	ret.errors = &full;
	ret.nerrors = call->guest.full_disk != NULL;
	ret.errors_count = args->maxerrors ? (uint32_t)ret.nerrors : 0;
	call_reply(call, &ret);
}

#define TYPED_TEXTS 4u /* libvirt: VIR_TYPED_PARAM_STRING_OKAY */

/* Of all processors of the node together; what was done on each is not counted. */
static void cpu_stats(struct server_call *call)
{
	const struct rpc_domain_get_cpu_stats_args *args = call->arguments;
	struct rpc_domain_get_cpu_stats_ret ret = { 0 };
	struct rpc_params params = { .memory = &call->memory };
	struct driver_stats stats;
	struct host_cpus cpus;

	if (!call_check_flags(call, args->flags, TYPED_TEXTS) ||
	    !stats_of(call, &args->dom, &stats))
		return;
	if (args->start_cpu < 0) {
		rpc_params_ullong(&params, stats.cpu_time, "cpu_time");
		rpc_params_ullong(&params, stats.cpu_user, "user_time");
		rpc_params_ullong(&params, stats.cpu_system, "system_time");
		ret.nparams = (int32_t)params.count;
		ret.params = params.items;
		ret.params_count = args->nparams < params.count ? args->nparams : params.count;
	} else if (!args->ncpus) {
		host_cpus(&cpus);
		ret.nparams = (int32_t)cpus.present;
	}
	if (params.failed)
		call_fail_errno(call, -ENOMEM, NULL);
	else
		call_reply(call, &ret);
}

static void all_domain_stats(struct server_call *call)
{
	const struct rpc_connect_get_all_domain_stats_args *args = call->arguments;

	if (!call_check_flags(call, args->flags, STATS_FLAGS))
		return;
	if (args->stats & ~STATS_GROUPS && args->flags & STATS_ENFORCE) {
		call_fail(call, RPC_ERR_INVALID_ARG, RPC_FROM_QEMU,
		    "Stats types bits 0x%x are not supported by this node",
		    args->stats & ~STATS_GROUPS);
		return;
	}
	stats_all(call, args);
}

const struct rpc_handler rpc_stats_handlers[] = {
	{ RPC_DOMAIN_BLOCK_STATS, block_stats },
	{ RPC_DOMAIN_BLOCK_STATS_FLAGS, block_stats_flags },
	{ RPC_DOMAIN_GET_BLOCK_INFO, block_info },
	{ RPC_DOMAIN_INTERFACE_STATS, interface_stats },
	{ RPC_DOMAIN_MEMORY_STATS, memory_stats },
	{ RPC_DOMAIN_GET_CPU_STATS, cpu_stats },
	{ RPC_DOMAIN_GET_DISK_ERRORS, disk_errors },
	{ RPC_CONNECT_GET_ALL_DOMAIN_STATS, all_domain_stats },
	{ 0 },
};
