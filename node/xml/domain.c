/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes by the table. What is kept of a guest is a document of its own, of the same shape with
 * only those parts in it; its elements go into those that are written, matched by name, and devices
 * by what the attribute "of" says. What finds no place is of a device that is gone.
 */
#include "node/xml/domain.h"

#include <string.h>

#include "conf/types.h"
#include "node/xml/table.h"
#include "node/xml/writing.h"

/* Those of the domain, which begin at depth 1. */
#define DOMAIN_DEPTH 1

static const struct conf_key *key_of(const struct conf_key *keys, const char *name)
{
	for (; name && keys->name; keys++)
		if (!strcmp(keys->name, name))
			return keys;
	return NULL;
}

/* A field's text; as it is, where the file would put it in quotes. */
static void field_text(
    const struct xml_writing *writing, const struct xml_row *row, struct buf *text)
{
	const struct conf_key *key = key_of(writing->keys, row->field);
	const char *field;
	const char *own;

	if (!key || key->flags & CONF_LIST)
		return;
	field = (const char *)writing->object + key->offset;
	if (key->type->print == conf_type_print_text) {
		memcpy(&own, field, sizeof(own));
		buf_puts(text, own ? own : "");
	} else {
		key->type->print(key, field, text);
	}
}

static void write_row(struct xml_writing *writing, const struct xml_row *row)
{
	const char *attribute = strchr(row->path, '@');
	struct buf text = BUF_INIT;
	struct buf value = BUF_INIT;
	bool some;

	field_text(writing, row, &text);
	if (row->form->write) {
		some = row->form->write(writing, row, buf_text(&text), &value);
	} else {
		some = text.length;
		buf_puts(&value, buf_text(&text));
	}
	if (some) {
		xml_writing_open(writing, writing->base, row->path, NULL, false);
		if (attribute) {
			xml_attribute(&writing->xml, attribute + 1, buf_text(&value));
		} else if (!row->form->presence) {
			xml_end_text(&writing->xml, buf_text(&value));
			writing->depth--;
		}
	}
	buf_done(&text);
	buf_done(&value);
}

static void write_rows(struct xml_writing *writing, const struct xml_row *rows);

static void write_kept_row(struct xml_writing *writing, const struct xml_row *row)
{
	const struct xml_element *kept = writing->kept[writing->base];

	/* Deeper ones come with what they are in. */
	if (!kept || strchr(row->path, '/'))
		return;
	xml_writing_close(writing, writing->base);
	for (struct xml_element *child = kept->children; child; child = child->next)
		if (!child->used && !strcmp(child->name, row->path))
			xml_writing_kept(writing, child);
}

/* One value of a key. */
static void write_object(struct xml_writing *writing, const struct xml_row *row, const void *object,
    const struct conf_key *keys, unsigned int index)
{
	const struct conf_key *outer_keys = writing->keys;
	const void *outer_object = writing->object;
	unsigned int outer_index = writing->index;
	unsigned int outer_base = writing->base;
	struct buf name = BUF_INIT;

	writing->object = object;
	writing->keys = keys;
	writing->index = index;
	if (row->group->identity_of)
		row->group->identity_of(writing, &name);
	if (!name.length)
		buf_printf(&name, "#%u", index);
	xml_writing_open(writing, outer_base, row->path, buf_text(&name), true);
	writing->base = writing->depth;
	write_rows(writing, row->group->rows);
	xml_writing_close(writing, writing->base);
	xml_writing_close(writing, writing->base - 1);
	writing->base = outer_base;
	writing->object = outer_object;
	writing->keys = outer_keys;
	writing->index = outer_index;
	buf_done(&name);
}

static void write_group(struct xml_writing *writing, const struct xml_row *row)
{
	const struct conf_guest *guest = writing->guest->conf;
	const struct conf_key *key = key_of(conf_guest_keys, row->group->key);
	struct buf said = BUF_INIT;
	unsigned int index = 0;

	if (row->group->wanted && !row->group->wanted(writing))
		return;
	if (!key) {
		write_object(writing, row, guest, conf_guest_keys, 0);
	} else if (key->flags & CONF_LIST) {
		const struct conf_item *item;

		memcpy(&item, (const char *)guest + key->offset, sizeof(item));
		for (; item; item = item->next)
			write_object(writing, row, item, key->fields, index++);
	} else {
		conf_value_print(key, guest, &said);
		if (said.length || row->group->always)
			write_object(
			    writing, row, (const char *)guest + key->offset, key->fields, 0);
		buf_done(&said);
	}
}

static void write_rows(struct xml_writing *writing, const struct xml_row *rows)
{
	for (const struct xml_row *row = rows; row && row->path; row++) {
		if (row->fate == XML_GROUP)
			write_group(writing, row);
		else if (row->fate == XML_KEEP)
			write_kept_row(writing, row);
		else if (row->fate == XML_MAP && row->form->emit)
			row->form->emit(writing, row);
		else if (row->fate == XML_MAP)
			write_row(writing, row);
	}
}

void xml_domain(const struct conf_model *model, const struct driver_guest *guest, const char *parts,
    unsigned int flags, struct buf *out)
{
	struct driver_guest off = *guest;
	struct xml_writing writing = { .xml = { .out = out },
		.model = model,
		.guest = &off,
		.flags = flags,
		.object = guest->conf,
		.keys = conf_guest_keys,
		.base = DOMAIN_DEPTH,
		.parts = parts };
	struct xml_element *kept = *parts ? xml_tree_read(parts, strlen(parts)) : NULL;

	/* What it has only while it runs is not part of its definition. */
	if (flags & (XML_INACTIVE | XML_MIGRATABLE)) {
		off.taps = NULL;
		off.disks = NULL;
		off.console_path = NULL;
		off.slots = NULL;
	}
	xml_writing_begin(&writing, "domain", NULL);
	writing.kept[DOMAIN_DEPTH] = kept;
	for (size_t i = 0; kept && i < kept->count; i++)
		xml_attribute(&writing.xml, kept->attributes[i].name, kept->attributes[i].value);
	write_rows(&writing, xml_group_domain.rows);
	write_rows(&writing, xml_group_domain.more);
	xml_writing_close(&writing, 0);
	xml_tree_free(kept);
}
