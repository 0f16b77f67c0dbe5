/* SPDX-License-Identifier: GPL-2.0-only */
#include "conf/schema.h"

#include <inttypes.h>
#include <string.h>

#include "conf/types.h"
#include "lib/num.h"

#define MODEL(field) offsetof(struct conf_model, field)

const struct conf_section_type conf_section_types[] = {
	{ "node", CONF_UNNAMED, sizeof(struct conf_node), MODEL(node), conf_node_keys,
	    CONF_COST_NOTHING },
	{ "uplink", CONF_NAMED_INTERFACE, sizeof(struct conf_uplink), MODEL(uplinks),
	    conf_uplink_keys, CONF_COST_NETWORK },
	{ "network", CONF_NAMED_INTERFACE, sizeof(struct conf_network), MODEL(networks),
	    conf_network_keys, CONF_COST_NETWORK },
	{ "pool", CONF_NAMED_GUEST, sizeof(struct conf_pool), MODEL(pools), conf_pool_keys,
	    CONF_COST_LIVE },
	{ "template", CONF_NAMED_GUEST, sizeof(struct conf_guest), MODEL(templates),
	    conf_template_keys, CONF_COST_NOTHING },
	{ "guest", CONF_NAMED_GUEST, sizeof(struct conf_guest), MODEL(guests), conf_guest_keys,
	    CONF_COST_LIVE },
	{ NULL, CONF_UNNAMED, 0, 0, NULL, CONF_COST_NOTHING },
};

const struct conf_section_type *conf_schema_section(const char *name)
{
	for (const struct conf_section_type *type = conf_section_types; type->name; type++)
		if (!strcmp(type->name, name))
			return type;
	return NULL;
}

const struct conf_key *conf_schema_key(const struct conf_section_type *type, const char *name)
{
	for (const struct conf_key *key = type->keys; key->name; key++)
		if (!strcmp(key->name, name))
			return key;
	return NULL;
}

struct conf_object *conf_schema_first(
    const struct conf_section_type *type, const struct conf_model *model)
{
	struct conf_object *first;

	memcpy(&first, (const char *)model + type->offset, sizeof(first));
	return first;
}

static const struct conf_entry *find_entry(const void *object, const char *key)
{
	const struct conf_object *of = object;

	if (of->section)
		for (const struct conf_entry *entry = of->section->first; entry;
		     entry = entry->next)
			if (!strcmp(entry->key, key))
				return entry;
	return NULL;
}

struct conf_pos conf_schema_where(const void *object, const char *key)
{
	const struct conf_entry *entry = find_entry(object, key);

	if (!entry)
		return ((const struct conf_object *)object)->pos;
	return entry->word_count ? entry->words[0].pos : entry->pos;
}

bool conf_schema_says(const void *object, const char *key)
{
	return find_entry(object, key) != NULL;
}

const char *conf_cost_text(enum conf_cost cost)
{
	static const char *const texts[] = { "nothing", "live", "restart of a service",
		"restart of the network", "restart of the guest" };

	return texts[cost];
}

/* Type and range. */
static void print_kind(const struct conf_key *key, struct buf *buf)
{
	char least[NUM_TEXT];
	char most[NUM_TEXT];

	if (key->type == &conf_type_choice)
		conf_type_print_choices(key, buf);
	else if (key->type == &conf_type_record)
		buf_puts(buf, key->usage);
	else
		buf_puts(buf, key->type->name);
	if (key->type == &conf_type_size)
		buf_printf(buf, ", %s to %s", num_size_text(key->min, least),
		    num_size_text(key->max, most));
	else if (key->type == &conf_type_duration)
		buf_printf(buf, ", %s to %s", num_duration_text(key->min, least),
		    num_duration_text(key->max, most));
	else if (key->type == &conf_type_number)
		buf_printf(buf, ", %" PRIu64 " to %" PRIu64, key->min, key->max);
	else if (key->type == &conf_type_percent)
		buf_printf(buf, ", %" PRIu64 "%% to %" PRIu64 "%%", key->min, key->max);
}

void conf_schema_print(struct buf *buf)
{
	for (const struct conf_section_type *type = conf_section_types; type->name; type++) {
		/* A template's table is a guest's. */
		if (type->keys == conf_template_keys)
			continue;
		for (const struct conf_key *key = type->keys; key->name; key++) {
			buf_printf(buf, "%s\t%s\t", type->name, key->name);
			print_kind(key, buf);
			buf_printf(buf, "\t%s\t%s\t%s\t%s\n",
			    key->flags & CONF_LIST ? "list" : "single",
			    key->initial ? key->initial : key->fallback, conf_cost_text(key->cost),
			    key->example);
		}
	}
}
