/* SPDX-License-Identifier: GPL-2.0-only */
#include "conf/diag.h"

#include <stdarg.h>
#include <stdio.h>

/* A file that is not text at all could complain on each byte; nobody reads more than this. */
#define DIAG_MAX 200

static bool before(struct conf_pos a, struct conf_pos b)
{
	return a.line != b.line ? a.line < b.line : a.column < b.column;
}

void conf_diag_add(struct conf_diags *diags, struct conf_pos pos, const char *format, ...)
{
	char message[512];
	struct conf_diag **place = &diags->first;
	struct conf_diag *diag;
	va_list arguments;

	diags->count++;
	if (diags->count > DIAG_MAX)
		return;
	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	/* What a message quotes may hold anything; it goes to terminals. */
	for (char *c = message; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	diag = arena_alloc(diags->arena, sizeof(*diag));
	diag->pos = pos;
	diag->message = arena_printf(diags->arena, "%s", message);
	while (*place && !before(pos, (*place)->pos))
		place = &(*place)->next;
	diag->next = *place;
	*place = diag;
}

void conf_diags_print(const struct conf_diags *diags, const char *file, struct buf *buf)
{
	for (const struct conf_diag *diag = diags->first; diag; diag = diag->next) {
		if (diag->pos.line)
			buf_printf(buf, "%s:%u:%u: %s\n", file, diag->pos.line, diag->pos.column,
			    diag->message);
		else
			buf_printf(buf, "%s: %s\n", file, diag->message);
	}
	if (diags->count > DIAG_MAX)
		buf_printf(buf, "%s: and %zu more errors\n", file, diags->count - DIAG_MAX);
}
