/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/xml/table_cpu.h"

#include <stdio.h>
#include <string.h>

#include "lib/num.h"
#include "node/xml/forms.h"
#include "node/xml/reading.h"
#include "node/xml/writing.h"

#define CONF(writing) ((writing)->guest->conf)

static bool is_host(const struct conf_guest *guest)
{
	return !guest->cpu || !strcmp(guest->cpu, "host");
}

static bool read_cpu(struct xml_reading *reading, const struct xml_row *row, struct xml_element *of,
    const char *value, struct buf *ret_text)
{
	static const char *const hosts[] = { "host-passthrough", "host-model", "maximum" };
	const struct xml_element *model = xml_tree_find(of, "cpu/model");

	(void)row;
	for (size_t i = 0; value && i < sizeof(hosts) / sizeof(hosts[0]); i++)
		if (!strcmp(value, hosts[i])) {
			buf_puts(ret_text, "host");
			return true;
		}
	if (value && strcmp(value, "custom") != 0)
		return xml_refuse(reading, xml_tree_find(of, "cpu"), "mode",
		    "there is no mode \"%s\"; use host-passthrough or custom", value);
	if (model && model->text)
		buf_puts(ret_text, model->text);
	return true;
}

static bool write_cpu(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	bool host = is_host(CONF(writing));

	(void)text;
	if (!strcmp(row->path, "cpu@mode"))
		buf_puts(ret_value, host ? "host-passthrough" : "custom");
	else if (!strcmp(row->path, "cpu@migratable"))
		return buf_puts(ret_value, "off"), host;
	else if (!strcmp(row->path, "cpu/model"))
		return buf_puts(ret_value, host ? "" : CONF(writing)->cpu), !host;
	else
		return buf_puts(ret_value, row->words[0].xml), !host;
	return true;
}

const struct xml_form xml_form_cpu = { .read = read_cpu, .write = write_cpu, .absent = true };
const struct xml_form xml_form_cpu_part = { .read = xml_read_nothing, .write = write_cpu };
static const struct xml_word ones[] = { { "", "1" }, { 0 } };

static const struct xml_row topology_rows[] = {
	XML_ROW("@sockets", "sockets", &xml_form_same),
	XML_ROW("@dies", NULL, &xml_form_must, .words = ones),
	XML_ROW("@clusters", NULL, &xml_form_nothing, .words = ones, .note = "one is all there is"),
	XML_ROW("@cores", "cores", &xml_form_same),
	XML_ROW("@threads", "threads", &xml_form_same),
	{ 0 },
};
const struct xml_group xml_group_topology = { .key = "topology", .rows = topology_rows };

static bool read_features(struct xml_reading *reading, const struct xml_row *row,
    struct xml_element *of, const char *value, struct buf *ret_text)
{
	const struct xml_element *one = xml_tree_find(of, row->path);
	char text[64];

	(void)ret_text;
	for (; one; one = xml_tree_next(one)) {
		struct xml_attribute_read *name = xml_tree_own(one, "name");
		struct xml_attribute_read *policy = xml_tree_own(one, "policy");
		const struct xml_word *word = row->words;

		value = policy ? policy->value : "require";
		while (word->xml && strcmp(word->xml, value) != 0)
			word++;
		if (!name || !word->xml)
			return xml_refuse(
			    reading, one, policy ? "policy" : NULL, "\"%s\" is no policy", value);
		name->used = true;
		if (policy)
			policy->used = true;
		snprintf(text, sizeof(text), "%s%s", word->file, name->value);
		if (*word->file)
			xml_say(reading, one, row->field, text);
	}
	return true;
}

static void emit_features(struct xml_writing *writing, const struct xml_row *row)
{
	for (const struct conf_text *one = CONF(writing)->cpu_features; one; one = one->next) {
		xml_domain_open(writing, row->path);
		xml_attribute(&writing->xml, "policy", *one->text == '-' ? "disable" : "require");
		xml_attribute(&writing->xml, "name", one->text + 1);
	}
}

const struct xml_form xml_form_features = { .read = read_features, .emit = emit_features };

static bool write_index(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	(void)row;
	(void)text;
	buf_printf(ret_value, "%u", writing->index);
	return true;
}

static bool read_unit_size(struct xml_reading *reading, const struct xml_row *row,
    struct xml_element *of, const char *value, struct buf *ret_text)
{
	char text[NUM_TEXT];
	uint64_t bytes;

	if (!xml_size(reading, row, of, value, xml_tree_attribute(of, "", "unit"), &bytes))
		return false;
	buf_puts(ret_text, num_size_text((bytes + 1023) / 1024 * 1024, text));
	return true;
}

static bool write_unit_size(
    struct xml_writing *writing, const struct xml_row *row, const char *text, struct buf *ret_value)
{
	return xml_form_kib.write(writing, row, text, ret_value);
}

static const struct xml_form form_index = { .read = xml_read_nothing, .write = write_index };
static const struct xml_form form_cell_memory = { .read = read_unit_size,
	.write = write_unit_size };
static const struct xml_word kibs[] = { { "", "KiB" }, { 0 } };

static const struct xml_row cell_rows[] = {
	XML_ROW("@id", NULL, &form_index),
	XML_ROW("@cpus", "cpus", &xml_form_cpus),
	XML_ROW("@memory", "memory", &form_cell_memory),
	XML_ROW("@unit", NULL, &xml_form_fixed, .words = kibs),
	{ "distances", .fate = XML_REFUSE, .note = "all are equally far" },
	{ 0 },
};
const struct xml_group xml_group_cell = { .key = "cell", .rows = cell_rows };
