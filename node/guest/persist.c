/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/guest/persist.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/file.h"
#include "lib/num.h"
#include "node/guest/control.h"

#define FILE_MAX 4096

int persist_write(const char *path, const struct persist *persist)
{
	struct buf text = BUF_INIT;
	int error = -ENOMEM;

	buf_printf(&text, "id=%d\npid=%d\nborn=%" PRIu64 "\nstarted=%" PRIu64 "\n", persist->id,
	    (int)persist->pid, persist->born, persist->started);
	buf_printf(&text,
	    "transient=%d\ncame-up=%d\nautostarted=%d\nwish=%u\ncrashed=%d\nagain=%" PRIu64
	    "\noff=%u\n",
	    persist->transient, persist->came_up, persist->autostarted, persist->wish,
	    persist->crashed, persist->again, persist->off);
	buf_printf(&text, "quick=%u\nresets=%u\nlast-reset=%" PRIu64 "\nmessage=%s\ntaps=%s\n",
	    persist->history.quick, persist->history.resets, persist->history.last_reset,
	    persist->message, persist->taps);
	buf_printf(&text, "restore=%u\nsaving=%" PRIu64 "\nsaving-to=%s\n", persist->restore,
	    persist->saving, persist->saving_to);
	if (buf_ok(&text))
		error = file_replace(path, buf_text(&text), text.length, 0600);
	buf_done(&text);
	return error;
}

static uint64_t number(const char *text, const char *key, uint64_t max)
{
	uint64_t value = 0;
	char digits[NUM_TEXT];

	if (control_value(text, key, digits, sizeof(digits)))
		num_parse(digits, max, &value);
	return value;
}

int persist_read(const char *path, struct persist *ret_persist)
{
	struct persist persist = { 0 };
	struct buf buf = BUF_INIT;
	const char *text;
	int error = file_read(path, FILE_MAX, &buf);

	text = buf_text(&buf);
	if (!error) {
		persist.id = (int)number(text, "id", INT_MAX);
		persist.pid = (pid_t)number(text, "pid", INT_MAX);
		persist.born = number(text, "born", UINT64_MAX);
		persist.started = number(text, "started", UINT64_MAX);
		persist.transient = number(text, "transient", 1);
		persist.came_up = number(text, "came-up", 1);
		persist.autostarted = number(text, "autostarted", 1);
		persist.wish = (unsigned int)number(text, "wish", POLICY_WISH_LAST);
		persist.crashed = number(text, "crashed", 1);
		persist.again = number(text, "again", UINT64_MAX);
		persist.off = (unsigned int)number(text, "off", POLICY_OFF_SAVED);
		persist.history.quick = (unsigned int)number(text, "quick", UINT_MAX);
		persist.history.resets = (unsigned int)number(text, "resets", UINT_MAX);
		persist.history.last_reset = number(text, "last-reset", UINT64_MAX);
		persist.restore = (unsigned int)number(text, "restore", 7);
		persist.saving = number(text, "saving", UINT64_MAX);
		control_value(text, "saving-to", persist.saving_to, sizeof(persist.saving_to));
		control_value(text, "message", persist.message, sizeof(persist.message));
		control_value(text, "taps", persist.taps, sizeof(persist.taps));
	}
	buf_done(&buf);
	*ret_persist = persist;
	return error;
}

uint64_t persist_born(const char *proc, pid_t pid)
{
	struct buf text = BUF_INIT;
	char path[PERSIST_TEXT];
	char digits[NUM_TEXT];
	uint64_t born = 0;
	const char *at;

	snprintf(path, sizeof(path), "%s/%d/stat", proc, (int)pid);
	if (!file_read(path, FILE_MAX, &text) && (at = strrchr(buf_text(&text), ')'))) {
		/* proc(5): starttime is the 22nd; the program's name, in parentheses, the second.
		 */
		for (int field = 2; at && field < 22; field++)
			at = strchr(at + 1, ' ');
		if (at) {
			snprintf(digits, sizeof(digits), "%.*s", (int)strcspn(at + 1, " "), at + 1);
			num_parse(digits, UINT64_MAX, &born);
		}
	}
	buf_done(&text);
	return born;
}
