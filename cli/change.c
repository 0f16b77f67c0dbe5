/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/change.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "cli/tool.h"
#include "lib/file.h"
#include "lib/num.h"

#define OUTCOME "/run/berth/state/change"
#define LOCK "/run/berth/apply.lock"
#define LOCK_TRIES 100
#define LOCK_PAUSE_NANOSECONDS (100 * 1000 * 1000)
/* On the screen the time left goes in steps, for each is a screen drawn on every serial line. */
#define SHOWN_STEP 10

static const char *const phase_words[] = { "", "requested", "switching", "pending", "undoing" };

double change_uptime(void)
{
	char line[NODE_LINE];

	return node_line("/proc/uptime", 1, line) ? strtod(line, NULL) : 0;
}

static unsigned int read_number(const char *path)
{
	char line[NODE_LINE];
	uint64_t number;

	return node_line(path, 1, line) && num_parse(line, UINT_MAX, &number) ? (unsigned int)number
									      : 0;
}

void change_read(struct change *ret_change)
{
	struct change change = { .phase = CHANGE_NONE };
	char word[NODE_LINE];
	double left;

	node_line(CHANGE_FOLDER "/phase", 1, word);
	for (unsigned int i = 1; i < sizeof(phase_words) / sizeof(phase_words[0]); i++)
		if (!strcmp(word, phase_words[i]))
			change.phase = (enum change_phase)i;
	node_line(CHANGE_FOLDER "/phase", 2, change.why);
	node_line(CHANGE_FOLDER "/id", 1, change.id);
	node_line(CHANGE_FOLDER "/origin", 1, change.origin);
	change.within = read_number(CHANGE_FOLDER "/within");
	change.confirmed = read_number(CHANGE_FOLDER "/confirmed");
	change.unkept = read_number(CHANGE_FOLDER "/unkept");
	left = read_number(CHANGE_FOLDER "/deadline") - change_uptime();
	change.left = left > 0 ? (unsigned int)left + 1 : 0;
	*ret_change = change;
}

static int write_text(const char *path, const char *text)
{
	char full[PATH_MAX];

	if (!node_path(path, full, sizeof(full)))
		return -ENAMETOOLONG;
	return file_replace(full, text, strlen(text), 0644);
}

int change_set_phase(enum change_phase phase, const char *why)
{
	char text[2 * NODE_LINE];

	snprintf(
	    text, sizeof(text), "%s\n%s%s", phase_words[phase], why ? why : "", why ? "\n" : "");
	return write_text(CHANGE_FOLDER "/phase", text);
}

int change_start_clock(unsigned int within)
{
	char text[NUM_TEXT];

	snprintf(text, sizeof(text), "%u\n", (unsigned int)change_uptime() + within);
	return write_text(CHANGE_FOLDER "/deadline", text);
}

int change_end(const struct change *change, const char *word, const char *why)
{
	char text[5 * NODE_LINE];
	char from[PATH_MAX];
	char to[PATH_MAX];
	int error;

	snprintf(text, sizeof(text), "%s\n%s\n%s\n%s\n", word, why, change->id, change->origin);
	error = write_text(OUTCOME, text);
	if (!node_path(CHANGE_FOLDER, from, sizeof(from)) ||
	    !node_path("/run/berth/.ended", to, sizeof(to)))
		return -ENAMETOOLONG;
	/* At one stroke: nobody shall see half of a change. */
	tool_run(NULL, "rm", "-rf", to, (char *)NULL);
	if (rename(from, to) < 0 && !error)
		error = -errno;
	tool_run(NULL, "rm", "-rf", to, (char *)NULL);
	return error;
}

bool change_outcome(struct change_outcome *ret_outcome)
{
	struct change_outcome outcome;

	if (!node_line(OUTCOME, 1, outcome.word))
		return false;
	node_line(OUTCOME, 2, outcome.why);
	node_line(OUTCOME, 3, outcome.id);
	node_line(OUTCOME, 4, outcome.origin);
	*ret_outcome = outcome;
	return true;
}

int change_lock(void)
{
	static const struct timespec pause = { .tv_nsec = LOCK_PAUSE_NANOSECONDS };
	char path[PATH_MAX];
	int error = -ENAMETOOLONG;
	int fd;

	if (!node_path(LOCK, path, sizeof(path)))
		return error;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	for (int tries = 0; tries < LOCK_TRIES; tries++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return fd;
		error = -errno;
		if (error != -EWOULDBLOCK && error != -EINTR)
			break;
		nanosleep(&pause, NULL);
	}
	close(fd);
	return error;
}

void change_describe(const struct change *change, struct buf *buf)
{
	unsigned int left = (change->left + SHOWN_STEP - 1) / SHOWN_STEP * SHOWN_STEP;

	switch (change->phase) {
	case CHANGE_NONE:
		break;
	case CHANGE_REQUESTED:
	case CHANGE_SWITCHING:
		buf_printf(buf, "being changed (%s)", change->origin);
		break;
	case CHANGE_PENDING:
		buf_printf(buf,
		    "changed (%s) and not confirmed: goes back by itself within %u s; keep it: "
		    "berth config confirm; go back now: berth config revert",
		    change->origin, left);
		break;
	case CHANGE_UNDOING:
		buf_printf(buf, "a change (%s) is being undone: %s", change->origin, change->why);
		break;
	}
}
