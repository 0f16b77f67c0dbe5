/* SPDX-License-Identifier: GPL-2.0-only */
/* What clients change of a guest's definition: lines of its section in berth.conf, as an
 * administrator would change them; comments and order stay. */
#include "node/rpc/define.h"

#include <errno.h>
#include <string.h>

#include "lib/num.h"
#include "node/rpc/guest.h"
#include "node/rpc/handlers.h"

static void change_section(struct server_call *call, enum conf_edit_verb verb, const char *key,
    const char *value, const struct driver_parts *parts)
{
	struct server_core *core = call->core;
	struct conf_edit edit = { verb, "guest", call->guest.conf->name, key, value };

	if (!core->ops->edit) {
		call_unsupported(call);
		return;
	}
	if (!call->guest.persistent) {
		call_fail(call, RPC_ERR_OPERATION_INVALID, RPC_FROM_QEMU,
		    "Requested operation is not valid: transient domains do not have any persistent config");
		return;
	}
	core->ops->edit(core->driver, &edit, 1, parts, (struct driver_done){ call_done, call });
}

void define_edit(
    struct server_call *call, enum conf_edit_verb verb, const char *key, const char *value)
{
	change_section(call, verb, key, value, NULL);
}

/* libvirt: virDomainUndefineFlagsValues. What other flags name, there is none of. */
#define UNDEFINE_FLAGS 127u
#define UNDEFINE_MANAGED_SAVE 1u

/* A saved state without its guest would be nobody's. */
static void undefine_with(struct server_call *call, const struct rpc_dom *dom, uint32_t flags)
{
	struct server_core *core = call->core;
	struct driver_parts none = { .text = NULL };

	if (!guest_of(call, dom))
		return;
	if (call->guest.saved && !(flags & UNDEFINE_MANAGED_SAVE)) {
		call_fail(call, RPC_ERR_OPERATION_INVALID, RPC_FROM_QEMU,
		    "Requested operation is not valid: Refusing to undefine while domain managed save image exists");
		return;
	}
	if (call->guest.saved)
		core->ops->forget_saved(core->driver, call->guest.uuid);
	/* What is kept beside the section goes with it. */
	memcpy(none.uuid, call->guest.uuid, sizeof(none.uuid));
	change_section(call, CONF_EDIT_REMOVE_SECTION, NULL, NULL, &none);
}

static void undefine(struct server_call *call)
{
	const struct rpc_domain_undefine_args *args = call->arguments;

	undefine_with(call, &args->dom, 0);
}

static void undefine_flags(struct server_call *call)
{
	const struct rpc_domain_undefine_flags_args *args = call->arguments;

	if (call_check_flags(call, args->flags, UNDEFINE_FLAGS))
		undefine_with(call, &args->dom, args->flags);
}

/* KiB on the wire, a size with a unit in the file. */
static void set_size(struct server_call *call, const char *key, uint64_t kib)
{
	char text[NUM_TEXT];

	if (kib > UINT64_MAX / 1024) {
		call_fail(call, RPC_ERR_INVALID_ARG, RPC_FROM_QEMU,
		    "invalid argument: %llu KiB is more than there can be",
		    (unsigned long long)kib);
		return;
	}
	define_edit(call, CONF_EDIT_SET, key, num_size_text(kib * 1024, text));
}

void define_memory(struct server_call *call, uint64_t kib, bool maximum)
{
	if (maximum && guest_is_active(&call->guest))
		call_fail(call, RPC_ERR_OPERATION_INVALID, RPC_FROM_QEMU,
		    "Requested operation is not valid: cannot resize the maximum memory on an active domain");
	else
		set_size(call, maximum ? "memory-max" : "memory", kib);
}

static void set_max_memory(struct server_call *call)
{
	const struct rpc_domain_set_max_memory_args *args = call->arguments;

	if (guest_of(call, &args->dom))
		define_memory(call, args->memory, true);
}

/* libvirt: virDomainVcpuFlags. */
enum { VCPU_LIVE = 1, VCPU_CONFIG = 2, VCPU_MAXIMUM = 4 };

/* A guest that runs keeps its processors until its next start. */
static void set_vcpus_flags(struct server_call *call)
{
	const struct rpc_domain_set_vcpus_flags_args *args = call->arguments;
	struct buf value = BUF_INIT;

	if (!call_check_flags(call, args->flags, VCPU_LIVE | VCPU_CONFIG | VCPU_MAXIMUM) ||
	    !guest_of(call, &args->dom))
		return;
	if (args->flags & VCPU_LIVE ||
	    (!(args->flags & VCPU_CONFIG) && guest_is_active(&call->guest))) {
		call_fail(call, RPC_ERR_OPERATION_UNSUPPORTED, RPC_FROM_QEMU,
		    "Operation not supported: processors of a guest that runs cannot be changed; use --config");
		return;
	}
	buf_printf(&value, "%u", args->nvcpus);
	define_edit(call, CONF_EDIT_SET, args->flags & VCPU_MAXIMUM ? "vcpus-max" : "vcpus",
	    buf_text(&value));
	buf_done(&value);
}

static void set_vcpus(struct server_call *call)
{
	const struct rpc_domain_set_vcpus_args *args = call->arguments;
	struct rpc_domain_set_vcpus_flags_args flags = { args->dom, args->nvcpus, 0 };

	call->arguments = &flags;
	set_vcpus_flags(call);
}

const struct rpc_handler rpc_define_handlers[] = {
	{ RPC_DOMAIN_UNDEFINE, undefine },
	{ RPC_DOMAIN_UNDEFINE_FLAGS, undefine_flags },
	{ RPC_DOMAIN_SET_MAX_MEMORY, set_max_memory },
	{ RPC_DOMAIN_SET_VCPUS, set_vcpus },
	{ RPC_DOMAIN_SET_VCPUS_FLAGS, set_vcpus_flags },
	{ 0 },
};
