/* SPDX-License-Identifier: GPL-2.0-only */
#include "conf/check.h"

#include <inttypes.h>
#include <string.h>

#include "lib/num.h"
#include "lib/url.h"

#define SSH_PORT 22

/* What may cost data must be said twice, of one disk that no other can be taken for. */
static void check_data(const struct conf_data *data, struct conf_diags *diags)
{
	if (!data->disk || !data->overwrite)
		return;
	if (strncmp(data->disk, "serial:", 7))
		conf_diag_add(diags, data->pos,
		    "overwrite=yes is for a disk that is named by serial:, which no other has");
	if (data->format != CONF_DATA_IF_BLANK)
		conf_diag_add(diags, data->pos,
		    "overwrite=yes goes with format=if-blank: what is on the disk is lost, and a new file system made");
}

/* Whom an https server is to be told by; the kernel's command line may name it as well, but a file
 * that is right by itself is right on each node. */
static void check_fetch(const struct conf_fetch *fetch, struct conf_diags *diags)
{
	if (fetch->url && url_is_https(fetch->url) && !fetch->key && !fetch->ca)
		conf_diag_add(
		    diags, fetch->pos, "https needs key= or ca=, to tell the server from another");
}

/* It listens on what the node has, and names are for others. */
static void check_metrics(const struct conf_metrics *metrics, struct conf_diags *diags)
{
	struct netaddr address;

	if (!metrics->listen.host)
		return;
	if (!netaddr_parse(metrics->listen.host, &address) || address.family != 4)
		conf_diag_add(diags, metrics->pos,
		    "metrics are given on an IPv4 address of the node, or on all: 0.0.0.0:%" PRIu64,
		    metrics->listen.port);
	if (metrics->from.family && metrics->from.family != 4)
		conf_diag_add(diags, metrics->pos, "from= is an IPv4 network, as the address is");
}

static void check_node(const struct conf_node *node, struct conf_diags *diags)
{
	for (const struct conf_allow *allow = node->allows; allow; allow = allow->next) {
		uint64_t port;

		if (allow->protocol == CONF_TCP && num_parse(allow->ports, UINT16_MAX, &port) &&
		    port == SSH_PORT)
			conf_diag_add(diags, allow->pos,
			    "tcp port 22 is open already; ssh-from says for whom");
	}
	check_data(&node->data, diags);
	check_fetch(&node->fetch, diags);
	for (const struct conf_text *allow = node->tls_allow; allow && !node->tls.certificate;
	     allow = allow->next)
		conf_diag_add(
		    diags, allow->pos, "tls-allow goes with tls, which says by what certificates");
	check_metrics(&node->metrics, diags);
}

void conf_check_model(struct conf_model *model, struct conf_diags *diags)
{
	check_node(&model->node, diags);
	conf_check_uplinks(model, diags);
	conf_check_networks(model, diags);
	conf_check_pools(model, diags);
	conf_check_guests(model, diags);
}
