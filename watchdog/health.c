/* SPDX-License-Identifier: GPL-2.0-only */
#include "watchdog/health.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"

/* Each boot step has its time; together they are done long before this. */
#define BOOT_SECONDS 900
/* A switch restarts services and waits for each of them; so does the way back. */
#define SWITCH_SECONDS 600
/* From the end of the boot steps to the first look at services. */
#define START_SECONDS 30

static const char *below(const char *root, const char *name, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s%s", root, name);
	return path;
}

/* The first word of a small file; empty without it. */
static void read_word(const char *root, const char *name, char word[64])
{
	struct buf text = BUF_INIT;
	char path[PATH_MAX];

	word[0] = '\0';
	if (!file_read(below(root, name, path), 4096, &text))
		snprintf(word, 64, "%.*s", (int)strcspn(buf_text(&text), " \n"), buf_text(&text));
	buf_done(&text);
}

static bool boot_is_well(const char *root, double uptime, bool *ret_over, char why[HEALTH_TEXT])
{
	char ready[64];

	read_word(root, "/run/berth/state/ready", ready);
	*ret_over = ready[0] && uptime >= strtod(ready, NULL) + START_SECONDS;
	if (ready[0] || uptime < BOOT_SECONDS)
		return true;
	snprintf(why, HEALTH_TEXT, "the boot steps have not ended in %d s", BOOT_SECONDS);
	return false;
}

/* runsv(8) holds the reading end of this pipe open for as long as it lives. */
static bool supervisor_is_well(const char *root, char why[HEALTH_TEXT])
{
	char path[PATH_MAX];
	int fd = open(below(root, "/run/service/berthd/supervise/ok", path),
	    O_WRONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0) {
		close(fd);
		return true;
	}
	/* A node that has run out of descriptors says nothing of the supervisor. */
	if (errno != ENXIO && errno != ENOENT)
		return true;
	snprintf(why, HEALTH_TEXT, "nobody supervises berthd");
	return false;
}

/*
 * Only the daemon's own time counts: between its end and its next start runsv(8) runs the script
 * that waits, under the same pid file; "stat" says which it is. After that the file that berthd
 * moves is as old as the wait was long.
 */
static bool daemon_is_well(struct health *health, const char *root, double uptime,
    unsigned int patience, char why[HEALTH_TEXT])
{
	char phase[64];
	char moved[64];
	double since;

	read_word(root, "/run/service/berthd/supervise/stat", phase);
	if (strncmp(phase, "run", 3)) {
		health->waits = true;
		return true;
	}
	if (health->waits)
		health->runs_since = uptime;
	health->waits = false;
	read_word(root, "/run/berth/state/berthd", moved);
	since = strtod(moved, NULL);
	if (since < health->runs_since)
		since = health->runs_since;
	if (!moved[0] || uptime - since <= patience)
		return true;
	snprintf(why, HEALTH_TEXT, "berthd has stood still for %.0f s", uptime - since);
	return false;
}

static bool change_is_well(
    struct health *health, const char *root, double uptime, char why[HEALTH_TEXT])
{
	char phase[64];

	read_word(root, "/run/berth/apply/phase", phase);
	if (strcmp(phase, "switching") && strcmp(phase, "undoing")) {
		health->switching_since = 0;
		return true;
	}
	if (health->switching_since <= 0)
		health->switching_since = uptime;
	if (uptime - health->switching_since <= SWITCH_SECONDS)
		return true;
	snprintf(why, HEALTH_TEXT, "a change of the configuration has been %s for %.0f s", phase,
	    uptime - health->switching_since);
	return false;
}

bool health_check(struct health *health, const char *root, double uptime, unsigned int patience,
    char why[HEALTH_TEXT])
{
	bool over;

	if (!boot_is_well(root, uptime, &over, why))
		return false;
	if (!over)
		return true;
	return supervisor_is_well(root, why) &&
	       daemon_is_well(health, root, uptime, patience, why) &&
	       change_is_well(health, root, uptime, why);
}
