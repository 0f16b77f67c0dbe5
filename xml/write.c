/* SPDX-License-Identifier: GPL-2.0-only */
#include "xml/write.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define VALUE_SIZE 256

/* XML 1.0, section 2.2: no control characters but tab, line feed and carriage return. */
static void escape(struct buf *out, const char *text)
{
	for (; *text; text++) {
		const char *with = *text == '&'	   ? "&amp;"
				   : *text == '<'  ? "&lt;"
				   : *text == '>'  ? "&gt;"
				   : *text == '\'' ? "&apos;"
				   : *text == '"'  ? "&quot;"
				   : *text == '\r' ? "&#xD;"
						   : NULL;
		bool bad = (unsigned char)*text < 0x20 && *text != '\t' && *text != '\n';

		if (with)
			buf_puts(out, with);
		else
			buf_add(out, bad ? "?" : text, 1);
	}
}

static void indent(struct xml *xml)
{
	for (unsigned int i = 0; i < xml->depth; i++)
		buf_puts(xml->out, "  ");
}

static void finish_tag(struct xml *xml)
{
	if (xml->unfinished)
		buf_puts(xml->out, ">\n");
	xml->unfinished = false;
}

void xml_begin(struct xml *xml, const char *element)
{
	finish_tag(xml);
	indent(xml);
	xml->tag = xml->out->length;
	buf_printf(xml->out, "<%s", element);
	if (xml->depth < XML_DEPTH)
		xml->open[xml->depth] = element;
	xml->depth++;
	xml->unfinished = true;
}

void xml_end(struct xml *xml)
{
	xml->depth--;
	if (xml->unfinished) {
		buf_puts(xml->out, "/>\n");
	} else {
		indent(xml);
		buf_printf(xml->out, "</%s>\n", xml->open[xml->depth % XML_DEPTH]);
	}
	xml->unfinished = false;
}

/* Take an attribute back out of the open tag. No value has a "'" or a "<" in it. */
static void forget_attribute(struct xml *xml, const char *name)
{
	size_t length = strlen(name);
	char *at = xml->unfinished && xml->out->data ? xml->out->data + xml->tag : NULL;

	while (at && (at = strchr(at, ' '))) {
		char *value = at + 1 + length;

		if (!strncmp(at + 1, name, length) && !strncmp(value, "='", 2)) {
			char *end = strchr(value + 2, '\'');

			if (!end)
				return;
			memmove(at, end + 1, strlen(end + 1) + 1);
			buf_cut(xml->out, xml->out->length - (size_t)(end + 1 - at));
			return;
		}
		/* Past the value, which may hold blanks. */
		at = strchr(at, '\'');
		at = at ? strchr(at + 1, '\'') : NULL;
	}
}

void xml_attribute(struct xml *xml, const char *name, const char *value)
{
	forget_attribute(xml, name);
	buf_printf(xml->out, " %s='", name);
	escape(xml->out, value);
	buf_puts(xml->out, "'");
}

void xml_attribute_format(struct xml *xml, const char *name, const char *format, ...)
{
	char value[VALUE_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(value, sizeof(value), format, arguments);
	va_end(arguments);
	xml_attribute(xml, name, value);
}

void xml_end_text(struct xml *xml, const char *value)
{
	buf_puts(xml->out, ">");
	escape(xml->out, value);
	xml->depth--;
	buf_printf(xml->out, "</%s>\n", xml->open[xml->depth % XML_DEPTH]);
	xml->unfinished = false;
}

void xml_end_text_format(struct xml *xml, const char *format, ...)
{
	char value[VALUE_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(value, sizeof(value), format, arguments);
	va_end(arguments);
	xml_end_text(xml, value);
}

void xml_text(struct xml *xml, const char *element, const char *value)
{
	xml_begin(xml, element);
	xml_end_text(xml, value);
}

void xml_text_format(struct xml *xml, const char *element, const char *format, ...)
{
	char value[VALUE_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(value, sizeof(value), format, arguments);
	va_end(arguments);
	xml_text(xml, element, value);
}

void xml_raw(struct xml *xml, const char *text, size_t length)
{
	finish_tag(xml);
	indent(xml);
	buf_add(xml->out, text, length);
	buf_puts(xml->out, "\n");
}

void xml_empty(struct xml *xml, const char *element, const char *name, const char *value)
{
	xml_begin(xml, element);
	xml_attribute(xml, name, value);
	xml_end(xml);
}
