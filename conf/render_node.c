/* SPDX-License-Identifier: GPL-2.0-only */
/* The node's own settings: one value a file, no quoting. */
#include "conf/render.h"

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

void conf_render_console_password(const struct conf_model *model, struct buf *buf)
{
	line(model->node.console_password, buf);
}

void conf_render_data(const struct conf_model *model, struct buf *buf)
{
	line(model->node.data, buf);
}
