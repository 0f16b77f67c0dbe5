/* SPDX-License-Identifier: GPL-2.0-only */
/* Guests made of XML: defined as a section of the file, or started without one. */
#include "node/rpc/definition.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/uuid.h"
#include "node/rpc/guest_change.h"
#include "node/rpc/handlers.h"
#include "node/xen/domain.h"
#include "node/xml/define.h"

/* One definition on its way: lives until it is answered. */
struct defining {
	struct server_call *call;
	void (*then)(struct server_call *call);
	struct xml_definition definition;
	struct driver_parts parts;
};

static bool has_name(const void *key, const struct driver_guest *guest)
{
	return !strcmp(guest->conf->name, key);
}

static void defining_free(struct defining *defining)
{
	xml_definition_done(&defining->definition);
	free(defining);
}

/* The answer is the guest, by its new id. */
static void defined(void *context, int result, const char *message)
{
	struct defining *defining = context;
	struct server_call *call = defining->call;
	/* What both procedures return is the guest alone. */
	struct rpc_domain_define_xml_ret ret = { { .name = defining->definition.name, .id = -1 } };

	memcpy(ret.dom.uuid, defining->definition.uuid, 16);
	if (result) {
		call_fail_errno(call, result, message);
	} else {
		if (guest_find_uuid(call, defining->definition.uuid))
			ret.dom = guest_dom(&call->guest);
		call_reply(call, &ret);
	}
	defining_free(defining);
}

/* Names and UUIDs are unique, each by itself: those of XML must both be new, or of one guest. */
static bool check_identity(struct server_call *call, struct xml_definition *definition)
{
	const struct driver_guest *guest = &call->guest;
	char text[UUID_TEXT];
	bool taken = guest_find(call, has_name, definition->name);

	/* Without a UUID it is the guest of that name. */
	if (taken && !definition->has_uuid)
		memcpy(definition->uuid, guest->uuid, 16);
	if (taken && memcmp(definition->uuid, guest->uuid, 16) != 0) {
		call_fail(call, RPC_ERR_OPERATION_FAILED, RPC_FROM_QEMU,
		    "operation failed: domain '%s' already exists with uuid %s", definition->name,
		    uuid_text(guest->uuid, text));
		return false;
	}
	if (!taken && guest_find_uuid(call, definition->uuid)) {
		call_fail(call, RPC_ERR_OPERATION_FAILED, RPC_FROM_QEMU,
		    "operation failed: domain '%s' is already defined with uuid %s",
		    guest->conf->name, uuid_text(definition->uuid, text));
		return false;
	}
	return true;
}

/* NULL with the call failed. */
static struct defining *convert(struct server_call *call, const char *xml)
{
	struct server_core *core = call->core;
	struct defining *defining = calloc(1, sizeof(*defining));
	struct xml_definition *definition = &defining->definition;
	const struct conf_guest *old = NULL;
	bool good;

	if (!defining) {
		call_fail_errno(call, -ENOMEM, NULL);
		return NULL;
	}
	defining->call = call;
	good = xml_definition_read(definition, xml);
	if (good && !check_identity(call, definition)) {
		defining_free(defining);
		return NULL;
	}
	if (good) {
		old = guest_change_section(core, definition->name);
		good = xml_definition_convert(definition, xml, core->ops->model(core->driver), old);
	}
	if (!good) {
		call_fail(call, (enum rpc_error_code)definition->code, RPC_FROM_QEMU, "%s",
		    buf_text(&definition->why));
		defining_free(defining);
		return NULL;
	}
	memcpy(defining->parts.uuid, definition->uuid, 16);
	if (definition->parts.length)
		defining->parts.text = buf_text(&definition->parts);
	return defining;
}

static void define(struct server_call *call, const char *xml)
{
	struct server_core *core = call->core;
	struct defining *defining;

	if (!core->ops->edit) {
		call_unsupported(call);
		return;
	}
	defining = convert(call, xml);
	if (defining)
		core->ops->edit(core->driver, defining->definition.edits,
		    defining->definition.edit_count, &defining->parts,
		    (struct driver_done){ defined, defining });
}

static void changed(void *context, int result, const char *message)
{
	struct defining *defining = context;

	if (!result && defining->then)
		defining->then(defining->call);
	call_done(defining->call, result, message);
	defining_free(defining);
}

void definition_change(
    struct server_call *call, const char *xml, void (*then)(struct server_call *call))
{
	struct server_core *core = call->core;
	struct defining *defining = core->ops->edit ? convert(call, xml) : NULL;

	if (!core->ops->edit)
		call_unsupported(call);
	if (!defining)
		return;
	defining->then = then;
	core->ops->edit(core->driver, defining->definition.edits, defining->definition.edit_count,
	    &defining->parts, (struct driver_done){ changed, defining });
}

static void define_xml(struct server_call *call)
{
	const struct rpc_domain_define_xml_args *args = call->arguments;

	define(call, args->xml);
}

/* libvirt: VIR_DOMAIN_DEFINE_VALIDATE. What the table does not know is not guessed at anyway. */
#define DEFINE_VALIDATE 1u

static void define_xml_flags(struct server_call *call)
{
	const struct rpc_domain_define_xml_flags_args *args = call->arguments;

	if (call_check_flags(call, args->flags, DEFINE_VALIDATE))
		define(call, args->xml);
}

/* libvirt: virDomainCreateFlags. */
enum { CREATE_PAUSED = 1, CREATE_AUTODESTROY = 2, CREATE_BYPASS_CACHE = 4, CREATE_FORCE = 8 };
#define CREATE_VALIDATE 16u

static void create_xml(struct server_call *call)
{
	const struct rpc_domain_create_xml_args *args = call->arguments;
	struct server_core *core = call->core;
	struct defining *defining;

	if (!call_check_flags(call, args->flags,
		CREATE_PAUSED | CREATE_BYPASS_CACHE | CREATE_FORCE | CREATE_VALIDATE))
		return;
	if (!core->ops->create) {
		call_unsupported(call);
		return;
	}
	defining = convert(call, args->xml_desc);
	if (!defining)
		return;
	if (guest_find_uuid(call, defining->definition.uuid) && guest_is_active(&call->guest)) {
		call_fail(call, RPC_ERR_OPERATION_INVALID, RPC_FROM_QEMU,
		    "Requested operation is not valid: domain '%s' is already active",
		    defining->definition.name);
		defining_free(defining);
		return;
	}
	core->ops->create(core->driver, defining->definition.edits, defining->definition.edit_count,
	    defining->definition.name, &defining->parts, args->flags & CREATE_PAUSED,
	    (struct driver_done){ defined, defining });
}

/* A definition in another program's words. */
static void from_native(struct server_call *call)
{
	const struct rpc_connect_domain_xml_from_native_args *args = call->arguments;
	struct buf xml = BUF_INIT;
	struct buf why = BUF_INIT;
	int error;

	if (!call_check_flags(call, args->flags, 0))
		return;
	/* libvirt knows two names: the file of xm, and the same as xl took it over. */
	if (strcmp(args->native_format, "xen-xm") != 0 &&
	    strcmp(args->native_format, "xen-xl") != 0) {
		call_fail(call, RPC_ERR_INVALID_ARG, RPC_FROM_QEMU,
		    "invalid argument: unsupported config type %s", args->native_format);
		return;
	}
	error = xen_domain(args->native_config, &xml, &why);
	if (error == -EINVAL) {
		call_fail(call, RPC_ERR_CONF_SYNTAX, RPC_FROM_CONF,
		    "configuration file syntax error: %s", buf_text(&why));
	} else if (error) {
		call_fail_xml(call, RPC_FROM_QEMU, error, buf_text(&why));
	} else {
		struct rpc_connect_domain_xml_from_native_ret ret = { buf_text(&xml) };

		call_reply(call, &ret);
	}
	buf_done(&xml);
	buf_done(&why);
}

const struct rpc_handler rpc_define_xml_handlers[] = {
	{ RPC_CONNECT_DOMAIN_XML_FROM_NATIVE, from_native },
	{ RPC_DOMAIN_DEFINE_XML, define_xml },
	{ RPC_DOMAIN_DEFINE_XML_FLAGS, define_xml_flags },
	{ RPC_DOMAIN_CREATE_XML, create_xml },
	{ 0 },
};
