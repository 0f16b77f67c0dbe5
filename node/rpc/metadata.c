/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What clients note of a guest: its title, its description, and elements in namespaces of their
 * own. All of it is of the definition, so that "live" and "config" are one.
 */
#include <errno.h>
#include <string.h>

#include "node/rpc/definition.h"
#include "node/rpc/events.h"
#include "node/rpc/guest_change.h"
#include "node/rpc/handlers.h"
#include "node/xml/flags.h"
#include "node/xml/metadata.h"

/* libvirt: virDomainMetadataType. */
enum { METADATA_DESCRIPTION, METADATA_TITLE, METADATA_ELEMENT, METADATA_TYPES };

static const char *const texts[] = { "description", "title" };

/* False with the call failed. */
static bool check(struct server_call *call, int32_t type, const char *uri, uint32_t flags)
{
	if (!call_check_flags(call, flags, AFFECT_LIVE | AFFECT_CONFIG))
		return false;
	if (type >= 0 && type < METADATA_TYPES && (type != METADATA_ELEMENT || (uri && *uri)))
		return true;
	call_fail(call, RPC_ERR_INVALID_ARG, RPC_FROM_QEMU, "invalid argument: %s",
	    type == METADATA_ELEMENT ? "metadata is known by the URI of its namespace"
				     : "unknown type of metadata");
	return false;
}

static void get_metadata(struct server_call *call)
{
	const struct rpc_domain_get_metadata_args *args = call->arguments;
	struct rpc_domain_get_metadata_ret ret;
	struct buf domain = BUF_INIT;
	struct buf text = BUF_INIT;
	int error;

	if (!check(call, args->type, args->uri, args->flags) || !guest_of(call, &args->dom))
		return;
	guest_change_xml(call->core, &call->guest, XML_SECURE, &domain);
	error = args->type == METADATA_ELEMENT
		    ? xml_metadata_note(buf_text(&domain), args->uri, &text)
		    : xml_metadata_text(buf_text(&domain), texts[args->type], &text);
	ret.metadata = buf_text(&text);
	if (error == -ENOENT)
		call_fail(call, RPC_ERR_NO_DOMAIN_METADATA, RPC_FROM_QEMU,
		    "metadata not found: Requested metadata element is not present");
	else if (error)
		call_fail_errno(call, error, NULL);
	else
		call_reply(call, &ret);
	buf_done(&domain);
	buf_done(&text);
}

static void tell(struct server_call *call)
{
	const struct rpc_domain_set_metadata_args *args = call->arguments;

	if (guest_find_uuid(call, args->dom.uuid))
		events_send_metadata(call->core, &call->guest, args->type,
		    args->type == METADATA_ELEMENT ? args->uri : NULL);
}

static void set_metadata(struct server_call *call)
{
	const struct rpc_domain_set_metadata_args *args = call->arguments;
	bool is_title = args->type == METADATA_TITLE;
	struct buf domain = BUF_INIT;
	struct buf changed = BUF_INIT;
	int error;

	if (!check(call, args->type, args->uri, args->flags) || !guest_of(call, &args->dom) ||
	    !guest_change_allowed(call, args->flags, true))
		return;
	if (is_title && args->metadata && strpbrk(args->metadata, "\r\n")) {
		call_fail(call, RPC_ERR_INVALID_ARG, RPC_FROM_QEMU,
		    "invalid argument: metadata title can't contain newlines");
		return;
	}
	guest_change_xml(call->core, &call->guest, XML_SECURE, &domain);
	error = args->type == METADATA_ELEMENT
		    ? xml_metadata_set_note(
			  buf_text(&domain), args->metadata, args->key, args->uri, &changed)
		    : xml_metadata_set_text(buf_text(&domain), texts[args->type],
			  args->metadata && *args->metadata ? args->metadata : NULL, &changed);
	if (error == -EINVAL)
		call_fail(call, RPC_ERR_XML, RPC_FROM_QEMU,
		    "XML error: the metadata is one element, its prefix a name");
	else if (error)
		call_fail_errno(call, error, NULL);
	else
		definition_change(call, buf_text(&changed), tell);
	buf_done(&domain);
	buf_done(&changed);
}

const struct rpc_handler rpc_metadata_handlers[] = {
	{ RPC_DOMAIN_GET_METADATA, get_metadata },
	{ RPC_DOMAIN_SET_METADATA, set_metadata },
	{ 0 },
};
