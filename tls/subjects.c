/* SPDX-License-Identifier: GPL-2.0-only */
#include "tls/subjects.h"

#include <errno.h>
#include <stddef.h>

int subjects_add(struct subjects *subjects, const char *pattern)
{
	if (subjects->count == SUBJECTS_MAX)
		return -E2BIG;
	subjects->patterns[subjects->count++] = pattern;
	return 0;
}

/* "O=a, CN=b" is "O=a,CN=b". */
static const char *after(const char *at)
{
	const char *next = at + 1;

	if (*at == ',')
		while (*next == ' ')
			next++;
	return next;
}

/* The one wildcard that failed last is tried with one more character: no recursion, no blow-up. */
static bool matches(const char *pattern, const char *subject)
{
	const char *star = NULL;
	const char *from = NULL;

	while (*subject) {
		if (*pattern == '*') {
			star = pattern++;
			from = subject;
		} else if (*pattern == *subject) {
			pattern = after(pattern);
			subject = after(subject);
		} else if (star) {
			pattern = star + 1;
			from = after(from);
			subject = from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

bool subjects_match(const struct subjects *subjects, const char *subject)
{
	for (unsigned int i = 0; i < subjects->count; i++)
		if (matches(subjects->patterns[i], subject))
			return true;
	return subjects->count == 0;
}
