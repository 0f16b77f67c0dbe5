/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/addresses.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

#include "lib/netaddr.h"

static bool is_shown(const struct ifaddrs *entry, int family)
{
	const struct sockaddr_in6 *six;

	if (!entry->ifa_addr || entry->ifa_addr->sa_family != family)
		return false;
	if (!(entry->ifa_flags & IFF_UP) || (entry->ifa_flags & IFF_LOOPBACK))
		return false;
	six = (const struct sockaddr_in6 *)(const void *)entry->ifa_addr;
	return family == AF_INET || !IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr);
}

static void add(const struct ifaddrs *entry, int family, struct buf *buf)
{
	const void *socket_address = entry->ifa_addr;
	char text[NETADDR_TEXT];

	if (family == AF_INET)
		inet_ntop(family, &((const struct sockaddr_in *)socket_address)->sin_addr, text,
		    sizeof(text));
	else
		inet_ntop(family, &((const struct sockaddr_in6 *)socket_address)->sin6_addr, text,
		    sizeof(text));
	buf_printf(buf, "%s %s\n", entry->ifa_name, text);
}

void addresses_list(struct buf *buf)
{
	static const int families[] = { AF_INET, AF_INET6 };
	struct ifaddrs *list;

	if (getifaddrs(&list) < 0)
		return;
	for (size_t i = 0; i < 2; i++)
		for (const struct ifaddrs *entry = list; entry; entry = entry->ifa_next)
			if (is_shown(entry, families[i]))
				add(entry, families[i], buf);
	freeifaddrs(list);
}
