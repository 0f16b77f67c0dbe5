/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Changing the text of a configuration as a careful person would: what is not meant stays as it is,
 * byte by byte: comments, order, blanks, line ends. Nothing is written anywhere; the caller gets
 * the new text.
 */
#ifndef BERTH_CONF_EDIT_H
#define BERTH_CONF_EDIT_H

#include "conf/load.h"
#include "lib/buf.h"

enum conf_edit_verb {
	CONF_EDIT_SET,		  /* the key has this value and no other */
	CONF_EDIT_ADD,		  /* one more of a list */
	CONF_EDIT_REMOVE,	  /* those that mean this value; with NULL all */
	CONF_EDIT_ADD_SECTION,	  /* an empty one, if there is none */
	CONF_EDIT_REMOVE_SECTION, /* with all its keys */
	CONF_EDIT_RENAME_SECTION, /* to `value` */
};

struct conf_edit {
	enum conf_edit_verb verb;
	const char *section; /* "node", "guest" */
	const char *name;    /* NULL for a section without one */
	const char *key;
	const char *value; /* as it would stand in the file, quotes and all */
};

/*
 * Apply `count` edits in their order, and check the outcome as a whole: a step in between may be
 * wrong.
 *
 * 0: `ret_text` has the new text and `ret_conf` its model. -EBADMSG: the new text does not check,
 * `ret_conf` has the complaints. -EINVAL: an edit that no file can express. -ENOENT: nothing to
 * remove. -EBADF: the old text cannot be understood. -ENOMEM. With the last four there is no conf
 * to release. `ret_text` is changed on success only; it is the caller's.
 */
int conf_edit(const char *text, size_t length, const struct conf_edit *edits, size_t count,
    struct buf *ret_text, struct conf *ret_conf);

#endif
