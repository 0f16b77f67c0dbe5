/* SPDX-License-Identifier: GPL-2.0-only */
/* What a client's XML makes of a section of the file: its name, and lines in their canonical form.
 */
#ifndef BERTH_NODE_XML_SECTION_H
#define BERTH_NODE_XML_SECTION_H

#include "lib/arena.h"
#include "lib/buf.h"

#define XML_SECTION_LINES 512

struct xml_section {
	struct arena *arena; /* of all texts */
	const char *name;
	const char *uuid; /* as the client has it; or NULL */
	bool overflow;
	size_t count;
	struct xml_line {
		const char *key;
		const char *value;
	} lines[XML_SECTION_LINES];
};

/* One more line. */
void xml_section_say(struct xml_section *section, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A word of a value, in quotes where the file needs them; of the arena. */
const char *xml_section_word(struct xml_section *section, const char *text);

#endif
