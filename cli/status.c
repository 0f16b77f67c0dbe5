/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "cli/change.h"
#include "cli/guest_list.h"
#include "cli/node_files.h"
#include "cli/service.h"

#define WIDTH 79
#define LABEL 14

/* One line, cut to the width. */
static void add_line(struct buf *buf, const char *label, const char *text)
{
	buf_printf(buf, "%-*s%.*s\n", LABEL, label, WIDTH - LABEL, text);
}

/* A text of any length, broken at blanks, below its label. */
static void add_wrapped(struct buf *buf, const char *label, const char *text)
{
	size_t width = WIDTH - LABEL;

	while (strlen(text) > width) {
		size_t cut = width;

		while (cut && text[cut] != ' ')
			cut--;
		if (!cut)
			cut = width;
		buf_printf(buf, "%-*s%.*s\n", LABEL, label, (int)cut, text);
		label = "";
		text += cut + (text[cut] == ' ');
	}
	buf_printf(buf, "%-*s%s\n", LABEL, label, text);
}

static void add_head(struct buf *buf)
{
	char release[NODE_LINE];
	char build[NODE_LINE];
	char name[NODE_LINE];
	char right[64];

	if (!node_line("/proc/sys/kernel/hostname", 1, name))
		snprintf(name, sizeof(name), "berth");
	node_line("/etc/berth-release", 1, release);
	node_line("/etc/berth-release", 2, build);
	snprintf(right, sizeof(right), "Berth %.20s, build %.12s",
	    release[0] ? strchr(release, '=') + 1 : "?", build[0] ? strchr(build, '=') + 1 : "?");
	buf_printf(buf, "%-40.40s%39s\n\n", name, right);
}

/* A list of lines behind one label. */
static void add_list(
    const char *label, void (*fill)(struct buf *buf), const char *none, struct buf *buf)
{
	struct buf list = BUF_INIT;
	char line[NODE_LINE];

	fill(&list);
	if (!list.length && none)
		add_line(buf, label, none);
	for (const char *at = buf_text(&list); *at; at += strcspn(at, "\n") + 1) {
		snprintf(line, sizeof(line), "%.*s", (int)strcspn(at, "\n"), at);
		add_wrapped(buf, label, line);
		label = "";
	}
	buf_done(&list);
}

/* A change that is under way, or one that was undone, until the next one. */
static void add_change(struct buf *buf)
{
	struct buf text = BUF_INIT;
	struct change_outcome outcome;
	struct change change;

	change_read(&change);
	if (change.phase != CHANGE_NONE)
		change_describe(&change, &text);
	else if (change_outcome(&outcome) && strcmp(outcome.word, "confirmed"))
		buf_printf(
		    &text, "the last change (%s) was undone: %s", outcome.origin, outcome.why);
	if (text.length)
		add_wrapped(buf, "", buf_text(&text));
	buf_done(&text);
}

static bool add_config(struct buf *buf)
{
	unsigned int errors = node_line_count("/run/berth/state/config.errors");
	char state[NODE_LINE];
	char from[NODE_LINE];
	char why[NODE_LINE];
	char text[3 * NODE_LINE];

	if (!node_line("/run/berth/state/config", 1, state)) {
		add_line(buf, "Config", "not read yet");
		return false;
	}
	node_line("/run/berth/state/config", 2, from);
	snprintf(text, sizeof(text), "%s (%s)", state, from);
	add_line(buf, "Config", text);
	if (node_line("/run/berth/state/config", 3, why))
		add_wrapped(buf, "", why);
	if (errors && node_line("/run/berth/state/config.errors", 1, text)) {
		/* The path is the same in all of them; the name says enough. */
		const char *name = strstr(text, "berth.conf:");

		add_wrapped(buf, "", name ? name : text);
		snprintf(text, sizeof(text),
		    "%u error%s; all of them: berthconf check /run/berth/boot/berth.conf", errors,
		    errors == 1 ? "" : "s");
		add_wrapped(buf, "", text);
	}
	add_change(buf);
	return !strcmp(state, "ok");
}

/* Where the file comes from, and how that went. */
static void add_source(struct buf *buf)
{
	char url[NODE_LINE];
	char when[NODE_LINE];
	char failure[NODE_LINE];
	char text[3 * NODE_LINE];

	if (!node_line("/run/berth/state/fetch", 1, url))
		return;
	node_line("/run/berth/state/fetch", 2, when);
	node_line("/run/berth/state/fetch", 3, failure);
	snprintf(text, sizeof(text), "%s, %s%s", url, *when ? "fetched " : "not fetched yet", when);
	add_wrapped(buf, "Fetched from", text);
	if (*failure) {
		snprintf(text, sizeof(text), "last failure: %s", failure);
		add_wrapped(buf, "", text);
	}
}

/* What the node booted from, when it has two slots; a version on trial is told of. */
static void add_slot(struct buf *buf)
{
	char line[NODE_LINE];

	if (node_line("/run/berth/state/slot", 1, line))
		add_line(buf, "Slot", line);
	if (node_line("/run/berth/state/slot", 2, line))
		add_wrapped(buf, "", line);
}

/* Where guests' disks are, and how much of it is free. True when it has no room left. */
static bool add_data(struct buf *buf)
{
	char state[NODE_LINE];
	char what[NODE_LINE];
	char path[NODE_LINE];
	char text[2 * NODE_LINE];
	struct statvfs data;
	bool full = false;

	if (!node_line("/run/berth/state/data", 1, state) || !strcmp(state, "none"))
		return false;
	node_line("/run/berth/state/data", 2, what);
	/* What is wrong is told among the faults, with what to do. */
	snprintf(text, sizeof(text), "%s", state);
	if (!strcmp(state, "mounted") && node_path("/data", path, sizeof(path)) &&
	    !statvfs(path, &data)) {
		double unit = (double)data.f_frsize / (1024 * 1024 * 1024);

		full = !data.f_bavail;
		snprintf(text, sizeof(text), "%s, %.1f of %.1f GiB free", what,
		    (double)data.f_bavail * unit, (double)data.f_blocks * unit);
	}
	add_line(buf, "Data volume", text);
	return full;
}

static void add_times(double uptime, struct buf *buf)
{
	unsigned int minutes = (unsigned int)(uptime / 60);
	char ready[NODE_LINE];
	char text[NODE_LINE];

	if (minutes < 120)
		snprintf(text, sizeof(text), "%u min", minutes);
	else if (minutes < 48 * 60)
		snprintf(text, sizeof(text), "%u h", minutes / 60);
	else
		snprintf(text, sizeof(text), "%u days", minutes / (24 * 60));
	add_line(buf, "Up", text);
	if (!node_line("/run/berth/state/ready", 1, ready))
		add_line(buf, "", "still starting");
}

/* How the boot before this one ended, unless nothing is known of it. */
static void add_last_boot(struct buf *buf)
{
	static const struct {
		const char *word;
		const char *text;
	} ends[] = {
		{ "ended", "shut down in order" },
		{ "cold", "switched off" },
		{ "power", "power lost" },
		{ "panic", "panic" },
		{ "watchdog", "reset by the watchdog" },
		{ "reset", "reset" },
	};
	char word[NODE_LINE];
	char why[NODE_LINE];
	char text[2 * NODE_LINE];

	if (!node_line("/run/berth/state/last-boot", 1, word))
		return;
	node_line("/run/berth/state/last-boot", 2, why);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (strcmp(word, ends[i].word))
			continue;
		snprintf(text, sizeof(text), "%s%s%s", ends[i].text, i > 1 ? ": " : "",
		    i > 1 ? why : "");
		add_wrapped(buf, "Last boot", text);
	}
}

struct faults {
	struct buf *buf;
	double uptime;
	unsigned int count;
};

static void add_fault(struct faults *faults, const char *text)
{
	add_wrapped(faults->buf, faults->count ? "" : "Not well", text);
	faults->count++;
}

static void add_guest_fault(const char *text, void *context)
{
	add_fault(context, text);
}

static void add_step(const char *name, void *context)
{
	char path[NODE_LINE];
	char line[NODE_LINE];
	char text[2 * NODE_LINE];

	snprintf(path, sizeof(path), "/run/berth/state/boot/%.100s", name);
	if (!node_line(path, 1, line) || !strncmp(line, "ok ", 3))
		return;
	snprintf(text, sizeof(text), "boot step %.100s: %s", name, line);
	add_fault(context, text);
}

static void add_note(const char *name, void *context)
{
	char path[NODE_LINE];
	char line[NODE_LINE];

	snprintf(path, sizeof(path), "/run/berth/state/notes/%.100s", name);
	if (node_line(path, 1, line))
		add_fault(context, line);
}

static void add_service(const char *name, void *context)
{
	struct faults *faults = context;
	char why[NODE_LINE];
	char text[2 * NODE_LINE];

	if (service_is_well(name, faults->uptime, why, sizeof(why)))
		return;
	snprintf(text, sizeof(text), "service %.100s: %s", name, why);
	add_fault(faults, text);
}

bool status_text(void (*addresses)(struct buf *buf), struct buf *buf)
{
	struct faults faults = { .buf = buf, .uptime = change_uptime() };
	char fingerprint[NODE_LINE];
	bool config_well;
	bool full;

	add_head(buf);
	add_list("Addresses", addresses, "none yet", buf);
	if (!node_line("/run/berth/state/ssh-fingerprint", 1, fingerprint))
		snprintf(fingerprint, sizeof(fingerprint), "none yet");
	add_line(buf, "SSH host key", fingerprint);
	config_well = add_config(buf);
	add_source(buf);
	add_slot(buf);
	full = add_data(buf);
	add_times(faults.uptime, buf);
	add_last_boot(buf);
	add_list("Guests", guest_list_add, NULL, buf);
	node_each_name("/run/berth/state/boot", add_step, &faults);
	if (full)
		add_fault(
		    &faults, "data volume: no room is left; remove from /data what is not needed");
	node_each_name("/run/berth/state/notes", add_note, &faults);
	node_each_name("/run/service", add_service, &faults);
	guest_list_faults(add_guest_fault, &faults);
	return config_well && !faults.count;
}
