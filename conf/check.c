/* SPDX-License-Identifier: GPL-2.0-only */
#include "conf/check.h"

#include "lib/num.h"

#define SSH_PORT 22

static void check_node(const struct conf_node *node, struct conf_diags *diags)
{
	for (const struct conf_allow *allow = node->allows; allow; allow = allow->next) {
		uint64_t port;

		if (allow->protocol == CONF_TCP && num_parse(allow->ports, UINT16_MAX, &port) &&
		    port == SSH_PORT)
			conf_diag_add(diags, allow->pos,
			    "tcp port 22 is open already; ssh-from says for whom");
	}
}

void conf_check_model(struct conf_model *model, struct conf_diags *diags)
{
	check_node(&model->node, diags);
	conf_check_uplinks(model, diags);
	conf_check_networks(model, diags);
	conf_check_pools(model, diags);
	conf_check_guests(model, diags);
}
