/* SPDX-License-Identifier: GPL-2.0-only */
/* The node's own settings: one value a file, no quoting. */
#include "conf/render.h"

#include <inttypes.h>
#include <string.h>

static void lines(const struct conf_text *list, struct buf *buf)
{
	for (; list; list = list->next)
		buf_printf(buf, "%s\n", list->text);
}

static void line(const char *text, struct buf *buf)
{
	if (text)
		buf_printf(buf, "%s\n", text);
}

void conf_render_hostname(const struct conf_model *model, struct buf *buf)
{
	line(model->node.hostname, buf);
}

void conf_render_timezone(const struct conf_model *model, struct buf *buf)
{
	line(model->node.timezone, buf);
}

void conf_render_ntp(const struct conf_model *model, struct buf *buf)
{
	lines(model->node.ntp, buf);
}

void conf_render_syslog(const struct conf_model *model, struct buf *buf)
{
	lines(model->node.syslog, buf);
}

void conf_render_authorized_keys(const struct conf_model *model, struct buf *buf)
{
	lines(model->node.admin_keys, buf);
}

void conf_render_update_keys(const struct conf_model *model, struct buf *buf)
{
	lines(model->node.update_keys, buf);
}

void conf_render_console_password(const struct conf_model *model, struct buf *buf)
{
	line(model->node.console_password, buf);
}

/* "WORD VALUE", as berth-tls calls its options. */
void conf_render_tls(const struct conf_model *model, struct buf *buf)
{
	const struct conf_node *node = &model->node;

	if (!node->tls.certificate)
		return;
	buf_printf(buf, "certificate %s\nkey %s\nca %s\n", node->tls.certificate, node->tls.key,
	    node->tls.ca);
	if (node->tls.crl)
		buf_printf(buf, "crl %s\n", node->tls.crl);
	for (const struct conf_text *allow = node->tls_allow; allow; allow = allow->next)
		buf_printf(buf, "allow %s\n", allow->text);
}

void conf_render_data(const struct conf_model *model, struct buf *buf)
{
	line(model->node.data.disk, buf);
}

void conf_render_data_format(const struct conf_model *model, struct buf *buf)
{
	const struct conf_data *data = &model->node.data;

	if (data->disk)
		line(data->overwrite			  ? "overwrite"
		     : data->format == CONF_DATA_IF_BLANK ? "if-blank"
							  : "never",
		    buf);
}

void conf_render_config_url(const struct conf_model *model, struct buf *buf)
{
	line(model->node.fetch.url, buf);
}

void conf_render_config_key(const struct conf_model *model, struct buf *buf)
{
	line(model->node.fetch.key, buf);
}

void conf_render_config_ca(const struct conf_model *model, struct buf *buf)
{
	line(model->node.fetch.ca, buf);
}

void conf_render_config_pull(const struct conf_model *model, struct buf *buf)
{
	if (model->node.config_pull)
		buf_printf(buf, "%" PRIu64 "\n", model->node.config_pull);
}

void conf_render_watchdog(const struct conf_model *model, struct buf *buf)
{
	line(model->node.watchdog.device, buf);
}

void conf_render_watchdog_timeout(const struct conf_model *model, struct buf *buf)
{
	if (model->node.watchdog.device)
		buf_printf(buf, "%" PRIu64 "\n", model->node.watchdog.timeout);
}

void conf_render_metrics(const struct conf_model *model, struct buf *buf)
{
	const struct conf_endpoint *listen = &model->node.metrics.listen;

	if (listen->host)
		buf_printf(buf, "%s %" PRIu64 "\n", listen->host, listen->port);
}

/* What the node must not take for its own: disks that guests write to, or that pools are on. */
void conf_render_foreign_disks(const struct conf_model *model, struct buf *buf)
{
	for (const struct conf_guest *guest = model->guests; guest; guest = guest->next)
		for (const struct conf_disk *disk = guest->disks; disk; disk = disk->next)
			if (!strchr(disk->source, '/') && strcmp(disk->source, "empty"))
				line(disk->source, buf);
	for (const struct conf_pool *pool = model->pools; pool; pool = pool->next)
		line(pool->device, buf);
}
