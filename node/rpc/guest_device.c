/* SPDX-License-Identifier: GPL-2.0-only */
/* Devices of a guest's definition, added and taken away; its name. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/uuid.h"
#include "node/rpc/guest_change.h"
#include "node/rpc/definition.h"
#include "node/rpc/handlers.h"
#include "node/xml/define.h"
#include "node/xml/domain_device.h"
#include "node/xml/domain.h"

static void fail_device(struct server_call *call, int error)
{
	if (error == -EINVAL)
		call_fail(call, RPC_ERR_XML, RPC_FROM_QEMU,
		    "XML error: the device is not well-formed XML");
	else if (error == -EEXIST)
		call_fail(call, RPC_ERR_OPERATION_FAILED, RPC_FROM_QEMU,
		    "operation failed: the domain has this device already");
	else if (error == -ENODEV)
		call_fail(call, RPC_ERR_DEVICE_MISSING, RPC_FROM_QEMU,
		    "device not found: no such device in the domain");
	else if (error == -ENOTUNIQ)
		call_fail(call, RPC_ERR_OPERATION_FAILED, RPC_FROM_QEMU,
		    "operation failed: several devices of the domain are like this one");
	else
		call_fail_errno(call, error, NULL);
}

/* A device on its way to a guest that runs, and then into its definition. */
struct plugging {
	struct server_call *call;
	char *definition; /* or NULL */
};

static void plugged(void *context, int result, const char *message)
{
	struct plugging *plugging = context;

	if (result == -ENOENT)
		fail_device(plugging->call, -ENODEV);
	else if (!result && plugging->definition)
		definition_change(plugging->call, plugging->definition, NULL);
	else
		call_done(plugging->call, result, message);
	free(plugging->definition);
	free(plugging);
}

/* Only disks and interfaces come and go; false when something else would change. */
static bool keep_devices(struct xml_definition *definition)
{
	size_t count = 0;

	for (size_t i = 0; i < definition->edit_count; i++) {
		const char *key = definition->edits[i].key;

		if (key && (!strcmp(key, "disk") || !strcmp(key, "nic")))
			definition->edits[count++] = definition->edits[i];
		else if (!key || strcmp(key, "uuid") != 0)
			return false;
	}
	definition->edit_count = count;
	return count;
}

/* What the guest runs with, changed likewise: the difference is asked of its process. */
static void plug(struct server_call *call, const struct driver_guest *guest,
    enum xml_device_change change, const char *device, const char *definition)
{
	struct server_core *core = call->core;
	const struct conf_model *model = core->ops->model(core->driver);
	struct plugging *plugging = calloc(1, sizeof(*plugging));
	struct xml_definition changed = { 0 };
	struct driver_guest off = *guest;
	struct buf running = BUF_INIT;
	struct buf xml = BUF_INIT;
	int error;

	off.id = -1;
	xml_domain(model, &off, "", XML_INACTIVE | XML_SECURE, &running);
	error = xml_device_change(change, buf_text(&running), device, &xml);
	if (!error && plugging && definition)
		plugging->definition = strdup(definition);
	if (!plugging || (definition && !error && !plugging->definition))
		error = -ENOMEM;
	if (error) {
		fail_device(call, error);
	} else if (!xml_definition_read(&changed, buf_text(&xml)) ||
		   !xml_definition_convert(&changed, buf_text(&xml), model, guest->conf)) {
		call_fail(call, (enum rpc_error_code)changed.code, RPC_FROM_QEMU, "%s",
		    buf_text(&changed.why));
	} else if (!keep_devices(&changed)) {
		call_fail(call, RPC_ERR_OPERATION_UNSUPPORTED, RPC_FROM_QEMU,
		    "Operation not supported: only disks and interfaces can be changed while the guest runs; use --config");
	} else {
		plugging->call = call;
		core->ops->plug(core->driver, guest->uuid, changed.edits, changed.edit_count,
		    (struct driver_done){ plugged, plugging });
		plugging = NULL;
	}
	if (plugging)
		free(plugging->definition);
	free(plugging);
	xml_definition_done(&changed);
	buf_done(&running);
	buf_done(&xml);
}

#define FORCE 4u /* libvirt: VIR_DOMAIN_DEVICE_MODIFY_FORCE */

static void change_device(struct server_call *call, const struct rpc_dom *dom,
    enum xml_device_change change, const char *device, uint32_t flags)
{
	struct buf domain = BUF_INIT;
	struct buf changed = BUF_INIT;
	struct guest_reach reach;
	int error = 0;

	if (!call_check_flags(call, flags, AFFECT_LIVE | AFFECT_CONFIG | FORCE) ||
	    !guest_change_reach(call, dom, flags & ~FORCE, &reach))
		return;
	if (reach.config) {
		guest_change_xml(call->core, &call->guest, XML_SECURE, &domain);
		error = xml_device_change(change, buf_text(&domain), device, &changed);
	}
	if (error)
		fail_device(call, error);
	else if (reach.live)
		plug(call, &call->guest, change, device, reach.config ? buf_text(&changed) : NULL);
	else
		definition_change(call, buf_text(&changed), NULL);
	buf_done(&domain);
	buf_done(&changed);
}

/* Without flags, the older procedures are of a guest that runs, as libvirt has it; of one that does
 * not, its definition is what there is. */
static void attach(struct server_call *call)
{
	const struct rpc_domain_attach_device_args *args = call->arguments;

	change_device(call, &args->dom, XML_ATTACH, args->xml, 0);
}

static void attach_flags(struct server_call *call)
{
	const struct rpc_domain_attach_device_flags_args *args = call->arguments;

	change_device(call, &args->dom, XML_ATTACH, args->xml, args->flags);
}

static void detach(struct server_call *call)
{
	const struct rpc_domain_detach_device_args *args = call->arguments;

	change_device(call, &args->dom, XML_DETACH, args->xml, 0);
}

static void detach_flags(struct server_call *call)
{
	const struct rpc_domain_detach_device_flags_args *args = call->arguments;

	change_device(call, &args->dom, XML_DETACH, args->xml, args->flags);
}

static void update_flags(struct server_call *call)
{
	const struct rpc_domain_update_device_flags_args *args = call->arguments;

	change_device(call, &args->dom, XML_UPDATE, args->xml, args->flags);
}

static void detach_alias(struct server_call *call)
{
	const struct rpc_domain_detach_device_alias_args *args = call->arguments;
	struct buf domain = BUF_INIT;
	struct buf device = BUF_INIT;

	if (!guest_of(call, &args->dom))
		return;
	if (guest_is_active(&call->guest) && args->flags != AFFECT_CONFIG)
		guest_xml(call->core, call->core->ops->model(call->core->driver), &call->guest,
		    XML_SECURE, &domain);
	else
		guest_change_xml(call->core, &call->guest, XML_SECURE, &domain);
	if (xml_device_of_alias(buf_text(&domain), args->alias, &device))
		call_fail(call, RPC_ERR_DEVICE_MISSING, RPC_FROM_QEMU,
		    "device not found: no device with alias '%s'", args->alias);
	else
		change_device(call, &args->dom, XML_DETACH, buf_text(&device), args->flags);
	buf_done(&domain);
	buf_done(&device);
}

/* The answer says 0. */
static void renamed(void *context, int result, const char *message)
{
	struct rpc_domain_rename_ret ret = { 0 };

	if (result)
		call_fail_errno(context, result, message);
	else
		call_reply(context, &ret);
}

/* Its UUID stays, which without a line of its own would follow the name. */
static void rename_guest(struct server_call *call)
{
	const struct rpc_domain_rename_args *args = call->arguments;
	struct server_core *core = call->core;
	char text[UUID_TEXT];
	const char *name;

	if (!call_check_flags(call, args->flags, 0) || !guest_of(call, &args->dom))
		return;
	name = call->guest.conf->name;
	if (!call->guest.persistent || guest_is_active(&call->guest)) {
		call_fail(call, RPC_ERR_OPERATION_INVALID, RPC_FROM_QEMU,
		    "Requested operation is not valid: cannot rename %s",
		    call->guest.persistent ? "active domain" : "a transient domain");
		return;
	}
	if (!args->new_name || guest_change_section(core, args->new_name)) {
		call_fail(call, RPC_ERR_OPERATION_INVALID, RPC_FROM_QEMU,
		    "Requested operation is not valid: domain with name '%s' already exists",
		    args->new_name ? args->new_name : "");
		return;
	}
	core->ops->edit(core->driver,
	    (const struct conf_edit[]){
		{ CONF_EDIT_SET, "guest", name, "uuid", uuid_text(call->guest.uuid, text) },
		{ CONF_EDIT_RENAME_SECTION, "guest", name, NULL, args->new_name } },
	    2, NULL, (struct driver_done){ renamed, call });
}

const struct rpc_handler rpc_guest_device_handlers[] = {
	{ RPC_DOMAIN_ATTACH_DEVICE, attach },
	{ RPC_DOMAIN_ATTACH_DEVICE_FLAGS, attach_flags },
	{ RPC_DOMAIN_DETACH_DEVICE, detach },
	{ RPC_DOMAIN_DETACH_DEVICE_FLAGS, detach_flags },
	{ RPC_DOMAIN_UPDATE_DEVICE_FLAGS, update_flags },
	{ RPC_DOMAIN_DETACH_DEVICE_ALIAS, detach_alias },
	{ RPC_DOMAIN_RENAME, rename_guest },
	{ 0 },
};
