/* SPDX-License-Identifier: GPL-2.0-only */
#include "ra/advert.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* RFC 4861, section 4.2: what stands before the options. */
#define HEADER 16
#define TYPE_ADVERTISEMENT 134
/* RFC 8106, section 5.1: two bytes of nothing and the lifetime stand before the addresses. */
#define OPTION_SERVERS 25
#define SERVERS_HEADER 8
#define OPTION_UNIT 8
#define ADDRESS 16

/* One that a question can be sent to: not ::, ::1 or multicast (RFC 4291, section 2.4). */
static bool is_usable(const uint8_t *address)
{
	static const uint8_t zeros[ADDRESS - 1];

	return address[0] != 0xff && (memcmp(address, zeros, sizeof(zeros)) || address[15] > 1);
}

static void take_servers(const uint8_t *option, size_t length, struct advert *advert)
{
	uint32_t lifetime = (uint32_t)option[4] << 24 | (uint32_t)option[5] << 16 |
			    (uint32_t)option[6] << 8 | option[7];

	for (size_t at = SERVERS_HEADER; at + ADDRESS <= length; at += ADDRESS) {
		struct advert_server *server = &advert->servers[advert->count];

		if (advert->count == ADVERT_SERVERS)
			return;
		if (!is_usable(option + at))
			continue;
		memcpy(server->address, option + at, ADDRESS);
		server->lifetime = lifetime;
		advert->count++;
	}
}

int advert_parse(const uint8_t *data, size_t length, struct advert *ret_advert)
{
	struct advert advert = { 0 };
	size_t at = HEADER;

	if (length < HEADER || data[0] != TYPE_ADVERTISEMENT || data[1])
		return -EBADMSG;
	while (at < length) {
		size_t size;

		/* RFC 4861, section 6.1.2: an option without a length makes all of it void. */
		if (length - at < OPTION_UNIT || !data[at + 1])
			return -EBADMSG;
		size = (size_t)data[at + 1] * OPTION_UNIT;
		if (size > length - at)
			return -EBADMSG;
		if (data[at] == OPTION_SERVERS)
			take_servers(data + at, size, &advert);
		at += size;
	}
	*ret_advert = advert;
	return 0;
}
