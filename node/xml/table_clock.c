/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/xml/table_clock.h"

#include <inttypes.h>
#include <string.h>

#include "node/xml/forms.h"
#include "node/xml/reading.h"
#include "node/xml/writing.h"

#define CONF(writing) ((writing)->guest->conf)

static bool read_offset(struct xml_reading *reading, const struct xml_row *row,
    struct xml_element *of, const char *value, struct buf *ret_text)
{
	const char *basis = xml_tree_attribute(of, "", "basis");

	(void)row;
	if (!value)
		value = "utc";
	if (!strcmp(value, "variable"))
		value = basis ? basis : "utc";
	if (strcmp(value, "utc") != 0 && strcmp(value, "localtime") != 0)
		return xml_refuse(reading, of, "offset",
		    "\"%s\": the clock is utc or localtime, or ahead of one", value);
	buf_puts(ret_text, value);
	return true;
}

static bool write_offset(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	uint64_t ahead = CONF(writing)->clock.ahead;

	(void)text;
	if (!strcmp(row->path, "@adjustment"))
		buf_printf(ret_value, "%" PRIu64, ahead);
	else if (!strcmp(row->path, "@offset") && ahead)
		buf_puts(ret_value, "variable");
	else
		buf_puts(ret_value, CONF(writing)->clock.base ? "localtime" : "utc");
	return ahead || !strcmp(row->path, "@offset");
}

static bool read_ahead(struct xml_reading *reading, const struct xml_row *row,
    struct xml_element *of, const char *value, struct buf *ret_text)
{
	uint64_t seconds;

	if (!xml_number(reading, row, of, value, &seconds))
		return false;
	if (seconds)
		buf_printf(ret_text, "%" PRIu64 "s", seconds);
	return true;
}

static const struct xml_form form_offset = {
	.read = read_offset, .write = write_offset, .absent = true
};
static const struct xml_form form_ahead = { .read = read_ahead, .write = write_offset };
static const struct xml_form form_basis = { .read = xml_read_nothing, .write = write_offset };

static const struct xml_word presences[] = { { "no", "no" }, { "yes", "yes" }, { 0 } };

static bool write_present(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	(void)writing;
	(void)row;
	buf_puts(ret_value, text);
	return !strcmp(text, "no");
}

static const struct xml_form form_present = { .read = xml_read_words, .write = write_present };

static const struct xml_row timer_rows[] = {
	XML_ROW("@name", "name", &xml_form_same),
	XML_ROW("@tickpolicy", "tick", &xml_form_same),
	XML_ROW("@present", "present", &form_present, .words = presences),
	{ 0 },
};
static const struct xml_group group_timer = { .key = "timer", .rows = timer_rows };

static const struct xml_row clock_rows[] = {
	XML_ROW("@offset", "base", &form_offset),
	XML_ROW("@adjustment", "ahead", &form_ahead),
	XML_ROW("@basis", NULL, &form_basis),
	{ "timer", .fate = XML_GROUP, .group = &group_timer },
	{ 0 },
};
const struct xml_group xml_group_clock = { .key = "clock", .rows = clock_rows, .always = true };
