/* SPDX-License-Identifier: GPL-2.0-only */
#include "conf/states.h"

#include <string.h>

bool conf_states_say(const char *list, const char *name, bool usual)
{
	size_t length = strlen(name);

	for (const char *at = list; *at; at += strcspn(at, "\n"), at += *at == '\n')
		if (!strncmp(at, name, length) && at[length] == ' ')
			usual = !strncmp(at + length + 1, "up", 2);
	return usual;
}

void conf_states_settle(const char *list, struct conf_model *model)
{
	for (struct conf_network *network = model->networks; network; network = network->next) {
		if (conf_states_say(list, network->name, network->autostart))
			continue;
		network->mode = CONF_MODE_OFF;
		network->uplink = NULL;
	}
}
