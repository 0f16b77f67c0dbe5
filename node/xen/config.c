/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/xen/config.h"

#include <ctype.h>
#include <string.h>

struct scan {
	const char *at;
	unsigned int line;
	struct arena *arena;
	struct buf *why;
};

static bool fail(struct scan *scan, const char *message)
{
	buf_printf(scan->why, "line %u: %s", scan->line, message);
	return false;
}

/* Blanks and comments; line ends as well where a list goes on over them. */
static void skip(struct scan *scan, bool lines)
{
	for (;;) {
		scan->at += strspn(scan->at, " \t\r");
		if (*scan->at == '#')
			scan->at += strcspn(scan->at, "\n");
		if (!lines || *scan->at != '\n')
			return;
		scan->line++;
		scan->at++;
	}
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '-';
}

static const char *take_word(struct scan *scan)
{
	const char *begin = scan->at;

	while (is_word(*scan->at))
		scan->at++;
	return arena_copy(scan->arena, begin, (size_t)(scan->at - begin));
}

/* A text in either kind of quotes, on one line; a backslash takes what follows as it is. */
static bool take_quoted(struct scan *scan, const char **ret_text)
{
	char quote = *scan->at++;
	const char *end = scan->at;
	char *text;
	char *out;

	while (*end && *end != '\n' && *end != quote)
		end += *end == '\\' && end[1] && end[1] != '\n' ? 2 : 1;
	if (*end != quote)
		return fail(scan, "a text has no closing quote");
	text = arena_copy(scan->arena, scan->at, (size_t)(end - scan->at));
	for (out = text; scan->at < end; scan->at++) {
		if (*scan->at == '\\')
			scan->at++;
		*out++ = *scan->at;
	}
	*out = '\0';
	scan->at++;
	*ret_text = text;
	return true;
}

static bool take_value(struct scan *scan, struct xen_value **ret_value)
{
	struct xen_value *value = arena_alloc(scan->arena, sizeof(*value));

	if (*scan->at == '\'' || *scan->at == '"') {
		if (!take_quoted(scan, &value->text))
			return false;
	} else if (is_word(*scan->at)) {
		value->text = take_word(scan);
	} else {
		return fail(
		    scan, "a value is a text in quotes, a number, or a list of those in []");
	}
	*ret_value = value;
	return true;
}

static bool take_list(struct scan *scan, struct xen_value **end)
{
	scan->at++;
	for (;;) {
		skip(scan, true);
		if (*scan->at == ']')
			break;
		if (!take_value(scan, end))
			return false;
		end = &(*end)->next;
		skip(scan, true);
		if (*scan->at == ',')
			scan->at++;
		else if (*scan->at != ']')
			return fail(scan, "\",\" or \"]\" is missing in a list");
	}
	scan->at++;
	return true;
}

static bool take_setting(struct scan *scan, struct xen_setting *setting)
{
	if (!isalpha((unsigned char)*scan->at) && *scan->at != '_')
		return fail(scan, "what is not NAME = VALUE is not understood");
	setting->line = scan->line;
	setting->name = take_word(scan);
	skip(scan, false);
	if (*scan->at != '=' || scan->at[1] == '=')
		return fail(scan, "what is not NAME = VALUE is not understood");
	scan->at++;
	skip(scan, false);
	setting->list = *scan->at == '[';
	if (setting->list ? !take_list(scan, &setting->values)
			  : !take_value(scan, &setting->values))
		return false;
	skip(scan, false);
	if (*scan->at == ';')
		scan->at++;
	else if (*scan->at && *scan->at != '\n')
		return fail(scan, "there is more behind the value");
	return true;
}

bool xen_config_parse(
    const char *text, struct arena *arena, struct xen_setting **ret_settings, struct buf *why)
{
	struct scan scan = { text, 1, arena, why };
	struct xen_setting *settings = NULL;
	struct xen_setting **end = &settings;

	if (strlen(text) > XEN_CONFIG_MAX) {
		buf_printf(
		    why, "more than %u KiB are no guest's configuration", XEN_CONFIG_MAX / 1024);
		return false;
	}
	for (skip(&scan, true); *scan.at; skip(&scan, true)) {
		*end = arena_alloc(arena, sizeof(**end));
		if (!take_setting(&scan, *end))
			return false;
		end = &(*end)->next;
	}
	*ret_settings = settings;
	return true;
}

const struct xen_setting *xen_config_find(const struct xen_setting *settings, const char *name)
{
	const struct xen_setting *found = NULL;

	for (; settings; settings = settings->next)
		if (!strcmp(settings->name, name))
			found = settings;
	return found;
}
