/* SPDX-License-Identifier: GPL-2.0-only */
/* The compiler's front: text to checked model, with every complaint of the file. */
#ifndef BERTH_CONF_LOAD_H
#define BERTH_CONF_LOAD_H

#include "conf/diag.h"
#include "conf/model.h"

struct conf {
	struct arena *arena;
	struct conf_model model; /* to be used only when diags.count is 0 */
	struct conf_diags diags;
};

/* The built-in default is the empty text. 0, or -ENOMEM with nothing to release. `text` is
 * NUL-terminated. */
int conf_load(const char *text, size_t length, struct conf *ret_conf);
void conf_done(struct conf *conf);

#endif
