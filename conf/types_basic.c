/* SPDX-License-Identifier: GPL-2.0-only */
#include "conf/types.h"

#include <inttypes.h>
#include <string.h>

#include "lib/num.h"

bool conf_has_shape(const char *text, const char *shape)
{
	for (; *shape; shape++, text++) {
		bool digit = num_hex_digit(*text) >= 0;

		if (*shape == 'x'   ? !digit || (*text >= 'A' && *text <= 'F')
		    : *shape == 'h' ? !digit
				    : *text != *shape)
			return false;
	}
	return !*text;
}

bool conf_type_store(const char *text, void *field)
{
	*(const char **)field = text;
	return true;
}

void conf_type_print_text(const struct conf_key *key, const void *field, struct buf *buf)
{
	const char *text = *(const char *const *)field;

	(void)key;
	if (text)
		conf_value_print_word(text, buf);
}

void conf_type_print_choices(const struct conf_key *key, struct buf *buf)
{
	const char *const *choices = key->choices;
	size_t first = !**choices;
	size_t count = first;

	while (choices[count])
		count++;
	for (size_t i = first; i < count; i++)
		buf_printf(buf, "%s%s",
		    i == first	     ? ""
		    : i == count - 1 ? " or "
				     : ", ",
		    choices[i]);
}

/* git-config(1), "Values": a key alone is true. */
static bool bool_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	static const char *const words[] = { "no", "yes", "false", "true", "off", "on", "0", "1" };
	const struct conf_word *word;

	(void)key;
	if (!entry->word_count) {
		*(bool *)field = true;
		return true;
	}
	word = conf_value_single(bind, entry);
	if (!word)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcmp(word->text, words[i])) {
			*(bool *)field = i & 1;
			return true;
		}
	}
	return conf_value_refuse(bind, word, "use yes or no");
}

static void bool_print(const struct conf_key *key, const void *field, struct buf *buf)
{
	(void)key;
	buf_puts(buf, *(const bool *)field ? "yes" : "no");
}

const struct conf_type conf_type_bool = { "yes or no", sizeof(bool), bool_parse, bool_print };

static bool choice_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);
	struct buf all = BUF_INIT;

	if (!word)
		return false;
	for (unsigned int i = 0; key->choices[i]; i++) {
		if (*word->text && !strcmp(word->text, key->choices[i])) {
			*(unsigned int *)field = i;
			return true;
		}
	}
	conf_type_print_choices(key, &all);
	conf_value_refuse(bind, word, "use %s", buf_text(&all));
	buf_done(&all);
	return false;
}

static void choice_print(const struct conf_key *key, const void *field, struct buf *buf)
{
	buf_puts(buf, key->choices[*(const unsigned int *)field]);
}

const struct conf_type conf_type_choice = { "choice", sizeof(unsigned int), choice_parse,
	choice_print };

static bool number_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);
	uint64_t value;

	if (!word)
		return false;
	if (!num_parse(word->text, key->max, &value) || value < key->min)
		return conf_value_refuse(bind, word,
		    "\"%s\" is a number from %" PRIu64 " to %" PRIu64, key->name, key->min,
		    key->max);
	*(uint64_t *)field = value;
	return true;
}

/* Where 0 is in range it has a default, and says something. */
static bool says_number(const struct conf_key *key, uint64_t value)
{
	return value || (!key->min && (key->initial || key->flags));
}

static void number_print(const struct conf_key *key, const void *field, struct buf *buf)
{
	uint64_t value = *(const uint64_t *)field;

	if (says_number(key, value))
		buf_printf(buf, "%" PRIu64, value);
}

const struct conf_type conf_type_number = { "number", sizeof(uint64_t), number_parse,
	number_print };

static bool size_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);
	char least[NUM_TEXT];
	char most[NUM_TEXT];
	uint64_t value;

	if (!word)
		return false;
	if (num_parse(word->text, UINT64_MAX, &value))
		return conf_value_refuse(
		    bind, word, "a size needs its unit, K, M, G or T: %sM?", word->text);
	if (!num_parse_size(word->text, key->max, &value) || value < key->min)
		return conf_value_refuse(bind, word, "\"%s\" is a size with its unit, %s to %s",
		    key->name, num_size_text(key->min, least), num_size_text(key->max, most));
	*(uint64_t *)field = value;
	return true;
}

static void size_print(const struct conf_key *key, const void *field, struct buf *buf)
{
	uint64_t value = *(const uint64_t *)field;
	char text[NUM_TEXT];

	if (says_number(key, value))
		buf_puts(buf, num_size_text(value, text));
}

const struct conf_type conf_type_size = { "size", sizeof(uint64_t), size_parse, size_print };

static bool duration_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);
	char least[NUM_TEXT];
	char most[NUM_TEXT];
	uint64_t value;

	if (!word)
		return false;
	if (!num_parse_duration(word->text, key->max, &value) || value < key->min)
		return conf_value_refuse(bind, word,
		    "\"%s\" is a duration with its unit (s, m, h or d), %s to %s", key->name,
		    num_duration_text(key->min, least), num_duration_text(key->max, most));
	*(uint64_t *)field = value;
	return true;
}

static void duration_print(const struct conf_key *key, const void *field, struct buf *buf)
{
	uint64_t value = *(const uint64_t *)field;
	char text[NUM_TEXT];

	if (says_number(key, value))
		buf_puts(buf, num_duration_text(value, text));
}

const struct conf_type conf_type_duration = { "duration", sizeof(uint64_t), duration_parse,
	duration_print };

static bool percent_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);
	size_t length;
	uint64_t value;

	if (!word)
		return false;
	length = strlen(word->text);
	if (!length || word->text[length - 1] != '%' ||
	    !num_parse(arena_copy(bind->arena, word->text, length - 1), key->max, &value) ||
	    value < key->min)
		return conf_value_refuse(bind, word,
		    "\"%s\" is a percentage from %" PRIu64 "%% to %" PRIu64 "%%", key->name,
		    key->min, key->max);
	*(uint64_t *)field = value;
	return true;
}

static void percent_print(const struct conf_key *key, const void *field, struct buf *buf)
{
	(void)key;
	if (*(const uint64_t *)field)
		buf_printf(buf, "%" PRIu64 "%%", *(const uint64_t *)field);
}

const struct conf_type conf_type_percent = { "percentage", sizeof(uint64_t), percent_parse,
	percent_print };

/* Several words, as they would be read aloud: one blank between them. Quotes keep others. */
static bool text_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	struct buf joined = BUF_INIT;

	(void)key;
	for (size_t i = 0; i < entry->word_count; i++)
		buf_printf(&joined, "%s%s", i ? " " : "", entry->words[i].text);
	for (const char *c = buf_text(&joined); *c; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f) {
			buf_done(&joined);
			return conf_value_refuse(bind, &entry->words[0],
			    "\"%s\" is one line without control characters", entry->key);
		}
	}
	conf_type_store(arena_copy(bind->arena, buf_text(&joined), joined.length), field);
	buf_done(&joined);
	return true;
}

const struct conf_type conf_type_text = { "text", sizeof(char *), text_parse,
	conf_type_print_text };

static bool word_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);

	if (!word)
		return false;
	for (const char *c = word->text; *c; c++)
		if ((unsigned char)*c <= 0x20 || (unsigned char)*c >= 0x7f || *c == ',')
			return conf_value_refuse(bind, word,
			    "\"%s\" takes no blanks, commas or letters outside ASCII", key->name);
	if (!*word->text || strlen(word->text) > key->max)
		return conf_value_refuse(
		    bind, word, "\"%s\" has 1 to %" PRIu64 " characters", key->name, key->max);
	return conf_type_store(word->text, field);
}

const struct conf_type conf_type_word = { "word", sizeof(char *), word_parse,
	conf_type_print_text };

/* One "N" or "N-M" of a set; the numbers rise all the way. */
static bool check_span(
    struct conf_bind *bind, const char *text, size_t length, uint64_t max, uint64_t *next)
{
	const char *span = arena_copy(bind->arena, text, length);
	const char *dash = strchr(span, '-');
	uint64_t first;
	uint64_t last;

	if (dash) {
		if (!num_parse(arena_copy(bind->arena, span, (size_t)(dash - span)), max, &first) ||
		    !num_parse(dash + 1, max, &last))
			return false;
	} else if (num_parse(span, max, &first)) {
		last = first;
	} else {
		return false;
	}
	if (first < *next || last < first)
		return false;
	*next = last + 1;
	return true;
}

static bool numbers_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);
	const char *at;
	uint64_t next = 0;

	if (!word)
		return false;
	for (at = word->text;; at++) {
		size_t length = strcspn(at, ",");

		if (!check_span(bind, at, length, key->max, &next))
			return conf_value_refuse(bind, word,
			    "\"%s\" is a rising list of numbers up to %" PRIu64 ": 0-3,8",
			    key->name, key->max);
		at += length;
		if (!*at)
			break;
	}
	return conf_type_store(word->text, field);
}

const struct conf_type conf_type_numbers = { "set of numbers", sizeof(char *), numbers_parse,
	conf_type_print_text };
