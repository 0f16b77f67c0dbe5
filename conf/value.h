/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Values: words of an entry to a field of the model and back. What a key is, is a row of a table
 * (struct conf_key); what a kind of value is, is a struct conf_type: parse and print. Lists and
 * records (a value of several words, each by a row of its own) are made of these here, once for
 * all.
 */
#ifndef BERTH_CONF_VALUE_H
#define BERTH_CONF_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/diag.h"
#include "conf/parse.h"
#include "lib/buf.h"

struct conf_key;

struct conf_bind {
	struct conf_diags *diags;
	struct arena *arena;
};

struct conf_type {
	const char *name; /* for people: "size", "MAC address" */
	size_t size;	  /* of the field */
	/*
	 * Put an entry's words into `field`. False with the fault told to bind->diags; the field
	 * may then hold anything that is safe to print. An entry has at least one word, unless the
	 * type is conf_type_bool.
	 */
	bool (*parse)(struct conf_bind *bind, const struct conf_entry *entry,
	    const struct conf_key *key, void *field);
	/* Append the canonical text; nothing when the field does not say anything. */
	void (*print)(const struct conf_key *key, const void *field, struct buf *buf);
};

/* What applying a change to a key costs. */
enum conf_cost {
	CONF_COST_NOTHING,
	CONF_COST_LIVE,
	CONF_COST_SERVICE,
	CONF_COST_NETWORK,
	CONF_COST_GUEST
};

enum {
	CONF_LIST = 1,	     /* the key may stand more than once */
	CONF_REQUIRED = 2,   /* it must stand */
	CONF_POSITIONAL = 4, /* in a record: a word by its place; else NAME=VALUE */
	CONF_SECRET = 8	     /* not to be shown in plans */
};

struct conf_key {
	const char *name;
	const struct conf_type *type;
	uint16_t offset;      /* of the field in its struct */
	uint16_t record_size; /* of a record's struct */
	uint8_t flags;
	uint8_t cost; /* enum conf_cost */
	union {	      /* the type says which */
		struct {
			uint64_t min; /* of numbers, sizes, durations */
			uint64_t max;
		};
		const char *const *choices; /* of conf_type_choice; ends with NULL */
		struct {
			const struct conf_key
			    *fields;	   /* of conf_type_record; ends with a row without name */
			const char *usage; /* its words */
		};
	};
	const char *initial;  /* the default, as text of a value */
	const char *fallback; /* or what happens without one, for people */
	const char *help;     /* one line of prose */
	const char *example;
};

/* What every member of a list begins with. */
struct conf_item {
	void *next;
	struct conf_pos pos;
};

/* A value of several words, each by a row of key->fields. The field's struct begins with a
 * conf_item. */
extern const struct conf_type conf_type_record;

/* Set every field of `keys` that has one to its default. */
void conf_value_set_initial(struct conf_bind *bind, const struct conf_key *keys, void *object);

/* One entry into its field of `object`; of a list, append to it. `end` keeps the list's last member
 * between calls and begins as NULL. */
bool conf_value_parse(struct conf_bind *bind, const struct conf_key *key,
    const struct conf_entry *entry, void *object, struct conf_item **end);

/* The canonical values of a key, one a line; nothing for what is not said or is the default. */
void conf_value_print(const struct conf_key *key, const void *object, struct buf *buf);

/* One word as the parser takes it: in quotes where it needs them. */
void conf_value_print_word(const char *text, struct buf *buf);

/* What a value of this key is, in short. */
const char *conf_value_usage(const struct conf_key *key);

/* For types: tell that a word will not do. Always false. */
bool conf_value_refuse(struct conf_bind *bind, const struct conf_word *word, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

/* For types of one word: the word, or NULL with the fault told. */
const struct conf_word *conf_value_single(struct conf_bind *bind, const struct conf_entry *entry);

#endif
