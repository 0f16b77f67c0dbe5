/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one table of sections and keys: what each is, may be, defaults to, and costs to change.
 * conf/bind fills the model by it, conf/print and conf/plan read the model by it, `berthconf
 * schema` prints it, and the manual page is tested against it.
 */
#ifndef BERTH_CONF_SCHEMA_H
#define BERTH_CONF_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/model.h"
#include "conf/value.h"

enum conf_naming { CONF_UNNAMED, CONF_NAMED_INTERFACE, CONF_NAMED_GUEST };

struct conf_section_type {
	const char *name;
	enum conf_naming
	    naming;    /* [type "name"], one each; else [type], which may be given in parts */
	size_t size;   /* of its struct */
	size_t offset; /* in the model: of the list's first, or of the struct */
	const struct conf_key *keys; /* ends with a row without name */
	enum conf_cost cost;	     /* of adding or removing one */
};

/* Every struct that a named section fills begins so. */
struct conf_object {
	struct conf_object *next;
	struct conf_pos pos; /* line 0: built in */
	const char *name;
	const struct conf_section *section;
};

/* Where an object's section has a key; the section's own place where it has not. */
struct conf_pos conf_schema_where(const void *object, const char *key);

/* Whether it has it, be the value good or not. */
bool conf_schema_says(const void *object, const char *key);

/* Ends with a row without name. In the order in which sections are printed. */
extern const struct conf_section_type conf_section_types[];

/* The tables of conf/schema_net and conf/schema_guest. */
extern const struct conf_key conf_node_keys[];
extern const struct conf_key conf_uplink_keys[];
extern const struct conf_key conf_network_keys[];
extern const struct conf_key conf_pool_keys[];
extern const struct conf_key conf_guest_keys[];

/* A template has the keys of a guest but the first one, "use". */
#define conf_template_keys (conf_guest_keys + 1)

/* NULL where there is none. */
const struct conf_section_type *conf_schema_section(const char *name);
const struct conf_key *conf_schema_key(const struct conf_section_type *type, const char *name);

/* The first object of a section's list in `model`. */
struct conf_object *conf_schema_first(
    const struct conf_section_type *type, const struct conf_model *model);

/* "restart of a guest" and the like. */
const char *conf_cost_text(enum conf_cost cost);

/* Appends the table: one key a line, with tabs between: section, key, type and range, list or
 * single, default, cost, example. */
void conf_schema_print(struct buf *buf);

#endif
