/* SPDX-License-Identifier: GPL-2.0-only */
/* Whose certificates are taken: patterns of subjects, as "CN=desk*, O=Example". */
#ifndef BERTH_TLS_SUBJECTS_H
#define BERTH_TLS_SUBJECTS_H

#include <stdbool.h>

#define SUBJECTS_MAX 64

struct subjects {
	const char *patterns[SUBJECTS_MAX];
	unsigned int count;
};

/* 0 or -E2BIG; `pattern` must outlive the list. */
int subjects_add(struct subjects *subjects, const char *pattern);

/* Whether one of the patterns is `subject`'s; without patterns each is taken. Blanks after the
 * commas do not count, "*" is any text. */
bool subjects_match(const struct subjects *subjects, const char *subject);

#endif
