/* SPDX-License-Identifier: GPL-2.0-only */
#include "conf/edit.h"

#include <errno.h>
#include <string.h>

#include "conf/parse.h"
#include "conf/schema.h"
#include "conf/types.h"

#define INDENT "    "

/* One edit of one text. */
struct editor {
	const char *text;
	size_t length;
	struct conf_section *sections;
	struct arena *arena;
	struct buf *out;
	size_t copied; /* of the text, to `out` */
};

static void copy_to(struct editor *editor, size_t offset)
{
	buf_add(editor->out, editor->text + editor->copied, offset - editor->copied);
	editor->copied = offset;
}

static void skip_to(struct editor *editor, size_t offset)
{
	editor->copied = offset;
}

/* That of the file's first line. */
static const char *line_end(const struct editor *editor)
{
	const char *first = memchr(editor->text, '\n', editor->length);

	return first && first > editor->text && first[-1] == '\r' ? "\r\n" : "\n";
}

/* Behind the line end that follows `offset`. */
static size_t next_line(const struct editor *editor, size_t offset)
{
	const char *end = memchr(editor->text + offset, '\n', editor->length - offset);

	return end ? (size_t)(end - editor->text) + 1 : editor->length;
}

/* Where the blanks before `offset` begin, if nothing but them stands before it in its line; else
 * `offset`. */
static size_t line_begin(const struct editor *editor, size_t offset)
{
	size_t at = offset;

	while (at && (editor->text[at - 1] == ' ' || editor->text[at - 1] == '\t'))
		at--;
	return !at || editor->text[at - 1] == '\n' ? at : offset;
}

static bool is_section(const struct conf_section *section, const struct conf_edit *edit)
{
	return !strcmp(section->type, edit->section) && section->has_name == (edit->name != NULL) &&
	       (!edit->name || !strcmp(section->name, edit->name));
}

static struct conf_section *last_section(const struct editor *editor, const struct conf_edit *edit)
{
	struct conf_section *last = NULL;

	for (struct conf_section *section = editor->sections; section; section = section->next)
		if (is_section(section, edit))
			last = section;
	return last;
}

/* An entry's value in its one form, or NULL when the table does not take it. */
static const char *canonical(
    struct arena *arena, const char *section, const struct conf_entry *entry)
{
	struct conf_diags muted = { .arena = arena };
	struct conf_bind bind = { .diags = &muted, .arena = arena };
	const struct conf_section_type *type = conf_schema_section(section);
	const struct conf_key *key = type ? conf_schema_key(type, entry->key) : NULL;
	struct buf printed = BUF_INIT;
	struct conf_item *end = NULL;
	const char *text = NULL;
	void *object;

	if (!key || (!entry->word_count && !entry->bare))
		return NULL;
	object = arena_alloc(arena, type->size);
	if ((entry->word_count || key->type == &conf_type_bool) &&
	    conf_value_parse(&bind, key, entry, object, &end)) {
		conf_value_print(key, object, &printed);
		text = arena_copy(arena, buf_text(&printed), printed.length);
	}
	buf_done(&printed);
	return text;
}

/* Whether two entries of a key mean the same: by their values, or else by their words. */
static bool same_value(struct arena *arena, const char *section, const struct conf_entry *a,
    const struct conf_entry *b)
{
	const char *value_a = canonical(arena, section, a);
	const char *value_b = canonical(arena, section, b);

	if (value_a && value_b)
		return !strcmp(value_a, value_b);
	if (a->word_count != b->word_count)
		return false;
	for (size_t i = 0; i < a->word_count; i++)
		if (strcmp(a->words[i].text, b->words[i].text) != 0)
			return false;
	return true;
}

/* Take the entry's lines out; where a header stands before it in its line, that stays. */
static void drop_entry(struct editor *editor, const struct conf_entry *entry)
{
	size_t begin = line_begin(editor, entry->begin);

	copy_to(editor, begin);
	if (begin && editor->text[begin - 1] != '\n')
		skip_to(editor, entry->end);
	else
		skip_to(editor, next_line(editor, entry->end));
}

static void write_value(struct editor *editor, const struct conf_entry *entry, const char *value)
{
	copy_to(editor, entry->value_begin);
	if (entry->bare)
		buf_puts(editor->out, " = ");
	else if (editor->text[entry->value_begin - 1] == '=')
		buf_puts(editor->out, " ");
	buf_puts(editor->out, value);
	skip_to(editor, entry->value_end);
}

static void write_entry(
    struct editor *editor, const struct conf_entry *like, const char *key, const char *value)
{
	size_t begin = like ? line_begin(editor, like->begin) : 0;

	if (like)
		buf_add(editor->out, editor->text + begin, like->begin - begin);
	else
		buf_puts(editor->out, INDENT);
	buf_printf(editor->out, "%s = %s%s", key, value, line_end(editor));
}

static void end_last_line(struct editor *editor)
{
	if (editor->out->length && editor->out->data[editor->out->length - 1] != '\n')
		buf_puts(editor->out, line_end(editor));
}

/* [section "name"] */
static void write_name(struct editor *editor, const char *section, const char *name)
{
	buf_printf(editor->out, "[%s", section);
	if (name) {
		buf_puts(editor->out, " \"");
		for (const char *c = name; *c; c++) {
			if (*c == '"' || *c == '\\')
				buf_puts(editor->out, "\\");
			buf_add(editor->out, c, 1);
		}
		buf_puts(editor->out, "\"");
	}
	buf_puts(editor->out, "]");
}

static void write_header(struct editor *editor, const struct conf_edit *edit)
{
	copy_to(editor, editor->length);
	end_last_line(editor);
	if (editor->out->length)
		buf_puts(editor->out, line_end(editor));
	write_name(editor, edit->section, edit->name);
	buf_puts(editor->out, line_end(editor));
}

/* A new entry behind the last of its key, or the last of the section, or the header. */
static void insert_entry(struct editor *editor, const struct conf_edit *edit)
{
	const struct conf_section *section = last_section(editor, edit);
	const struct conf_entry *after = NULL;
	size_t at;

	if (!section) {
		write_header(editor, edit);
		write_entry(editor, NULL, edit->key, edit->value);
		return;
	}
	for (const struct conf_entry *entry = section->first; entry; entry = entry->next)
		if (!after || !strcmp(entry->key, edit->key) || strcmp(after->key, edit->key) != 0)
			after = entry;
	at = after ? after->end : section->end;
	copy_to(editor, next_line(editor, at));
	end_last_line(editor);
	write_entry(editor, after, edit->key, edit->value);
}

static int apply_set(struct editor *editor, const struct conf_edit *edit)
{
	const struct conf_entry *last = NULL;

	for (struct conf_section *section = editor->sections; section; section = section->next)
		for (struct conf_entry *entry = section->first; entry; entry = entry->next)
			if (is_section(section, edit) && !strcmp(entry->key, edit->key))
				last = entry;
	if (!last) {
		insert_entry(editor, edit);
		return 0;
	}
	for (struct conf_section *section = editor->sections; section; section = section->next) {
		for (struct conf_entry *entry = section->first; entry; entry = entry->next) {
			if (!is_section(section, edit) || strcmp(entry->key, edit->key) != 0)
				continue;
			if (entry == last)
				write_value(editor, entry, edit->value);
			else
				drop_entry(editor, entry);
		}
	}
	return 0;
}

static int apply_remove(
    struct editor *editor, const struct conf_edit *edit, const struct conf_entry *value)
{
	bool some = false;

	for (struct conf_section *section = editor->sections; section; section = section->next) {
		for (struct conf_entry *entry = section->first; entry; entry = entry->next) {
			if (!is_section(section, edit) || strcmp(entry->key, edit->key) != 0 ||
			    (value && !same_value(editor->arena, edit->section, entry, value)))
				continue;
			drop_entry(editor, entry);
			some = true;
		}
	}
	return some ? 0 : -ENOENT;
}

/* From the header to the last key; comments behind it may belong to what follows. */
static int apply_remove_section(struct editor *editor, const struct conf_edit *edit)
{
	bool some = false;

	for (struct conf_section *section = editor->sections; section; section = section->next) {
		size_t end = section->end;

		if (!is_section(section, edit))
			continue;
		for (const struct conf_entry *entry = section->first; entry; entry = entry->next)
			end = entry->end;
		copy_to(editor, line_begin(editor, section->begin));
		end = next_line(editor, end);
		/* A header that stands behind this one in the same line stays. */
		if (section->next && section->next->begin < end)
			end = section->next->begin;
		skip_to(editor, end);
		some = true;
	}
	return some ? 0 : -ENOENT;
}

static int apply_rename_section(struct editor *editor, const struct conf_edit *edit)
{
	bool some = false;

	for (struct conf_section *section = editor->sections; section; section = section->next) {
		if (!is_section(section, edit))
			continue;
		copy_to(editor, section->begin);
		write_name(editor, edit->section, edit->value);
		skip_to(editor, section->end);
		some = true;
	}
	return some ? 0 : -ENOENT;
}

/* The value as the only thing that it may be: that of one key, on the lines that it takes. NULL
 * when it is something else. */
static const struct conf_entry *parse_value(struct arena *arena, const struct conf_edit *edit)
{
	struct conf_diags diags = { .arena = arena };
	const char *text = arena_printf(
	    arena, "[%s]\n%s = %s\n", edit->section, edit->key, edit->value);
	const struct conf_section *section = conf_parse(text, strlen(text), &diags);
	const struct conf_entry *entry = section ? section->first : NULL;

	if (diags.count || !entry || entry->next || section->next || !entry->word_count ||
	    strcmp(entry->key, edit->key) != 0)
		return NULL;
	/* A comment would not be part of the value, and a backslash would eat the next line. */
	if (entry->value_end != entry->end || text[entry->end] != '\n' || text[entry->end + 1])
		return NULL;
	return entry;
}

static bool is_word(const char *text)
{
	return text && *text &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(text);
}

static int apply(struct editor *editor, const struct conf_edit *edit)
{
	const struct conf_entry *value = NULL;
	bool keyed = edit->verb <= CONF_EDIT_REMOVE;

	if (!is_word(edit->section) || (keyed && !is_word(edit->key)) ||
	    (edit->name && strpbrk(edit->name, "\r\n")) ||
	    (edit->verb == CONF_EDIT_RENAME_SECTION &&
		(!edit->value || strpbrk(edit->value, "\r\n"))) ||
	    (!edit->value && (edit->verb == CONF_EDIT_SET || edit->verb == CONF_EDIT_ADD)))
		return -EINVAL;
	if (keyed && edit->value) {
		value = parse_value(editor->arena, edit);
		if (!value)
			return -EINVAL;
	}
	switch (edit->verb) {
	case CONF_EDIT_SET:
		return apply_set(editor, edit);
	case CONF_EDIT_ADD:
		insert_entry(editor, edit);
		return 0;
	case CONF_EDIT_REMOVE:
		return apply_remove(editor, edit, value);
	case CONF_EDIT_ADD_SECTION:
		if (!last_section(editor, edit))
			write_header(editor, edit);
		return 0;
	case CONF_EDIT_REMOVE_SECTION:
		return apply_remove_section(editor, edit);
	case CONF_EDIT_RENAME_SECTION:
		return apply_rename_section(editor, edit);
	}
	return -EINVAL;
}

static int apply_to_text(
    const char *text, size_t length, const struct conf_edit *edit, struct buf *out)
{
	struct conf_diags diags = { .arena = arena_create(CONF_ARENA_SIZE) };
	struct editor editor = { .text = text, .length = length, .out = out };
	int error = -EBADF;

	if (!diags.arena)
		return -ENOMEM;
	editor.arena = diags.arena;
	if (length <= CONF_SIZE_MAX)
		editor.sections = conf_parse(text, length, &diags);
	if (length <= CONF_SIZE_MAX && !diags.count)
		error = apply(&editor, edit);
	if (!error) {
		copy_to(&editor, length);
		error = buf_ok(out) ? 0 : -ENOMEM;
	}
	arena_free(diags.arena);
	return error;
}

int conf_edit(const char *text, size_t length, const struct conf_edit *edits, size_t count,
    struct buf *ret_text, struct conf *ret_conf)
{
	struct buf now = BUF_INIT;
	struct conf conf;
	int error = 0;

	buf_add(&now, text, length);
	for (size_t i = 0; i < count && !error; i++) {
		struct buf next = BUF_INIT;

		error = apply_to_text(buf_text(&now), now.length, &edits[i], &next);
		buf_done(&now);
		now = next;
	}
	if (!error && !buf_ok(&now))
		error = -ENOMEM;
	if (!error)
		error = conf_load(buf_text(&now), now.length, &conf);
	if (error) {
		buf_done(&now);
		return error;
	}
	*ret_conf = conf;
	if (conf.diags.count) {
		buf_done(&now);
		return -EBADMSG;
	}
	buf_done(ret_text);
	*ret_text = now;
	return 0;
}
