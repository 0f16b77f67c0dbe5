/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What disks and interfaces may move in a second, and how often a balloon is asked: of the
 * definition, of a guest that runs, or first of the one and then of the other.
 */
#include <string.h>

#include "node/rpc/guest_change.h"
#include "node/rpc/handlers.h"
#include "node/xml/disks.h"

#define FLAGS 7u /* and that texts are understood */
#define KIB 1024u
#define VALUE_MAX (1ll << 40)
#define PERIOD_MAX 86400 /* seconds */

/* One device's, by a number of the section. */
struct limit {
	const char *field;
	size_t offset;
	uint64_t unit; /* 0: it is no size */
};

static const struct limit disk_limits[] = {
	{ "read_bytes_sec", offsetof(struct conf_disk, read_rate), 1 },
	{ "write_bytes_sec", offsetof(struct conf_disk, write_rate), 1 },
	{ "read_iops_sec", offsetof(struct conf_disk, read_iops), 0 },
	{ "write_iops_sec", offsetof(struct conf_disk, write_iops), 0 },
};

static const struct limit nic_limits[] = {
	{ "inbound.average", offsetof(struct conf_nic, in), KIB },
	{ "inbound.peak", offsetof(struct conf_nic, in_peak), KIB },
	{ "inbound.burst", offsetof(struct conf_nic, in_burst), KIB },
	{ "outbound.average", offsetof(struct conf_nic, out), KIB },
	{ "outbound.peak", offsetof(struct conf_nic, out_peak), KIB },
	{ "outbound.burst", offsetof(struct conf_nic, out_burst), KIB },
};

/* A device of `section` by what clients call it, or NULL; the guest is the one that has it. */
typedef void *(*finder)(struct server_core *core, const struct driver_guest *guest,
    const struct conf_guest *section, const char *name);

struct kind {
	const struct limit *limits;
	size_t count;
	finder find;
	const char *missing; /* what is said of one, before and after its name */
	const char *missing_end;
};

/* By target, or by what its source is. */
static void *find_disk(struct server_core *core, const struct driver_guest *guest,
    const struct conf_guest *section, const char *name)
{
	const struct conf_model *model = core->ops->model(core->driver);
	struct conf_disk *disk = section->disks;

	(void)guest;
	for (unsigned int i = 0; disk; i++, disk = disk->next)
		if (xml_disk_is_named(model, &(struct driver_guest){ .conf = section }, i, name))
			break;
	return disk;
}

/* By MAC address, or by its name while it runs. */
static void *find_nic(struct server_core *core, const struct driver_guest *guest,
    const struct conf_guest *section, const char *name)
{
	struct conf_nic *nic = section->nics;
	char text[NETADDR_TEXT];

	(void)core;
	for (unsigned int i = 0; nic; i++, nic = nic->next) {
		const struct netaddr_mac *mac = guest->macs ? &guest->macs[i] : &nic->mac;

		if (!strcmp(netaddr_mac_text(mac, text), name) ||
		    (guest->taps && guest->taps[i] && !strcmp(guest->taps[i], name)))
			break;
	}
	return nic;
}

static const struct kind disks = { disk_limits, sizeof(disk_limits) / sizeof(disk_limits[0]),
	find_disk, "disk '", "' was not found in the domain config" };
static const struct kind nics = { nic_limits, sizeof(nic_limits) / sizeof(nic_limits[0]), find_nic,
	"Can't find device ", "" };

static void fail_missing(struct server_call *call, const struct kind *kind, const char *name)
{
	call_fail(call, RPC_ERR_INVALID_ARG, RPC_FROM_QEMU, "invalid argument: %s%s%s",
	    kind->missing, name, kind->missing_end);
}

/* What a call is to set. */
struct wish {
	const struct kind *kind; /* NULL: of the balloon */
	const struct rpc_dom *dom;
	const char *device;
	const struct rpc_param *params;
	uint32_t count;
	uint32_t flags;
	int32_t period;
};

static struct wish wish_of(const struct server_call *call)
{
	if (call->header.procedure == RPC_DOMAIN_SET_BLOCK_IO_TUNE) {
		const struct rpc_domain_set_block_io_tune_args *args = call->arguments;

		return (struct wish){ &disks, &args->dom, args->disk, args->params,
			args->params_count, args->flags, 0 };
	} else if (call->header.procedure == RPC_DOMAIN_SET_MEMORY_STATS_PERIOD) {
		const struct rpc_domain_set_memory_stats_period_args *args = call->arguments;

		return (struct wish){ NULL, &args->dom, NULL, NULL, 0, args->flags, args->period };
	} else {
		const struct rpc_domain_set_interface_parameters_args *args = call->arguments;

		return (struct wish){ &nics, &args->dom, args->device, args->params,
			args->params_count, args->flags, 0 };
	}
}

/* One of a device, by the table. False with the call failed. */
static bool set_one(struct guest_change *change, const struct kind *kind, void *device,
    const struct rpc_param *param)
{
	const struct limit *limit = kind->limits;
	uint64_t bytes;
	int64_t value;

	while (limit < kind->limits + kind->count && strcmp(limit->field, param->field) != 0)
		limit++;
	if (!guest_change_number(change, param, &value))
		return false;
	if (limit == kind->limits + kind->count) {
		/* Of those that are not there, none is set. */
		if (value)
			guest_change_fail(change, RPC_ERR_UNSUPPORTED_CONFIG,
			    "unsupported configuration: %s is not there", param->field);
		return !value;
	}
	if (value < 0 || value > VALUE_MAX) {
		guest_change_fail(change, RPC_ERR_INVALID_ARG, "invalid argument: %s = %lld",
		    param->field, (long long)value);
		return false;
	}
	/* The file has sizes of whole KiB. */
	bytes = (uint64_t)value * (limit->unit ? limit->unit : 1);
	if (limit->unit)
		bytes = (bytes + KIB - 1) / KIB * KIB;
	memcpy((char *)device + limit->offset, &bytes, sizeof(bytes));
	return true;
}

static bool set_balloon(struct guest_change *change, int32_t seconds)
{
	change->new.balloon_period = (uint64_t)seconds;
	if (!change->new.balloon)
		guest_change_fail(change, RPC_ERR_OPERATION_INVALID,
		    "Requested operation is not valid: Memory balloon model must be virtio to set the collection period");
	else if (seconds < 0 || seconds > PERIOD_MAX)
		guest_change_fail(change, RPC_ERR_INVALID_ARG,
		    "invalid argument: a period of %d s: use 0 to %d", seconds, PERIOD_MAX);
	else
		return true;
	return false;
}

static bool set_all(struct guest_change *change, const struct wish *wish)
{
	void *device;

	if (!wish->kind)
		return set_balloon(change, wish->period);
	device = wish->kind->find(
	    change->call->core, &change->call->guest, &change->new, wish->device);
	if (!device) {
		fail_missing(change->call, wish->kind, wish->device);
		guest_change_drop(change);
		return false;
	}
	for (uint32_t i = 0; i < wish->count; i++)
		if (!set_one(change, wish->kind, device, &wish->params[i]))
			return false;
	return true;
}

static void set_definition(struct server_call *call)
{
	const struct wish wish = wish_of(call);
	struct guest_change change;

	if (guest_change_begin(&change, call, wish.dom, wish.flags & AFFECT_CONFIG, true) &&
	    set_all(&change, &wish))
		guest_change_end(&change);
}

static void plugged(void *context, int result, const char *message)
{
	struct server_call *call = context;

	if (!result && wish_of(call).flags & AFFECT_CONFIG)
		set_definition(call);
	else
		call_done(call, result, message);
}

static void set(struct server_call *call)
{
	const struct wish wish = wish_of(call);
	struct guest_reach reach;
	struct guest_change change;

	if (!call_check_flags(call, wish.flags, AFFECT_LIVE | AFFECT_CONFIG) ||
	    !guest_change_reach(call, wish.dom, wish.flags, &reach))
		return;
	if (!reach.live)
		set_definition(call);
	else if (guest_change_of(&change, call, call->guest.conf) && set_all(&change, &wish))
		guest_change_plug(&change, (struct driver_done){ plugged, call });
}

static void limits_of(const struct limit *limits, size_t count, const void *device, bool wide,
    struct rpc_params *params)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t bytes = 0;

		if (device)
			memcpy(&bytes, (const char *)device + limits[i].offset, sizeof(bytes));
		bytes /= limits[i].unit ? limits[i].unit : 1;
		if (wide)
			rpc_params_ullong(params, bytes, "%s", limits[i].field);
		else
			rpc_params_uint(params, (uint32_t)bytes, "%s", limits[i].field);
	}
}

/* The device that is asked about: what it runs with, or what the file says of it. NULL with the
 * call failed. */
static const void *device_of(struct server_call *call, const struct kind *kind,
    const struct driver_guest *guest, const char *name, uint32_t flags)
{
	const struct conf_guest *section = flags & AFFECT_CONFIG
					       ? guest_change_section(call->core, guest->conf->name)
					       : NULL;
	const void *device = kind->find(call->core, guest, section ? section : guest->conf, name);

	if (!device)
		fail_missing(call, kind, name);
	return device;
}

static void get_block_io_tune(struct server_call *call)
{
	const struct rpc_domain_get_block_io_tune_args *args = call->arguments;
	struct rpc_domain_get_block_io_tune_ret ret = { .nparams = 6 };
	struct rpc_params params = { .memory = &call->memory };

	if (!call_check_flags(call, args->flags, FLAGS) || !guest_of(call, &args->dom))
		return;
	if (args->disk) {
		const void *disk = device_of(call, &disks, &call->guest, args->disk, args->flags);

		if (!disk)
			return;
		rpc_params_ullong(&params, 0, "total_bytes_sec");
		limits_of(disk_limits, 2, disk, true, &params);
		rpc_params_ullong(&params, 0, "total_iops_sec");
		limits_of(disk_limits + 2, 2, disk, true, &params);
	}
	if (args->nparams) {
		ret.params = params.items;
		ret.params_count = params.count;
	}
	call_reply(call, &ret);
}

static void get_interface(struct server_call *call)
{
	const struct rpc_domain_get_interface_parameters_args *args = call->arguments;
	struct rpc_domain_get_interface_parameters_ret ret = { .nparams = (int32_t)nics.count };
	struct rpc_params params = { .memory = &call->memory };
	const void *nic = NULL;

	if (!call_check_flags(call, args->flags, FLAGS) || !guest_of(call, &args->dom))
		return;
	/* Who asks how many there are has no device to name. */
	if (args->nparams) {
		nic = device_of(call, &nics, &call->guest, args->device, args->flags);
		if (!nic)
			return;
		limits_of(nic_limits, nics.count, nic, false, &params);
		ret.params = params.items;
		ret.params_count = params.count;
	}
	call_reply(call, &ret);
}

const struct rpc_handler rpc_limit_handlers[] = {
	{ RPC_DOMAIN_SET_BLOCK_IO_TUNE, set },
	{ RPC_DOMAIN_GET_BLOCK_IO_TUNE, get_block_io_tune },
	{ RPC_DOMAIN_SET_INTERFACE_PARAMETERS, set },
	{ RPC_DOMAIN_GET_INTERFACE_PARAMETERS, get_interface },
	{ RPC_DOMAIN_SET_MEMORY_STATS_PERIOD, set },
	{ 0 },
};
