/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/markup.h"

#include <string.h>

void markup_escape(struct buf *xml, const char *value)
{
	static const char special[] = "&<>'\"";
	static const char *const entities[] = { "&amp;", "&lt;", "&gt;", "&apos;", "&quot;" };

	for (; *value; value++) {
		const char *found = strchr(special, *value);

		if (found)
			buf_puts(xml, entities[found - special]);
		else
			buf_add(xml, value, 1);
	}
}

void markup_attribute(struct buf *xml, const char *name, const char *value)
{
	if (!value)
		return;
	buf_printf(xml, " %s='", name);
	markup_escape(xml, value);
	buf_puts(xml, "'");
}

void markup_text(struct buf *xml, int indent, const char *name, const char *value)
{
	if (!value)
		return;
	buf_printf(xml, "%*s<%s>", indent, "", name);
	markup_escape(xml, value);
	buf_printf(xml, "</%s>\n", name);
}

void markup_empty(
    struct buf *xml, int indent, const char *name, const char *attribute, const char *value)
{
	if (!value)
		return;
	buf_printf(xml, "%*s<%s", indent, "", name);
	markup_attribute(xml, attribute, value);
	buf_puts(xml, "/>\n");
}
