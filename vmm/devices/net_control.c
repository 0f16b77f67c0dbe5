/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Filters are accepted and not applied: a device may deliver more than was asked for (5.1.6.5.1),
 * the bridge delivers little else, and some drivers take an error for the end of the device.
 */
#include "vmm/devices/net_control.h"

#include <string.h>

#include "vmm/devices/net_spec.h"

#define COMMAND_SIZE 2

/* Up to 8 bytes, little-endian as the machine is. */
static bool get(const struct virtq_chain *chain, size_t length, uint64_t *ret_value)
{
	*ret_value = 0;
	return chain->readable_bytes == COMMAND_SIZE + length &&
	       virtq_chain_read(chain, COMMAND_SIZE, ret_value, length) == length;
}

static bool parse_mode(
    const struct virtio *virtio, const struct virtq_chain *chain, uint8_t command)
{
	uint64_t on;

	if (command > NET_RX_NOBCAST ||
	    !virtio_has(virtio, command < NET_RX_ALLUNI ? NET_F_CTRL_RX : NET_F_CTRL_RX_EXTRA))
		return false;
	return get(chain, 1, &on);
}

/* Two tables, each a count and as many addresses (5.1.6.5.2). */
static bool parse_table(const struct virtq_chain *chain)
{
	uint64_t at = COMMAND_SIZE;

	for (int table = 0; table < 2; table++) {
		uint32_t entries;

		if (virtq_chain_read(chain, at, &entries, sizeof(entries)) != sizeof(entries))
			return false;
		at += sizeof(entries) + (uint64_t)entries * 6;
		if (at > chain->readable_bytes)
			return false;
	}
	return at == chain->readable_bytes;
}

static bool parse_mac(const struct virtio *virtio, const struct virtq_chain *chain, uint8_t command,
    struct net_control *control)
{
	uint64_t mac;

	if (command == NET_MAC_TABLE_SET)
		return virtio_has(virtio, NET_F_CTRL_RX) && parse_table(chain);
	if (command != NET_MAC_ADDR_SET || !virtio_has(virtio, NET_F_CTRL_MAC_ADDR) ||
	    !get(chain, 6, &mac) || mac & 1)
		return false;
	control->kind = NET_CONTROL_MAC;
	memcpy(control->mac, &mac, sizeof(control->mac));
	return true;
}

static bool parse_vlan(
    const struct virtio *virtio, const struct virtq_chain *chain, uint8_t command)
{
	uint64_t vlan;

	return command <= NET_VLAN_DEL && virtio_has(virtio, NET_F_CTRL_VLAN) &&
	       get(chain, 2, &vlan) && vlan < 4096;
}

bool net_control_parse(
    const struct virtio *virtio, const struct virtq_chain *chain, struct net_control *ret_control)
{
	uint8_t words[COMMAND_SIZE];

	*ret_control = (struct net_control){ .kind = NET_CONTROL_FILTER };
	if (virtq_chain_read(chain, 0, words, sizeof(words)) != sizeof(words))
		return false;
	switch (words[0]) {
	case NET_CTRL_RX:
		return parse_mode(virtio, chain, words[1]);
	case NET_CTRL_MAC:
		return parse_mac(virtio, chain, words[1], ret_control);
	case NET_CTRL_VLAN:
		return parse_vlan(virtio, chain, words[1]);
	case NET_CTRL_ANNOUNCE:
		ret_control->kind = NET_CONTROL_ANNOUNCED;
		return words[1] == NET_ANNOUNCE_ACK && virtio_has(virtio, NET_F_GUEST_ANNOUNCE);
	case NET_CTRL_MQ:
		ret_control->kind = NET_CONTROL_PAIRS;
		return words[1] == NET_MQ_PAIRS_SET && virtio_has(virtio, NET_F_MQ) &&
		       get(chain, 2, &ret_control->value);
	case NET_CTRL_GUEST_OFFLOADS:
		ret_control->kind = NET_CONTROL_OFFLOADS;
		return words[1] == NET_GUEST_OFFLOADS_SET &&
		       virtio_has(virtio, NET_F_CTRL_GUEST_OFFLOADS) &&
		       get(chain, 8, &ret_control->value);
	}
	return false;
}
