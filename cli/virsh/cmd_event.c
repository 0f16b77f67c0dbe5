/* SPDX-License-Identifier: GPL-2.0-only */
/* What happens to guests, networks, pools, devices and secrets, as it happens. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/virsh/commands.h"
#include "cli/virsh/event_text.h"
#include "cli/virsh/interrupt.h"
#include "cli/virsh/objects.h"

/* Its place in the list is its number where clients ask for it. */
struct event {
	const char *name;
	int32_t procedure;
};

struct event_kind {
	const struct object_kind *objects;
	const char *of; /* "event 'lifecycle' for network default": what stands before the name */
	const struct event *events;
	size_t count;
	int32_t registration;
	const char *const *words; /* of "lifecycle" */
	size_t word_count;
};

static const struct event domain_events[] = {
	{ "lifecycle", RPC_DOMAIN_EVENT_CALLBACK_LIFECYCLE },
	{ "reboot", RPC_DOMAIN_EVENT_CALLBACK_REBOOT },
	{ "rtc-change", RPC_DOMAIN_EVENT_CALLBACK_RTC_CHANGE },
	{ "watchdog", RPC_DOMAIN_EVENT_CALLBACK_WATCHDOG },
	{ "io-error", RPC_DOMAIN_EVENT_CALLBACK_IO_ERROR },
	{ "graphics", RPC_DOMAIN_EVENT_CALLBACK_GRAPHICS },
	{ "io-error-reason", RPC_DOMAIN_EVENT_CALLBACK_IO_ERROR_REASON },
	{ "control-error", RPC_DOMAIN_EVENT_CALLBACK_CONTROL_ERROR },
	{ "block-job", RPC_DOMAIN_EVENT_CALLBACK_BLOCK_JOB },
	{ "disk-change", RPC_DOMAIN_EVENT_CALLBACK_DISK_CHANGE },
	{ "tray-change", RPC_DOMAIN_EVENT_CALLBACK_TRAY_CHANGE },
	{ "pm-wakeup", RPC_DOMAIN_EVENT_CALLBACK_PMWAKEUP },
	{ "pm-suspend", RPC_DOMAIN_EVENT_CALLBACK_PMSUSPEND },
	{ "balloon-change", RPC_DOMAIN_EVENT_CALLBACK_BALLOON_CHANGE },
	{ "pm-suspend-disk", RPC_DOMAIN_EVENT_CALLBACK_PMSUSPEND_DISK },
	{ "device-removed", RPC_DOMAIN_EVENT_CALLBACK_DEVICE_REMOVED },
	{ "block-job-2", RPC_DOMAIN_EVENT_BLOCK_JOB_2 },
	{ "tunable", RPC_DOMAIN_EVENT_CALLBACK_TUNABLE },
	{ "agent-lifecycle", RPC_DOMAIN_EVENT_CALLBACK_AGENT_LIFECYCLE },
	{ "device-added", RPC_DOMAIN_EVENT_CALLBACK_DEVICE_ADDED },
	{ "migration-iteration", RPC_DOMAIN_EVENT_CALLBACK_MIGRATION_ITERATION },
	{ "job-completed", RPC_DOMAIN_EVENT_CALLBACK_JOB_COMPLETED },
	{ "device-removal-failed", RPC_DOMAIN_EVENT_CALLBACK_DEVICE_REMOVAL_FAILED },
	{ "metadata-change", RPC_DOMAIN_EVENT_CALLBACK_METADATA_CHANGE },
	{ "block-threshold", RPC_DOMAIN_EVENT_BLOCK_THRESHOLD },
	{ "memory-failure", RPC_DOMAIN_EVENT_MEMORY_FAILURE },
	{ "memory-device-size-change", RPC_DOMAIN_EVENT_MEMORY_DEVICE_SIZE_CHANGE },
	{ "nic-mac-change", RPC_DOMAIN_EVENT_NIC_MAC_CHANGE },
};
static const struct event network_events[] = { { "lifecycle", RPC_NETWORK_EVENT_LIFECYCLE } };
static const struct event pool_events[] = { { "lifecycle", RPC_STORAGE_POOL_EVENT_LIFECYCLE },
	{ "refresh", RPC_STORAGE_POOL_EVENT_REFRESH } };
static const struct event device_events[] = { { "lifecycle", RPC_NODE_DEVICE_EVENT_LIFECYCLE },
	{ "update", RPC_NODE_DEVICE_EVENT_UPDATE } };
static const struct event secret_events[] = { { "lifecycle", RPC_SECRET_EVENT_LIFECYCLE },
	{ "value-changed", RPC_SECRET_EVENT_VALUE_CHANGED } };

static const char *const network_words[] = { "Defined", "Undefined", "Started", "Stopped" };
static const char *const pool_words[] = { "Defined", "Undefined", "Started", "Stopped", "Created",
	"Deleted" };
static const char *const device_words[] = { "Created", "Deleted", "Defined", "Undefined" };

#define LIST(list) list, sizeof(list) / sizeof((list)[0])

static const struct event_kind domains = { &object_domains, "domain", LIST(domain_events),
	RPC_CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY, .words = NULL };
static const struct event_kind networks = { &object_networks, "network", LIST(network_events),
	RPC_CONNECT_NETWORK_EVENT_REGISTER_ANY, LIST(network_words) };
static const struct event_kind pools = { &object_pools, "storage pool", LIST(pool_events),
	RPC_CONNECT_STORAGE_POOL_EVENT_REGISTER_ANY, LIST(pool_words) };
static const struct event_kind devices = { &object_devices, "node device", LIST(device_events),
	RPC_CONNECT_NODE_DEVICE_EVENT_REGISTER_ANY, LIST(device_words) };
/* Their words are the first two of networks'. */
static const struct event_kind secrets = { &object_secrets, "secret", LIST(secret_events),
	RPC_CONNECT_SECRET_EVENT_REGISTER_ANY, network_words, 2 };

struct listening {
	struct shell *shell;
	const struct event_kind *kind;
	unsigned int heard;
};

static void print_time(const struct shell *shell)
{
	char text[32];
	struct timespec now;
	struct tm when;

	if (!shell_flag(shell, "timestamp"))
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", gmtime_r(&now.tv_sec, &when));
	shell_print("%s.%03ld+0000: ", text, now.tv_nsec / 1000000);
}

/* Every record of these begins with the number of the registration and the object. */
static void describe(
    struct buf *text, const struct event_kind *kind, int32_t procedure, const void *record)
{
	const struct rpc_network_event_lifecycle_args *network = record;
	const struct rpc_node_device_event_lifecycle_args *device = record;
	const struct rpc_secret_event_lifecycle_args *secret = record;
	const struct rpc_domain_event_callback_device_added_args *domain = record;
	char uuid[UUID_TEXT];
	int32_t event = network->event;

	if (kind == &domains) {
		buf_printf(text, "'%s'", domain->dom.name);
		event_text_add(text, procedure, record);
		return;
	}
	if (kind == &secrets)
		buf_puts(text, uuid_text(secret->secret.uuid, uuid));
	else
		buf_puts(text, network->net.name);
	if (kind == &secrets)
		event = secret->event;
	else if (kind == &devices)
		event = device->event;
	if (procedure == kind->events[0].procedure)
		buf_printf(text, ": %s", event_text_word(kind->words, kind->word_count, event));
}

static void hear(void *context, int32_t procedure, const void *record)
{
	struct listening *listening = context;
	const struct event_kind *kind = listening->kind;
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < kind->count; i++) {
		if (kind->events[i].procedure != procedure)
			continue;
		if (listening->heard && !shell_flag(listening->shell, "loop"))
			return;
		describe(&text, kind, procedure, record);
		print_time(listening->shell);
		shell_print(
		    "event '%s' for %s %s\n", kind->events[i].name, kind->of, buf_text(&text));
		fflush(stdout);
		listening->heard++;
	}
	buf_done(&text);
}

static int64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Until the first event, or for ever with --loop, or until the time is up. False when the
 * connection is lost. */
static bool listen(struct shell *shell, struct listening *listening, int64_t seconds)
{
	bool loop = shell_flag(shell, "loop");
	int64_t end = milliseconds() + seconds * 1000;

	while (loop || !listening->heard) {
		int64_t left = seconds ? end - milliseconds() : -1;

		if (interrupt_came()) {
			shell_print("event loop interrupted\n");
			break;
		}
		if (seconds && left <= 0) {
			shell_print("event loop timed out\n");
			break;
		}
		if (conn_wait(shell->conn, (int)left) < 0)
			return false;
	}
	shell_print("events received: %u\n", listening->heard);
	return true;
}

static bool enroll(struct shell *shell, const struct event_kind *kind, const char *wanted)
{
	/* The object is of any kind. */
	struct rpc_connect_domain_event_callback_register_any_args args = { 0 };
	struct rpc_connect_domain_event_callback_register_any_ret ret;
	union {
		struct rpc_dom dom;
		char room[64];
	} object;

	if (shell_flag(shell, kind->objects->option)) {
		if (!object_given(shell, kind->objects, BY_ANY, &object))
			return false;
		args.dom = &object.dom;
	}
	for (size_t i = 0; i < kind->count; i++) {
		args.event_id = (int32_t)i;
		if (wanted && strcmp(wanted, kind->events[i].name) != 0)
			continue;
		if (!shell_call(shell, kind->registration, &args, &ret))
			return false;
	}
	return true;
}

static bool is_event(const struct event_kind *kind, const char *name)
{
	for (size_t i = 0; i < kind->count; i++)
		if (!strcmp(kind->events[i].name, name))
			return true;
	return shell_error("unknown event type %s", name);
}

/* Which events are wanted; `*ret_wanted` is NULL for all. False with the fault told. */
static bool choose(struct shell *shell, const struct event_kind *kind, const char **ret_wanted)
{
	bool all = shell_flag(shell, "all");

	*ret_wanted = shell_text(shell, "event");
	if (!shell_exclusive(shell, "all", "event"))
		return false;
	if (*ret_wanted)
		return is_event(kind, *ret_wanted);
	return all || shell_error("%s --event <type> is required",
			  kind == &domains ? "one of --list, --all, or" : "either --list or");
}

static bool cmd_event(struct shell *shell)
{
	const struct event_kind *kind = shell->command->what;
	struct listening listening = { shell, kind, 0 };
	const char *wanted;
	int64_t seconds = 0;
	bool good = true;
	bool well;

	if (!shell_exclusive(shell, "list", "all"))
		return false;
	if (shell_flag(shell, "list")) {
		for (size_t i = 0; i < kind->count; i++)
			shell_print("%s\n", kind->events[i].name);
		return true;
	}
	if (!choose(shell, kind, &wanted))
		return false;
	if (shell_number(shell, "timeout", &seconds, &good) && (seconds < 1 || seconds > 2000000))
		good = shell_error(
		    "Numeric value '%s' for <timeout> option is malformed or out of range",
		    shell_text(shell, "timeout"));
	if (!good)
		return false;
	shell->conn->event = hear;
	shell->conn->event_context = &listening;
	interrupt_catch();
	well = enroll(shell, kind, wanted) && listen(shell, &listening, seconds);
	interrupt_release();
	/* What was registered ends with the connection. */
	shell->conn->event = NULL;
	if (well)
		shell_disconnect(shell);
	return well && listening.heard;
}

#define EVENT                                                                                      \
	{                                                                                          \
		"event", OPTION_TEXT, false, "which event"                                         \
	}
#define LISTEN                                                                                     \
	{ "loop", OPTION_FLAG, false, "go on, until interrupted" },                                \
	    { "timeout", OPTION_NUMBER, false, "for so many seconds" },                            \
	    { "list", OPTION_FLAG, false, "the events there are" },                                \
	{                                                                                          \
		"timestamp", OPTION_FLAG, false, "with the time"                                   \
	}

static const struct option domain_options[] = {
	{ "domain", OPTION_TEXT, false, "one guest" },
	EVENT,
	{ "all", OPTION_FLAG, false, "all events" },
	LISTEN,
	{ 0 },
};
static const struct option network_options[] = { { "network", OPTION_TEXT, false, "one network" },
	EVENT, LISTEN, { 0 } };
static const struct option pool_options[] = { { "pool", OPTION_TEXT, false, "one pool" }, EVENT,
	LISTEN, { 0 } };
static const struct option device_options[] = { { "device", OPTION_TEXT, false, "one device" },
	EVENT, LISTEN, { 0 } };
static const struct option secret_options[] = { { "secret", OPTION_TEXT, false, "one secret" },
	EVENT, LISTEN, { 0 } };

#define EVENT_HELP(what) .help = "what happens to " what ", as it happens"

const struct command event_commands[] = {
	{ "event", cmd_event, domain_options, EVENT_HELP("guests"), .what = &domains },
	{ 0 },
};
const struct command network_event_commands[] = {
	{ "net-event", cmd_event, network_options, EVENT_HELP("networks"), .what = &networks },
	{ 0 },
};
const struct command pool_event_commands[] = {
	{ "pool-event", cmd_event, pool_options, EVENT_HELP("pools"), .what = &pools },
	{ 0 },
};
const struct command nodedev_event_commands[] = {
	{ "nodedev-event", cmd_event, device_options, EVENT_HELP("devices"), .what = &devices },
	{ 0 },
};
const struct command secret_event_commands[] = {
	{ "secret-event", cmd_event, secret_options, EVENT_HELP("secrets"), .what = &secrets },
	{ 0 },
};
