/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/xml/define.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "conf/bind.h"
#include "conf/section.h"
#include "lib/uuid.h"
#include "node/guest/identity.h"
#include "node/xml/reading.h"
#include "node/xml/settle.h"
#include "node/xml/table.h"
#include "node/xml/table_devices.h"
#include "rpc/error.h"

#define ARENA_SIZE (256ul << 20)
#define FIELDS_MAX 32

static const struct conf_key *key_of(const struct conf_key *keys, const char *name)
{
	for (; name && keys->name; keys++)
		if (!strcmp(keys->name, name))
			return keys;
	return NULL;
}

/* The child below `path` up to an "@"; itself for an empty one. */
static struct xml_element *child_at(struct xml_element *element, const char *path)
{
	while (element && *path && *path != '@') {
		size_t length = strcspn(path, "/@");
		struct xml_element *child = element->children;

		while (child &&
		       (strlen(child->name) != length || strncmp(child->name, path, length) != 0))
			child = child->next;
		element = child;
		path += length;
		path += *path == '/';
	}
	return element;
}

/* What the rows of one element have found: texts of its key's fields, in the arena. */
struct found {
	const struct conf_key *keys;
	const char *texts[FIELDS_MAX];
	bool domain; /* each is a line of its own */
};

static void keep_text(struct xml_reading *reading, struct xml_element *at,
    const struct xml_row *row, struct found *found, const char *text)
{
	const struct conf_key *key = key_of(found->keys, row->field);
	struct buf word = BUF_INIT;

	if (!key)
		return;
	/* Sets of words are as many; all else that a key or a field takes is one. */
	if (found->domain && !strcmp(row->field, "boot"))
		buf_puts(&word, text);
	else
		conf_value_print_word(text, &word);
	if (found->domain)
		xml_say(reading, at, key->name, buf_text(&word));
	else
		found->texts[key - found->keys] = arena_copy(
		    reading->arena, buf_text(&word), word.length);
	buf_done(&word);
}

static bool is_blank(const char *text)
{
	return !text || !text[strspn(text, " \t\r\n")];
}

static bool read_row(struct xml_reading *reading, struct xml_element *of, const struct xml_row *row,
    struct found *found)
{
	struct xml_element *at = child_at(of, row->path);
	const char *name = strchr(row->path, '@');
	struct xml_attribute_read *attribute = at && name ? xml_tree_own(at, name + 1) : NULL;
	const char *value = NULL;
	struct buf text = BUF_INIT;
	bool good = true;

	if (attribute) {
		attribute->used = true;
		value = attribute->value;
	} else if (at && !name) {
		at->used = true;
		value = is_blank(at->text) ? "" : at->text;
	}
	if (!value && !row->form->absent)
		return true;
	if (row->form->read)
		good = row->form->read(reading, row, of, value, &text);
	else if (value)
		buf_puts(&text, value);
	if (good && text.length)
		keep_text(reading, at ? at : of, row, found, buf_text(&text));
	buf_done(&text);
	return good;
}

/* Whether a row is of the element `name` where `any` has its "*". */
static bool knows(
    const struct xml_row *rows, const struct xml_row *any, const struct xml_element *child)
{
	size_t prefix = strlen(any->path) - 1;
	size_t length = strlen(child->name);

	for (; rows && rows->path; rows++)
		if (!strncmp(rows->path, any->path, prefix) &&
		    !strncmp(rows->path + prefix, child->name, length) &&
		    strchr("@/", rows->path[prefix + length]) &&
		    (rows->fate != XML_GROUP || !rows->group->pick || child->used))
			return true;
	return false;
}

static bool refuse_row(struct xml_reading *reading, struct xml_element *of,
    const struct xml_group *group, const struct xml_row *row)
{
	size_t length = strlen(row->path);
	bool any = row->path[length - 1] == '*';
	struct xml_element *at;
	char path[64];

	snprintf(path, sizeof(path), "%.*s", (int)(any ? length - 2 : length), row->path);
	at = child_at(of, path);
	if (!any) {
		const char *name = strchr(row->path, '@');

		if (at && (!name || xml_tree_own(at, name + 1)))
			return xml_refuse(reading, at, name ? name + 1 : NULL, "%s", row->note);
		return true;
	}
	/* Any child that no row knows. */
	for (struct xml_element *child = at ? at->children : NULL; child; child = child->next)
		if (!knows(group->rows, row, child) && !knows(group->more, row, child))
			return xml_refuse(reading, child, NULL, "%s", row->note);
	return true;
}

static bool read_rows(struct xml_reading *reading, struct xml_element *of,
    const struct xml_row *rows, const struct xml_group *group, struct found *found);

/* "key = words": those by place, then the others. */
static bool say_record(struct xml_reading *reading, struct xml_element *of,
    const struct xml_group *group, const struct found *found)
{
	struct buf line = BUF_INIT;
	bool good = true;

	for (const struct conf_key *field = found->keys; field->name && good; field++) {
		const char *text = found->texts[field - found->keys];

		if (!text && field->flags & CONF_REQUIRED)
			good = xml_refuse(reading, of, NULL, "it lacks its %s", field->name);
		if (!text)
			continue;
		buf_printf(&line, "%s%s%s%s", line.length ? " " : "",
		    field->flags & CONF_POSITIONAL ? "" : field->name,
		    field->flags & CONF_POSITIONAL ? "" : "=", text);
	}
	if (good)
		xml_say(reading, of, group->key, buf_text(&line));
	buf_done(&line);
	return good;
}

static bool read_element(
    struct xml_reading *reading, struct xml_element *of, const struct xml_group *group)
{
	const struct conf_key *key = key_of(conf_guest_keys, group->key);
	struct found found = { .keys = key ? key->fields : conf_guest_keys, .domain = !key };

	if (group->left && group->left(reading, of))
		return true;
	of->used = true;
	return (!group->begin || group->begin(reading, of)) &&
	       read_rows(reading, of, group->rows, group, &found) &&
	       (!key || say_record(reading, of, group, &found));
}

static bool is_picked(
    const struct xml_element *element, const struct xml_row *rows, const struct xml_row *row)
{
	const struct xml_group *group = row->group;
	const char *value = group->pick ? xml_tree_attribute(element, "", group->pick) : NULL;

	if (!group->pick || (value && !strcmp(value, group->picked)))
		return true;
	/* Without the attribute it is of the first group of its path. */
	return !value && (row == rows || strcmp(row[-1].path, row->path) != 0);
}

/* Every element at the row's path, whatever its parents; "cpu/numa/cell" */
static bool read_group(struct xml_reading *reading, struct xml_element *of,
    const struct xml_row *rows, const struct xml_row *row)
{
	const char *slash = strchr(row->path, '/');
	struct xml_row rest = *row;
	size_t length = slash ? (size_t)(slash - row->path) : strlen(row->path);

	for (struct xml_element *child = of->children; child; child = child->next) {
		if (strlen(child->name) != length || strncmp(child->name, row->path, length) != 0)
			continue;
		if (slash) {
			struct xml_row pair[2] = { { .path = "" }, rest };

			/* The row before it tells who is first: keep that below the path too. */
			if (row != rows && !strncmp(row[-1].path, row->path, length + 1))
				pair[0].path = row[-1].path + length + 1;
			pair[1].path = slash + 1;
			if (!read_group(reading, child, pair, &pair[1]))
				return false;
		} else if (is_picked(child, rows, row) &&
			   !read_element(reading, child, row->group)) {
			return false;
		}
	}
	return true;
}

static bool read_rows(struct xml_reading *reading, struct xml_element *of,
    const struct xml_row *rows, const struct xml_group *group, struct found *found)
{
	for (const struct xml_row *row = rows; row && row->path; row++) {
		bool good = true;

		if (row->fate == XML_MAP)
			good = read_row(reading, of, row, found);
		else if (row->fate == XML_GROUP)
			good = read_group(reading, of, rows, row);
		else if (row->fate == XML_REFUSE)
			good = refuse_row(reading, of, group, row);
		else if (row->fate == XML_IGNORE && child_at(of, row->path))
			xml_use_all(child_at(of, row->path));
		if (!good)
			return false;
	}
	return true;
}

/* Whether there is something in it to keep. */
static bool has_rest(const struct xml_element *element)
{
	if (!element->used && !element->count && !element->children)
		return true;
	if (!element->used && !is_blank(element->text))
		return true;
	for (size_t i = 0; i < element->count; i++)
		if (!element->attributes[i].used)
			return true;
	for (const struct xml_element *child = element->children; child; child = child->next)
		if (has_rest(child))
			return true;
	return false;
}

static bool is_untouched(const struct xml_element *element)
{
	if (element->used)
		return false;
	for (size_t i = 0; i < element->count; i++)
		if (element->attributes[i].used)
			return false;
	for (const struct xml_element *child = element->children; child; child = child->next)
		if (!is_untouched(child))
			return false;
	return true;
}

/* By what the parts of a device find it again; those of another element that was understood in part
 * go with that only. */
static void write_identity(struct xml *xml, const struct xml_element *element)
{
	const struct xml_element *parent = element->parent;
	unsigned int index = 0;

	if (!parent)
		return;
	for (const struct xml_row *row = xml_device_rows; row->path; row++) {
		const char *name = row->path + strlen("devices/");
		const char *identity = NULL;

		if (row->fate != XML_GROUP || strcmp(name, element->name) != 0 ||
		    strcmp(parent->name, "devices") != 0)
			continue;
		if (row->group->identity)
			identity = row->group->identity(element);
		for (const struct xml_element *one = parent->children; one != element;
		     one = one->next)
			index += !strcmp(one->name, name);
		if (identity)
			xml_attribute(xml, "of", identity);
		else
			xml_attribute_format(xml, "of", "#%u", index);
		return;
	}
	if (element->used || !strcmp(parent->name, "devices"))
		xml_attribute(xml, "of", "-");
}

static void write_rest(struct xml *xml, const struct xml_element *element, const char *text)
{
	if (is_untouched(element)) {
		xml_raw(xml, text + element->begin, element->end - element->begin);
		return;
	}
	xml_begin(xml, element->name);
	write_identity(xml, element);
	for (size_t i = 0; i < element->count; i++)
		if (!element->attributes[i].used)
			xml_attribute(
			    xml, element->attributes[i].name, element->attributes[i].value);
	for (const struct xml_element *child = element->children; child; child = child->next)
		if (has_rest(child))
			write_rest(xml, child, text);
	xml_end(xml);
}

static bool fail(struct xml_definition *definition, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool fail(struct xml_definition *definition, int code, const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	definition->code = code;
	buf_cut(&definition->why, 0);
	buf_puts(&definition->why, text);
	return false;
}

/* With blanks around it. */
static bool parse_uuid(const char *text, uint8_t uuid[16])
{
	static const char blanks[] = " \t\r\n";
	char word[64];
	size_t length;

	text += strspn(text, blanks);
	length = strcspn(text, blanks);
	snprintf(word, sizeof(word), "%.*s", (int)length, text);
	return length < sizeof(word) && uuid_parse_loose(word, uuid);
}

bool xml_definition_read(struct xml_definition *definition, const char *text)
{
	const struct xml_element *name;
	const struct xml_element *uuid;

	*definition = (struct xml_definition){ 0 };
	definition->root = xml_tree_read(text, strlen(text));
	if (!definition->root)
		return fail(definition, RPC_ERR_XML, "XML error: this is not well-formed XML");
	if (strcmp(definition->root->name, "domain") != 0)
		return fail(definition, RPC_ERR_XML,
		    "XML error: unexpected root element <%s>, expecting <domain>",
		    definition->root->name);
	for (struct xml_element *child = definition->root->children; child; child = child->next)
		if (!strcmp(child->name, "vcpus") && !child->children)
			child->name[strlen("vcpu")] = '\0';
	definition->arena = arena_create(ARENA_SIZE);
	if (!definition->arena)
		return fail(definition, RPC_ERR_NO_MEMORY, "out of memory");
	name = xml_tree_find(definition->root, "name");
	if (!name || is_blank(name->text))
		return fail(definition, RPC_ERR_XML, "XML error: missing domain name information");
	definition->name = arena_copy(definition->arena, name->text, strlen(name->text));
	uuid = xml_tree_find(definition->root, "uuid");
	definition->has_uuid = uuid && !is_blank(uuid->text);
	if (definition->has_uuid && !parse_uuid(uuid->text, definition->uuid))
		return fail(definition, RPC_ERR_INTERNAL, "internal error: malformed uuid element");
	if (!definition->has_uuid &&
	    getrandom(definition->uuid, 16, 0) != (ssize_t)sizeof(definition->uuid))
		return fail(definition, RPC_ERR_INTERNAL, "internal error: no randomness");
	/* RFC 9562, section 5.4 */
	if (!definition->has_uuid) {
		definition->uuid[6] = (uint8_t)((definition->uuid[6] & 0x0f) | 0x40);
		definition->uuid[8] = (uint8_t)((definition->uuid[8] & 0x3f) | 0x80);
	}
	return true;
}

/* The section's text as the model has guests; what is wrong with it names the place in XML. */
static bool bind(struct xml_definition *definition, struct xml_reading *reading)
{
	struct conf_diags diags = { .arena = definition->arena };
	struct conf_model *model = arena_alloc(definition->arena, sizeof(*model));
	const char *text = arena_copy(
	    definition->arena, buf_text(&reading->section), reading->section.length);
	const struct conf_section *sections = conf_parse(text, reading->section.length, &diags);
	const struct conf_diag *first;

	if (!diags.count)
		conf_bind_model(sections, &diags, model);
	first = diags.first;
	if (!first) {
		definition->guest = model->guests;
		return true;
	}
	/* The header and the UUID come first. */
	return fail(definition, RPC_ERR_UNSUPPORTED_CONFIG, "unsupported configuration: %s: %s",
	    first->pos.line > 2 && first->pos.line - 3 < reading->lines
		? reading->paths[first->pos.line - 3]
		: "/domain/name",
	    first->message);
}

bool xml_definition_convert(struct xml_definition *definition, const char *text,
    const struct conf_model *model, const struct conf_guest *old)
{
	struct xml_reading reading = {
		.model = model, .old = old, .arena = definition->arena, .root = definition->root
	};
	struct found found = { .keys = conf_guest_keys, .domain = true };
	struct xml xml = { .out = &definition->parts };
	char uuid[UUID_TEXT];
	bool good;

	reading.paths = arena_alloc(definition->arena, XML_LINES * sizeof(*reading.paths));
	buf_puts(&reading.section, "[guest ");
	buf_puts(&reading.section, "\"");
	for (const char *c = definition->name; *c; c++)
		buf_printf(&reading.section, strchr("\"\\", *c) ? "\\%c" : "%c", *c);
	buf_printf(&reading.section, "\"]\nuuid = %s\n", uuid_text(definition->uuid, uuid));
	definition->root->used = true;
	good = read_rows(
		   &reading, definition->root, xml_group_domain.rows, &xml_group_domain, &found) &&
	       read_rows(
		   &reading, definition->root, xml_group_domain.more, &xml_group_domain, &found);
	if (!good) {
		definition->code = reading.code;
		buf_cut(&definition->why, 0);
		buf_puts(&definition->why, buf_text(&reading.why));
	} else {
		good = bind(definition, &reading);
	}
	if (good) {
		if (has_rest(definition->root))
			write_rest(&xml, definition->root, text);
		xml_settle(definition->guest, old, definition->parts.length);
		good = !conf_section_edits(definition->arena, old, definition->guest,
			   &definition->edits, &definition->edit_count, &reading.why) ||
		       fail(definition, RPC_ERR_UNSUPPORTED_CONFIG, "unsupported configuration: %s",
			   buf_text(&reading.why));
	}
	buf_done(&reading.section);
	buf_done(&reading.why);
	return good;
}

void xml_definition_done(struct xml_definition *definition)
{
	xml_tree_free(definition->root);
	arena_free(definition->arena);
	buf_done(&definition->parts);
	buf_done(&definition->why);
}
