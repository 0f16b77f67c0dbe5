/* SPDX-License-Identifier: GPL-2.0-only */
/* What guests of this node do not have: a screen, a keyboard, an agent inside, slots for single
 * processors. Who asks for it is told which of them is missing, once the guest is known to run. */
#include "node/rpc/guest.h"
#include "node/rpc/handlers.h"

/* All of these have arguments that begin with the guest. */
static void refuse(struct server_call *call, enum rpc_error_code code, const char *message)
{
	const struct rpc_domain_suspend_args *args = call->arguments;

	if (guest_running(call, &args->dom))
		call_fail(call, code, RPC_FROM_QEMU, "%s", message);
}

static void without_screen(struct server_call *call)
{
	refuse(call, RPC_ERR_OPERATION_INVALID,
	    "Requested operation is not valid: no screens to take screenshot from");
}

static void without_keyboard(struct server_call *call)
{
	refuse(call, RPC_ERR_OPERATION_UNSUPPORTED,
	    "Operation not supported: the guest has no keyboard");
}

static void without_agent(struct server_call *call)
{
	refuse(call, RPC_ERR_AGENT_UNRESPONSIVE,
	    "Guest agent is not responding: QEMU guest agent is not configured");
}

static void not_asleep(struct server_call *call)
{
	refuse(call, RPC_ERR_OPERATION_INVALID,
	    "Requested operation is not valid: the guest is not asleep");
}

static void without_slots(struct server_call *call)
{
	refuse(call, RPC_ERR_OPERATION_UNSUPPORTED,
	    "Operation not supported: a guest's processors are not put in one by one: change their "
	    "number with setvcpus");
}

const struct rpc_handler rpc_absent_handlers[] = {
	{ RPC_DOMAIN_SCREENSHOT, without_screen },
	{ RPC_DOMAIN_SEND_KEY, without_keyboard },
	{ RPC_DOMAIN_PM_SUSPEND_FOR_DURATION, without_agent },
	{ RPC_DOMAIN_PM_WAKEUP, not_asleep },
	{ RPC_DOMAIN_SET_VCPU, without_slots },
	{ RPC_DOMAIN_GET_TIME, without_agent },
	{ RPC_DOMAIN_SET_TIME, without_agent },
	{ RPC_DOMAIN_FSTRIM, without_agent },
	{ RPC_DOMAIN_FSFREEZE, without_agent },
	{ RPC_DOMAIN_FSTHAW, without_agent },
	{ RPC_DOMAIN_GET_FSINFO, without_agent },
	{ RPC_DOMAIN_GET_GUEST_INFO, without_agent },
	{ RPC_DOMAIN_GET_GUEST_VCPUS, without_agent },
	{ RPC_DOMAIN_SET_GUEST_VCPUS, without_agent },
	{ RPC_DOMAIN_SET_USER_PASSWORD, without_agent },
	{ RPC_DOMAIN_AUTHORIZED_SSH_KEYS_GET, without_agent },
	{ RPC_DOMAIN_AUTHORIZED_SSH_KEYS_SET, without_agent },
	{ RPC_DOMAIN_AGENT_SET_RESPONSE_TIMEOUT, without_agent },
	{ 0 },
};
