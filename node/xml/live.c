/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/xml/live.h"

#include <stdio.h>
#include <string.h>

#include "lib/num.h"
#include "node/guest/control.h"
#include "node/xml/writing.h"

/* libvirt: "User-defined aliases must start with ua-". */
#define OF_USER "ua-"

bool xml_read_alias(struct xml_reading *reading, const struct xml_row *row, struct xml_element *of,
    const char *value, struct buf *ret_text)
{
	char path[64];
	const struct xml_element *alias;

	(void)reading;
	(void)ret_text;
	snprintf(path, sizeof(path), "%.*s", (int)strcspn(row->path, "@"), row->path);
	alias = xml_tree_find(of, path);
	if (alias && !strncmp(value, OF_USER, strlen(OF_USER)))
		xml_tree_own(alias, "name")->used = false;
	return true;
}

/* A part of the open element that is kept, and not written yet. */
static struct xml_element *kept(const struct xml_writing *writing, const char *name)
{
	const struct xml_element *parts = writing->kept[writing->depth];

	for (struct xml_element *child = parts ? parts->children : NULL; child; child = child->next)
		if (!child->used && !strcmp(child->name, name))
			return child;
	return NULL;
}

void xml_write_alias(struct xml_writing *writing, const char *alias)
{
	if (writing->guest->slots && !kept(writing, "alias"))
		xml_empty(&writing->xml, "alias", "name", alias);
}

void xml_write_place(struct xml_writing *writing, const char *key, const char *alias)
{
	struct xml_element *wished = kept(writing, "address");
	struct xml *xml = &writing->xml;
	char name[64];
	char digits[NUM_TEXT];
	uint64_t slot;

	snprintf(name, sizeof(name), "%s.slot", key);
	if (!writing->guest->slots ||
	    !control_value(writing->guest->slots, name, digits, sizeof(digits)) ||
	    !num_parse(digits, 31, &slot))
		return;
	xml_write_alias(writing, alias);
	if (wished)
		wished->used = true;
	xml_begin(xml, "address");
	xml_attribute(xml, "type", "pci");
	xml_attribute(xml, "domain", "0x0000");
	xml_attribute(xml, "bus", "0x00");
	xml_attribute_format(xml, "slot", "0x%02x", (unsigned int)slot);
	xml_attribute(xml, "function", "0x0");
	xml_end(xml);
}

static void emit_place(struct xml_writing *writing, const struct xml_row *row)
{
	char path[64];

	/* What it is of stands before it, or is not there. */
	snprintf(path, sizeof(path), "%.*s", (int)(strrchr(row->path, '/') - row->path), row->path);
	if (!xml_writing_back(writing, path))
		return;
	xml_write_place(writing, row->words->file, row->words->xml);
}

const struct xml_form xml_form_place = { .read = xml_read_alias, .emit = emit_place };
