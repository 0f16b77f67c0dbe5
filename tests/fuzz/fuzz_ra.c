/* SPDX-License-Identifier: GPL-2.0-only */
/* Router advertisements, one after the other, each with its length before it. What is kept of them
 * has room, is not over, and is written as addresses that can be read again. */
#include <string.h>

#include "lib/netaddr.h"
#include "ra/advert.h"
#include "ra/servers.h"
#include "tests/fuzz/script.h"

static void check_text(const struct servers *servers)
{
	struct buf text = BUF_INIT;
	char *rest;
	char *word;
	size_t count = 0;

	servers_print(servers, "lan0", &text);
	check(buf_ok(&text));
	rest = text.data;
	while (rest && (word = strtok_r(rest, " \n", &rest))) {
		char *link = strchr(word, '%');
		struct netaddr address;

		if (link) {
			check(!strcmp(link, "%lan0"));
			*link = '\0';
		}
		check(count > 0 || !strncmp(word, "dns=", 4));
		check(netaddr_parse(count ? word : word + 4, &address) && address.family == 6);
		check(!memcmp(address.bytes, servers->entries[count++].address, 16));
	}
	check(count == servers->count);
	buf_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct script script = { data, size };
	struct servers servers = { 0 };
	double now = 0;

	while (script.left) {
		size_t length = 8 * script_take(&script, 1);
		struct advert advert;
		uint8_t *message;

		if (length > script.left)
			length = script.left;
		/* In a place of its own, so that a byte read beyond it is seen. */
		message = malloc(length ? length : 1);
		check(message != NULL);
		memcpy(message, script.data, length);
		if (!advert_parse(message, length, &advert)) {
			check(advert.count <= ADVERT_SERVERS);
			servers_learn(&servers, &advert, now);
		}
		free(message);
		script.data += length;
		script.left -= length;
		now += 100;
		servers_expire(&servers, now);
		check(servers.count <= ADVERT_SERVERS && servers_next(&servers) > now);
		check_text(&servers);
	}
	return 0;
}
