/* SPDX-License-Identifier: GPL-2.0-only */
/* What somebody may have meant by a word that is none of ours. */
#ifndef BERTH_CONF_NEAREST_H
#define BERTH_CONF_NEAREST_H

#include <stddef.h>

/* The candidate nearest to `word` by edits, or NULL when none is close enough to be meant. */
const char *conf_nearest(const char *word, const char *(*candidate)(const void *list, size_t i),
    const void *list, size_t count);

#endif
