/* SPDX-License-Identifier: GPL-2.0-only */
/* The words are those that scripts match: libvirt's virsh prints the same. */
#include "cli/virsh/event_text.h"

#include <inttypes.h>

#include "cli/virsh/states.h"

const char *event_text_word(const char *const *words, size_t count, int32_t index)
{
	return index >= 0 && (size_t)index < count ? words[index] : "unknown";
}

#define WORD(words, index) event_text_word(words, sizeof(words) / sizeof((words)[0]), index)

static const char *or_null(const char *text)
{
	return text ? text : "<null>";
}

static const char *const io_actions[] = { "none", "pause", "report" };

static void add_params(struct buf *text, const struct rpc_param *params, uint32_t count)
{
	buf_puts(text, ":");
	for (uint32_t i = 0; i < count; i++) {
		int64_t value;

		if (params[i].type == RPC_PARAM_STRING)
			buf_printf(text, "\n\t%s: %s", params[i].field, params[i].value.s);
		else if (params[i].type == RPC_PARAM_DOUBLE)
			buf_printf(text, "\n\t%s: %f", params[i].field, params[i].value.d);
		else if (params[i].type == RPC_PARAM_ULLONG)
			buf_printf(text, "\n\t%s: %" PRIu64, params[i].field, params[i].value.ul);
		else if (rpc_param_number(&params[i], &value))
			buf_printf(text, "\n\t%s: %" PRId64, params[i].field, value);
	}
}

static void add_graphics(
    struct buf *text, const struct rpc_domain_event_callback_graphics_args *graphics)
{
	static const char *const phases[] = { "connect", "initialize", "disconnect" };
	static const char *const families[] = { "IPv4", "IPv6", "unix" };
	const struct rpc_domain_event_graphics_msg *msg = &graphics->msg;

	buf_printf(text, ": %s local[%s %s %s] remote[%s %s %s] %s", WORD(phases, msg->phase),
	    WORD(families, msg->local.family), msg->local.node, msg->local.service,
	    WORD(families, msg->remote.family), msg->remote.node, msg->remote.service,
	    msg->auth_scheme);
	for (uint32_t i = 0; i < msg->subject_count; i++)
		buf_printf(text, "\n\t%s=%s", msg->subject[i].type, msg->subject[i].name);
}

static void add_block_job(struct buf *text, const char *disk, int32_t type, int32_t status)
{
	static const char *const types[] = { "Unknown job", "Block Pull", "Block Copy",
		"Block Commit", "Active Block Commit", "Backup" };
	static const char *const ends[] = { "completed", "failed", "canceled", "ready" };

	buf_printf(text, ": %s for %s %s", WORD(types, type), disk, WORD(ends, status));
}

/* Disks and what is read from and written to them. True when it is one of these. */
static bool add_storage(struct buf *text, int32_t procedure, const void *record)
{
	static const char *const changes[] = { "changed", "dropped" };
	static const char *const trays[] = { "opened", "closed" };
	const struct rpc_domain_event_callback_io_error_args *error = record;
	const struct rpc_domain_event_callback_io_error_reason_args *reason = record;
	const struct rpc_domain_event_callback_block_job_args *job = record;
	const struct rpc_domain_event_block_job_2_args *named_job = record;
	const struct rpc_domain_event_callback_disk_change_args *disk = record;
	const struct rpc_domain_event_callback_tray_change_args *tray = record;
	const struct rpc_domain_event_block_threshold_args *threshold = record;

	switch (procedure) {
	case RPC_DOMAIN_EVENT_CALLBACK_IO_ERROR:
		buf_printf(text, ": %s (%s) %s", error->msg.src_path, error->msg.dev_alias,
		    WORD(io_actions, error->msg.action));
		return true;
	case RPC_DOMAIN_EVENT_CALLBACK_IO_ERROR_REASON:
		buf_printf(text, ": %s (%s) %s due to %s", reason->msg.src_path,
		    reason->msg.dev_alias, WORD(io_actions, reason->msg.action),
		    reason->msg.reason);
		return true;
	case RPC_DOMAIN_EVENT_CALLBACK_BLOCK_JOB:
		add_block_job(text, job->msg.path, job->msg.type, job->msg.status);
		return true;
	case RPC_DOMAIN_EVENT_BLOCK_JOB_2:
		add_block_job(text, named_job->dst, named_job->type, named_job->status);
		return true;
	case RPC_DOMAIN_EVENT_CALLBACK_DISK_CHANGE:
		buf_printf(text, " disk %s: %s -> %s: %s", disk->msg.dev_alias,
		    or_null(disk->msg.old_src_path), or_null(disk->msg.new_src_path),
		    WORD(changes, disk->msg.reason));
		return true;
	case RPC_DOMAIN_EVENT_CALLBACK_TRAY_CHANGE:
		buf_printf(
		    text, " disk %s: %s", tray->msg.dev_alias, WORD(trays, tray->msg.reason));
		return true;
	case RPC_DOMAIN_EVENT_BLOCK_THRESHOLD:
		buf_printf(text, ": dev: %s(%s) %" PRIu64 " %" PRIu64, threshold->dev,
		    or_null(threshold->path), threshold->threshold, threshold->excess);
		return true;
	default:
		return false;
	}
}

/* Devices and memory. True when it is one of these. */
static bool add_device(struct buf *text, int32_t procedure, const void *record)
{
	static const char *const recipients[] = { "hypervisor", "guest" };
	static const char *const actions[] = { "ignore", "inject", "fatal", "reset" };
	const struct rpc_domain_event_callback_balloon_change_args *balloon = record;
	const struct rpc_domain_event_callback_device_removed_args *removed = record;
	const struct rpc_domain_event_callback_device_added_args *device = record;
	const struct rpc_domain_event_memory_failure_args *failure = record;
	const struct rpc_domain_event_memory_device_size_change_args *size = record;
	const struct rpc_domain_event_nic_mac_change_args *nic = record;

	switch (procedure) {
	case RPC_DOMAIN_EVENT_CALLBACK_BALLOON_CHANGE:
		buf_printf(text, ": %" PRIu64 "KiB", balloon->msg.actual);
		return true;
	case RPC_DOMAIN_EVENT_CALLBACK_DEVICE_REMOVED:
		buf_printf(text, ": %s", removed->msg.dev_alias);
		return true;
	case RPC_DOMAIN_EVENT_CALLBACK_DEVICE_ADDED:
	case RPC_DOMAIN_EVENT_CALLBACK_DEVICE_REMOVAL_FAILED:
		buf_printf(text, ": %s", device->dev_alias);
		return true;
	case RPC_DOMAIN_EVENT_MEMORY_FAILURE:
		buf_printf(text,
		    ":\nrecipient: %s\naction: %s\nflags:\n\taction required: %u\n\trecursive: %u",
		    WORD(recipients, failure->recipient), WORD(actions, failure->action),
		    failure->flags & 1, failure->flags >> 1 & 1);
		return true;
	case RPC_DOMAIN_EVENT_MEMORY_DEVICE_SIZE_CHANGE:
		buf_printf(text, ":\nalias: %s\nsize: %" PRIu64, size->alias, size->size);
		return true;
	case RPC_DOMAIN_EVENT_NIC_MAC_CHANGE:
		buf_printf(text, ":\nalias: %s\noldMAC: %s\nnewMAC: %s", nic->alias, nic->old_mac,
		    nic->new_mac);
		return true;
	default:
		return false;
	}
}

void event_text_add(struct buf *text, int32_t procedure, const void *record)
{
	static const char *const watchdogs[] = { "none", "pause", "reset", "poweroff", "shutdown",
		"debug", "inject-nmi" };
	static const char *const agents[] = { "unknown", "connected", "disconnected" };
	static const char *const agent_reasons[] = { "unknown", "domain started", "channel event" };
	static const char *const metadata_types[] = { "description", "title", "element" };
	const struct rpc_domain_event_callback_lifecycle_args *life = record;
	const struct rpc_domain_event_callback_rtc_change_args *clock = record;
	const struct rpc_domain_event_callback_watchdog_args *watchdog = record;
	const struct rpc_domain_event_callback_tunable_args *tunable = record;
	const struct rpc_domain_event_callback_agent_lifecycle_args *agent = record;
	const struct rpc_domain_event_callback_migration_iteration_args *migration = record;
	const struct rpc_domain_event_callback_job_completed_args *job = record;
	const struct rpc_domain_event_callback_metadata_change_args *metadata = record;

	if (add_storage(text, procedure, record) || add_device(text, procedure, record))
		return;
	switch (procedure) {
	case RPC_DOMAIN_EVENT_CALLBACK_LIFECYCLE:
		buf_printf(text, ": %s %s", event_text(life->msg.event),
		    event_detail(life->msg.event, life->msg.detail));
		break;
	case RPC_DOMAIN_EVENT_CALLBACK_RTC_CHANGE:
		buf_printf(text, ": %" PRId64, clock->msg.offset);
		break;
	case RPC_DOMAIN_EVENT_CALLBACK_WATCHDOG:
		buf_printf(text, ": %s", WORD(watchdogs, watchdog->msg.action));
		break;
	case RPC_DOMAIN_EVENT_CALLBACK_GRAPHICS:
		add_graphics(text, record);
		break;
	case RPC_DOMAIN_EVENT_CALLBACK_TUNABLE:
		add_params(text, tunable->params, tunable->params_count);
		break;
	case RPC_DOMAIN_EVENT_CALLBACK_AGENT_LIFECYCLE:
		buf_printf(text, ": state: '%s' reason: '%s'", WORD(agents, agent->state),
		    WORD(agent_reasons, agent->reason));
		break;
	case RPC_DOMAIN_EVENT_CALLBACK_MIGRATION_ITERATION:
		buf_printf(text, ": iteration: '%d'", migration->iteration);
		break;
	case RPC_DOMAIN_EVENT_CALLBACK_JOB_COMPLETED:
		add_params(text, job->params, job->params_count);
		break;
	case RPC_DOMAIN_EVENT_CALLBACK_METADATA_CHANGE:
		buf_printf(text, ": type %s, uri %s", WORD(metadata_types, metadata->type),
		    or_null(metadata->nsuri));
		break;
	default:
		break;
	}
}
