/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/rpc/guest.h"

#include <stdio.h>
#include <string.h>

#include "lib/uuid.h"

struct rpc_dom guest_dom(const struct driver_guest *guest)
{
	struct rpc_dom dom = { .name = guest->conf->name, .id = guest->id };

	memcpy(dom.uuid, guest->uuid, sizeof(dom.uuid));
	return dom;
}

struct search {
	bool (*wanted)(const void *key, const struct driver_guest *guest);
	const void *key;
	struct driver_guest *guest;
	bool found;
};

static bool look(void *context, const struct driver_guest *guest)
{
	struct search *search = context;

	if (!search->wanted(search->key, guest))
		return true;
	*search->guest = *guest;
	search->found = true;
	return false;
}

bool guest_find(struct server_call *call,
    bool (*wanted)(const void *key, const struct driver_guest *guest), const void *key)
{
	struct search search = { wanted, key, &call->guest, false };

	call->core->ops->guests(call->core->driver, look, &search);
	return search.found;
}

static bool has_uuid(const void *key, const struct driver_guest *guest)
{
	return !memcmp(key, guest->uuid, sizeof(guest->uuid));
}

bool guest_find_uuid(struct server_call *call, const uint8_t uuid[16])
{
	return guest_find(call, has_uuid, uuid);
}

bool guest_of(struct server_call *call, const struct rpc_dom *dom)
{
	char text[UUID_TEXT];

	if (guest_find_uuid(call, dom->uuid))
		return true;
	call_fail(call, RPC_ERR_NO_DOMAIN, RPC_FROM_QEMU,
	    "Domain not found: no domain with matching uuid '%s' (%s)", uuid_text(dom->uuid, text),
	    dom->name);
	return false;
}

bool guest_is_active(const struct driver_guest *guest)
{
	return guest->id >= 0;
}

bool guest_running(struct server_call *call, const struct rpc_dom *dom)
{
	if (!guest_of(call, dom))
		return false;
	if (guest_is_active(&call->guest))
		return true;
	call_fail(call, RPC_ERR_OPERATION_INVALID, RPC_FROM_QEMU,
	    "Requested operation is not valid: domain is not running");
	return false;
}

uint64_t guest_memory_max(const struct driver_guest *guest)
{
	return (guest->conf->memory_max ? guest->conf->memory_max : guest->conf->memory) / 1024;
}

unsigned int guest_vcpus_max(const struct driver_guest *guest)
{
	return (unsigned int)(guest->conf->vcpus_max ? guest->conf->vcpus_max : guest->conf->vcpus);
}
