/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/xml/section.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "conf/value.h"

void xml_section_say(struct xml_section *section, const char *key, const char *format, ...)
{
	char value[2048];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(value, sizeof(value), format, arguments);
	va_end(arguments);
	if (length < 0 || (size_t)length >= sizeof(value) || section->count == XML_SECTION_LINES) {
		section->overflow = true;
		return;
	}
	section->lines[section->count++] = (struct xml_line){ key,
		arena_copy(section->arena, value, (size_t)length) };
}

const char *xml_section_word(struct xml_section *section, const char *text)
{
	struct buf word = BUF_INIT;
	const char *kept;

	conf_value_print_word(text, &word);
	kept = arena_copy(section->arena, buf_text(&word), word.length);
	buf_done(&word);
	return kept;
}
