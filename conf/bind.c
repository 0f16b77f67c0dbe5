/* SPDX-License-Identifier: GPL-2.0-only */
#include "conf/bind.h"

#include <string.h>

#include "conf/schema.h"
#include "conf/values.h"

#define KEYS_MAX 64
#define LEASE_DEFAULT 3600

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

static const struct conf_section_type *find_type(const char *name)
{
	for (size_t i = 0; i < conf_section_type_count; i++)
		if (!strcmp(conf_section_types[i].name, name))
			return &conf_section_types[i];
	return NULL;
}

static void unknown_section(struct conf_diags *diags, const struct conf_section *section)
{
	const char *near = conf_nearest(
	    section->type, section_name, conf_section_types, conf_section_type_count);

	if (near)
		conf_diag_add(diags, section->pos, "unknown section [%s]; did you mean [%s]?",
		    section->type, near);
	else
		conf_diag_add(diags, section->pos,
		    "unknown section [%s]; there are [node], [uplink \"NAME\"] and "
		    "[network \"NAME\"]",
		    section->type);
}

static void unknown_key(
    struct conf_diags *diags, const struct conf_section_type *type, const struct conf_entry *entry)
{
	const char *near = conf_nearest(entry->key, key_name, type->keys, type->key_count);

	if (near)
		conf_diag_add(diags, entry->pos, "unknown key \"%s\" in [%s]; did you mean \"%s\"?",
		    entry->key, type->name, near);
	else
		conf_diag_add(diags, entry->pos,
		    "unknown key \"%s\" in [%s]; berth.conf(5) lists them", entry->key, type->name);
}

/* One section's keys into its struct. `seen` holds the line of each key that stood before, in the
 * order of the table. */
static void bind_entries(struct conf_bind *bind, const struct conf_section *section,
    const struct conf_section_type *type, void *object, unsigned int seen[KEYS_MAX])
{
	for (const struct conf_entry *entry = section->first; entry; entry = entry->next) {
		size_t i = 0;

		while (i < type->key_count && strcmp(type->keys[i].name, entry->key))
			i++;
		if (i == type->key_count) {
			unknown_key(bind->diags, type, entry);
		} else if (seen[i] && !type->keys[i].list) {
			conf_diag_add(bind->diags, entry->pos,
			    "\"%s\" stands already in line %u; it can be given once", entry->key,
			    seen[i]);
		} else if (!entry->word_count) {
			conf_diag_add(bind->diags, entry->pos, "\"%s\" has no value; it takes: %s",
			    entry->key, type->keys[i].type);
		} else {
			seen[i] = entry->pos.line;
			type->keys[i].bind(bind, entry, (char *)object + type->keys[i].offset);
		}
	}
}

static bool has_key(const struct conf_section *section, const char *key)
{
	for (const struct conf_entry *entry = section->first; entry; entry = entry->next)
		if (!strcmp(entry->key, key))
			return true;
	return false;
}

static bool check_header(struct conf_diags *diags, const struct conf_section *section,
    const struct conf_section_type *type)
{
	if (type->named && !*section->name) {
		conf_diag_add(diags, section->pos, "[%s] needs a name: [%s \"NAME\"]", type->name,
		    type->name);
		return false;
	}
	if (!type->named && section->has_name) {
		conf_diag_add(diags, section->pos, "[%s] takes no name", type->name);
		return false;
	}
	if (type->named && !conf_is_interface_name(section->name)) {
		conf_diag_add(diags, section->pos,
		    "\"%s\" cannot be a name: a lower-case letter, then those, digits, "
		    "\"-\" and \".\", 15 at most",
		    section->name);
		return false;
	}
	return true;
}

static void bind_uplink(
    struct conf_bind *bind, const struct conf_section *section, struct conf_model *model)
{
	struct conf_uplink **place = &model->uplinks;
	struct conf_uplink *uplink = arena_alloc(bind->arena, sizeof(*uplink));
	unsigned int seen[KEYS_MAX] = { 0 };

	for (; *place; place = &(*place)->next)
		if (!strcmp((*place)->name, section->name))
			conf_diag_add(bind->diags, section->pos,
			    "[uplink \"%s\"] stands already in line %u", section->name,
			    (*place)->pos.line);
	uplink->name = section->name;
	uplink->pos = section->pos;
	uplink->ipv6 = true;
	bind_entries(bind, section, &conf_section_types[CONF_SECTION_UPLINK], uplink, seen);
	if (!has_key(section, "nic"))
		conf_diag_add(bind->diags, section->pos,
		    "[uplink \"%s\"] needs \"nic\": mac:ADDRESS, pci:ADDRESS or any",
		    section->name);
	if (!has_key(section, "address"))
		uplink->dhcp = true;
	*place = uplink;
}

static void bind_network(
    struct conf_bind *bind, const struct conf_section *section, struct conf_model *model)
{
	struct conf_network **place = &model->networks;
	struct conf_network *network = arena_alloc(bind->arena, sizeof(*network));
	unsigned int seen[KEYS_MAX] = { 0 };

	for (; *place; place = &(*place)->next)
		if (!strcmp((*place)->name, section->name))
			conf_diag_add(bind->diags, section->pos,
			    "[network \"%s\"] stands already in line %u", section->name,
			    (*place)->pos.line);
	network->name = section->name;
	network->pos = section->pos;
	network->lease = LEASE_DEFAULT;
	bind_entries(bind, section, &conf_section_types[CONF_SECTION_NETWORK], network, seen);
	*place = network;
}

/* A port without a word about it asks DHCP: a node that nobody configured can be reached. */
static void default_uplink(struct arena *arena, struct conf_model *model)
{
	struct conf_uplink *uplink = arena_alloc(arena, sizeof(*uplink));

	uplink->name = "any";
	uplink->selector = CONF_NIC_ANY;
	uplink->dhcp = true;
	uplink->ipv6 = true;
	model->uplinks = uplink;
}

static void default_network(struct arena *arena, struct conf_model *model)
{
	struct conf_network *network = arena_alloc(arena, sizeof(*network));

	for (const struct conf_network *other = model->networks; other; other = other->next)
		if (!strcmp(other->name, "default"))
			return;
	network->name = "default";
	network->lease = LEASE_DEFAULT;
	if (!netaddr_parse_prefix("192.168.122.1/24", &network->address) ||
	    !netaddr_parse("192.168.122.2", &network->dhcp_first) ||
	    !netaddr_parse("192.168.122.254", &network->dhcp_last))
		return;
	network->next = model->networks;
	model->networks = network;
}

void conf_bind_model(
    const struct conf_section *sections, struct conf_diags *diags, struct conf_model *model)
{
	struct conf_bind bind = { .diags = diags, .arena = diags->arena };
	unsigned int node_seen[KEYS_MAX] = { 0 };

	model->node.hostname = "berth";
	for (const struct conf_section *section = sections; section; section = section->next) {
		const struct conf_section_type *type = find_type(section->type);

		if (!type) {
			unknown_section(diags, section);
			continue;
		}
		if (!check_header(diags, section, type))
			continue;
		if (type == &conf_section_types[CONF_SECTION_NODE])
			bind_entries(&bind, section, type, &model->node, node_seen);
		else if (type == &conf_section_types[CONF_SECTION_UPLINK])
			bind_uplink(&bind, section, model);
		else
			bind_network(&bind, section, model);
	}
	if (!model->uplinks)
		default_uplink(diags->arena, model);
	default_network(diags->arena, model);
}
