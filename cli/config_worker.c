/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/config_worker.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "cli/exit_codes.h"
#include "cli/tool.h"
#include "lib/file.h"

#define STORE "/usr/lib/berth/config-store"
#define SWITCH "/usr/lib/berth/config-switch"
#define CONTROL "/run/service/config/supervise/control"
#define STORE_SECONDS 60
/* Fifty networks take some 20 s of it on a slow machine. */
#define SWITCH_SECONDS 180
#define OLD CHANGE_FOLDER "/old"
#define NEW CHANGE_FOLDER "/new"
#define IN_FORCE "/run/berth/berth.conf"
#define NETWORKS "/run/berth/networks"
#define RENDERED "/run/berth/conf"
#define RENDERED_NEXT "/run/berth/.conf.next"
#define FILE_MAX (1024u * 1024)

/* runsv(8): "u" is up, "d" down. */
static int control(const char *command)
{
	int fd = open(CONTROL, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	int error = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, command, 1) != 1)
		error = -EIO;
	close(fd);
	return error;
}

int config_worker_wake(void)
{
	return control("u");
}

int config_worker_keep(const struct change *change, struct buf *said)
{
	struct buf output = BUF_INIT;
	int status;

	if (change->unkept) {
		buf_puts(said, "networks as they are now");
		return 0;
	}
	status = tool_read(
	    &output, STORE_SECONDS, STORE, "keep", NEW "/berth.conf", change->origin, (char *)NULL);
	buf_puts(said, status < 0 ? strerror(-status) : tool_last_line(&output));
	buf_done(&output);
	return status ? -EIO : 0;
}

/* Make the text and what was rendered from it those in force, at one stroke each. May be done
 * twice. */
static int put_in_force(const char *text_path, const char *rendered, const char *networks_path)
{
	struct buf text = BUF_INIT;
	struct buf networks = BUF_INIT;
	int error = file_read(text_path, FILE_MAX, &text);

	if (!error)
		error = file_read(networks_path, FILE_MAX, &networks);

	tool_run(NULL, "rm", "-rf", RENDERED_NEXT, (char *)NULL);
	if (!error && tool_run(NULL, "cp", "-a", rendered, RENDERED_NEXT, (char *)NULL))
		error = -EIO;
	if (!error && syscall(SYS_renameat2, AT_FDCWD, RENDERED_NEXT, AT_FDCWD, RENDERED,
			  RENAME_EXCHANGE) < 0)
		error = -errno;
	if (!error)
		error = file_replace(IN_FORCE, buf_text(&text), text.length, 0600);
	if (!error)
		error = file_replace(NETWORKS, buf_text(&networks), networks.length, 0644);
	tool_run(NULL, "rm", "-rf", RENDERED_NEXT, (char *)NULL);
	buf_done(&text);
	buf_done(&networks);
	return error;
}

/* Take the node from one configuration to the other. 0, or -EIO and why not in `why`. */
static int switch_over(const char *from, const char *to, struct buf *why)
{
	struct buf output = BUF_INIT;
	char text[64];
	char rendered[64];
	char networks[64];
	int status;

	snprintf(text, sizeof(text), "%s/berth.conf", to);
	snprintf(rendered, sizeof(rendered), "%s/conf", to);
	snprintf(networks, sizeof(networks), "%s/networks", to);
	status = put_in_force(text, rendered, networks);
	if (!status)
		status = tool_read(&output, SWITCH_SECONDS, SWITCH, from, to, (char *)NULL);
	if (status < 0)
		buf_puts(why, strerror(-status));
	else if (status > 0)
		buf_printf(why, "%.*s", NODE_LINE - 1, tool_last_line(&output));
	buf_done(&output);
	return status ? -EIO : 0;
}

static void begin_undo(const char *why)
{
	if (change_set_phase(CHANGE_UNDOING, why))
		fputs("berth: cannot write " CHANGE_FOLDER "/phase\n", stderr);
}

static void keep_or_undo(const struct change *change)
{
	struct buf said = BUF_INIT;
	struct buf why = BUF_INIT;

	if (config_worker_keep(change, &said)) {
		buf_printf(&why, "it cannot be kept: %s", buf_text(&said));
		begin_undo(buf_text(&why));
	} else {
		change_end(change, "confirmed", buf_text(&said));
	}
	buf_done(&said);
	buf_done(&why);
}

static void carry_out(const struct change *change)
{
	struct buf why = BUF_INIT;

	if (change_set_phase(CHANGE_SWITCHING, NULL))
		begin_undo("no memory for its state");
	else if (switch_over(OLD, NEW, &why))
		begin_undo(buf_text(&why));
	else if (change->confirmed)
		keep_or_undo(change);
	else if (change_start_clock(change->within) || change_set_phase(CHANGE_PENDING, NULL))
		begin_undo("no memory for its state");
	buf_done(&why);
}

/* Wait for the word. Whether the time is over is decided with the lock held, as confirming is. */
static void wait_for_word(const struct change *change)
{
	static const struct timespec moment = { .tv_nsec = 250 * 1000 * 1000 };
	struct change now;
	char why[64];
	int lock;

	if (change->left) {
		nanosleep(&moment, NULL);
		return;
	}
	lock = change_lock();
	if (lock < 0)
		return;
	change_read(&now);
	snprintf(why, sizeof(why), "not confirmed within %u s", now.within);
	if (now.phase == CHANGE_PENDING && !now.left)
		begin_undo(why);
	close(lock);
}

/* Whatever cannot be put back is told, and does not stop the rest. */
static void undo(const struct change *change)
{
	struct buf problem = BUF_INIT;
	char why[3 * NODE_LINE];
	/* A change that nobody had a chance to see. */
	bool failed = !change->within || !node_line(CHANGE_FOLDER "/deadline", 1, why);

	if (switch_over(NEW, OLD, &problem))
		snprintf(why, sizeof(why), "%s; and going back was not smooth: %.*s", change->why,
		    NODE_LINE, buf_text(&problem));
	else
		snprintf(why, sizeof(why), "%s", change->why);
	change_end(change, failed ? "failed" : "reverted", why);
	buf_done(&problem);
}

/* Whether there is nothing more to do; then runsv is told so, before anybody can ask again. */
static bool is_over(void)
{
	struct change change;
	int lock = change_lock();
	bool over;

	if (lock < 0)
		return false;
	change_read(&change);
	over = change.phase == CHANGE_NONE;
	if (over)
		control("d");
	close(lock);
	return over;
}

int config_worker_run(void)
{
	struct change change;

	/* It was killed in the middle: what the node has of the new configuration is not known. */
	change_read(&change);
	if (change.phase == CHANGE_SWITCHING)
		begin_undo("the change was interrupted");
	for (;;) {
		change_read(&change);
		switch (change.phase) {
		case CHANGE_NONE:
			if (is_over())
				return EXIT_WELL;
			break;
		case CHANGE_REQUESTED:
			carry_out(&change);
			break;
		case CHANGE_SWITCHING:
			return EXIT_SYSTEM;
		case CHANGE_PENDING:
			wait_for_word(&change);
			break;
		case CHANGE_UNDOING:
			undo(&change);
			break;
		}
	}
}
