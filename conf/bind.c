/* SPDX-License-Identifier: GPL-2.0-only */
#include "conf/bind.h"

#include <string.h>

#include "conf/nearest.h"
#include "conf/schema.h"
#include "conf/types.h"
#include "lib/map.h"

#define KEYS_MAX 72
#define TYPES_MAX 8
#define NAME_MAX_LENGTH 64

/* What has been seen of one object: of each key, in the order of the table, the line where it stood
 * and the list's last member. */
struct progress {
	unsigned int line[KEYS_MAX];
	struct conf_item *end[KEYS_MAX];
};

struct binder {
	struct conf_bind bind;
	struct conf_model *model;
	struct map templates;	     /* name to struct conf_section */
	struct map named[TYPES_MAX]; /* name to struct conf_object, of each type */
	void *prototype[TYPES_MAX];  /* an object with all defaults, of each type */
	struct conf_object *last[TYPES_MAX];
};

static const char *section_name(const void *list, size_t i)
{
	const struct conf_section_type *types = list;

	return types[i].name;
}

static const char *key_name(const void *list, size_t i)
{
	const struct conf_key *keys = list;

	return keys[i].name;
}

static void unknown_section(struct conf_diags *diags, const struct conf_section *section)
{
	size_t count = 0;
	const char *near;

	while (conf_section_types[count].name)
		count++;
	near = conf_nearest(section->type, section_name, conf_section_types, count);
	if (near)
		conf_diag_add(diags, section->pos, "unknown section [%s]; did you mean [%s]?",
		    section->type, near);
	else
		conf_diag_add(diags, section->pos,
		    "unknown section [%s]; there are [node], [uplink \"NAME\"], [network "
		    "\"NAME\"], [pool \"NAME\"], [template \"NAME\"] and [guest \"NAME\"]",
		    section->type);
}

static void unknown_key(
    struct conf_diags *diags, const struct conf_section_type *type, const struct conf_entry *entry)
{
	size_t count = 0;
	const char *near;

	while (type->keys[count].name)
		count++;
	near = conf_nearest(entry->key, key_name, type->keys, count);
	if (near)
		conf_diag_add(diags, entry->pos, "unknown key \"%s\" in [%s]; did you mean \"%s\"?",
		    entry->key, type->name, near);
	else
		conf_diag_add(diags, entry->pos,
		    "unknown key \"%s\" in [%s]; berth.conf(5) lists them", entry->key, type->name);
}

static void bind_entry(struct conf_bind *bind, const struct conf_section_type *type,
    const struct conf_entry *entry, void *object, struct progress *progress)
{
	size_t i = 0;

	while (type->keys[i].name && strcmp(type->keys[i].name, entry->key))
		i++;
	if (!type->keys[i].name) {
		unknown_key(bind->diags, type, entry);
	} else if (progress->line[i] && !(type->keys[i].flags & CONF_LIST)) {
		conf_diag_add(bind->diags, entry->pos,
		    "\"%s\" stands already in line %u; it can be given once", entry->key,
		    progress->line[i]);
	} else if (!entry->word_count && !(entry->bare && type->keys[i].type == &conf_type_bool)) {
		conf_diag_add(bind->diags, entry->pos, "\"%s\" has no value; it takes: %s",
		    entry->key, conf_value_usage(&type->keys[i]));
	} else {
		progress->line[i] = entry->pos.line;
		conf_value_parse(bind, &type->keys[i], entry, object, &progress->end[i]);
	}
}

static const struct conf_entry *find_entry(const struct conf_section *section, const char *key)
{
	for (const struct conf_entry *entry = section->first; entry; entry = entry->next)
		if (!strcmp(entry->key, key))
			return entry;
	return NULL;
}

/* The keys of the guest's template that the guest does not have itself. The template's own faults
 * are told where it stands, not again for each guest. */
static void bind_template(struct binder *binder, const struct conf_section *section,
    const struct conf_section_type *type, void *object)
{
	const struct conf_entry *use = find_entry(section, "use");
	struct conf_diags muted = { .arena = binder->bind.arena };
	struct conf_bind bind = { .diags = &muted, .arena = binder->bind.arena };
	const struct conf_section *source;
	struct progress passing = { { 0 }, { 0 } };

	if (!use || use->word_count != 1)
		return;
	source = map_get(&binder->templates, use->words[0].text);
	if (!source) {
		conf_diag_add(binder->bind.diags, use->words[0].pos,
		    "there is no [template \"%s\"]", use->words[0].text);
		return;
	}
	for (const struct conf_entry *entry = source->first; entry; entry = entry->next)
		if (strcmp(entry->key, "use") && !find_entry(section, entry->key))
			bind_entry(&bind, type, entry, object, &passing);
}

static void check_required(struct conf_diags *diags, const struct conf_section *section,
    const struct conf_section_type *type)
{
	for (const struct conf_key *key = type->keys; key->name; key++)
		if (key->flags & CONF_REQUIRED && !find_entry(section, key->name))
			conf_diag_add(diags, section->pos, "[%s \"%s\"] needs \"%s\": %s",
			    type->name, section->name, key->name, key->help);
}

static bool is_guest_name(const char *text)
{
	size_t length = strspn(
	    text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.+-");

	return length && length <= NAME_MAX_LENGTH && !text[length] && !strchr("_.+-", text[0]);
}

static bool check_header(struct conf_diags *diags, const struct conf_section *section,
    const struct conf_section_type *type)
{
	bool named = type->naming != CONF_UNNAMED;

	if (named && !*section->name) {
		conf_diag_add(diags, section->pos, "[%s] needs a name: [%s \"NAME\"]", type->name,
		    type->name);
		return false;
	}
	if (!named && section->has_name) {
		conf_diag_add(diags, section->pos, "[%s] takes no name", type->name);
		return false;
	}
	if (type->naming == CONF_NAMED_INTERFACE && !conf_is_interface_name(section->name)) {
		conf_diag_add(diags, section->pos,
		    "\"%s\" cannot be a name: a lower-case letter, then those, digits, \"-\" and "
		    "\".\", 15 at most",
		    section->name);
		return false;
	}
	if (type->naming == CONF_NAMED_GUEST && !is_guest_name(section->name)) {
		conf_diag_add(diags, section->pos,
		    "\"%s\" cannot be a name: letters, digits, \"_\", \".\", \"+\" and \"-\", 64 at "
		    "most, a letter or digit first",
		    section->name);
		return false;
	}
	return true;
}

/* A new object with all defaults at the end of its list. */
static void *new_object(struct binder *binder, size_t t, const char *name, struct conf_pos pos)
{
	const struct conf_section_type *type = &conf_section_types[t];
	struct conf_object *object = arena_alloc(binder->bind.arena, type->size);

	if (!binder->prototype[t]) {
		binder->prototype[t] = arena_alloc(binder->bind.arena, type->size);
		conf_value_set_initial(&binder->bind, type->keys, binder->prototype[t]);
	}
	memcpy(object, binder->prototype[t], type->size);
	object->name = name;
	object->pos = pos;
	if (binder->last[t])
		binder->last[t]->next = object;
	else
		memcpy((char *)binder->model + type->offset, &object, sizeof(object));
	binder->last[t] = object;
	return object;
}

static void bind_object(struct binder *binder, const struct conf_section *section, size_t t)
{
	const struct conf_section_type *type = &conf_section_types[t];
	struct conf_object *object = new_object(binder, t, section->name, section->pos);
	const struct conf_object *other = map_add(&binder->named[t], object->name, object);
	struct progress progress = { { 0 }, { 0 } };

	object->section = section;
	if (other)
		conf_diag_add(binder->bind.diags, section->pos,
		    "[%s \"%s\"] stands already in line %u", type->name, section->name,
		    other->pos.line);
	if (!strcmp(type->name, "guest"))
		bind_template(binder, section, type, object);
	for (const struct conf_entry *entry = section->first; entry; entry = entry->next)
		bind_entry(&binder->bind, type, entry, object, &progress);
	check_required(binder->bind.diags, section, type);
}

static size_t type_index(const char *name)
{
	return (size_t)(conf_schema_section(name) - conf_section_types);
}

/* One key of a built-in object, as if a file had said it. */
static void say(struct binder *binder, size_t t, void *object, const char *name, const char *value)
{
	struct conf_word word = { .text = value };
	struct conf_entry entry = { .key = name, .words = &word, .word_count = 1 };
	struct conf_item *end = NULL;

	conf_value_parse(
	    &binder->bind, conf_schema_key(&conf_section_types[t], name), &entry, object, &end);
}

/* What is there unless the file says otherwise. A port without a word about it asks DHCP, so that a
 * node that nobody configured can be reached. */
static void add_built_in(struct binder *binder)
{
	struct conf_pos nowhere = { 0 };
	size_t uplink = type_index("uplink");
	size_t network = type_index("network");
	size_t pool = type_index("pool");
	void *object;

	if (!binder->model->uplinks) {
		object = new_object(binder, uplink, "any", nowhere);
		say(binder, uplink, object, "nic", "any");
	}
	if (!map_get(&binder->named[network], "default")) {
		object = new_object(binder, network, "default", nowhere);
		say(binder, network, object, "address", "192.168.122.1/24");
		say(binder, network, object, "dhcp", "192.168.122.2-192.168.122.254");
	}
	if (!map_get(&binder->named[pool], "default")) {
		object = new_object(binder, pool, "default", nowhere);
		say(binder, pool, object, "path", "images");
	}
}

void conf_bind_model(
    const struct conf_section *sections, struct conf_diags *diags, struct conf_model *model)
{
	struct binder binder = { .bind = { .diags = diags, .arena = diags->arena },
		.model = model };
	struct progress node = { { 0 }, { 0 } };

	binder.templates.arena = diags->arena;
	for (size_t t = 0; t < TYPES_MAX; t++)
		binder.named[t].arena = diags->arena;
	conf_value_set_initial(&binder.bind, conf_node_keys, &model->node);
	for (const struct conf_section *section = sections; section; section = section->next)
		if (!strcmp(section->type, "template"))
			map_add(&binder.templates, section->name, section);
	for (const struct conf_section *section = sections; section; section = section->next) {
		const struct conf_section_type *type = conf_schema_section(section->type);

		if (!type) {
			unknown_section(diags, section);
			continue;
		}
		if (!check_header(diags, section, type))
			continue;
		if (type->naming != CONF_UNNAMED) {
			bind_object(&binder, section, (size_t)(type - conf_section_types));
			continue;
		}
		for (const struct conf_entry *entry = section->first; entry; entry = entry->next)
			bind_entry(&binder.bind, type, entry, &model->node, &node);
	}
	add_built_in(&binder);
}
