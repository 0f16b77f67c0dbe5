/* SPDX-License-Identifier: GPL-2.0-only */
/* What changes from one configuration to another, and what applying it costs. */
#ifndef BERTH_CONF_PLAN_H
#define BERTH_CONF_PLAN_H

#include "conf/model.h"
#include "conf/value.h"
#include "lib/buf.h"

/*
 * Append one line a change, in order of the table: a sign, the object, the key, the values, and the
 * cost after a tab: "~ guest \"web\" memory: 1G -> 2G\tlive". Signs: + added, - removed, ~ changed.
 * Secrets are not shown. Returns the dearest cost, CONF_COST_NOTHING for no change.
 */
enum conf_cost conf_plan(
    const struct conf_model *old_model, const struct conf_model *new_model, struct buf *buf);

#endif
