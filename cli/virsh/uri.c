/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/uri.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static bool copy(char *to, size_t size, const char *from, size_t length)
{
	if (length >= size)
		return false;
	memcpy(to, from, length);
	to[length] = '\0';
	return true;
}

/* A value of the query, with its %XX. */
static bool decode(char *to, size_t size, const char *from, size_t length)
{
	size_t used = 0;

	for (size_t i = 0; i < length; i++) {
		unsigned int value = (unsigned char)from[i];

		if (from[i] == '%' && i + 2 < length && isxdigit((unsigned char)from[i + 1]) &&
		    isxdigit((unsigned char)from[i + 2])) {
			char digits[3] = { from[i + 1], from[i + 2], '\0' };

			sscanf(digits, "%x", &value);
			i += 2;
		}
		if (used + 1 >= size || !value)
			return false;
		to[used++] = (char)value;
	}
	to[used] = '\0';
	return true;
}

/* Those parameters that are the client's; others are nobody's, and let pass. */
static bool query(struct uri *uri, const char *text)
{
	while (*text) {
		size_t length = strcspn(text, "&;");
		size_t name = strcspn(text, "=&;");
		const char *value = name < length ? text + name + 1 : text + length;
		size_t rest = (size_t)(text + length - value);
		bool good = true;

		if (name == 6 && !strncmp(text, "socket", name))
			good = decode(uri->socket, sizeof(uri->socket), value, rest);
		else if (name == 7 && !strncmp(text, "command", name))
			good = decode(uri->command, sizeof(uri->command), value, rest);
		else if (name == 7 && !strncmp(text, "keyfile", name))
			good = decode(uri->key, sizeof(uri->key), value, rest);
		if (!good)
			return false;
		text += length;
		text += *text != '\0';
	}
	return true;
}

/* [user@]host[:port], the host also as [address]. */
static bool authority(struct uri *uri, const char *text, size_t length)
{
	const char *end = text + length;
	const char *at = memchr(text, '@', length);
	const char *colon;

	if (at) {
		if (!copy(uri->user, sizeof(uri->user), text, (size_t)(at - text)))
			return false;
		text = at + 1;
	}
	if (*text == '[') {
		const char *close = memchr(text, ']', (size_t)(end - text));

		if (!close ||
		    !copy(uri->host, sizeof(uri->host), text + 1, (size_t)(close - text) - 1))
			return false;
		text = close + 1;
		colon = text < end && *text == ':' ? text : NULL;
	} else {
		colon = memchr(text, ':', (size_t)(end - text));
		if (!copy(
			uri->host, sizeof(uri->host), text, (size_t)((colon ? colon : end) - text)))
			return false;
	}
	if (colon && !copy(uri->port, sizeof(uri->port), colon + 1, (size_t)(end - colon) - 1))
		return false;
	/* What goes to ssh as an argument must not look like an option. */
	return *uri->host != '-' && *uri->user != '-' &&
	       strspn(uri->port, "0123456789") == strlen(uri->port);
}

bool uri_parse(const char *text, struct uri *ret_uri)
{
	const char *rest = strstr(text, "://");
	const char *plus = strchr(text, '+');
	const char *path;
	const char *params;
	size_t scheme;
	struct uri uri = { .how = URI_OTHER };

	if (!rest || !copy(uri.text, sizeof(uri.text), text, strlen(text)))
		return false;
	scheme = plus && plus < rest ? (size_t)(plus - text) : (size_t)(rest - text);
	if (!scheme ||
	    (plus && plus < rest &&
		!copy(uri.transport, sizeof(uri.transport), plus + 1, (size_t)(rest - plus) - 1)))
		return false;
	rest += 3;
	path = rest + strcspn(rest, "/?");
	params = path + strcspn(path, "?");
	if (!authority(&uri, rest, (size_t)(path - rest)) ||
	    !query(&uri, *params ? params + 1 : ""))
		return false;
	if ((size_t)snprintf(uri.name, sizeof(uri.name), "%.*s://%.*s", (int)scheme, text,
		(int)(params - path), path) >= sizeof(uri.name))
		return false;
	if (!strcmp(uri.transport, "unix") || (!*uri.transport && !*uri.host))
		uri.how = URI_UNIX;
	else if (!strcmp(uri.transport, "ssh"))
		uri.how = URI_SSH;
	*ret_uri = uri;
	return true;
}
