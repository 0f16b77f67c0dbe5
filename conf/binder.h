/* SPDX-License-Identifier: GPL-2.0-only */
/* What stands between the table of keys (conf/schema) and the types of values (conf/values). */
#ifndef BERTH_CONF_BINDER_H
#define BERTH_CONF_BINDER_H

#include "conf/model.h"
#include "conf/parse.h"

struct conf_bind {
	struct conf_diags *diags;
	struct arena *arena;
};

/*
 * Put an entry's words, of which there is at least one, into a field of the model. False with the
 * fault told to `bind->diags`; the field is then as it was.
 */
typedef bool (*conf_binder)(struct conf_bind *bind, const struct conf_entry *entry, void *field);

#endif
