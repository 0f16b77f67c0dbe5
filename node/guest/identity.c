/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/guest/identity.h"

#include <string.h>

#include "lib/uuid.h"

/* FNV-1a of 64 bits. Names are the administrator's, so nobody makes them collide. */
static uint64_t hash(uint64_t seed, const char *text)
{
	uint64_t value = 0xcbf29ce484222325ull ^ seed;

	for (; *text; text++)
		value = (value ^ (unsigned char)*text) * 0x100000001b3ull;
	/* The low bits of the last characters spread upwards only. */
	value ^= value >> 32;
	return value * 0x9e3779b97f4a7c15ull;
}

void identity_uuid(const struct conf_guest *guest, uint8_t ret_uuid[16])
{
	if (!guest->uuid || !uuid_parse(guest->uuid, ret_uuid))
		uuid_of_name("guest", guest->name, ret_uuid);
}

struct netaddr_mac identity_mac(
    const struct conf_guest *guest, const struct conf_nic *nic, unsigned int index)
{
	static const struct netaddr_mac none;
	struct netaddr_mac mac = { .bytes = { 0x52, 0x54, 0x00 } };
	uint64_t value;

	if (memcmp(&nic->mac, &none, sizeof(none)))
		return nic->mac;
	value = hash(3 + index, guest->name);
	for (int i = 0; i < 3; i++)
		mac.bytes[3 + i] = (uint8_t)(value >> (40 + 8 * i));
	return mac;
}
