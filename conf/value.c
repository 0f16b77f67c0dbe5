/* SPDX-License-Identifier: GPL-2.0-only */
#include "conf/value.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "conf/nearest.h"

/* The most options and words that a record of ours has. */
#define FIELDS_MAX 32

bool conf_value_refuse(
    struct conf_bind *bind, const struct conf_word *word, const char *format, ...)
{
	char why[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(why, sizeof(why), format, arguments);
	va_end(arguments);
	conf_diag_add(bind->diags, word->pos, "\"%s\": %s", word->text, why);
	return false;
}

const struct conf_word *conf_value_single(struct conf_bind *bind, const struct conf_entry *entry)
{
	if (entry->word_count == 1)
		return &entry->words[0];
	conf_diag_add(bind->diags, entry->words[1].pos, "\"%s\" is one word too many for \"%s\"",
	    entry->words[1].text, entry->key);
	return NULL;
}

const char *conf_value_usage(const struct conf_key *key)
{
	return key->type == &conf_type_record && key->usage ? key->usage : key->help;
}

void conf_value_print_word(const char *text, struct buf *buf)
{
	bool quote = !*text || strpbrk(text, " \t\r\n#;\"\\");

	if (!quote) {
		buf_puts(buf, text);
		return;
	}
	buf_puts(buf, "\"");
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_puts(buf, "\\");
		if (*text == '\t')
			buf_puts(buf, "\\t");
		else if (*text == '\n')
			buf_puts(buf, "\\n");
		else
			buf_add(buf, text, 1);
	}
	buf_puts(buf, "\"");
}

static void parse_initial(struct conf_bind *bind, const struct conf_key *key, void *object)
{
	/* A default is one word: none of ours needs more. */
	struct conf_word word = { .text = key->initial };
	struct conf_entry entry = { .key = key->name, .words = &word, .word_count = 1 };

	key->type->parse(bind, &entry, key, (char *)object + key->offset);
}

void conf_value_set_initial(struct conf_bind *bind, const struct conf_key *keys, void *object)
{
	for (const struct conf_key *key = keys; key->name; key++)
		if (key->initial && !(key->flags & CONF_LIST))
			parse_initial(bind, key, object);
}

static size_t item_size(const struct conf_key *key)
{
	return key->record_size ? key->record_size : sizeof(struct conf_item) + key->type->size;
}

bool conf_value_parse(struct conf_bind *bind, const struct conf_key *key,
    const struct conf_entry *entry, void *object, struct conf_item **end)
{
	char *field = (char *)object + key->offset;
	struct conf_item *item;

	if (!(key->flags & CONF_LIST))
		return key->type->parse(bind, entry, key, field);
	item = arena_alloc(bind->arena, item_size(key));
	/* A record knows its own item; a plain value comes behind it. */
	if (!key->type->parse(
		bind, entry, key, key->record_size ? (char *)item : (char *)(item + 1)))
		return false;
	item->pos = entry->word_count ? entry->words[0].pos : entry->pos;
	/* Pointers to different structs may not be assigned through each other. */
	if (*end)
		(*end)->next = item;
	else
		memcpy(field, &item, sizeof(item));
	*end = item;
	return true;
}

static void print_one(const struct conf_key *key, const void *field, struct buf *buf)
{
	size_t start = buf->length;

	key->type->print(key, field, buf);
	if (buf->length == start)
		return;
	if (key->initial && !strcmp(buf_text(buf) + start, key->initial))
		buf_cut(buf, start);
	else
		buf_puts(buf, "\n");
}

void conf_value_print(const struct conf_key *key, const void *object, struct buf *buf)
{
	const char *field = (const char *)object + key->offset;
	const struct conf_item *item;

	if (!(key->flags & CONF_LIST)) {
		print_one(key, field, buf);
		return;
	}
	memcpy(&item, field, sizeof(item));
	for (; item; item = item->next) {
		key->type->print(
		    key, key->record_size ? (const char *)item : (const char *)(item + 1), buf);
		buf_puts(buf, "\n");
	}
}

static const char *option_name(const void *list, size_t i)
{
	return ((const struct conf_key *const *)list)[i]->name;
}

static void unknown_option(struct conf_bind *bind, const struct conf_key *key,
    const struct conf_word *word, const char *name)
{
	const struct conf_key *options[FIELDS_MAX];
	size_t count = 0;
	const char *near;

	for (const struct conf_key *field = key->fields; field->name; field++)
		if (!(field->flags & CONF_POSITIONAL))
			options[count++] = field;
	near = conf_nearest(name, option_name, options, count);
	if (near)
		conf_diag_add(bind->diags, word->pos,
		    "unknown option \"%s\" of \"%s\"; did you mean \"%s\"?", name, key->name, near);
	else
		conf_diag_add(bind->diags, word->pos,
		    "unknown option \"%s\" of \"%s\"; it takes: %s", name, key->name,
		    conf_value_usage(key));
}

/* One NAME=VALUE word of a record. */
static bool parse_option(struct conf_bind *bind, const struct conf_key *key,
    const struct conf_word *word, void *record, bool seen[FIELDS_MAX])
{
	const char *equals = strchr(word->text, '=');
	size_t length = equals ? (size_t)(equals - word->text) : strlen(word->text);
	const char *name = arena_copy(bind->arena, word->text, length);
	struct conf_word value = { .pos = word->pos };
	struct conf_entry entry = { .key = name, .pos = word->pos, .words = &value };
	size_t i = 0;

	while (key->fields[i].name &&
	       (key->fields[i].flags & CONF_POSITIONAL || strcmp(key->fields[i].name, name)))
		i++;
	if (!key->fields[i].name) {
		unknown_option(bind, key, word, name);
		return false;
	}
	if (seen[i])
		return conf_value_refuse(bind, word, "option \"%s\" stands twice", name);
	seen[i] = true;
	if (equals) {
		value.text = equals + 1;
		entry.word_count = 1;
		if (!*value.text)
			return conf_value_refuse(bind, word, "a value is missing after \"=\"");
	}
	if (!equals && key->fields[i].type->size != sizeof(bool))
		return conf_value_refuse(bind, word, "use %s=VALUE", name);
	return key->fields[i].type->parse(
	    bind, &entry, &key->fields[i], (char *)record + key->fields[i].offset);
}

static bool record_parse(struct conf_bind *bind, const struct conf_entry *entry,
    const struct conf_key *key, void *record)
{
	const struct conf_key *field = key->fields;
	bool seen[FIELDS_MAX] = { false };
	struct conf_item *item = record;
	bool good = true;
	size_t i = 0;

	memset(record, 0, key->record_size);
	conf_value_set_initial(bind, key->fields, record);
	item->pos = entry->word_count ? entry->words[0].pos : entry->pos;
	for (; field->name && field->flags & CONF_POSITIONAL && i < entry->word_count; field++) {
		struct conf_entry one = *entry;

		one.words = &entry->words[i];
		one.word_count = 1;
		/* What looks like one of the options ends the words by place. */
		if (!(field->flags & CONF_REQUIRED) && strchr(entry->words[i].text, '='))
			break;
		i++;
		good = field->type->parse(bind, &one, field, (char *)record + field->offset) &&
		       good;
	}
	if (field->name && field->flags & CONF_REQUIRED && i == entry->word_count) {
		conf_diag_add(bind->diags, entry->pos, "\"%s\" lacks %s; it takes: %s", entry->key,
		    field->name, conf_value_usage(key));
		return false;
	}
	for (; i < entry->word_count; i++)
		good = parse_option(bind, key, &entry->words[i], record, seen) && good;
	return good;
}

static void record_print(const struct conf_key *key, const void *record, struct buf *buf)
{
	size_t start = buf->length;

	for (const struct conf_key *field = key->fields; field->name; field++) {
		const char *at = (const char *)record + field->offset;
		struct buf text = BUF_INIT;

		field->type->print(field, at, &text);
		if (field->flags & CONF_POSITIONAL) {
			/* Without its first word a record says nothing. */
			if (!text.length && field == key->fields) {
				buf_done(&text);
				return;
			}
		} else if (field->initial && !strcmp(buf_text(&text), field->initial)) {
			buf_done(&text);
			continue;
		}
		if (text.length) {
			if (buf->length > start)
				buf_puts(buf, " ");
			if (!(field->flags & CONF_POSITIONAL))
				buf_printf(buf, "%s=", field->name);
			buf_puts(buf, text.data);
		}
		buf_done(&text);
	}
}

const struct conf_type conf_type_record = { "record", 0, record_parse, record_print };
