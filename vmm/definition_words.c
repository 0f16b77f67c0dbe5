/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/definition_words.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/netaddr.h"
#include "lib/num.h"
#include "lib/uuid.h"

#define FD_MAX 65535

int words_refuse(struct words_line *line, const char *format, ...)
{
	va_list arguments;
	int used = 0;

	if (line->number)
		used = snprintf(line->why->text, WHY_TEXT, "definition:%u: ", line->number);
	va_start(arguments, format);
	vsnprintf(line->why->text + used, (size_t)(WHY_TEXT - used), format, arguments);
	va_end(arguments);
	return -EINVAL;
}

char *words_next(char **rest)
{
	char *word = *rest + strspn(*rest, " ");
	size_t length = strcspn(word, " ");

	if (!length)
		return NULL;
	*rest = word + length;
	if (**rest)
		*(*rest)++ = '\0';
	return word;
}

static bool parse_fd(const char *text, int *ret_fd)
{
	uint64_t number;

	if (!num_parse(text, FD_MAX, &number))
		return false;
	*ret_fd = (int)number;
	return true;
}

char *words_next_item(char **rest)
{
	char *item = *rest;
	char *comma;

	if (!item)
		return NULL;
	comma = strchr(item, ',');
	*rest = comma ? comma + 1 : NULL;
	if (comma)
		*comma = '\0';
	return item;
}

static bool parse_fds(char *text, struct definition_fds *ret_fds)
{
	char *item;

	ret_fds->count = 0;
	while ((item = words_next_item(&text))) {
		if (ret_fds->count == DEFINITION_QUEUES_MAX ||
		    !parse_fd(item, &ret_fds->fd[ret_fds->count]))
			return false;
		ret_fds->count++;
	}
	return true;
}

static bool parse_rate(char *text, struct definition_rate *ret_rate)
{
	uint64_t *const fields[] = { &ret_rate->average, &ret_rate->peak, &ret_rate->burst };
	size_t count = 0;
	char *item;

	while ((item = words_next_item(&text))) {
		if (count == 3 || !num_parse(item, UINT64_MAX / 2, fields[count]))
			return false;
		count++;
	}
	return count == 3;
}

static bool parse_seconds(const char *text, int64_t *ret_seconds)
{
	bool negative = *text == '-';
	uint64_t number;

	if (!num_parse(text + negative, 100ull * 366 * 86400, &number))
		return false;
	*ret_seconds = negative ? -(int64_t)number : (int64_t)number;
	return true;
}

bool words_text(const char *text, char field[DEFINITION_WORD])
{
	size_t length = strlen(text);

	if (!length || length >= DEFINITION_WORD)
		return false;
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] <= ' ' || text[i] == 127)
			return false;
	memcpy(field, text, length + 1);
	return true;
}

static bool parse_choice(const char *text, const char *const *choices, unsigned int *ret_choice)
{
	for (unsigned int i = 0; choices[i]; i++)
		if (!strcmp(choices[i], text)) {
			*ret_choice = i;
			return true;
		}
	return false;
}

/* A value into its field; false when it is none of its type. */
static bool parse_value(const struct word *word, const char *text, void *field)
{
	struct netaddr_mac mac;
	char list[WORDS_LINE_MAX]; /* cut up; the text stays for the message */

	snprintf(list, sizeof(list), "%s", text);

	switch (word->type) {
	case WORD_FLAG:
		return false;
	case WORD_FD:
		return parse_fd(text, field);
	case WORD_FDS:
		return parse_fds(list, field);
	case WORD_NUMBER:
		return num_parse(text, word->max, field) && *(uint64_t *)field >= word->min;
	case WORD_SECONDS:
		return parse_seconds(text, field);
	case WORD_TEXT:
		return words_text(text, field);
	case WORD_CHOICE:
		return parse_choice(text, word->choices, field);
	case WORD_MAC:
		if (!netaddr_parse_mac(text, &mac))
			return false;
		memcpy(field, mac.bytes, sizeof(mac.bytes));
		return true;
	case WORD_UUID:
		return uuid_parse(text, field);
	case WORD_PAGE:
		*(uint64_t *)field = !strcmp(text, "1G") ? 1ull << 30 : 2ull << 20;
		return !strcmp(text, "1G") || !strcmp(text, "2M");
	case WORD_RATE:
		return parse_rate(list, field);
	}
	return false;
}

/* The row of the table that a word of the line means; NULL: none. */
static const struct word *find_word(
    const struct word *words, uint64_t taken, const char *text, size_t key_length)
{
	for (size_t i = 0; words[i].offset != SIZE_MAX; i++) {
		const struct word *word = &words[i];

		if (word->key && strlen(word->key) == key_length &&
		    !memcmp(word->key, text, key_length) &&
		    (word->type == WORD_FLAG) == (text[key_length] != '='))
			return word;
	}
	for (size_t i = 0; words[i].offset != SIZE_MAX; i++)
		if (!words[i].key && !(taken >> i & 1) && text[key_length] != '=')
			return &words[i];
	return NULL;
}

int words_parse(struct words_line *line, const struct word *words, char *rest, void *object)
{
	uint64_t taken = 0;
	char *text;

	while ((text = words_next(&rest))) {
		size_t key_length = strcspn(text, "=");
		const struct word *word = find_word(words, taken, text, key_length);
		char *field;

		if (!word)
			return words_refuse(line, "\"%s\" is not known here", text);
		if (taken >> (word - words) & 1)
			return words_refuse(line, "\"%s\": given twice", text);
		taken |= 1ull << (word - words);
		field = (char *)object + word->offset;
		if (word->type == WORD_FLAG)
			*(bool *)field = true;
		else if (!parse_value(word, word->key ? text + key_length + 1 : text, field))
			return words_refuse(line, "\"%s\": not a value of this", text);
	}
	for (size_t i = 0; words[i].offset != SIZE_MAX; i++)
		if (words[i].required && !(taken >> i & 1))
			return words_refuse(
			    line, "%s is missing", words[i].key ? words[i].key : "a word");
	return 0;
}
