/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/guest/outcome.h"

#include <string.h>

/* A text of a guest's may be long, and hold anything. */
#define TEXT_MAX 200

static void add_clean(const char *from, struct buf *text)
{
	size_t length = strcspn(from, "\n");

	if (length > TEXT_MAX)
		length = TEXT_MAX;
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)from[i];

		buf_add(text, c >= 0x20 && c < 0x7f ? from + i : "?", 1);
	}
}

enum outcome outcome_parse(const char *line, struct buf *text)
{
	static const struct {
		const char *word;
		enum outcome outcome;
		bool has_text;
	} words[] = {
		{ "poweroff", OUTCOME_POWEROFF, false },
		{ "reboot", OUTCOME_REBOOT, false },
		{ "crash", OUTCOME_CRASH, true },
		{ "stopped", OUTCOME_STOPPED, false },
		{ "failed", OUTCOME_FAILED, true },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t length = strlen(words[i].word);

		if (strncmp(line, words[i].word, length))
			continue;
		if (line[length] == '\n' || !line[length])
			return words[i].outcome;
		if (line[length] == ' ' && words[i].has_text) {
			add_clean(line + length + 1, text);
			return words[i].outcome;
		}
	}
	return OUTCOME_KILLED;
}
