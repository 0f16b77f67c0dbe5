/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text to tree: git-config's grammar (git-config(1), "Syntax"), so that `git config -f berth.conf`
 * edits the same file.
 *
 *     [section]  [section "name"]  key = value  key
 *
 * Values: "quoted parts" with \" \\ \n \t, comments from # or ; outside quotes, a backslash at the
 * line's end goes on on the next line. CRLF and LF. Values are split into words at blanks outside
 * quotes; every word knows its place. The tree knows nothing of which sections and keys exist.
 */
#ifndef BERTH_CONF_PARSE_H
#define BERTH_CONF_PARSE_H

#include "conf/diag.h"

/* More than any node needs; past it the input is not a configuration. */
#define CONF_SIZE_MAX (1024 * 1024)

/* An entry of two bytes becomes less than 250 bytes of tree; an arena of this size holds what the
 * largest file needs, with room to spare. */
#define CONF_ARENA_SIZE (512UL * CONF_SIZE_MAX)

struct conf_word {
	const char *text;
	struct conf_pos pos;
};

struct conf_entry {
	const char *key; /* lower case */
	struct conf_pos pos;
	struct conf_word *words;
	size_t word_count;
	bool bare; /* a key alone, without "=" */
	/* Offsets in the text, for conf/edit: of the key, of the value without the blanks and the
	 * comment around it, of the end of the entry's last line. */
	size_t begin;
	size_t value_begin;
	size_t value_end;
	size_t end;
	struct conf_entry *next;
};

struct conf_section {
	const char *type; /* lower case */
	const char *name; /* "" where the header has none */
	bool has_name;
	struct conf_pos pos;
	size_t begin; /* offsets of the header's "[" and behind its "]" */
	size_t end;
	struct conf_entry *first;
	struct conf_section *next;
};

/* The sections in order of the file. Goes on past errors; what could not be understood is left out
 * of the tree. */
struct conf_section *conf_parse(const char *text, size_t length, struct conf_diags *diags);

#endif
