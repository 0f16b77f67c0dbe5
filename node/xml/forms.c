/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/xml/forms.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "conf/render.h"
#include "lib/num.h"
#include "node/xml/reading.h"

/* The element and the attribute that a row is of, for a refusal. */
static bool refuse_row(struct xml_reading *reading, const struct xml_row *row,
    const struct xml_element *of, const char *why)
{
	const char *attribute = strchr(row->path, '@');
	const struct xml_element *at = of;
	char path[64];

	snprintf(path, sizeof(path), "%.*s", (int)strcspn(row->path, "@"), row->path);
	at = xml_tree_find(of, path);
	return xml_refuse(reading, at ? at : of, attribute ? attribute + 1 : NULL, "%s", why);
}

static bool read_same(struct xml_reading *reading, const struct xml_row *row,
    struct xml_element *of, const char *value, struct buf *ret_text)
{
	(void)reading;
	(void)row;
	(void)of;
	buf_puts(ret_text, value);
	return true;
}

static bool write_same(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	(void)writing;
	(void)row;
	buf_puts(ret_value, text);
	return *text;
}

const struct xml_form xml_form_same = { .read = read_same, .write = write_same };

/* The file's texts have one line. */
static bool read_line(struct xml_reading *reading, const struct xml_row *row,
    struct xml_element *of, const char *value, struct buf *ret_text)
{
	struct xml_element *element = of->children;

	(void)reading;
	for (; element && strcmp(element->name, row->path); element = element->next)
		;
	if (strpbrk(value, "\r\n\t") && element)
		element->used = false;
	else
		buf_puts(ret_text, value);
	return true;
}

const struct xml_form xml_form_line = { .read = read_line, .write = write_same };

bool xml_read_words(struct xml_reading *reading, const struct xml_row *row, struct xml_element *of,
    const char *value, struct buf *ret_text)
{
	struct buf known = BUF_INIT;
	struct buf why = BUF_INIT;

	for (const struct xml_word *word = row->words; word->xml; word++)
		if (!strcmp(word->xml, value)) {
			buf_puts(ret_text, word->file);
			return true;
		}
	for (const struct xml_word *word = row->words; word->xml; word++)
		if (*word->xml)
			buf_printf(&known, "%s%s", known.length ? ", " : "", word->xml);
	buf_printf(&why, "\"%s\" is not there; use %s", value, buf_text(&known));
	refuse_row(reading, row, of, buf_text(&why));
	buf_done(&known);
	buf_done(&why);
	return false;
}

bool xml_write_words(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	(void)writing;
	for (const struct xml_word *word = row->words; word->xml; word++)
		if (!strcmp(word->file, text)) {
			buf_puts(ret_value, word->xml);
			return *word->xml;
		}
	return false;
}

const struct xml_form xml_form_words = { .read = xml_read_words, .write = xml_write_words };

static bool read_must(struct xml_reading *reading, const struct xml_row *row,
    struct xml_element *of, const char *value, struct buf *ret_text)
{
	struct buf ignored = BUF_INIT;
	bool good = xml_read_words(reading, row, of, value, &ignored);

	(void)ret_text;
	buf_done(&ignored);
	return good;
}

static bool write_must(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	(void)writing;
	(void)text;
	buf_puts(ret_value, row->words[0].xml);
	return true;
}

const struct xml_form xml_form_must = { .read = read_must, .write = write_must };

static bool read_presence(struct xml_reading *reading, const struct xml_row *row,
    struct xml_element *of, const char *value, struct buf *ret_text)
{
	(void)reading;
	(void)row;
	(void)of;
	(void)value;
	buf_puts(ret_text, "yes");
	return true;
}

static bool write_presence(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	(void)writing;
	(void)row;
	(void)ret_value;
	return !strcmp(text, "yes");
}

const struct xml_form xml_form_presence = {
	.read = read_presence, .write = write_presence, .presence = true
};

bool xml_number(struct xml_reading *reading, const struct xml_row *row,
    const struct xml_element *of, const char *value, uint64_t *ret_number)
{
	size_t length = strspn(value, " \t\r\n");
	char digits[NUM_TEXT];

	snprintf(digits, sizeof(digits), "%.*s", (int)strcspn(value + length, " \t\r\n"),
	    value + length);
	return num_parse(digits, UINT64_MAX, ret_number) ||
	       refuse_row(reading, row, of, "a number is wanted");
}

static const struct {
	const char *name;
	uint64_t bytes;
} units[] = { { "KiB", 1024 }, { "k", 1024 }, { "K", 1024 }, { "MiB", 1ull << 20 },
	{ "M", 1ull << 20 }, { "GiB", 1ull << 30 }, { "G", 1ull << 30 }, { "TiB", 1ull << 40 },
	{ "T", 1ull << 40 }, { "b", 1 }, { "bytes", 1 }, { "byte", 1 }, { "KB", 1000 },
	{ "MB", 1000000 }, { "GB", 1000000000 }, { "TB", 1000000000000 } };

bool xml_size(struct xml_reading *reading, const struct xml_row *row, const struct xml_element *of,
    const char *value, const char *unit, uint64_t *ret_bytes)
{
	uint64_t number;

	if (!xml_number(reading, row, of, value, &number))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(units[i].name, unit ? unit : "KiB"))
			return !__builtin_mul_overflow(number, units[i].bytes, ret_bytes) ||
			       refuse_row(reading, row, of, "too much");
	return refuse_row(reading, row, of, "its unit is not one that there is");
}

/* The file has sizes of whole KiB. */
static void put_size(uint64_t bytes, struct buf *ret_text)
{
	char text[NUM_TEXT];

	if (bytes)
		buf_puts(ret_text, num_size_text((bytes + 1023) / 1024 * 1024, text));
}

static bool read_kib(struct xml_reading *reading, const struct xml_row *row, struct xml_element *of,
    const char *value, struct buf *ret_text)
{
	uint64_t bytes;

	if (!xml_size(reading, row, of, value, NULL, &bytes))
		return false;
	put_size(bytes, ret_text);
	return true;
}

static bool write_size(const char *text, uint64_t unit, struct buf *ret_value)
{
	uint64_t bytes;

	if (!num_parse_size(text, UINT64_MAX, &bytes))
		return false;
	buf_printf(ret_value, "%" PRIu64, bytes / unit);
	return true;
}

static bool write_kib(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	(void)writing;
	(void)row;
	return write_size(text, 1024, ret_value);
}

const struct xml_form xml_form_kib = { .read = read_kib, .write = write_kib };

static bool read_bytes(struct xml_reading *reading, const struct xml_row *row,
    struct xml_element *of, const char *value, struct buf *ret_text)
{
	uint64_t bytes;

	if (!xml_size(reading, row, of, value, "b", &bytes))
		return false;
	put_size(bytes, ret_text);
	return true;
}

static bool write_bytes(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	(void)writing;
	(void)row;
	return write_size(text, 1, ret_value);
}

const struct xml_form xml_form_bytes = { .read = read_bytes, .write = write_bytes };

static bool read_count(struct xml_reading *reading, const struct xml_row *row,
    struct xml_element *of, const char *value, struct buf *ret_text)
{
	uint64_t number;

	if (!xml_number(reading, row, of, value, &number))
		return false;
	if (number)
		buf_printf(ret_text, "%" PRIu64, number);
	return true;
}

const struct xml_form xml_form_count = { .read = read_count, .write = write_same };

/* A path of the file is below the data volume unless it is absolute. */
static bool read_path(struct xml_reading *reading, const struct xml_row *row,
    struct xml_element *of, const char *value, struct buf *ret_text)
{
	static const char *const folders[] = { CONF_DATA_FOLDER "/", "/var/lib/libvirt/" };

	(void)reading;
	(void)row;
	(void)of;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (!strncmp(value, folders[i], strlen(folders[i]))) {
			buf_puts(ret_text, value + strlen(folders[i]));
			return true;
		}
	buf_puts(ret_text, value);
	return true;
}

static bool write_path(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	(void)writing;
	(void)row;
	if (!*text)
		return false;
	buf_printf(ret_value, "%s%s", *text == '/' ? "" : CONF_DATA_FOLDER "/", text);
	return true;
}

const struct xml_form xml_form_path = { .read = read_path, .write = write_path };

#define CPUS 4096

/* One "N", "N-M" or "^N" of a set. */
static bool add_span(bool cpus[CPUS], const char *span, size_t length)
{
	bool out = *span == '^';
	const char *dash = memchr(span, '-', length);
	uint64_t first;
	uint64_t last;
	char digits[NUM_TEXT];

	span += out;
	length -= out;
	snprintf(
	    digits, sizeof(digits), "%.*s", (int)(dash ? (size_t)(dash - span) : length), span);
	if (!num_parse(digits, CPUS - 1, &first))
		return false;
	last = first;
	if (dash) {
		snprintf(digits, sizeof(digits), "%.*s", (int)(length - (size_t)(dash + 1 - span)),
		    dash + 1);
		if (!num_parse(digits, CPUS - 1, &last) || last < first)
			return false;
	}
	for (; first <= last; first++)
		cpus[first] = !out;
	return true;
}

static void print_set(const bool cpus[CPUS], struct buf *text)
{
	const char *comma = "";

	for (unsigned int i = 0; i < CPUS; i++) {
		unsigned int last = i;

		if (!cpus[i])
			continue;
		while (last + 1 < CPUS && cpus[last + 1])
			last++;
		buf_printf(text, last > i ? "%s%u-%u" : "%s%u", comma, i, last);
		comma = ",";
		i = last;
	}
}

static bool read_cpus(struct xml_reading *reading, const struct xml_row *row,
    struct xml_element *of, const char *value, struct buf *ret_text)
{
	bool cpus[CPUS] = { false };

	for (const char *at = value; *at;) {
		size_t length;

		at += strspn(at, ", \t\n");
		length = strcspn(at, ", \t\n");
		if (length && !add_span(cpus, at, length))
			return refuse_row(
			    reading, row, of, "a set of processors is wanted: 0-3,^2");
		at += length;
	}
	print_set(cpus, ret_text);
	return true;
}

const struct xml_form xml_form_cpus = { .read = read_cpus, .write = write_same };

bool xml_read_nothing(struct xml_reading *reading, const struct xml_row *row,
    struct xml_element *of, const char *value, struct buf *ret_text)
{
	(void)reading;
	(void)row;
	(void)of;
	(void)value;
	(void)ret_text;
	return true;
}

bool xml_write_nothing(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	(void)writing;
	(void)row;
	(void)text;
	(void)ret_value;
	return false;
}

const struct xml_form xml_form_nothing = { .read = xml_read_nothing, .write = xml_write_nothing };
const struct xml_form xml_form_fixed = { .read = xml_read_nothing, .write = write_must };
