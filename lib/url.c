/* SPDX-License-Identifier: GPL-2.0-only */
#include "lib/url.h"

#include <string.h>

#define URL_MAX 1000

const char *const url_variables[] = { "mac", "uuid", "serial", "hostname", NULL };

static const char *const schemes[] = { "http://", "https://", "tftp://" };

/* The index of the variable whose braces begin at `text`, or -1; `ret_length` is that of "{name}".
 */
static int variable_at(const char *text, size_t *ret_length)
{
	for (int i = 0; url_variables[i]; i++) {
		size_t length = strlen(url_variables[i]);

		if (!strncmp(text + 1, url_variables[i], length) && text[length + 1] == '}') {
			*ret_length = length + 2;
			return i;
		}
	}
	return -1;
}

const char *url_problem(const char *url)
{
	const char *host = NULL;
	size_t length;

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]) && !host; i++)
		if (!strncmp(url, schemes[i], strlen(schemes[i])))
			host = url + strlen(schemes[i]);
	if (!host)
		return "use http://, https:// or tftp://";
	if (!*host || *host == '/')
		return "the server's name or address is missing";
	if (strlen(url) > URL_MAX)
		return "more than 1000 characters";
	if (memchr(host, '@', strcspn(host, "/?")))
		return "a user's name and password are not taken: everybody can read the kernel's command line";
	for (const char *at = host; *at; at++) {
		if (*at <= ' ' || *at > '~' || strchr("\"\\<>^`|", *at))
			return "a character that no URL has: write it as %XX";
		if (*at == '{' && variable_at(at, &length) < 0)
			return "the variables are {mac}, {uuid}, {serial} and {hostname}";
	}
	return NULL;
}

bool url_is_https(const char *url)
{
	return !strncmp(url, schemes[1], strlen(schemes[1]));
}

static void add_encoded(const char *text, struct buf *buf)
{
	static const char plain[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";

	for (; *text; text++)
		if (strchr(plain, *text))
			buf_add(buf, text, 1);
		else
			buf_printf(buf, "%%%02X", (unsigned char)*text);
}

bool url_fill(
    const char *url, const char *const values[], struct buf *buf, const char **ret_missing)
{
	while (*url) {
		size_t length = 1;
		int variable = *url == '{' ? variable_at(url, &length) : -1;
		const char *value = variable < 0 ? NULL : values[variable];

		if (variable < 0) {
			buf_add(buf, url, 1);
		} else if (!value || !*value || !strcmp(value, ".") || !strcmp(value, "..")) {
			*ret_missing = url_variables[variable];
			return false;
		} else {
			add_encoded(value, buf);
		}
		url += length;
	}
	return true;
}
