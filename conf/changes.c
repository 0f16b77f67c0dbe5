/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Works on the rendered lines, so that whatever a renderer writes is compared, whichever key it
 * comes from. Each old line that the new file lacks has its opposite, in reverse order; an
 * interface that is not the same any more is deleted whole, for the new lines make it again.
 */
#include "conf/changes.h"

#include <errno.h>
#include <string.h>

#include "conf/parse.h"
#include "conf/render.h"
#include "lib/arena.h"

/* The kernel's MTU of an Ethernet device that nobody set. */
#define MTU_UNSET 1500
#define WORDS_MAX 24

struct line {
	const char *text;
	const char *words[WORDS_MAX]; /* NULL-terminated */
	struct line *previous;
	bool gone; /* "link add": the interface is to be deleted; a port: it loses its name */
};

/* A rendered file as lines, the last one first. */
struct lines {
	struct line *last;
};

struct changer {
	struct arena *arena;
	struct lines old_links;
	struct lines new_links;
	struct lines old_ports;
	struct lines new_ports;
	struct conf_changes *out;
};

static struct line *read_line(struct arena *arena, const char *text, size_t length)
{
	struct line *line = arena_alloc(arena, sizeof(*line));
	char *rest = arena_copy(arena, text, length);
	size_t count = 0;
	char *word;

	line->text = arena_copy(arena, text, length);
	while ((word = strsep(&rest, " ")) && count < WORDS_MAX - 1)
		line->words[count++] = word;
	return line;
}

static struct lines read_lines(struct arena *arena, const struct buf *buf)
{
	struct lines lines = { 0 };

	for (const char *at = buf_text(buf); *at; at += strcspn(at, "\n") + 1) {
		struct line *line = read_line(arena, at, strcspn(at, "\n"));

		line->previous = lines.last;
		lines.last = line;
	}
	return lines;
}

static bool has_line(const struct lines *lines, const char *text)
{
	for (const struct line *line = lines->last; line; line = line->previous)
		if (!strcmp(line->text, text))
			return true;
	return false;
}

/* The word that follows `key`, or NULL. */
static const char *word_after(const struct line *line, const char *key)
{
	for (size_t i = 0; line->words[i]; i++)
		if (!strcmp(line->words[i], key))
			return line->words[i + 1];
	return NULL;
}

static bool begins(const struct line *line, const char *first, const char *second)
{
	return line->words[0] && line->words[1] && !strcmp(line->words[0], first) &&
	       !strcmp(line->words[1], second);
}

static bool is_add(const struct line *line)
{
	return begins(line, "link", "add") && word_after(line, "name");
}

/* "link set dev NAME KEY ..." */
static bool sets(const struct line *line, const char *name, const char *key)
{
	const char *device = word_after(line, "dev");

	return begins(line, "link", "set") && device && !strcmp(device, name) && line->words[4] &&
	       !strcmp(line->words[4], key);
}

static bool sets_any(const struct lines *lines, const char *name, const char *key)
{
	for (const struct line *line = lines->last; line; line = line->previous)
		if (sets(line, name, key))
			return true;
	return false;
}

static const struct line *find_add(const struct lines *lines, const char *name)
{
	for (const struct line *line = lines->last; line; line = line->previous)
		if (is_add(line) && !strcmp(word_after(line, "name"), name))
			return line;
	return NULL;
}

static bool is_gone_port(const struct changer *changer, const char *name)
{
	for (const struct line *port = changer->old_ports.last; port; port = port->previous)
		if (port->gone && !strcmp(port->words[0], name))
			return true;
	return false;
}

static bool is_gone_link(const struct changer *changer, const char *name)
{
	const struct line *add = find_add(&changer->old_links, name);

	return add && add->gone;
}

/* Everything up to the settings that a bridge takes while it runs. */
static size_t fixed_length(const char *text)
{
	const char *settings = strstr(text, " type bridge ");

	return settings ? (size_t)(settings - text) : strlen(text);
}

/* Whether the interface of `add` must make room: it is none or another one in the new file, or what
 * it stands on, as a VLAN does, goes. */
static bool must_go(const struct changer *changer, const struct line *add)
{
	const struct line *now = find_add(&changer->new_links, word_after(add, "name"));
	const char *below = !strcmp(add->words[2], "link") ? add->words[3] : NULL;
	size_t fixed = fixed_length(add->text);

	if (below && (is_gone_port(changer, below) || is_gone_link(changer, below)))
		return true;
	return !now || fixed != fixed_length(now->text) ||
	       strncmp(add->text, now->text, fixed) != 0;
}

static void mark_gone(struct changer *changer)
{
	bool more = true;

	for (struct line *port = changer->old_ports.last; port; port = port->previous)
		port->gone = port->words[0][0] != '*' && !has_line(&changer->new_ports, port->text);
	/* Until nothing stands on what goes. */
	while (more) {
		more = false;
		for (struct line *line = changer->old_links.last; line; line = line->previous)
			if (is_add(line) && !line->gone && must_go(changer, line))
				line->gone = more = true;
	}
}

static void undo_route(const struct line *line, struct buf *links)
{
	buf_puts(links, "route delete");
	for (size_t i = 2; line->words[i]; i++)
		buf_printf(links, " %s", line->words[i]);
	buf_puts(links, "\n");
}

static void undo_setting(
    const struct changer *changer, const struct line *line, const char *device, struct buf *links)
{
	const char *key = line->words[4];

	/* What the new file sets otherwise needs no opposite. */
	if (!key || sets_any(&changer->new_links, device, key))
		return;
	if (!strcmp(key, "mtu"))
		buf_printf(links, "link set dev %s mtu %d\n", device, MTU_UNSET);
	else if (!strcmp(key, "master"))
		buf_printf(links, "link set dev %s nomaster\n", device);
	else if (!strcmp(key, "up"))
		buf_printf(links, "link set dev %s down\n", device);
}

/* The opposite of a line that the new file lacks. */
static void undo_line(const struct changer *changer, const struct line *line, struct buf *links)
{
	const char *device = word_after(line, "dev");

	if (!device || is_gone_link(changer, device) || is_gone_port(changer, device) ||
	    has_line(&changer->new_links, line->text))
		return;
	if (begins(line, "address", "replace"))
		buf_printf(links, "address delete %s dev %s\n", line->words[2], device);
	else if (begins(line, "route", "replace"))
		undo_route(line, links);
	else if (begins(line, "neighbour", "replace"))
		buf_printf(links, "neighbour delete %s dev %s\n", line->words[2], device);
	else if (begins(line, "link", "set"))
		undo_setting(changer, line, device, links);
}

/* A bridge that stays, with other settings. */
static void change_bridge(const struct changer *changer, const struct line *add, struct buf *links)
{
	const struct line *now = find_add(&changer->new_links, word_after(add, "name"));

	if (!add->gone && now && strcmp(add->text, now->text))
		buf_printf(links, "link set dev %s%s\n", word_after(add, "name"),
		    now->text + fixed_length(now->text));
}

/* A port that loses its name keeps nothing of what it was. */
static void strip_port(const struct changer *changer, const char *name, struct buf *links)
{
	buf_printf(links, "address flush dev %s\nlink set dev %s nomaster\nlink set dev %s down\n",
	    name, name, name);
	if (sets_any(&changer->old_links, name, "mtu"))
		buf_printf(links, "link set dev %s mtu %d\n", name, MTU_UNSET);
}

static void list_links(struct changer *changer)
{
	struct buf *links = &changer->out->links;

	for (const struct line *line = changer->old_links.last; line; line = line->previous) {
		if (!is_add(line))
			undo_line(changer, line, links);
		else if (line->gone)
			buf_printf(links, "link delete dev %s\n", word_after(line, "name"));
		else
			change_bridge(changer, line, links);
	}
	for (const struct line *port = changer->old_ports.last; port; port = port->previous) {
		if (!port->gone)
			continue;
		strip_port(changer, port->words[0], links);
		buf_printf(&changer->out->ports, "%s\n", port->words[0]);
	}
}

/* Whether a sysctl file sets the key of `line`, be it to another value. */
static bool sets_key(const struct buf *buf, const char *line, size_t key_length)
{
	for (const char *at = buf_text(buf); *at; at += strcspn(at, "\n") + 1)
		if (!strncmp(at, line, key_length + 1))
			return true;
	return false;
}

static void list_sysctl(const struct buf *before, const struct buf *after, struct buf *out)
{
	static const struct {
		const char *key;
		const char *unset;
	} keys[] = { { "/disable_ipv6", "0" }, { "/accept_ra", "1" } };

	for (const char *at = buf_text(before); *at; at += strcspn(at, "\n") + 1) {
		size_t length = strcspn(at, "=\n");

		if (sets_key(after, at, length))
			continue;
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
			size_t tail = strlen(keys[i].key);

			if (length > tail && !strncmp(at + length - tail, keys[i].key, tail))
				buf_printf(out, "%.*s=%s\n", (int)length, at, keys[i].unset);
		}
	}
}

static struct lines render_lines(struct arena *arena,
    void (*render)(const struct conf_model *model, struct buf *buf), const struct conf_model *model,
    bool *failed)
{
	struct buf buf = BUF_INIT;
	struct lines lines;

	render(model, &buf);
	*failed = *failed || !buf_ok(&buf);
	lines = read_lines(arena, &buf);
	buf_done(&buf);
	return lines;
}

int conf_changes(const struct conf_model *old_model, const struct conf_model *new_model,
    struct conf_changes *ret_changes)
{
	struct changer changer = { .arena = arena_create(CONF_ARENA_SIZE), .out = ret_changes };
	struct buf before = BUF_INIT;
	struct buf after = BUF_INIT;
	bool failed = false;

	if (!changer.arena)
		return -ENOMEM;
	changer.old_links = render_lines(changer.arena, conf_render_links, old_model, &failed);
	changer.new_links = render_lines(changer.arena, conf_render_links, new_model, &failed);
	changer.old_ports = render_lines(changer.arena, conf_render_uplinks, old_model, &failed);
	changer.new_ports = render_lines(changer.arena, conf_render_uplinks, new_model, &failed);
	mark_gone(&changer);
	list_links(&changer);
	conf_render_sysctl(old_model, &before);
	conf_render_sysctl(new_model, &after);
	list_sysctl(&before, &after, &ret_changes->sysctl);
	if (!buf_ok(&before) || !buf_ok(&after) || !buf_ok(&ret_changes->links) ||
	    !buf_ok(&ret_changes->sysctl) || !buf_ok(&ret_changes->ports))
		failed = true;
	buf_done(&before);
	buf_done(&after);
	arena_free(changer.arena);
	return failed ? -ENOMEM : 0;
}

void conf_changes_done(struct conf_changes *changes)
{
	buf_done(&changes->links);
	buf_done(&changes->sysctl);
	buf_done(&changes->ports);
}
