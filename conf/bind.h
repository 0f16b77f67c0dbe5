/* SPDX-License-Identifier: GPL-2.0-only */
/* Tree to model, by the table of conf/schema: unknown and repeated sections and keys, types and
 * ranges. */
#ifndef BERTH_CONF_BIND_H
#define BERTH_CONF_BIND_H

#include "conf/model.h"
#include "conf/parse.h"

/* Fill `model`, which must be zeroed. Faults go to `diags`; what is faulty is left at its default.
 */
void conf_bind_model(
    const struct conf_section *sections, struct conf_diags *diags, struct conf_model *model);

#endif
