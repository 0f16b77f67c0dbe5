/* SPDX-License-Identifier: GPL-2.0-only */
/* The words are those that scripts match: libvirt's virsh prints the same. */
#include "cli/virsh/states.h"

#include <stddef.h>

#define PICK(list, index)                                                                          \
	((size_t)(index) < sizeof(list) / sizeof((list)[0]) && (list)[index] ? (list)[index]       \
									     : (list)[0])

const char *state_text(int state)
{
	static const char *const words[] = { "no state", "running", "idle", "paused", "in shutdown",
		"shut off", "crashed", "pmsuspended" };

	return PICK(words, state);
}

const char *state_reason(int state, int reason)
{
	static const char *const running[] = { "unknown", "booted", "migrated", "restored",
		"from snapshot", "unpaused", "migration canceled", "save canceled", "event wakeup",
		"crashed", "post-copy" };
	static const char *const paused[] = { "unknown", "user", "migrating", "saving", "dumping",
		"I/O error", "watchdog", "from snapshot", "shutting down", "creating snapshot",
		"crashed", "starting up", "post-copy", "post-copy failed", "api error" };
	static const char *const shutting[] = { "unknown", "user" };
	static const char *const off[] = { "unknown", "shutdown", "destroyed", "crashed",
		"migrated", "saved", "failed", "from snapshot", "daemon" };
	static const char *const crashed[] = { "unknown", "panicked" };
	static const char *const none[] = { "unknown" };

	switch (state) {
	case 1:
		return PICK(running, reason);
	case 3:
		return PICK(paused, reason);
	case 4:
		return PICK(shutting, reason);
	case 5:
		return PICK(off, reason);
	case 6:
		return PICK(crashed, reason);
	default:
		return none[0];
	}
}

const char *state_of_vcpu(int state)
{
	static const char *const words[] = { "offline", "running", "blocked" };

	return (size_t)state < 3 ? words[state] : "no state";
}

const char *event_text(int event)
{
	static const char *const words[] = { "Defined", "Undefined", "Started", "Suspended",
		"Resumed", "Stopped", "Shutdown", "PMSuspended", "Crashed" };

	return (size_t)event < sizeof(words) / sizeof(words[0]) ? words[event] : "unknown";
}

const char *event_detail(int event, int detail)
{
	static const char *const words[][9] = {
		{ "Added", "Updated", "Renamed", "Snapshot" },
		{ "Removed", "Renamed" },
		{ "Booted", "Migrated", "Restored", "Snapshot", "Event wakeup" },
		{ "Paused", "Migrated", "I/O Error", "Watchdog", "Restored", "Snapshot",
		    "API error", "Post-copy", "Post-copy Error" },
		{ "Unpaused", "Migrated", "Snapshot", "Post-copy" },
		{ "Shutdown", "Destroyed", "Crashed", "Migrated", "Saved", "Failed", "Snapshot" },
		{ "Finished", "Finished after guest request", "Finished after host request" },
		{ "Memory", "Disk" },
		{ "Panicked", "Memory failure" },
	};

	if ((size_t)event >= sizeof(words) / sizeof(words[0]) || (size_t)detail >= 9 ||
	    !words[event][detail])
		return "unknown";
	return words[event][detail];
}
