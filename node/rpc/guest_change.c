/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/rpc/guest_change.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "conf/section.h"
#include "node/xml/domain.h"
#include "node/xml/flags.h"

#define ARENA_SIZE (64ul << 20)

const struct conf_guest *guest_change_section(struct server_core *core, const char *name)
{
	const struct conf_guest *guest = core->ops->model(core->driver)->guests;

	while (guest && strcmp(guest->name, name) != 0)
		guest = guest->next;
	return guest;
}

void guest_xml(struct server_core *core, const struct conf_model *model,
    const struct driver_guest *guest, unsigned int flags, struct buf *ret_xml)
{
	struct driver_guest seen = *guest;
	struct buf parts = BUF_INIT;
	struct buf slots = BUF_INIT;

	if (core->ops->parts)
		core->ops->parts(core->driver, guest->uuid, &parts);
	if (guest_is_active(guest) && !(flags & (XML_INACTIVE | XML_MIGRATABLE)) &&
	    core->ops->devices) {
		core->ops->devices(core->driver, guest->uuid, &slots);
		seen.slots = buf_text(&slots);
	}
	xml_domain(model, &seen, buf_text(&parts), flags, ret_xml);
	buf_done(&slots);
	buf_done(&parts);
}

void guest_change_xml(struct server_core *core, const struct driver_guest *guest,
    unsigned int flags, struct buf *ret_xml)
{
	const struct conf_guest *section = guest_change_section(core, guest->conf->name);
	struct driver_guest off = *guest;

	off.id = -1;
	/* MAC addresses are those of the NICs that it runs with. */
	if (section && section != guest->conf) {
		off.conf = section;
		off.macs = NULL;
	}
	guest_xml(core, core->ops->model(core->driver), &off, flags | XML_INACTIVE, ret_xml);
}

bool guest_change_allowed(struct server_call *call, uint32_t flags, bool live)
{
	bool active = guest_is_active(&call->guest);

	if (flags & AFFECT_LIVE && !active)
		call_fail(call, RPC_ERR_OPERATION_INVALID, RPC_FROM_QEMU,
		    "Requested operation is not valid: domain is not running");
	else if (!call->guest.persistent)
		call_fail(call, RPC_ERR_OPERATION_INVALID, RPC_FROM_QEMU,
		    "Requested operation is not valid: transient domains do not have any persistent config");
	else if (!live && (flags & AFFECT_LIVE || (active && !(flags & AFFECT_CONFIG))))
		call_fail(call, RPC_ERR_OPERATION_UNSUPPORTED, RPC_FROM_QEMU,
		    "Operation not supported: this cannot be changed while the guest runs; use --config");
	else
		return true;
	return false;
}

#define COPY_LIST(arena, type, field)                                                              \
	do {                                                                                       \
		struct type **end = &(field);                                                      \
		for (const struct type *one = field; one; one = one->next) {                       \
			*end = arena_alloc(arena, sizeof(**end));                                  \
			**end = *one;                                                              \
			end = &(*end)->next;                                                       \
		}                                                                                  \
	} while (0)

bool guest_change_reach(struct server_call *call, const struct rpc_dom *dom, uint32_t flags,
    struct guest_reach *ret_reach)
{
	bool can_plug = call->core->ops->plug;

	if (!guest_of(call, dom))
		return false;
	ret_reach->live = flags & AFFECT_LIVE ||
			  (guest_is_active(&call->guest) && !(flags & AFFECT_CONFIG));
	ret_reach->config = flags & AFFECT_CONFIG || !ret_reach->live;
	return (!ret_reach->live || guest_running(call, dom)) &&
	       ((!ret_reach->config && can_plug) || guest_change_allowed(call, flags, can_plug));
}

bool guest_change_begin(struct guest_change *change, struct server_call *call,
    const struct rpc_dom *dom, uint32_t flags, bool live)
{
	return call_check_flags(call, flags, AFFECT_LIVE | AFFECT_CONFIG) && guest_of(call, dom) &&
	       guest_change_allowed(call, flags, live) &&
	       guest_change_of(
		   change, call, guest_change_section(call->core, call->guest.conf->name));
}

bool guest_change_of(
    struct guest_change *change, struct server_call *call, const struct conf_guest *conf)
{
	*change = (struct guest_change){ .call = call, .old = conf };
	change->arena = change->old ? arena_create(ARENA_SIZE) : NULL;
	if (!change->arena) {
		call_fail_errno(call, change->old ? -ENOMEM : -ENOENT, NULL);
		return false;
	}
	change->new = *change->old;
	COPY_LIST(change->arena, conf_disk, change->new.disks);
	COPY_LIST(change->arena, conf_disk, change->new.cdroms);
	COPY_LIST(change->arena, conf_nic, change->new.nics);
	COPY_LIST(change->arena, conf_pin, change->new.pins);
	return true;
}

void guest_change_fail(
    struct guest_change *change, enum rpc_error_code code, const char *format, ...)
{
	char text[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	call_fail(change->call, code, RPC_FROM_QEMU, "%s", text);
	guest_change_drop(change);
}

void guest_change_drop(struct guest_change *change)
{
	arena_free(change->arena);
}

bool guest_change_number(
    struct guest_change *change, const struct rpc_param *param, int64_t *ret_value)
{
	if (rpc_param_number(param, ret_value))
		return true;
	guest_change_fail(
	    change, RPC_ERR_INVALID_ARG, "invalid argument: '%s' is no number", param->field);
	return false;
}

/* False with the call failed. */
static bool edits_of(struct guest_change *change, struct conf_edit **ret_edits, size_t *ret_count)
{
	struct buf why = BUF_INIT;
	int error = conf_section_edits(
	    change->arena, change->old, &change->new, ret_edits, ret_count, &why);

	if (error)
		call_fail_errno(change->call, -EBADMSG, buf_text(&why));
	buf_done(&why);
	return !error;
}

void guest_change_plug(struct guest_change *change, struct driver_done done)
{
	struct server_core *core = change->call->core;
	struct conf_edit *edits;
	size_t count;

	if (edits_of(change, &edits, &count)) {
		if (count)
			core->ops->plug(core->driver, change->call->guest.uuid, edits, count, done);
		else
			done.call(done.context, 0, NULL);
	}
	guest_change_drop(change);
}

void guest_change_end(struct guest_change *change)
{
	struct server_core *core = change->call->core;
	struct conf_edit *edits;
	size_t count;

	if (edits_of(change, &edits, &count)) {
		if (!count)
			call_reply(change->call, NULL);
		else if (!core->ops->edit)
			call_unsupported(change->call);
		else
			core->ops->edit(core->driver, edits, count, NULL,
			    (struct driver_done){ call_done, change->call });
	}
	guest_change_drop(change);
}
