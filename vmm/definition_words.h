/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The words of a definition's line by a table: a word is a flag, a place (a word without a key) or
 * a `key=value`, and its type says how its value becomes a field.
 */
#ifndef BERTH_VMM_DEFINITION_WORDS_H
#define BERTH_VMM_DEFINITION_WORDS_H

#include <stddef.h>

#include "vmm/core/why.h"
#include "vmm/definition.h"

#define WORDS_LINE_MAX 4096

enum word_type {
	WORD_FLAG,    /* bool */
	WORD_FD,      /* int */
	WORD_FDS,     /* struct definition_fds */
	WORD_NUMBER,  /* uint64_t, min to max */
	WORD_SECONDS, /* int64_t */
	WORD_TEXT,    /* char[DEFINITION_WORD] */
	WORD_CHOICE,  /* unsigned int: index of choices */
	WORD_MAC,     /* uint8_t[6] */
	WORD_UUID,    /* uint8_t[16] */
	WORD_PAGE,    /* uint64_t: 2M or 1G */
	WORD_RATE,    /* struct definition_rate */
};

struct word {
	const char *key; /* NULL: a place, taken in order */
	enum word_type type;
	size_t offset;
	bool required;
	uint64_t min;
	uint64_t max;
	const char *const *choices;
};

/* The last of a table. */
#define WORDS_END                                                                                  \
	{                                                                                          \
		.offset = SIZE_MAX                                                                 \
	}

/* Where the words stand, for what is refused. */
struct words_line {
	struct why *why;
	unsigned int number; /* 0: none */
};

/* -EINVAL, with the line and what is wrong in `why`. */
int words_refuse(struct words_line *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The next word, cut off in place; NULL at the end. */
char *words_next(char **rest);
/* The next part of a list that commas part. */
char *words_next_item(char **rest);
/* Printable, without blanks; an id becomes part of names. */
bool words_text(const char *text, char field[DEFINITION_WORD]);

/* All words of `rest`, which is cut up, by a table into `object`. */
int words_parse(struct words_line *line, const struct word *words, char *rest, void *object);

#endif
