/* SPDX-License-Identifier: GPL-2.0-only */
/* From one guest to another: the edits that make its section say what the other says, and leave
 * alone every line that says it already. */
#ifndef BERTH_CONF_SECTION_H
#define BERTH_CONF_SECTION_H

#include "conf/edit.h"

/*
 * `before` is a guest of a checked model, or NULL for a new section. The edits and their texts are
 * in `arena`. 0, or -EOPNOTSUPP with the reason in `why`: a template says what cannot be unsaid.
 */
int conf_section_edits(struct arena *arena, const struct conf_guest *before,
    const struct conf_guest *after, struct conf_edit **ret_edits, size_t *ret_count,
    struct buf *why);

#endif
