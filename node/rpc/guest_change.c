/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/rpc/guest_change.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "conf/section.h"

#define ARENA_SIZE (64ul << 20)

const struct conf_guest *guest_change_section(struct server_core *core, const char *name)
{
	const struct conf_guest *guest = core->ops->model(core->driver)->guests;

	while (guest && strcmp(guest->name, name) != 0)
		guest = guest->next;
	return guest;
}

bool guest_change_allowed(
    struct server_call *call, const struct driver_guest *guest, uint32_t flags, bool live)
{
	bool active = guest_is_active(guest);

	if (flags & AFFECT_LIVE && !active)
		call_fail(call, RPC_ERR_OPERATION_INVALID, RPC_FROM_QEMU,
		    "Requested operation is not valid: domain is not running");
	else if (!guest->persistent)
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

bool guest_change_begin(struct guest_change *change, struct server_call *call,
    const struct rpc_dom *dom, uint32_t flags, bool live)
{
	*change = (struct guest_change){ .call = call };
	if (!call_check_flags(call, flags, AFFECT_LIVE | AFFECT_CONFIG) ||
	    !guest_of(call, dom, &change->guest) ||
	    !guest_change_allowed(call, &change->guest, flags, live))
		return false;
	change->old = guest_change_section(call->core, change->guest.conf->name);
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
	arena_free(change->arena);
}

void guest_change_end(struct guest_change *change)
{
	struct server_core *core = change->call->core;
	struct buf why = BUF_INIT;
	struct conf_edit *edits;
	size_t count;
	int error = conf_section_edits(
	    change->arena, change->old, &change->new, &edits, &count, &why);

	if (error)
		call_fail_errno(change->call, -EBADMSG, buf_text(&why));
	else if (!count)
		call_reply(change->call, NULL);
	else if (!core->ops->edit)
		call_unsupported(change->call);
	else
		core->ops->edit(core->driver, edits, count, NULL,
		    (struct driver_done){ call_done, change->call });
	buf_done(&why);
	arena_free(change->arena);
}
