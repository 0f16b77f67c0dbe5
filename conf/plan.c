/* SPDX-License-Identifier: GPL-2.0-only */
#include "conf/plan.h"

#include <string.h>

#include "conf/plug.h"
#include "conf/schema.h"
#include "lib/arena.h"
#include "lib/map.h"

struct planner {
	struct buf *buf;
	struct buf before; /* room for one key's values */
	struct buf after;
	enum conf_cost worst;
};

static void note_cost(struct planner *planner, enum conf_cost cost)
{
	if (cost > planner->worst)
		planner->worst = cost;
	buf_printf(planner->buf, "\t%s\n", conf_cost_text(cost));
}

/* The lines of `values` that `others` lacks, with blanks and commas between; "-" for none. */
static bool only_in(const char *values, const char *others, const char *sign, struct buf *buf)
{
	bool some = false;

	for (; *values; values += strcspn(values, "\n") + 1) {
		size_t length = strcspn(values, "\n");
		bool found = false;

		for (const char *at = others; *at && !found; at += strcspn(at, "\n") + 1)
			found = strcspn(at, "\n") == length && !strncmp(at, values, length);
		if (found)
			continue;
		buf_printf(buf, "%s%s%.*s", some ? ", " : " ", sign, (int)length, values);
		some = true;
	}
	return some;
}

/* A list's members that come and go; of a mere new order the whole is shown. */
static void show_list(struct planner *planner, const char *before, const char *after)
{
	bool gone = only_in(before, after, "-", planner->buf);
	struct buf more = BUF_INIT;
	bool come = only_in(after, before, "+", &more);

	if (come)
		buf_printf(planner->buf, "%s%s", gone ? "," : "", buf_text(&more));
	if (!gone && !come)
		buf_puts(planner->buf, " in another order");
	buf_done(&more);
}

static void show_single(
    struct planner *planner, const struct conf_key *key, const char *before, const char *after)
{
	const char *unsaid = key->initial ? key->initial : "not said";

	if (key->flags & CONF_SECRET) {
		buf_puts(planner->buf, " changed");
		return;
	}
	buf_printf(planner->buf, " %.*s -> %.*s", (int)strcspn(*before ? before : unsaid, "\n"),
	    *before ? before : unsaid, (int)strcspn(*after ? after : unsaid, "\n"),
	    *after ? after : unsaid);
}

/* Disks and NICs come and go while the guest runs; what becomes otherwise is for its next start,
 * but for limits and link. */
static enum conf_cost cost_of_devices(
    const struct conf_guest *before, const struct conf_guest *after, bool nics)
{
	struct conf_plug plugs[CONF_PLUGS_MAX];
	unsigned int count = conf_plugs(before, after, plugs);
	bool some = false;

	for (unsigned int i = 0; i < count; i++) {
		if (plugs[i].is_nic != nics)
			continue;
		if (!conf_plug_is_live(before, &plugs[i]))
			return CONF_COST_GUEST;
		some = true;
	}
	return some ? CONF_COST_LIVE : CONF_COST_GUEST;
}

/* A guest cannot grow past what it was started with. */
static enum conf_cost cost_of(const struct conf_section_type *type, const struct conf_key *key,
    const void *old_object, const void *new_object)
{
	const struct conf_guest *before = old_object;
	const struct conf_guest *after = new_object;

	if (!strcmp(type->name, "guest") && !strcmp(key->name, "memory") &&
	    after->memory > (before->memory_max ? before->memory_max : before->memory))
		return CONF_COST_GUEST;
	if (!strcmp(type->name, "guest") &&
	    (!strcmp(key->name, "disk") || !strcmp(key->name, "nic")))
		return cost_of_devices(before, after, !strcmp(key->name, "nic"));
	return key->cost;
}

static void compare_keys(struct planner *planner, const struct conf_section_type *type,
    const char *name, const void *old_object, const void *new_object)
{
	for (const struct conf_key *key = type->keys; key->name; key++) {
		const char *before;
		const char *after;

		buf_cut(&planner->before, 0);
		buf_cut(&planner->after, 0);
		conf_value_print(key, old_object, &planner->before);
		conf_value_print(key, new_object, &planner->after);
		before = buf_text(&planner->before);
		after = buf_text(&planner->after);
		/* What a template gives shows in the guest's other keys. */
		if (!strcmp(before, after) || !strcmp(key->name, "use"))
			continue;
		buf_printf(planner->buf, "~ %s", type->name);
		if (name)
			buf_printf(planner->buf, " \"%s\"", name);
		buf_printf(planner->buf, " %s:", key->name);
		if (key->flags & CONF_LIST)
			show_list(planner, before, after);
		else
			show_single(planner, key, before, after);
		note_cost(planner, cost_of(type, key, old_object, new_object));
	}
}

static void index_objects(
    const struct conf_section_type *type, const struct conf_model *model, struct map *map)
{
	for (const struct conf_object *object = conf_schema_first(type, model); object;
	     object = object->next)
		map_add(map, object->name, object);
}

static void compare_objects(struct planner *planner, const struct conf_section_type *type,
    const struct conf_model *old_model, const struct conf_model *new_model, struct arena *arena)
{
	struct map olds = { .arena = arena };
	struct map news = { .arena = arena };

	index_objects(type, old_model, &olds);
	index_objects(type, new_model, &news);
	for (const struct conf_object *object = conf_schema_first(type, old_model); object;
	     object = object->next) {
		const void *now = map_get(&news, object->name);

		if (now) {
			compare_keys(planner, type, object->name, object, now);
			continue;
		}
		buf_printf(planner->buf, "- %s \"%s\"", type->name, object->name);
		note_cost(planner, type->cost);
	}
	for (const struct conf_object *object = conf_schema_first(type, new_model); object;
	     object = object->next) {
		if (map_get(&olds, object->name))
			continue;
		buf_printf(planner->buf, "+ %s \"%s\"", type->name, object->name);
		note_cost(planner, type->cost);
	}
}

/* Two maps of every object: names are a few bytes each, and a file holds less than 100,000. */
#define ARENA_SIZE (64ul * 1024 * 1024)

enum conf_cost conf_plan(
    const struct conf_model *old_model, const struct conf_model *new_model, struct buf *buf)
{
	struct planner planner = { .buf = buf };
	struct arena *arena = arena_create(ARENA_SIZE);

	if (!arena)
		buf->failed = true;
	for (const struct conf_section_type *type = conf_section_types; arena && type->name;
	     type++) {
		if (type->naming == CONF_UNNAMED)
			compare_keys(&planner, type, NULL, (const char *)old_model + type->offset,
			    (const char *)new_model + type->offset);
		else
			compare_objects(&planner, type, old_model, new_model, arena);
	}
	if (!buf_ok(&planner.before) || !buf_ok(&planner.after))
		buf->failed = true;
	buf_done(&planner.before);
	buf_done(&planner.after);
	arena_free(arena);
	return planner.worst;
}
