/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which networks are up. The file says which start with the node; on a node that runs, some have
 * been started and stopped since, and a list says so: "NAME up" or "NAME down", one a line.
 */
#ifndef BERTH_CONF_STATES_H
#define BERTH_CONF_STATES_H

#include "conf/model.h"

/* Whether the list says that a network is up; `usual` when it does not say anything of it. */
bool conf_states_say(const char *list, const char *name, bool usual);

/* Make those that are not up networks of mode off, for the renderers. */
void conf_states_settle(const char *list, struct conf_model *model);

#endif
