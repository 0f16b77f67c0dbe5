/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/xml/table_print.h"

#include <string.h>

#include "node/xml/table.h"

static void print_path(const char *prefix, const char *path, struct buf *out)
{
	bool joined = *path == '@' || !*prefix;

	buf_printf(out, "| `%s%s%s` | ", prefix, joined ? "" : "/", path);
}

/* What a row without a key is: written by the node, or part of another row. */
static void print_meaning(const struct xml_group *group, const struct xml_row *row, struct buf *out)
{
	static const char *const fates[] = { "", "", "kept", "ignored", "**refused**" };

	if (row->fate != XML_MAP)
		buf_puts(out, fates[row->fate]);
	else if (row->field && group->key)
		buf_printf(out, "`%s`: %s", group->key, row->field);
	else if (row->field)
		buf_printf(out, "`%s`", row->field);
	else
		buf_puts(out, "written by the node");
	if (row->note)
		buf_printf(out, "; %s", row->note);
	buf_puts(out, " |\n");
}

static void print_rows(
    const struct xml_group *group, const char *prefix, const struct xml_row *rows, struct buf *out)
{
	for (const struct xml_row *row = rows; row && row->path; row++) {
		struct buf path = BUF_INIT;

		if (row->fate != XML_GROUP) {
			print_path(prefix, row->path, out);
			print_meaning(group, row, out);
			continue;
		}
		buf_printf(&path, "%s%s%s", prefix, *prefix ? "/" : "", row->path);
		if (row->group->pick)
			buf_printf(&path, "[%s]", row->group->picked);
		if (row->note)
			buf_printf(out, "| `%s` | %s |\n", buf_text(&path), row->note);
		print_rows(row->group, buf_text(&path), row->group->rows, out);
		buf_done(&path);
	}
}

void xml_table_print(struct buf *out)
{
	buf_puts(out, "| Element or attribute | What becomes of it |\n|---|---|\n");
	print_rows(&xml_group_domain, "", xml_group_domain.rows, out);
	print_rows(&xml_group_domain, "", xml_group_domain.more, out);
}
