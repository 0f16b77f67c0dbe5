/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/xml/reading.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "rpc/error.h"

static void element_path(const struct xml_element *element, struct buf *out)
{
	if (element->parent)
		element_path(element->parent, out);
	buf_printf(out, "/%s", element->name);
}

bool xml_refuse(struct xml_reading *reading, const struct xml_element *at, const char *attribute,
    const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	reading->code = RPC_ERR_UNSUPPORTED_CONFIG;
	buf_cut(&reading->why, 0);
	buf_puts(&reading->why, "unsupported configuration: ");
	element_path(at, &reading->why);
	buf_printf(
	    &reading->why, "%s%s: %s", attribute ? "/@" : "", attribute ? attribute : "", text);
	return false;
}

void xml_use_all(struct xml_element *element)
{
	element->used = true;
	for (size_t i = 0; i < element->count; i++)
		element->attributes[i].used = true;
	for (struct xml_element *child = element->children; child; child = child->next)
		xml_use_all(child);
}

void xml_say(
    struct xml_reading *reading, const struct xml_element *of, const char *key, const char *value)
{
	struct buf path = BUF_INIT;

	if (reading->lines >= XML_LINES)
		return;
	element_path(of, &path);
	reading->paths[reading->lines++] = arena_copy(reading->arena, buf_text(&path), path.length);
	buf_printf(&reading->section, "%s = %s\n", key, value);
	buf_done(&path);
}
