/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/rpc/stats_all.h"

#include <errno.h>
#include <string.h>

#include "node/rpc/guest.h"
#include "node/xml/disks.h"

#define LIST_FILTER 0xffu /* of the flags: which guests */
#define VCPU_RUNNING 1

static void add_cpu(struct rpc_params *params, const struct driver_stats *stats)
{
	rpc_params_ullong(params, stats->cpu_time, "cpu.time");
	rpc_params_ullong(params, stats->cpu_user, "cpu.user");
	rpc_params_ullong(params, stats->cpu_system, "cpu.system");
}

static void add_balloon(
    struct rpc_params *params, const struct driver_guest *guest, const struct driver_stats *stats)
{
	if (stats)
		rpc_params_ullong(params,
		    (stats->memory ? stats->memory : guest->conf->memory) / 1024,
		    "balloon.current");
	rpc_params_ullong(params, guest_memory_max(guest), "balloon.maximum");
	if (!stats)
		return;
	if (stats->last_update) {
		rpc_params_ullong(params, stats->swap_in / 1024, "balloon.swap_in");
		rpc_params_ullong(params, stats->swap_out / 1024, "balloon.swap_out");
		rpc_params_ullong(params, stats->major_faults, "balloon.major_fault");
		rpc_params_ullong(params, stats->minor_faults, "balloon.minor_fault");
		rpc_params_ullong(params, stats->guest_free / 1024, "balloon.unused");
		rpc_params_ullong(params, stats->guest_available / 1024, "balloon.available");
		rpc_params_ullong(params, stats->guest_usable / 1024, "balloon.usable");
		rpc_params_ullong(params, stats->last_update, "balloon.last-update");
		rpc_params_ullong(params, stats->guest_caches / 1024, "balloon.disk_caches");
	}
	rpc_params_ullong(params, stats->rss / 1024, "balloon.rss");
}

static void add_vcpus(
    struct rpc_params *params, const struct driver_guest *guest, const struct driver_stats *stats)
{
	rpc_params_uint(params, (uint32_t)guest->conf->vcpus, "vcpu.current");
	rpc_params_uint(params, guest_vcpus_max(guest), "vcpu.maximum");
	for (unsigned int i = 0; stats && i < stats->vcpu_count; i++) {
		rpc_params_int(params, VCPU_RUNNING, "vcpu.%u.state", i);
		rpc_params_ullong(params, stats->vcpus[i].time, "vcpu.%u.time", i);
	}
}

static void add_nics(
    struct rpc_params *params, const struct driver_guest *guest, const struct driver_stats *stats)
{
	if (!stats || !guest->taps)
		return;
	rpc_params_uint(params, stats->nic_count, "net.count");
	for (unsigned int i = 0; i < stats->nic_count; i++) {
		const struct driver_nic_stats *nic = &stats->nics[i];

		rpc_params_string(params, guest->taps[i] ? guest->taps[i] : "", "net.%u.name", i);
		rpc_params_ullong(params, nic->rx_bytes, "net.%u.rx.bytes", i);
		rpc_params_ullong(params, nic->rx_packets, "net.%u.rx.pkts", i);
		rpc_params_ullong(params, nic->rx_errors, "net.%u.rx.errs", i);
		rpc_params_ullong(params, nic->rx_drops, "net.%u.rx.drop", i);
		rpc_params_ullong(params, nic->tx_bytes, "net.%u.tx.bytes", i);
		rpc_params_ullong(params, nic->tx_packets, "net.%u.tx.pkts", i);
		rpc_params_ullong(params, nic->tx_errors, "net.%u.tx.errs", i);
		rpc_params_ullong(params, nic->tx_drops, "net.%u.tx.drop", i);
	}
}

static void add_disks(struct rpc_params *params, const struct conf_model *model,
    const struct driver_guest *guest, const struct driver_stats *stats)
{
	char target[XML_TARGET];
	unsigned int count = 0;

	while (xml_disk_at(guest->conf, count, target))
		count++;
	rpc_params_uint(params, count, "block.count");
	for (unsigned int i = 0; i < count; i++) {
		const struct driver_disk_stats *disk = stats && i < stats->disk_count
							   ? &stats->disks[i]
							   : NULL;
		struct buf source = BUF_INIT;

		xml_disk_at(guest->conf, i, target);
		rpc_params_string(params, target, "block.%u.name", i);
		xml_disk_source(model, guest, i, &source);
		if (source.length)
			rpc_params_string(params, buf_text(&source), "block.%u.path", i);
		buf_done(&source);
		if (!disk)
			continue;
		rpc_params_ullong(params, disk->read_requests, "block.%u.rd.reqs", i);
		rpc_params_ullong(params, disk->read_bytes, "block.%u.rd.bytes", i);
		rpc_params_ullong(params, disk->read_time, "block.%u.rd.times", i);
		rpc_params_ullong(params, disk->write_requests, "block.%u.wr.reqs", i);
		rpc_params_ullong(params, disk->write_bytes, "block.%u.wr.bytes", i);
		rpc_params_ullong(params, disk->write_time, "block.%u.wr.times", i);
		rpc_params_ullong(params, disk->flush_requests, "block.%u.fl.reqs", i);
		rpc_params_ullong(params, disk->flush_time, "block.%u.fl.times", i);
		rpc_params_ullong(params, disk->allocation, "block.%u.allocation", i);
		rpc_params_ullong(params, disk->capacity, "block.%u.capacity", i);
		rpc_params_ullong(params, disk->physical, "block.%u.physical", i);
	}
}

struct gathering {
	struct server_call *call;
	const struct rpc_connect_get_all_domain_stats_args *args;
	uint32_t groups;
	struct rpc_domain_stats_record *records;
	uint32_t count;
	uint32_t room;
	bool failed;
};

static void gather_one(struct gathering *all, const struct driver_guest *guest)
{
	struct server_core *core = all->call->core;
	struct rpc_params params = { .memory = &all->call->memory };
	struct rpc_domain_stats_record *record = &all->records[all->count];
	struct driver_stats stats;
	bool has = guest_is_active(guest) && core->ops->stats &&
		   !core->ops->stats(core->driver, guest->uuid, &stats);
	const struct driver_stats *counted = has ? &stats : NULL;

	if (all->groups & STATS_STATE) {
		rpc_params_int(&params, (int32_t)guest->state, "state.state");
		rpc_params_int(&params, guest->reason, "state.reason");
	}
	if (all->groups & STATS_CPU && counted)
		add_cpu(&params, counted);
	if (all->groups & STATS_BALLOON)
		add_balloon(&params, guest, counted);
	if (all->groups & STATS_VCPU)
		add_vcpus(&params, guest, counted);
	if (all->groups & STATS_INTERFACE)
		add_nics(&params, guest, counted);
	if (all->groups & STATS_BLOCK)
		add_disks(&params, core->ops->model(core->driver), guest, counted);
	all->failed |= params.failed;
	record->dom = guest_dom(guest);
	record->params = params.items;
	record->params_count = params.count;
	all->count++;
}

/* The flags that select guests are those of listing them. */
static bool is_selected(const struct gathering *all, const struct driver_guest *guest)
{
	uint32_t flags = all->args->flags & LIST_FILTER;
	uint32_t has = (guest_is_active(guest) ? 1u : 2u) | (guest->persistent ? 4u : 8u);

	has |= guest->state == DRIVER_RUNNING	 ? 16u
	       : guest->state == DRIVER_PAUSED	 ? 32u
	       : guest->state == DRIVER_SHUT_OFF ? 64u
						 : 128u;
	if (flags & 3u && !(flags & has & 3u))
		return false;
	if (flags & 12u && !(flags & has & 12u))
		return false;
	if (flags & 0xf0u && !(flags & has & 0xf0u))
		return false;
	if (!all->args->doms_count)
		return true;
	for (uint32_t i = 0; i < all->args->doms_count; i++)
		if (!memcmp(all->args->doms[i].uuid, guest->uuid, sizeof(guest->uuid)))
			return true;
	return false;
}

static bool gather(void *context, const struct driver_guest *guest)
{
	struct gathering *all = context;

	if (!is_selected(all, guest))
		return true;
	if (all->records && all->count < all->room)
		gather_one(all, guest);
	else
		all->count++;
	return !all->failed;
}

void stats_all(struct server_call *call, const struct rpc_connect_get_all_domain_stats_args *args)
{
	struct server_core *core = call->core;
	struct gathering all = { .call = call,
		.args = args,
		.groups = args->stats ? args->stats : (uint32_t)STATS_GROUPS };
	struct rpc_connect_get_all_domain_stats_ret ret;

	core->ops->guests(core->driver, gather, &all);
	all.room = all.count;
	all.count = 0;
	all.records = rpc_memory_alloc(
	    &call->memory, ((size_t)all.room + 1) * sizeof(*all.records));
	if (all.records)
		core->ops->guests(core->driver, gather, &all);
	if (!all.records || all.failed) {
		call_fail_errno(
		    call, -ENOMEM, "the counters of so many guests do not fit; ask for fewer");
		return;
	}
	ret.ret_stats = all.records;
	ret.ret_stats_count = all.count < all.room ? all.count : all.room;
	call_reply(call, &ret);
}
