/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one table of sections and keys: what each is, may be, defaults to, and costs to change.
 * conf/bind fills the model by it, `berthconf schema` prints it, and the manual page is tested
 * against it.
 */
#ifndef BERTH_CONF_SCHEMA_H
#define BERTH_CONF_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/binder.h"

enum conf_cost { CONF_COST_LIVE, CONF_COST_SERVICE, CONF_COST_NETWORK };

struct conf_key {
	const char *name;
	conf_binder bind;
	size_t offset;	      /* of the field in its section's struct */
	bool list;	      /* may stand more than once */
	const char *type;     /* type and range, for people */
	const char *fallback; /* default, for people */
	enum conf_cost cost;
	const char *example;
};

struct conf_section_type {
	const char *name;
	bool named;  /* [type "name"], one each; else [type], which may be given in parts */
	size_t size; /* of its struct */
	const struct conf_key *keys;
	size_t key_count;
};

extern const struct conf_section_type conf_section_types[];
extern const size_t conf_section_type_count;

enum { CONF_SECTION_NODE, CONF_SECTION_UPLINK, CONF_SECTION_NETWORK };

const char *conf_cost_text(enum conf_cost cost);

/* The candidate nearest to `word` by edits, or NULL when none is close enough to be meant. */
const char *conf_nearest(const char *word, const char *(*candidate)(const void *list, size_t i),
    const void *list, size_t count);

#endif
