/* SPDX-License-Identifier: GPL-2.0-only */
#include "conf/section.h"

#include <errno.h>
#include <string.h>

#include "conf/schema.h"

#define EDITS_MAX 2048
#define LINES_MAX 512

struct edits {
	struct arena *arena;
	const struct conf_guest *before;
	const char *name;
	struct conf_edit *list;
	size_t count;
};

/* The values of a key, one each. */
struct lines {
	const char *line[LINES_MAX];
	size_t count;
};

static void add(struct edits *edits, enum conf_edit_verb verb, const char *key, const char *value)
{
	if (edits->count < EDITS_MAX)
		edits->list[edits->count++] = (struct conf_edit){ verb, "guest", edits->name, key,
			value };
}

static void values_of(struct arena *arena, const struct conf_key *key,
    const struct conf_guest *guest, struct lines *lines)
{
	struct buf text = BUF_INIT;

	lines->count = 0;
	if (guest)
		conf_value_print(key, guest, &text);
	for (const char *at = buf_text(&text); *at && lines->count < LINES_MAX;) {
		size_t length = strcspn(at, "\n");

		lines->line[lines->count++] = arena_copy(arena, at, length);
		at += length + (at[length] == '\n');
	}
	buf_done(&text);
}

static bool has_line(const struct lines *lines, const char *line, size_t from)
{
	for (size_t i = from; i < lines->count; i++)
		if (!strcmp(lines->line[i], line))
			return true;
	return false;
}

static bool are_equal(const struct lines *a, const struct lines *b)
{
	bool equal = a->count == b->count;

	for (size_t i = 0; equal && i < a->count; i++)
		equal = !strcmp(a->line[i], b->line[i]);
	return equal;
}

/* Whether what is left of `before` without the lines that `after` lacks is how `after` begins. */
static bool is_grown(const struct lines *before, const struct lines *after)
{
	size_t kept = 0;

	for (size_t i = 0; i < before->count; i++) {
		if (has_line(before, before->line[i], i + 1))
			return false;
		if (!has_line(after, before->line[i], 0))
			continue;
		if (strcmp(after->line[kept++], before->line[i]) != 0)
			return false;
	}
	return true;
}

static void edit_list(struct edits *edits, const struct conf_key *key, const struct lines *before,
    const struct lines *after)
{
	bool own = edits->before && conf_schema_says(edits->before, key->name);
	bool grown = own && is_grown(before, after);

	if (own && !grown)
		add(edits, CONF_EDIT_REMOVE, key->name, NULL);
	for (size_t i = 0; grown && i < before->count; i++)
		if (!has_line(after, before->line[i], 0))
			add(edits, CONF_EDIT_REMOVE, key->name, before->line[i]);
	for (size_t i = 0; i < after->count; i++)
		if (!grown || !has_line(before, after->line[i], 0))
			add(edits, CONF_EDIT_ADD, key->name, after->line[i]);
}

/* False when a template says it. */
static bool unsay(struct edits *edits, const struct conf_key *key)
{
	if (!edits->before->use) {
		add(edits, CONF_EDIT_REMOVE, key->name, NULL);
		return true;
	}
	if (!key->initial || key->flags & CONF_LIST)
		return false;
	add(edits, CONF_EDIT_SET, key->name, key->initial);
	return true;
}

int conf_section_edits(struct arena *arena, const struct conf_guest *before,
    const struct conf_guest *after, struct conf_edit **ret_edits, size_t *ret_count,
    struct buf *why)
{
	struct edits edits = { .arena = arena, .before = before, .name = after->name };
	struct lines *old = arena_alloc(arena, sizeof(*old));
	struct lines *new = arena_alloc(arena, sizeof(*new));

	edits.list = arena_alloc(arena, EDITS_MAX * sizeof(*edits.list));
	if (!before)
		add(&edits, CONF_EDIT_ADD_SECTION, NULL, NULL);
	for (const struct conf_key *key = conf_guest_keys; key->name; key++) {
		if (!strcmp(key->name, "use"))
			continue;
		values_of(arena, key, before, old);
		values_of(arena, key, after, new);
		if (are_equal(old, new))
			continue;
		if (!new->count && !unsay(&edits, key)) {
			buf_printf(why,
			    "the guest has \"%s\" from its template \"%s\": change berth.conf",
			    key->name, before->use);
			return -EOPNOTSUPP;
		}
		if (new->count && key->flags &CONF_LIST)
			edit_list(&edits, key, old, new);
		else if (new->count)
			add(&edits, CONF_EDIT_SET, key->name, new->line[0]);
	}
	*ret_edits = edits.list;
	*ret_count = edits.count;
	return 0;
}
