/* SPDX-License-Identifier: GPL-2.0-only */
#include "conf/nearest.h"

#include <string.h>

#define WORD_MAX 32

/* Levenshtein's distance, and a swap of neighbours as one edit; WORD_MAX for words too long to be
 * ours. */
static size_t distance(const char *a, const char *b)
{
	size_t rows[3][WORD_MAX + 1];
	size_t *two_ago = rows[0];
	size_t *last = rows[1];
	size_t *row = rows[2];
	size_t a_length = strlen(a);
	size_t b_length = strlen(b);

	if (a_length > WORD_MAX || b_length > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= b_length; j++) {
		last[j] = j;
		two_ago[j] = j;
	}
	for (size_t i = 1; i <= a_length; i++) {
		size_t *spare = two_ago;

		row[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);

			if (last[j] + 1 < best)
				best = last[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    two_ago[j - 2] + 1 < best)
				best = two_ago[j - 2] + 1;
			row[j] = best;
		}
		two_ago = last;
		last = row;
		row = spare;
	}
	return last[b_length];
}

const char *conf_nearest(const char *word, const char *(*candidate)(const void *list, size_t i),
    const void *list, size_t count)
{
	size_t best = strlen(word) / 3 + 1;
	const char *nearest = NULL;

	for (size_t i = 0; i < count; i++) {
		size_t edits = distance(word, candidate(list, i));

		if (edits <= best && edits < strlen(word)) {
			nearest = candidate(list, i);
			best = edits ? edits - 1 : 0;
		}
	}
	return nearest;
}
