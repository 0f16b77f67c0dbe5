/* SPDX-License-Identifier: GPL-2.0-only */
/* Model to canonical text: what parses to the same model again, each value in its one form,
 * defaults left out. What a guest has from its template is written out. */
#ifndef BERTH_CONF_PRINT_H
#define BERTH_CONF_PRINT_H

#include "conf/model.h"
#include "lib/buf.h"

void conf_print(const struct conf_model *model, struct buf *buf);

/* The same, with what `note` has to say of a guest as a comment below its header. */
void conf_print_noted(const struct conf_model *model,
    const char *(*note)(void *context, const struct conf_guest *guest), void *context,
    struct buf *buf);

/* One guest's section alone. */
void conf_print_guest(const struct conf_guest *guest, struct buf *buf);

#endif
