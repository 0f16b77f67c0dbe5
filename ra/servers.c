/* SPDX-License-Identifier: GPL-2.0-only */
#include "ra/servers.h"

#include <math.h>
#include <string.h>

#include "lib/netaddr.h"

static struct servers_entry *find(struct servers *servers, const uint8_t *address)
{
	for (size_t i = 0; i < servers->count; i++)
		if (!memcmp(
			servers->entries[i].address, address, sizeof(servers->entries[i].address)))
			return &servers->entries[i];
	return NULL;
}

bool servers_learn(struct servers *servers, const struct advert *advert, double now)
{
	bool changed = false;

	for (size_t i = 0; i < advert->count; i++) {
		const struct advert_server *told = &advert->servers[i];
		struct servers_entry *entry = find(servers, told->address);

		if (!entry) {
			if (!told->lifetime || servers->count == ADVERT_SERVERS)
				continue;
			entry = &servers->entries[servers->count++];
			memcpy(entry->address, told->address, sizeof(entry->address));
			changed = true;
		}
		entry->until = told->lifetime == UINT32_MAX ? INFINITY : now + told->lifetime;
	}
	return servers_expire(servers, now) || changed;
}

bool servers_expire(struct servers *servers, double now)
{
	size_t kept = 0;
	bool changed;

	for (size_t i = 0; i < servers->count; i++)
		if (servers->entries[i].until > now)
			servers->entries[kept++] = servers->entries[i];
	changed = kept != servers->count;
	servers->count = kept;
	return changed;
}

double servers_next(const struct servers *servers)
{
	double next = INFINITY;

	for (size_t i = 0; i < servers->count; i++)
		if (servers->entries[i].until < next)
			next = servers->entries[i].until;
	return next;
}

void servers_print(const struct servers *servers, const char *interface, struct buf *buf)
{
	for (size_t i = 0; i < servers->count; i++) {
		struct netaddr address = { .family = 6, .prefix = 128 };
		char text[NETADDR_TEXT];
		bool of_link;

		memcpy(address.bytes, servers->entries[i].address, sizeof(address.bytes));
		of_link = address.bytes[0] == 0xfe && (address.bytes[1] & 0xc0) == 0x80;
		buf_printf(buf, "%s%s%s%s", i ? " " : "dns=", netaddr_text(&address, text),
		    of_link ? "%" : "", of_link ? interface : "");
	}
	if (servers->count)
		buf_puts(buf, "\n");
}
