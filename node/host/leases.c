/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/host/leases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/file.h"

#define FILE_MAX (1024u * 1024)
#define WORDS 5

static const char *known(const char *word)
{
	return word && strcmp(word, "*") != 0 ? word : NULL;
}

/* False at the end of the callers' interest. */
static bool parse_line(
    char *line, bool (*each)(void *context, const struct lease *lease), void *context)
{
	char *words[WORDS] = { NULL };
	char *rest = line;
	struct lease lease;

	for (unsigned int i = 0; i < WORDS; i++)
		words[i] = strsep(&rest, " ");
	/* "duid ..." is the server's own, between IPv4 and IPv6. */
	if (!words[2] || !strcmp(words[0], "duid"))
		return true;
	lease.end = strtoll(words[0], NULL, 10);
	lease.ipv6 = strchr(words[2], ':') != NULL;
	lease.mac = lease.ipv6 ? NULL : words[1];
	lease.address = words[2];
	lease.name = known(words[3]);
	lease.client = known(words[4]);
	return each(context, &lease);
}

void leases_parse(char *text, bool (*each)(void *context, const struct lease *lease), void *context)
{
	char *line;

	while ((line = strsep(&text, "\n")))
		if (!parse_line(line, each, context))
			return;
}

void leases_read(
    const char *network, bool (*each)(void *context, const struct lease *lease), void *context)
{
	struct buf text = BUF_INIT;
	char path[128];

	snprintf(path, sizeof(path), "/var/lib/misc/dnsmasq-%s.leases", network);
	if (!file_read(path, FILE_MAX, &text) && text.data)
		leases_parse(text.data, each, context);
	buf_done(&text);
}
