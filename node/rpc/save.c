/* SPDX-License-Identifier: GPL-2.0-only */
/* Saved guests: in a client's file, and for their next start. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "node/rpc/guest_change.h"
#include "node/rpc/handlers.h"
#include "node/xml/domain.h"

/* libvirt: virDomainSaveRestoreFlags. Past the cache it is in any case. */
enum { SAVE_BYPASS_CACHE = 1, SAVE_RUNNING = 2, SAVE_PAUSED = 4 };
#define SAVE_FLAGS (SAVE_BYPASS_CACHE | SAVE_RUNNING | SAVE_PAUSED)
#define DEFINE_FLAGS (SAVE_RUNNING | SAVE_PAUSED)

static bool go_of(
    struct server_call *call, uint32_t flags, uint32_t allowed, enum driver_go *ret_go)
{
	if (!call_check_flags(call, flags, allowed))
		return false;
	if (flags & SAVE_RUNNING && flags & SAVE_PAUSED) {
		call_fail(call, RPC_ERR_INVALID_ARG, RPC_FROM_QEMU,
		    "invalid argument: it cannot be both running and paused once it is restored");
		return false;
	}
	*ret_go = flags & SAVE_RUNNING	? DRIVER_GOES
		  : flags & SAVE_PAUSED ? DRIVER_STANDS
					: DRIVER_AS_IT_WAS;
	return true;
}

/* A document that says the same: blanks between elements do not count. */
static bool same_xml(const char *one, const char *other)
{
	for (;;) {
		while (isspace((unsigned char)*one))
			one++;
		while (isspace((unsigned char)*other))
			other++;
		if (*one != *other)
			return false;
		if (!*one)
			return true;
		one++;
		other++;
	}
}

/* The other document of a guest: taken when it is the one that it has. A definition cannot be
 * changed beside its state. */
static bool takes_xml(struct server_call *call, const struct conf_model *model,
    const struct driver_guest *guest, const char *xml)
{
	struct buf own = BUF_INIT;
	bool same = !xml;

	for (unsigned int flags = 0; !same && flags <= (XML_SECURE | XML_INACTIVE); flags++) {
		buf_cut(&own, 0);
		guest_xml(call->core, model, guest, flags, &own);
		same = same_xml(xml, buf_text(&own));
	}
	buf_done(&own);
	if (!same)
		call_fail(call, RPC_ERR_UNSUPPORTED_CONFIG, RPC_FROM_QEMU,
		    "unsupported configuration: the definition of a saved guest stays as it is; only whether it runs once it is restored can be changed");
	return same;
}

static void save_to(struct server_call *call, const struct rpc_dom *dom, const char *path,
    const char *xml, uint32_t flags)
{
	struct server_core *core = call->core;
	struct driver_save save = { .path = path };

	if (!go_of(call, flags, SAVE_FLAGS, &save.go) || !guest_running(call, dom) ||
	    !takes_xml(call, core->ops->model(core->driver), &call->guest, xml))
		return;
	if (core->ops->save)
		core->ops->save(
		    core->driver, call->guest.uuid, &save, (struct driver_done){ call_done, call });
	else
		call_unsupported(call);
}

static void save(struct server_call *call)
{
	const struct rpc_domain_save_args *args = call->arguments;

	save_to(call, &args->dom, args->to, NULL, 0);
}

static void save_flags(struct server_call *call)
{
	const struct rpc_domain_save_flags_args *args = call->arguments;

	save_to(call, &args->dom, args->to, args->dxml, args->flags);
}

/* A text of the parameters, or NULL. */
static const char *text_of(const struct rpc_param *params, uint32_t count, const char *name)
{
	const struct rpc_param *param = rpc_param_find(params, count, name);

	return param && param->type == RPC_PARAM_STRING ? param->value.s : NULL;
}

/* False, and the call has failed, when there is one that is not known. */
static bool check_params(
    struct server_call *call, const struct rpc_param *params, uint32_t count, bool saves)
{
	for (uint32_t i = 0; i < count; i++) {
		const char *name = params[i].field;

		if (params[i].type == RPC_PARAM_STRING &&
		    (!strcmp(name, "file") || !strcmp(name, "dxml")))
			continue;
		if (saves && params[i].type == RPC_PARAM_STRING && !strcmp(name, "image_format") &&
		    !strcmp(params[i].value.s, "raw"))
			continue;
		call_fail(call, RPC_ERR_INVALID_ARG, RPC_FROM_QEMU,
		    "invalid argument: parameter '%s' not supported", name);
		return false;
	}
	return true;
}

static void save_params(struct server_call *call)
{
	const struct rpc_domain_save_params_args *args = call->arguments;
	const char *file = text_of(args->params, args->params_count, "file");

	/* Without a file it is for the next start. */
	if (check_params(call, args->params, args->params_count, true))
		save_to(call, &args->dom, file, text_of(args->params, args->params_count, "dxml"),
		    args->flags);
}

static void managed_save(struct server_call *call)
{
	const struct rpc_domain_managed_save_args *args = call->arguments;

	save_to(call, &args->dom, NULL, NULL, args->flags);
}

static void fail_saved(struct server_call *call, int result, const struct buf *complaint)
{
	if (result == -EINVAL || result == -EBADMSG)
		call_fail(call, RPC_ERR_OPERATION_FAILED, RPC_FROM_QEMU, "operation failed: %s",
		    buf_text(complaint));
	else
		call_fail_errno(call, result, buf_text(complaint));
}

/* The saved guest of a file, or of a guest's next start; the call has failed without. */
static bool find_saved(
    struct server_call *call, const uint8_t *uuid, const char *path, struct driver_saved *ret_saved)
{
	struct server_core *core = call->core;
	struct buf complaint = BUF_INIT;
	int result;

	if (!core->ops->look_at_saved) {
		call_unsupported(call);
		return false;
	}
	result = core->ops->look_at_saved(core->driver, uuid, path, ret_saved, &complaint);
	if (result)
		fail_saved(call, result, &complaint);
	buf_done(&complaint);
	return !result;
}

static void restore_from(
    struct server_call *call, const char *path, const char *xml, uint32_t flags)
{
	struct server_core *core = call->core;
	struct driver_saved saved;
	enum driver_go go;

	if (!go_of(call, flags, SAVE_FLAGS, &go) || !find_saved(call, NULL, path, &saved) ||
	    !takes_xml(call, saved.model, &saved.guest, xml))
		return;
	core->ops->restore(core->driver, path, go, (struct driver_done){ call_done, call });
}

static void restore(struct server_call *call)
{
	const struct rpc_domain_restore_args *args = call->arguments;

	restore_from(call, args->from, NULL, 0);
}

static void restore_flags(struct server_call *call)
{
	const struct rpc_domain_restore_flags_args *args = call->arguments;

	restore_from(call, args->from, args->dxml, args->flags);
}

static void restore_params(struct server_call *call)
{
	const struct rpc_domain_restore_params_args *args = call->arguments;
	const char *file = text_of(args->params, args->params_count, "file");

	if (!check_params(call, args->params, args->params_count, false))
		return;
	if (file)
		restore_from(
		    call, file, text_of(args->params, args->params_count, "dxml"), args->flags);
	else
		call_fail(call, RPC_ERR_INVALID_ARG, RPC_FROM_QEMU,
		    "invalid argument: the file to restore from is missing");
}

/* Passwords are in a document that is asked for with them. */
static void reply_xml(struct server_call *call, const struct driver_saved *saved, uint32_t flags)
{
	struct buf buf = BUF_INIT;

	guest_xml(call->core, saved->model, &saved->guest, flags & XML_SECURE, &buf);
	call_reply_text(call, &buf);
}

static void image_xml(struct server_call *call)
{
	const struct rpc_domain_save_image_get_xml_desc_args *args = call->arguments;
	struct driver_saved saved;

	if (call_check_flags(call, args->flags, XML_SECURE) &&
	    find_saved(call, NULL, args->file, &saved))
		reply_xml(call, &saved, args->flags);
}

static void change(struct server_call *call, const uint8_t *uuid, const char *path, const char *xml,
    uint32_t flags)
{
	struct server_core *core = call->core;
	struct buf complaint = BUF_INIT;
	struct driver_saved saved;
	enum driver_go go;
	int result;

	if (!go_of(call, flags, DEFINE_FLAGS, &go) || !find_saved(call, uuid, path, &saved) ||
	    !takes_xml(call, saved.model, &saved.guest, xml))
		return;
	result = core->ops->change_saved(core->driver, uuid, path, go, &complaint);
	if (result)
		fail_saved(call, result, &complaint);
	else
		call_reply(call, NULL);
	buf_done(&complaint);
}

static void image_define(struct server_call *call)
{
	const struct rpc_domain_save_image_define_xml_args *args = call->arguments;

	change(call, NULL, args->file, args->dxml, args->flags);
}

/* A guest with a saved state; the call has failed without. */
static bool find_managed(struct server_call *call, const struct rpc_dom *dom)
{
	if (!guest_of(call, dom))
		return false;
	if (call->guest.saved)
		return true;
	call_fail(call, RPC_ERR_OPERATION_INVALID, RPC_FROM_QEMU,
	    "Requested operation is not valid: domain does not have managed save image");
	return false;
}

static void managed_xml(struct server_call *call)
{
	const struct rpc_domain_managed_save_get_xml_desc_args *args = call->arguments;
	struct driver_saved saved;

	if (call->client->read_only && args->flags & XML_SECURE)
		call_fail(call, RPC_ERR_READ_ONLY, RPC_FROM_QEMU,
		    "operation forbidden: virDomainManagedSaveGetXMLDesc with secure flag");
	else if (call_check_flags(call, args->flags, XML_SECURE) &&
		 find_managed(call, &args->dom) && find_saved(call, call->guest.uuid, NULL, &saved))
		reply_xml(call, &saved, args->flags);
}

static void managed_define(struct server_call *call)
{
	const struct rpc_domain_managed_save_define_xml_args *args = call->arguments;

	if (find_managed(call, &args->dom))
		change(call, call->guest.uuid, NULL, args->dxml, args->flags);
}

static void has_managed(struct server_call *call)
{
	const struct rpc_domain_has_managed_save_image_args *args = call->arguments;

	if (!call_check_flags(call, args->flags, 0) || !guest_of(call, &args->dom))
		return;
	call_reply_number(call, call->guest.saved);
}

static void managed_remove(struct server_call *call)
{
	const struct rpc_domain_managed_save_remove_args *args = call->arguments;
	struct server_core *core = call->core;
	int result;

	if (!call_check_flags(call, args->flags, 0) || !find_managed(call, &args->dom))
		return;
	result = core->ops->forget_saved(core->driver, call->guest.uuid);
	if (result)
		call_fail(call, RPC_ERR_SYSTEM, RPC_FROM_QEMU,
		    "the saved state of '%s' cannot be removed: %s", call->guest.conf->name,
		    strerror(-result));
	else
		call_reply(call, NULL);
}

const struct rpc_handler rpc_save_handlers[] = {
	{ RPC_DOMAIN_SAVE, save },
	{ RPC_DOMAIN_SAVE_FLAGS, save_flags },
	{ RPC_DOMAIN_SAVE_PARAMS, save_params },
	{ RPC_DOMAIN_RESTORE, restore },
	{ RPC_DOMAIN_RESTORE_FLAGS, restore_flags },
	{ RPC_DOMAIN_RESTORE_PARAMS, restore_params },
	{ RPC_DOMAIN_SAVE_IMAGE_GET_XML_DESC, image_xml },
	{ RPC_DOMAIN_SAVE_IMAGE_DEFINE_XML, image_define },
	{ RPC_DOMAIN_MANAGED_SAVE, managed_save },
	{ RPC_DOMAIN_HAS_MANAGED_SAVE_IMAGE, has_managed },
	{ RPC_DOMAIN_MANAGED_SAVE_REMOVE, managed_remove },
	{ RPC_DOMAIN_MANAGED_SAVE_GET_XML_DESC, managed_xml },
	{ RPC_DOMAIN_MANAGED_SAVE_DEFINE_XML, managed_define },
	{ 0 },
};
