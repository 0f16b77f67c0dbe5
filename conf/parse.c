/* SPDX-License-Identifier: GPL-2.0-only */
#include "conf/parse.h"

#include <string.h>

struct reader {
	const char *text;
	size_t length;
	size_t at;
	struct conf_pos pos;
	struct arena *arena;
	struct conf_diags *diags;
	char *value_text; /* room for the longest word and for the most words that the input can
			     hold */
	struct conf_word *value_words;
};

/* The character at hand, -1 at the end. CR LF reads as LF. */
static int peek(const struct reader *r)
{
	if (r->at >= r->length)
		return -1;
	if (r->text[r->at] == '\r' && r->at + 1 < r->length && r->text[r->at + 1] == '\n')
		return '\n';
	return (unsigned char)r->text[r->at];
}

static void advance(struct reader *r)
{
	int c = peek(r);

	if (c < 0)
		return;
	r->at += c == '\n' && r->text[r->at] == '\r' ? 2 : 1;
	if (c == '\n') {
		r->pos.line++;
		r->pos.column = 1;
	} else if ((c & 0xc0) != 0x80) {
		/* The later bytes of an UTF-8 character take no column. */
		r->pos.column++;
	}
}

static bool is_blank(int c)
{
	return c == ' ' || c == '\t';
}

static bool is_name_char(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-';
}

static void skip_blanks(struct reader *r)
{
	while (is_blank(peek(r)))
		advance(r);
}

static void skip_line(struct reader *r)
{
	while (peek(r) >= 0 && peek(r) != '\n')
		advance(r);
}

static const char *read_name(struct reader *r)
{
	size_t start = r->at;
	char *name;

	while (is_name_char(peek(r)))
		advance(r);
	name = arena_copy(r->arena, r->text + start, r->at - start);
	for (char *c = name; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return name;
}

/* After the opening quote of a section's name; NULL, and an error, when the closing one is missing.
 */
static const char *read_section_name(struct reader *r, struct conf_pos start)
{
	char *name = arena_alloc(r->arena, strcspn(r->text + r->at, "\n") + 1);
	size_t length = 0;

	for (;;) {
		int c = peek(r);

		if (c == '\\') {
			advance(r);
			c = peek(r);
		} else if (c == '"') {
			advance(r);
			return name;
		}
		if (c < 0 || c == '\n') {
			conf_diag_add(
			    r->diags, start, "the quotes of this section's name are not closed");
			return NULL;
		}
		/* Each byte of the character; only its first takes a column. */
		name[length++] = r->text[r->at];
		advance(r);
	}
}

/* After the opening bracket. */
static struct conf_section *read_section(struct reader *r, struct conf_pos start)
{
	struct conf_section *section = arena_alloc(r->arena, sizeof(*section));

	section->pos = start;
	section->name = "";
	skip_blanks(r);
	section->type = read_name(r);
	if (!*section->type) {
		conf_diag_add(r->diags, r->pos, "a section's name is missing after \"[\"");
		return NULL;
	}
	skip_blanks(r);
	if (peek(r) == '"') {
		struct conf_pos quote = r->pos;

		advance(r);
		section->has_name = true;
		section->name = read_section_name(r, quote);
		if (!section->name)
			return NULL;
		skip_blanks(r);
	}
	if (peek(r) != ']') {
		conf_diag_add(
		    r->diags, r->pos, "\"]\" is missing at the end of the section's header");
		return NULL;
	}
	advance(r);
	return section;
}

struct word_builder {
	char *text;
	size_t length;
	struct conf_pos start;
	bool open;
};

static void word_add(struct word_builder *word, struct conf_pos pos, int c)
{
	if (!word->open)
		word->start = pos;
	word->open = true;
	word->text[word->length++] = (char)c;
}

static void word_end(struct reader *r, struct conf_entry *entry, struct word_builder *word)
{
	if (!word->open)
		return;
	entry->words[entry->word_count].text = arena_copy(r->arena, word->text, word->length);
	entry->words[entry->word_count].pos = word->start;
	entry->word_count++;
	word->length = 0;
	word->open = false;
}

/* What stands for the character after a backslash; -1 where none may follow. */
static int escaped(int c)
{
	switch (c) {
	case '"':
	case '\\':
		return c;
	case 'n':
		return '\n';
	case 't':
		return '\t';
	default:
		return -1;
	}
}

/* A backslash and what follows it. False, with an error told, when nothing sensible does. */
static bool read_escape(struct reader *r, struct word_builder *word)
{
	struct conf_pos start = r->pos;
	int c;

	advance(r);
	c = peek(r);
	if (c == '\n') {
		advance(r);
		return true;
	}
	if (escaped(c) < 0) {
		conf_diag_add(r->diags, start,
		    "a backslash stands before \\, \", n, t or the line's end only");
		return false;
	}
	word_add(word, start, escaped(c));
	advance(r);
	return true;
}

static void read_value(struct reader *r, struct conf_entry *entry)
{
	struct word_builder word = { .text = r->value_text };
	struct conf_pos quote = { 0 };

	entry->words = r->value_words;
	entry->value_begin = r->at;
	entry->value_end = r->at;
	for (;;) {
		int c = peek(r);

		if (c < 0 || c == '\n')
			break;
		if (c == '"') {
			if (!quote.line && !word.open) {
				word.start = r->pos;
				word.open = true;
			}
			quote = quote.line ? (struct conf_pos){ 0 } : r->pos;
			advance(r);
			entry->value_end = r->at;
		} else if (c == '\\') {
			if (!read_escape(r, &word)) {
				skip_line(r);
				quote.line = 0;
				break;
			}
			entry->value_end = r->at;
		} else if (!quote.line && (c == '#' || c == ';')) {
			skip_line(r);
		} else if (!quote.line && is_blank(c)) {
			word_end(r, entry, &word);
			advance(r);
		} else {
			word_add(&word, r->pos, r->text[r->at]);
			advance(r);
			entry->value_end = r->at;
		}
	}
	if (quote.line)
		conf_diag_add(r->diags, quote, "these quotes are not closed");
	word_end(r, entry, &word);
	/* The words were gathered in the reader's own room, which the next value uses again. */
	entry->words = arena_alloc(r->arena, entry->word_count * sizeof(*entry->words));
	memcpy(entry->words, r->value_words, entry->word_count * sizeof(*entry->words));
}

/* At a key's first character. NULL, with the error told and the line skipped, when it is none. */
static struct conf_entry *read_entry(struct reader *r)
{
	struct conf_entry *entry = arena_alloc(r->arena, sizeof(*entry));

	entry->pos = r->pos;
	entry->begin = r->at;
	entry->key = read_name(r);
	entry->value_begin = r->at;
	entry->value_end = r->at;
	skip_blanks(r);
	if (peek(r) == '=') {
		advance(r);
		skip_blanks(r);
		read_value(r, entry);
		entry->end = r->at;
		return entry;
	}
	if (peek(r) == '\n' || peek(r) < 0 || peek(r) == '#' || peek(r) == ';') {
		entry->bare = true;
		skip_line(r);
		entry->end = r->at;
		return entry;
	}
	conf_diag_add(r->diags, r->pos, "\"=\" is missing after \"%s\"", entry->key);
	skip_line(r);
	return NULL;
}

/* Bytes of the UTF-8 character at `at`, RFC 3629; 0 when there is none. */
static size_t character_length(const unsigned char *at, size_t left)
{
	static const struct {
		unsigned char first_low, first_high, second_low, second_high;
		size_t length;
	} forms[] = {
		{ 0x01, 0x7f, 0, 0, 1 },
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		size_t length = forms[i].length;

		if (at[0] < forms[i].first_low || at[0] > forms[i].first_high || length > left)
			continue;
		if (length > 1 && (at[1] < forms[i].second_low || at[1] > forms[i].second_high))
			continue;
		if ((length > 2 && (at[2] & 0xc0) != 0x80) ||
		    (length > 3 && (at[3] & 0xc0) != 0x80))
			continue;
		return length;
	}
	return 0;
}

/* Bytes that no text holds. False when reading on makes no sense. */
static bool check_text(struct reader *r)
{
	const unsigned char *text = (const unsigned char *)r->text;
	struct conf_pos pos = { 1, 1 };
	size_t length;

	for (size_t at = 0; at < r->length; at += length) {
		length = character_length(text + at, r->length - at);
		if (!length && !text[at])
			conf_diag_add(r->diags, pos,
			    "a NUL byte: this is not a text file, or it was damaged");
		else if (!length)
			conf_diag_add(r->diags, pos,
			    "byte 0x%02x is not UTF-8: save the file as UTF-8 or ASCII", text[at]);
		if (!length)
			return false;
		pos.column++;
		if (text[at] == '\n')
			pos = (struct conf_pos){ pos.line + 1, 1 };
	}
	return true;
}

struct conf_section *conf_parse(const char *text, size_t length, struct conf_diags *diags)
{
	struct reader r = { .text = text,
		.length = length,
		.pos = { 1, 1 },
		.arena = diags->arena,
		.diags = diags };
	struct conf_section *first = NULL;
	struct conf_section **section_end = &first;
	struct conf_section *section = NULL;
	struct conf_entry **entry_end = NULL;

	if (!check_text(&r))
		return NULL;
	r.value_text = arena_alloc(r.arena, length + 1);
	r.value_words = arena_alloc(r.arena, (length / 2 + 1) * sizeof(*r.value_words));
	/* Editors of another system put a byte order mark first. */
	if (length >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		r.at = 3;
	while (peek(&r) >= 0) {
		struct conf_pos start = r.pos;
		int c = peek(&r);

		if (is_blank(c) || c == '\n') {
			advance(&r);
		} else if (c == '#' || c == ';') {
			skip_line(&r);
		} else if (c == '[') {
			size_t begin = r.at;

			advance(&r);
			section = read_section(&r, start);
			entry_end = NULL;
			if (!section) {
				skip_line(&r);
				continue;
			}
			section->begin = begin;
			section->end = r.at;
			*section_end = section;
			section_end = &section->next;
			entry_end = &section->first;
		} else if (is_name_char(c)) {
			struct conf_entry *entry = read_entry(&r);

			if (!entry)
				continue;
			/* After a header that was not understood, its keys are passed by: one
			 * fault, one message. */
			if (!first && !entry_end && !diags->count)
				conf_diag_add(diags, start,
				    "\"%s\" stands before any section; begin with [node]",
				    entry->key);
			if (entry_end) {
				*entry_end = entry;
				entry_end = &entry->next;
			}
		} else {
			conf_diag_add(diags, start,
			    "a line begins with a section's \"[\", a key, or a comment's \"#\"");
			skip_line(&r);
		}
	}
	return first;
}
