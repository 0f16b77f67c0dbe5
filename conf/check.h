/* SPDX-License-Identifier: GPL-2.0-only */
/* What no single value shows: names that refer to each other, overlapping networks, addresses given
 * twice. */
#ifndef BERTH_CONF_CHECK_H
#define BERTH_CONF_CHECK_H

#include "conf/model.h"

/* Complete the model (names of bridges, references) and report what does not fit together. */
void conf_check_model(struct conf_model *model, struct conf_diags *diags);

/* Its parts, each a room: conf/check_uplink, conf/check_network, conf/check_pool, conf/check_guest.
 * In this order: each relies on what the ones before completed. */
void conf_check_uplinks(struct conf_model *model, struct conf_diags *diags);
void conf_check_networks(struct conf_model *model, struct conf_diags *diags);
void conf_check_pools(const struct conf_model *model, struct conf_diags *diags);
void conf_check_guests(struct conf_model *model, struct conf_diags *diags);

#endif
