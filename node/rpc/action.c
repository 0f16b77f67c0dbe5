/* SPDX-License-Identifier: GPL-2.0-only */
/* What changes guests: their power, their console, their place in the file. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/num.h"
#include "node/rpc/define.h"
#include "node/rpc/guest.h"
#include "node/rpc/handlers.h"
#include "node/server/stream_socket.h"
#include "node/xml/disks.h"

static void act(struct server_call *call, enum driver_verb verb)
{
	struct server_core *core = call->core;

	core->ops->act(
	    core->driver, call->guest.uuid, verb, (struct driver_done){ call_done, call });
}

/* Most verbs want a guest that runs; the driver looks again, in its own time. */
static void act_on_running(
    struct server_call *call, const struct rpc_dom *dom, enum driver_verb verb)
{
	if (guest_running(call, dom))
		act(call, verb);
}

static bool find_stopped(struct server_call *call, const struct rpc_dom *dom)
{
	if (!guest_of(call, dom))
		return false;
	if (!guest_is_active(&call->guest))
		return true;
	call_fail(call, RPC_ERR_OPERATION_INVALID, RPC_FROM_QEMU,
	    "Requested operation is not valid: domain is already running");
	return false;
}

static void create(struct server_call *call)
{
	const struct rpc_domain_create_args *args = call->arguments;

	if (find_stopped(call, &args->dom))
		act(call, DRIVER_START);
}

/* The answer has the guest with its new id. */
static void created(void *context, int result, const char *message)
{
	struct server_call *call = context;
	const struct rpc_domain_create_with_flags_args *args = call->arguments;
	struct rpc_domain_create_with_flags_ret ret = { args->dom };

	if (result) {
		call_fail_errno(call, result, message);
		return;
	}
	if (guest_find_uuid(call, args->dom.uuid))
		ret.dom = guest_dom(&call->guest);
	call_reply(call, &ret);
}

enum { START_PAUSED = 1, START_BYPASS_CACHE = 4, START_FORCE_BOOT = 8 };

static void create_with_flags(struct server_call *call)
{
	static const enum driver_verb verbs[2][2] = { { DRIVER_START, DRIVER_START_PAUSED },
		{ DRIVER_START_FRESH, DRIVER_START_FRESH_PAUSED } };
	const struct rpc_domain_create_with_flags_args *args = call->arguments;
	bool forced = args->flags & START_FORCE_BOOT;
	bool paused = args->flags & START_PAUSED;
	struct server_core *core = call->core;

	/* A state is read past the cache in any case. */
	if (!call_check_flags(
		call, args->flags, START_PAUSED | START_BYPASS_CACHE | START_FORCE_BOOT) ||
	    !find_stopped(call, &args->dom))
		return;
	core->ops->act(core->driver, call->guest.uuid, verbs[forced][paused],
	    (struct driver_done){ created, call });
}

static void destroy(struct server_call *call)
{
	const struct rpc_domain_destroy_args *args = call->arguments;

	act_on_running(call, &args->dom, DRIVER_DESTROY);
}

static void destroy_flags(struct server_call *call)
{
	const struct rpc_domain_destroy_flags_args *args = call->arguments;

	if (call_check_flags(call, args->flags, 1))
		act_on_running(call, &args->dom, DRIVER_DESTROY);
}

static void shut_down(struct server_call *call)
{
	const struct rpc_domain_shutdown_args *args = call->arguments;

	act_on_running(call, &args->dom, DRIVER_SHUTDOWN);
}

/* libvirt: VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN, and of the agent, which is not there. */
#define MODE_ACPI 1u

static void shut_down_flags(struct server_call *call)
{
	const struct rpc_domain_shutdown_flags_args *args = call->arguments;

	if (call_check_flags(call, args->flags, MODE_ACPI))
		act_on_running(call, &args->dom, DRIVER_SHUTDOWN);
}

static void reboot(struct server_call *call)
{
	const struct rpc_domain_reboot_args *args = call->arguments;

	if (call_check_flags(call, args->flags, MODE_ACPI))
		act_on_running(call, &args->dom, DRIVER_REBOOT);
}

static void reset(struct server_call *call)
{
	const struct rpc_domain_reset_args *args = call->arguments;

	if (call_check_flags(call, args->flags, 0))
		act_on_running(call, &args->dom, DRIVER_RESET);
}

static void suspend(struct server_call *call)
{
	const struct rpc_domain_suspend_args *args = call->arguments;

	act_on_running(call, &args->dom, DRIVER_SUSPEND);
}

static void resume(struct server_call *call)
{
	const struct rpc_domain_resume_args *args = call->arguments;

	act_on_running(call, &args->dom, DRIVER_RESUME);
}

static void inject_nmi(struct server_call *call)
{
	const struct rpc_domain_inject_nmi_args *args = call->arguments;

	if (call_check_flags(call, args->flags, 0))
		act_on_running(call, &args->dom, DRIVER_NMI);
}

/* libvirt: VIR_DOMAIN_CONSOLE_FORCE and _SAFE. Consoles here have several readers. */
#define CONSOLE_FLAGS 3u

static void open_console(struct server_call *call)
{
	const struct rpc_domain_open_console_args *args = call->arguments;
	struct server_core *core = call->core;
	int fd;
	int result;

	if (!core->ops->open_console) {
		call_unsupported(call);
		return;
	}
	if (!call_check_flags(call, args->flags, CONSOLE_FLAGS) || !guest_running(call, &args->dom))
		return;
	result = core->ops->open_console(core->driver, call->guest.uuid, args->dev_name, &fd);
	if (result) {
		call_fail(call, RPC_ERR_INTERNAL, RPC_FROM_QEMU,
		    "internal error: cannot find console device '%s': %s",
		    args->dev_name ? args->dev_name : "default", strerror(-result));
		return;
	}
	result = fcntl(fd, F_SETFL, O_NONBLOCK)
		     ? -errno
		     : stream_socket_create(call->client, &call->header, fd);
	if (result) {
		close(fd);
		call_fail_errno(call, result, "too many open streams on this connection");
		return;
	}
	call_reply(call, NULL);
}

/* libvirt: virDomainMemoryModFlags. */
enum { MEMORY_LIVE = 1, MEMORY_CONFIG = 2, MEMORY_MAXIMUM = 4 };

/* Live it is the balloon's; of the definition, the file's. Both at once are the file's, for berthd
 * takes its memory over at once. Without a flag it is what the guest is. */
static void change_memory(
    struct server_call *call, const struct rpc_dom *dom, uint64_t memory, uint32_t flags)
{
	struct server_core *core = call->core;

	if (!call_check_flags(call, flags, MEMORY_LIVE | MEMORY_CONFIG | MEMORY_MAXIMUM) ||
	    !guest_of(call, dom))
		return;
	if (flags & (MEMORY_CONFIG | MEMORY_MAXIMUM) ||
	    (!(flags & MEMORY_LIVE) && !guest_is_active(&call->guest))) {
		define_memory(call, memory, flags & MEMORY_MAXIMUM);
		return;
	}
	if (!core->ops->set_memory) {
		call_unsupported(call);
		return;
	}
	if (!guest_running(call, dom))
		return;
	if (memory > guest_memory_max(&call->guest)) {
		call_fail(call, RPC_ERR_INVALID_ARG, RPC_FROM_QEMU,
		    "invalid argument: cannot set memory higher than max memory");
		return;
	}
	core->ops->set_memory(
	    core->driver, call->guest.uuid, memory * 1024, (struct driver_done){ call_done, call });
}

static void set_memory(struct server_call *call)
{
	const struct rpc_domain_set_memory_args *args = call->arguments;

	change_memory(call, &args->dom, args->memory, 0);
}

static void set_memory_flags(struct server_call *call)
{
	const struct rpc_domain_set_memory_flags_args *args = call->arguments;

	change_memory(call, &args->dom, args->memory, args->flags);
}

enum { RESIZE_BYTES = 1, RESIZE_CAPACITY = 2 };

/* Of KiB, if not said otherwise; with "capacity" it is as large as the device that it is. */
static void resize_block(struct server_call *call)
{
	const struct rpc_domain_block_resize_args *args = call->arguments;
	struct server_core *core = call->core;
	const struct conf_model *model = core->ops->model(core->driver);
	uint64_t bytes = args->size;
	unsigned int index = 0;
	char target[XML_TARGET];

	if (!call_check_flags(call, args->flags, RESIZE_BYTES | RESIZE_CAPACITY) ||
	    !guest_running(call, &args->dom))
		return;
	while (xml_disk_at(call->guest.conf, index, target) &&
	       !xml_disk_is_named(model, &call->guest, index, args->disk))
		index++;
	if (!xml_disk_at(call->guest.conf, index, target))
		call_fail(call, RPC_ERR_INVALID_ARG, RPC_FROM_QEMU,
		    "invalid argument: disk '%s' was not found in the domain config", args->disk);
	else if (!(args->flags & RESIZE_BYTES) &&
		 __builtin_mul_overflow(bytes, (uint64_t)1024, &bytes))
		call_fail(call, RPC_ERR_INVALID_ARG, RPC_FROM_QEMU,
		    "invalid argument: %llu KiB are too many", (unsigned long long)args->size);
	else if (!core->ops->resize_disk)
		call_unsupported(call);
	else
		core->ops->resize_disk(core->driver, call->guest.uuid, index, bytes,
		    (struct driver_done){ call_done, call });
}

/* The key's other words, order and delay, stay as they are. */
static void autostart_value(const struct conf_guest *guest, bool on, struct buf *value)
{
	char text[NUM_TEXT];

	buf_puts(value, on ? "yes" : "no");
	if (guest->autostart.order && guest->autostart.order != 100)
		buf_printf(value, " order=%llu", (unsigned long long)guest->autostart.order);
	if (guest->autostart.delay)
		buf_printf(value, " delay=%s", num_duration_text(guest->autostart.delay, text));
}

static void set_autostart(struct server_call *call)
{
	const struct rpc_domain_set_autostart_args *args = call->arguments;
	struct buf value = BUF_INIT;

	if (!guest_of(call, &args->dom))
		return;
	if (call->guest.persistent && call->guest.autostart == (args->autostart != 0)) {
		call_reply(call, NULL);
		return;
	}
	autostart_value(call->guest.conf, args->autostart, &value);
	define_edit(call, CONF_EDIT_SET, "autostart", buf_text(&value));
	buf_done(&value);
}

const struct rpc_handler rpc_action_handlers[] = {
	{ RPC_DOMAIN_CREATE, create },
	{ RPC_DOMAIN_CREATE_WITH_FLAGS, create_with_flags },
	{ RPC_DOMAIN_DESTROY, destroy },
	{ RPC_DOMAIN_DESTROY_FLAGS, destroy_flags },
	{ RPC_DOMAIN_SHUTDOWN, shut_down },
	{ RPC_DOMAIN_SHUTDOWN_FLAGS, shut_down_flags },
	{ RPC_DOMAIN_REBOOT, reboot },
	{ RPC_DOMAIN_RESET, reset },
	{ RPC_DOMAIN_SUSPEND, suspend },
	{ RPC_DOMAIN_RESUME, resume },
	{ RPC_DOMAIN_INJECT_NMI, inject_nmi },
	{ RPC_DOMAIN_OPEN_CONSOLE, open_console },
	{ RPC_DOMAIN_SET_MEMORY, set_memory },
	{ RPC_DOMAIN_SET_MEMORY_FLAGS, set_memory_flags },
	{ RPC_DOMAIN_SET_AUTOSTART, set_autostart },
	{ RPC_DOMAIN_BLOCK_RESIZE, resize_block },
	{ 0 },
};
