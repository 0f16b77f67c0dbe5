/* SPDX-License-Identifier: GPL-2.0-only */
/* `event`: what happens to guests, as it happens. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/virsh/commands.h"
#include "cli/virsh/objects.h"
#include "cli/virsh/states.h"

enum { EVENT_LIFECYCLE, EVENT_REBOOT, EVENTS };

static const char *const names[] = { "lifecycle", "reboot" };

static const struct option event_options[] = {
	{ "domain", OPTION_NAMED, false, "one guest" },
	{ "event", OPTION_TEXT, false, "which event" },
	{ "all", OPTION_FLAG, false, "all events" },
	{ "loop", OPTION_FLAG, false, "go on, until interrupted" },
	{ "timeout", OPTION_NAMED, false, "for so many seconds" },
	{ "list", OPTION_FLAG, false, "the events there are" },
	{ "timestamp", OPTION_FLAG, false, "with the time" },
	{ 0 },
};

struct listening {
	struct shell *shell;
	unsigned int heard;
};

static void print_time(const struct shell *shell)
{
	char text[40];
	time_t now = time(NULL);
	struct tm when;

	if (!shell_flag(shell, "timestamp"))
		return;
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S.000%z", localtime_r(&now, &when));
	shell_print("%s: ", text);
}

static void hear(void *context, int32_t procedure, const void *record)
{
	struct listening *listening = context;
	const struct rpc_domain_event_callback_lifecycle_args *life = record;
	const struct rpc_domain_event_callback_reboot_args *reboot = record;

	if (procedure == RPC_DOMAIN_EVENT_CALLBACK_LIFECYCLE) {
		print_time(listening->shell);
		shell_print("event 'lifecycle' for domain '%s': %s %s\n", life->msg.dom.name,
		    event_text(life->msg.event), event_detail(life->msg.event, life->msg.detail));
	} else if (procedure == RPC_DOMAIN_EVENT_CALLBACK_REBOOT) {
		print_time(listening->shell);
		shell_print("event 'reboot' for domain '%s'\n", reboot->msg.dom.name);
	} else {
		return;
	}
	fflush(stdout);
	listening->heard++;
}

/* Until the first event, or for ever with --loop, or until the time is up. */
static bool listen(struct shell *shell, struct listening *listening, int64_t seconds)
{
	bool loop = shell_flag(shell, "loop");
	time_t end = time(NULL) + (time_t)seconds;

	while (loop || !listening->heard) {
		int64_t left = seconds ? (int64_t)(end - time(NULL)) : 0;
		int result;

		if (seconds && left <= 0)
			break;
		result = conn_wait(shell->conn, seconds ? (int)left * 1000 : -1);
		if (result < 0)
			return false;
	}
	if (seconds && (loop || !listening->heard))
		shell_print("event loop timed out\n");
	shell_print("events received: %u\n", listening->heard);
	return listening->heard || !seconds;
}

static bool enroll(struct shell *shell, const char *wanted)
{
	struct rpc_connect_domain_event_callback_register_any_args args = { 0 };
	struct rpc_connect_domain_event_callback_register_any_ret ret;
	struct rpc_dom dom;

	if (shell_flag(shell, "domain")) {
		if (!object_domain(shell, "domain", BY_ANY, &dom))
			return false;
		args.dom = &dom;
	}
	for (args.event_id = 0; args.event_id < EVENTS; args.event_id++) {
		if (wanted && strcmp(wanted, names[args.event_id]) != 0)
			continue;
		if (!shell_call(shell, RPC_CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY, &args, &ret))
			return false;
	}
	return true;
}

static bool cmd_event(struct shell *shell)
{
	const char *wanted = shell_text(shell, "event");
	struct listening listening = { .shell = shell };
	int64_t seconds = 0;
	bool good = true;
	bool well;

	if (shell_flag(shell, "list")) {
		for (size_t i = 0; i < EVENTS; i++)
			shell_print("%s\n", names[i]);
		return true;
	}
	if (wanted && shell_flag(shell, "all"))
		return shell_error("Options --event and --all are mutually exclusive");
	if (!wanted && !shell_flag(shell, "all"))
		return shell_error("one of --list, --all, or --event <type> is required");
	if (wanted && strcmp(wanted, names[0]) != 0 && strcmp(wanted, names[1]) != 0)
		return shell_error("unknown event type %s", wanted);
	shell_number(shell, "timeout", &seconds, &good);
	if (!good || !shell_connect(shell))
		return false;
	shell->conn->event = hear;
	shell->conn->event_context = &listening;
	well = enroll(shell, wanted) && listen(shell, &listening, seconds);
	/* What was registered ends with the connection. */
	shell->conn->event = NULL;
	if (well)
		shell_disconnect(shell);
	return well;
}

const struct command event_commands[] = {
	{ "event", cmd_event, event_options, .help = "what happens to guests, as it happens",
	    .offline = true },
	{ 0 },
};
