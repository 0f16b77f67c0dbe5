/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/service.h"

#include <stdio.h>
#include <string.h>

#include "cli/node_files.h"
#include "lib/num.h"

/* A service that had to wait before its last start is on probation for so long. */
#define PROBATION_SECONDS 60

/* The finish script's record: when the last wait ends, in seconds of uptime, and how long it is. */
static bool read_backoff(const char *name, uint64_t *ret_until, uint64_t *ret_delay)
{
	char path[NODE_LINE];
	char line[NODE_LINE];
	char *blank;

	snprintf(path, sizeof(path), "/run/service/%s/backoff", name);
	if (!node_line(path, 1, line))
		return false;
	blank = strchr(line, ' ');
	if (!blank)
		return false;
	*blank = '\0';
	return num_parse(line, UINT32_MAX, ret_until) &&
	       num_parse(blank + 1, UINT32_MAX, ret_delay);
}

bool service_is_well(const char *name, double uptime, char *ret_why, size_t size)
{
	char path[NODE_LINE];
	char state[NODE_LINE];
	uint64_t until = 0;
	uint64_t delay = 0;
	bool waited = read_backoff(name, &until, &delay) && delay > 0;

	snprintf(path, sizeof(path), "/run/service/%s/supervise/stat", name);
	if (!node_line(path, 1, state)) {
		snprintf(ret_why, size, "not started");
		return false;
	}
	/* runsv(8): with a file "down" it runs only when it is asked to. */
	snprintf(path, sizeof(path), "/run/service/%s/down", name);
	if (!strcmp(state, "down") && node_exists(path))
		return true;
	/* runsv(8): run, down or finish, then what was asked of it ("want down", "got TERM"). */
	if (!strncmp(state, "finish", 6) && waited) {
		snprintf(ret_why, size, "ends again and again; next start within %u s",
		    (unsigned int)delay);
		return false;
	}
	if (strncmp(state, "run", 3)) {
		snprintf(ret_why, size, "%s", state);
		return false;
	}
	if (waited && uptime < (double)until + PROBATION_SECONDS) {
		snprintf(ret_why, size, "started again after ending soon, %u s waited",
		    (unsigned int)delay);
		return false;
	}
	return true;
}
