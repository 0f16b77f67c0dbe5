/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine's devices. They are there and are told of; guests get none of them, so that a device
 * is neither taken from its driver nor given back, and says so.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "node/host/devices.h"
#include "node/rpc/handlers.h"
#include "node/xml/device.h"

/* libvirt: virConnectListAllNodeDeviceFlags. */
enum {
	LIST_KINDS = 0x0fffffff,
	LIST_PERSISTENT = 1 << 28,
	LIST_TRANSIENT = 1 << 29,
	LIST_INACTIVE = 1 << 30,
};

static const struct {
	const char *capability;
	uint32_t flag;
} kinds[] = {
	[HOST_DEVICE_SYSTEM] = { "system", 1 << 0 },
	[HOST_DEVICE_PCI] = { "pci", 1 << 1 },
	[HOST_DEVICE_NET] = { "net", 1 << 4 },
	[HOST_DEVICE_STORAGE] = { "storage", 1 << 8 },
};

/* Devices in the call's memory that `flags` and a capability (NULL: any) select. False with the
 * call failed. */
static bool list(struct server_call *call, uint32_t flags, const char *capability,
    struct rpc_nodedev **ret_devices, uint32_t *ret_count)
{
	uint32_t states = flags & ~(uint32_t)LIST_KINDS;
	struct host_device *all;
	struct rpc_nodedev *devices;
	unsigned int count;
	int result = host_devices(&host_roots, &all, &count);

	if (result) {
		call_fail_errno(call, result, NULL);
		return false;
	}
	devices = rpc_memory_alloc(&call->memory, count * sizeof(*devices));
	*ret_devices = devices;
	*ret_count = 0;
	/* All are active, and there again after a boot. */
	if (states && !(states & ~(uint32_t)(LIST_INACTIVE | LIST_TRANSIENT)))
		count = 0;
	for (unsigned int i = 0; devices && i < count; i++) {
		char *name;

		if ((flags & LIST_KINDS && !(flags & kinds[all[i].kind].flag)) ||
		    (capability && strcmp(capability, kinds[all[i].kind].capability) != 0))
			continue;
		name = rpc_memory_string(&call->memory, all[i].name);
		if (!name) {
			devices = NULL;
			break;
		}
		devices[(*ret_count)++].name = name;
	}
	free(all);
	if (!devices)
		call_fail_errno(call, -ENOMEM, NULL);
	return devices != NULL;
}

static void list_all(struct server_call *call)
{
	const struct rpc_connect_list_all_node_devices_args *args = call->arguments;
	struct rpc_connect_list_all_node_devices_ret ret = { 0 };
	struct rpc_nodedev *devices;

	if (!list(call, args->flags, NULL, &devices, &ret.ret))
		return;
	ret.devices = devices;
	ret.devices_count = args->need_results ? ret.ret : 0;
	call_reply(call, &ret);
}

static void num_of(struct server_call *call)
{
	const struct rpc_node_num_of_devices_args *args = call->arguments;
	struct rpc_nodedev *devices;
	uint32_t count;

	if (!call_check_flags(call, args->flags, 0) || !list(call, 0, args->cap, &devices, &count))
		return;
	call_reply_number(call, (int32_t)count);
}

static void list_names(struct server_call *call)
{
	const struct rpc_node_list_devices_args *args = call->arguments;
	struct rpc_nodedev *devices;
	uint32_t count;

	if (call_check_flags(call, args->flags, 0) && list(call, 0, args->cap, &devices, &count))
		call_reply_names(call, &devices->name, sizeof(*devices), count, args->maxnames);
}

/* Every call about one device begins with its name. False with the call failed. */
static bool device_of(struct server_call *call, const char *name, struct host_device *ret_device)
{
	struct host_device *all;
	unsigned int count;
	bool found = false;
	int result = host_devices(&host_roots, &all, &count);

	if (result) {
		call_fail_errno(call, result, NULL);
		return false;
	}
	for (unsigned int i = 0; i < count && !found; i++) {
		found = !strcmp(all[i].name, name);
		if (found)
			*ret_device = all[i];
	}
	free(all);
	if (!found)
		call_fail(call, RPC_ERR_NO_NODEDEV, RPC_FROM_NODEDEV,
		    "Node device not found: no node device with matching name '%s'", name);
	return found;
}

static void lookup_by_name(struct server_call *call)
{
	const struct rpc_node_device_lookup_by_name_args *args = call->arguments;
	struct rpc_node_device_lookup_by_name_ret ret;
	struct host_device device;

	if (!device_of(call, args->name, &device))
		return;
	ret.dev.name = device.name;
	call_reply(call, &ret);
}

static void get_xml(struct server_call *call)
{
	const struct rpc_node_device_get_xml_desc_args *args = call->arguments;
	struct host_device device;
	struct buf buf = BUF_INIT;

	if (!call_check_flags(call, args->flags, 1) || !device_of(call, args->name, &device))
		return;
	xml_device(&host_roots, &device, &buf);
	call_reply_text(call, &buf);
}

static void get_parent(struct server_call *call)
{
	const struct rpc_node_device_get_parent_args *args = call->arguments;
	struct rpc_node_device_get_parent_ret ret = { NULL };
	struct host_device device;

	if (!device_of(call, args->name, &device))
		return;
	if (device.parent[0])
		ret.parent_name = device.parent;
	call_reply(call, &ret);
}

static void num_of_caps(struct server_call *call)
{
	const struct rpc_node_device_num_of_caps_args *args = call->arguments;
	struct host_device device;

	if (device_of(call, args->name, &device))
		call_reply_number(call, 1);
}

static void list_caps(struct server_call *call)
{
	const struct rpc_node_device_list_caps_args *args = call->arguments;
	struct rpc_node_device_list_caps_ret ret = { 0 };
	struct host_device device;

	if (!device_of(call, args->name, &device))
		return;
	ret.names = &(const char *){ kinds[device.kind].capability };
	ret.names_count = args->maxnames > 0;
	call_reply(call, &ret);
}

/* Active, persistent, started with the node: the three records are alike. */
static void always(struct server_call *call)
{
	const struct rpc_node_device_is_active_args *args = call->arguments;
	struct host_device device;

	if (device_of(call, args->name, &device))
		call_reply_number(call, 1);
}

/* Detach, re-attach, reset: all begin with the name. */
static void refuse(struct server_call *call)
{
	const struct rpc_node_device_dettach_args *args = call->arguments;
	struct host_device device;

	if (!device_of(call, args->name, &device))
		return;
	if (device.kind != HOST_DEVICE_PCI)
		call_fail(call, RPC_ERR_INVALID_ARG, RPC_FROM_NODEDEV,
		    "invalid argument: device %s is not a PCI device", device.name);
	else
		call_fail(call, RPC_ERR_OPERATION_UNSUPPORTED, RPC_FROM_NODEDEV,
		    "Operation not supported: guests of this node get no devices of the machine: "
		    "%s stays with its driver",
		    device.name);
}

const struct rpc_handler rpc_device_handlers[] = {
	{ RPC_CONNECT_LIST_ALL_NODE_DEVICES, list_all },
	{ RPC_NODE_NUM_OF_DEVICES, num_of },
	{ RPC_NODE_LIST_DEVICES, list_names },
	{ RPC_NODE_DEVICE_LOOKUP_BY_NAME, lookup_by_name },
	{ RPC_NODE_DEVICE_GET_XML_DESC, get_xml },
	{ RPC_NODE_DEVICE_GET_PARENT, get_parent },
	{ RPC_NODE_DEVICE_NUM_OF_CAPS, num_of_caps },
	{ RPC_NODE_DEVICE_LIST_CAPS, list_caps },
	{ RPC_NODE_DEVICE_IS_ACTIVE, always },
	{ RPC_NODE_DEVICE_IS_PERSISTENT, always },
	{ RPC_NODE_DEVICE_GET_AUTOSTART, always },
	{ RPC_NODE_DEVICE_DETTACH, refuse },
	{ RPC_NODE_DEVICE_DETACH_FLAGS, refuse },
	{ RPC_NODE_DEVICE_RE_ATTACH, refuse },
	{ RPC_NODE_DEVICE_RESET, refuse },
	{ 0 },
};
