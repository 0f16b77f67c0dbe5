/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The asking side of a change: prepares everything that can be known to fail beforehand, hands over
 * to the worker, and tells how it goes. This process may be killed at any moment.
 */
#include "cli/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/change.h"
#include "cli/config_worker.h"
#include "cli/exit_codes.h"
#include "cli/tool.h"
#include "lib/file.h"

#define STORE "/usr/lib/berth/config-store"
#define STORE_SECONDS 60
#define ASIDE "/run/berth/.apply"
#define IN_FORCE "/run/berth/berth.conf"
#define NETWORKS "/run/berth/networks"
#define FILE_MAX (1024u * 1024)
#define FOLLOW_NANOSECONDS (50 * 1000 * 1000)
/* The worker bounds each of its steps; past this it is gone. */
#define FOLLOW_SECONDS 300

/* "ssh-NAME-OF-THE-KEY", "ssh-ADDRESS", "console". */
static void find_who(char *who, size_t size)
{
	const char *key = getenv("SSH_PUBKEYINFO");
	const char *from = getenv("SSH_CONNECTION");

	if (key && *key)
		snprintf(who, size, "ssh-%.30s", key);
	else if (from)
		snprintf(who, size, "ssh-%.*s", (int)strcspn(from, " "), from);
	else
		snprintf(who, size, "%s", isatty(STDIN_FILENO) ? "console" : "node");
	/* It becomes part of a file's name on FAT. */
	for (char *c = who; *c; c++)
		if (!strchr(
			"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.@-", *c))
			*c = '.';
}

static int put(const char *path, const char *text, size_t length)
{
	return file_replace(path, text, length, 0600);
}

static int put_line(const char *path, const char *value)
{
	char line[2 * NODE_LINE];

	snprintf(line, sizeof(line), "%s\n", value);
	return put(path, line, strlen(line));
}

static int fail(const char *what, int error)
{
	fprintf(stderr, "berth: cannot prepare the change: %s: %s\n", what, strerror(-error));
	return EXIT_SYSTEM;
}

/* Which networks are up, before and after: a client may start and stop them. */
static int prepare_networks(const char *path)
{
	struct buf list = BUF_INIT;
	int error = file_read(NETWORKS, FILE_MAX, &list);

	if (error == -ENOENT)
		error = 0;
	if (!error)
		error = put(ASIDE "/old/networks", buf_text(&list), list.length);
	if (!error && path) {
		buf_cut(&list, 0);
		error = file_read(path, FILE_MAX, &list);
	}
	if (!error)
		error = put(ASIDE "/new/networks", buf_text(&list), list.length);
	buf_done(&list);
	return error;
}

/* Both texts aside, and both rendered, so that going back needs nothing that could be missing. */
static int prepare(const struct buf *text, const char *name, const char *networks)
{
	struct buf before = BUF_INIT;
	int error = file_read(IN_FORCE, FILE_MAX, &before);
	int result;

	if (error == -ENOENT)
		error = 0; /* the built-in configuration */
	tool_run(NULL, "rm", "-rf", ASIDE, (char *)NULL);
	if (!error && tool_run(NULL, "mkdir", "-p", ASIDE "/old", ASIDE "/new", (char *)NULL))
		error = -EIO;
	if (!error)
		error = put(ASIDE "/old/berth.conf", buf_text(&before), before.length);
	if (!error)
		error = put(ASIDE "/new/berth.conf", buf_text(text), text->length);
	if (!error)
		error = prepare_networks(networks);
	buf_done(&before);
	if (error)
		return fail(ASIDE, error);
	result = config_check_text(text, name);
	if (result != EXIT_WELL)
		return result;
	if (tool_run(ASIDE, "berthconf", "render", "old/berth.conf", "old/conf", "old/networks",
		(char *)NULL) ||
	    tool_run(ASIDE, "berthconf", "render", "new/berth.conf", "new/conf", "new/networks",
		(char *)NULL))
		return fail("rendering", -EIO);
	return EXIT_WELL;
}

/* What changes, one line each; `ret_nothing` when no line does. */
static int show_plan(bool *ret_nothing)
{
	struct buf lines = BUF_INIT;
	int status = tool_read(&lines, STORE_SECONDS, "berthconf", "plan", ASIDE "/old/berth.conf",
	    ASIDE "/new/berth.conf", (char *)NULL);

	if (!status) {
		*ret_nothing = !lines.length;
		if (*ret_nothing)
			puts("Nothing of the node changes.");
		for (const char *at = buf_text(&lines); *at; at += strcspn(at, "\n") + 1) {
			int width = (int)strcspn(at, "\t\n");
			const char *cost = at + width + (at[width] == '\t');

			printf("%.*s  (%.*s)\n", width, at, (int)strcspn(cost, "\n"), cost);
		}
	}
	buf_done(&lines);
	return status ? fail("plan", status < 0 ? status : -EIO) : EXIT_WELL;
}

/* Whether the file can be kept, before anything changes. */
static int try_store(void)
{
	struct buf said = BUF_INIT;
	int status = tool_read(
	    &said, STORE_SECONDS, STORE, "try", ASIDE "/new/berth.conf", (char *)NULL);

	if (status)
		fprintf(stderr,
		    "berth: not applied, for it could not be kept: %s\n"
		    "  Make the config partition writable, or edit berth.conf on it and reboot.\n",
		    status > 0 ? tool_last_line(&said) : strerror(-status));
	buf_done(&said);
	return status ? EXIT_SYSTEM : EXIT_WELL;
}

static int refuse(const struct change *change)
{
	struct buf text = BUF_INIT;

	change_describe(change, &text);
	fprintf(stderr, "berth: refused: the configuration is %s\n", buf_text(&text));
	buf_done(&text);
	return EXIT_NOT_WELL;
}

static int hand_over(const struct config_options *options, const char *id, const char *origin)
{
	char within[32];
	int error;

	snprintf(within, sizeof(within), "%u", options->within);
	error = put_line(ASIDE "/id", id);
	if (!error)
		error = put_line(ASIDE "/origin", origin);
	if (!error)
		error = put_line(ASIDE "/within", within);
	if (!error && options->confirmed)
		error = put_line(ASIDE "/confirmed", "1");
	if (!error)
		error = put_line(ASIDE "/phase", "requested");
	if (!error && rename(ASIDE, CHANGE_FOLDER) < 0)
		error = -errno;
	if (!error)
		error = config_worker_wake();
	if (!error)
		return EXIT_WELL;
	tool_run(NULL, "rm", "-rf", CHANGE_FOLDER, (char *)NULL);
	return fail("the service config", error);
}

static int tell_outcome(const struct change_outcome *outcome, bool to_revert)
{
	if (to_revert && !strcmp(outcome->word, "reverted")) {
		puts("Reverted: everything is as it was before.");
		return EXIT_WELL;
	}
	if (!strcmp(outcome->word, "confirmed")) {
		printf("Applied and kept: %s.\n", outcome->why);
		return EXIT_WELL;
	}
	if (!strcmp(outcome->word, "failed"))
		fprintf(stderr, "berth: not applied; everything is as it was before: %s\n",
		    outcome->why);
	else
		fprintf(stderr, "berth: went back: %s\n", outcome->why);
	return EXIT_NOT_WELL;
}

/* Tell how the change `id` goes, until it waits, unless it is to be reverted, or is over. */
static int follow(const char *id, bool to_revert)
{
	static const struct timespec pause = { .tv_nsec = FOLLOW_NANOSECONDS };
	double until = change_uptime() + FOLLOW_SECONDS;

	while (change_uptime() < until) {
		struct change_outcome outcome;
		struct change change;

		change_read(&change);
		if (change.phase == CHANGE_PENDING && !to_revert && !strcmp(change.id, id)) {
			printf("Applied. It goes back by itself within %u s, unless you keep it:\n"
			       "    berth config confirm\n",
			    change.left);
			return EXIT_WELL;
		}
		if (strcmp(change.id, id) && change_outcome(&outcome) && !strcmp(outcome.id, id))
			return tell_outcome(&outcome, to_revert);
		nanosleep(&pause, NULL);
	}
	fputs("berth: the change takes longer than it should; see berth status\n", stderr);
	return EXIT_SYSTEM;
}

/* With the lock held: everything up to the worker. `ret_over` when there is nothing to follow. */
static int request(const struct config_options *options, const struct buf *text, const char *name,
    const char *origin, const char *id)
{
	struct config_options asked = *options;
	struct change change;
	bool nothing = false;
	bool unkept;
	int result;

	change_read(&change);
	if (change.phase != CHANGE_NONE)
		return refuse(&change);
	result = prepare(text, name, options->networks);
	if (result == EXIT_WELL)
		result = show_plan(&nothing);
	/* Which networks are up is kept nowhere. */
	unkept = nothing && options->networks;
	if (result == EXIT_WELL && !unkept)
		result = try_store();
	/* What does not change the node cannot lock anybody out. */
	asked.confirmed = asked.confirmed || nothing;
	if (result == EXIT_WELL && unkept && put_line(ASIDE "/unkept", "1"))
		result = fail(ASIDE, -EIO);
	/* Said now, for then nothing can be said to whoever it cuts off. */
	if (result == EXIT_WELL && !asked.confirmed)
		printf("Should it cut you off, the node goes back by itself within %u s.\n",
		    asked.within);
	if (result == EXIT_WELL)
		result = hand_over(&asked, id, origin);
	tool_run(NULL, "rm", "-rf", ASIDE, (char *)NULL);
	fflush(stdout);
	return result;
}

int config_apply_text(const struct config_options *options, const struct buf *text,
    const char *name, const char *verb)
{
	char origin[NODE_LINE];
	char who[64];
	char id[64];
	int lock;
	int result;

	find_who(who, sizeof(who));
	if (options->origin)
		snprintf(origin, sizeof(origin), "%s", options->origin);
	else
		snprintf(origin, sizeof(origin), "%.20s-%.50s", verb, who);
	snprintf(id, sizeof(id), "%.2f-%d", change_uptime(), (int)getpid());
	lock = change_lock();
	if (lock < 0) {
		fprintf(stderr, "berth: refused: another berth config is at work (%s)\n",
		    strerror(-lock));
		return EXIT_NOT_WELL;
	}
	result = request(options, text, name, origin, id);
	close(lock);
	return result == EXIT_WELL ? follow(id, false) : result;
}

int config_apply(const struct config_options *options)
{
	struct buf text = BUF_INIT;
	const char *name;
	int result = config_source(options->operand, &text, &name);

	if (result == EXIT_WELL)
		result = config_apply_text(options, &text, name, "apply");
	buf_done(&text);
	return result;
}

/* The lock, and with it the change that waits; EXIT_WELL only if there is one. */
static int hold_pending(struct change *ret_change, int *ret_lock)
{
	int lock = change_lock();

	if (lock < 0) {
		fprintf(stderr, "berth: another berth config is at work (%s)\n", strerror(-lock));
		return EXIT_NOT_WELL;
	}
	change_read(ret_change);
	*ret_lock = lock;
	return EXIT_WELL;
}

static int nothing_to_confirm(const struct change *change)
{
	struct change_outcome outcome;

	if (change->phase != CHANGE_NONE)
		return refuse(change);
	fputs("berth: nothing waits to be confirmed", stderr);
	if (change_outcome(&outcome))
		fprintf(stderr, "; the last change (%s) %s: %s", outcome.origin,
		    strcmp(outcome.word, "confirmed") ? "was undone" : "was confirmed",
		    outcome.why);
	fputs("\n", stderr);
	return EXIT_NOT_WELL;
}

int config_confirm(const struct config_options *options)
{
	struct buf why = BUF_INIT;
	struct change change;
	int lock;
	int result = hold_pending(&change, &lock);

	(void)options;
	if (result != EXIT_WELL)
		return result;
	if (change.phase != CHANGE_PENDING || !change.left) {
		result = nothing_to_confirm(&change);
	} else if (config_worker_keep(&change, &why)) {
		fprintf(stderr,
		    "berth: not confirmed, for it cannot be kept: %s; it goes back within %u s\n",
		    buf_text(&why), change.left);
		result = EXIT_SYSTEM;
	} else {
		change_end(&change, "confirmed", buf_text(&why));
		printf("Kept: %s.\n", buf_text(&why));
	}
	close(lock);
	buf_done(&why);
	return result;
}

int config_revert(const struct config_options *options)
{
	struct buf text = BUF_INIT;
	struct change change;
	char verb[32];
	int lock;
	int status;
	int result = hold_pending(&change, &lock);

	if (result != EXIT_WELL)
		return result;
	if (change.phase == CHANGE_PENDING && !options->operand) {
		result = change_set_phase(CHANGE_UNDOING, "reverted by hand") ? fail("phase", -EIO)
									      : EXIT_WELL;
		close(lock);
		return result == EXIT_WELL ? follow(change.id, true) : result;
	}
	close(lock);
	status = tool_read(&text, STORE_SECONDS, STORE, "show",
	    options->operand ? options->operand : "previous", (char *)NULL);
	snprintf(verb, sizeof(verb), "revert-%.8s", options->operand ? options->operand : "back");
	if (status) {
		fprintf(stderr, "berth: cannot revert: %s\n",
		    status > 0 ? tool_last_line(&text) : strerror(-status));
		result = EXIT_SYSTEM;
	} else {
		result = config_apply_text(options, &text, "berth.conf", verb);
	}
	buf_done(&text);
	return result;
}
