/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/objects.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/virsh/editor.h"
#include "cli/virsh/files.h"
#include "cli/virsh/show.h"
#include "lib/uuid.h"

static bool is_number(const char *text)
{
	return *text && strlen(text) < 10 && strspn(text, "0123456789") == strlen(text);
}

/* Records and answers of all kinds are of one shape where they are handled here. */
#define SAME(one, other)                                                                           \
	_Static_assert(sizeof(struct rpc_##one) == sizeof(struct rpc_##other),                     \
	    "objects are of one shape on the wire")

SAME(connect_list_all_networks_ret, connect_list_all_domains_ret);
SAME(connect_list_all_networks_ret, connect_list_all_storage_pools_ret);
SAME(connect_list_all_networks_ret, connect_list_all_interfaces_ret);
SAME(connect_list_all_networks_ret, connect_list_all_node_devices_ret);
SAME(connect_list_all_networks_ret, storage_pool_list_all_volumes_ret);
SAME(network_is_active_ret, network_get_autostart_ret);
SAME(network_get_xml_desc_ret, domain_get_xml_desc_ret);

/* A record with what may follow it among arguments: flags, or a word. */
struct object_args {
	union {
		const char *name;
		struct rpc_dom dom;
		struct rpc_net net;
		struct rpc_iface iface;
		char room[64];
	} record;
};

const struct object_kind object_domains = { "domain", "domain", "Domain", "'",
	.size = sizeof(struct rpc_dom), .missing = RPC_ERR_NO_DOMAIN,
	.by_id = RPC_DOMAIN_LOOKUP_BY_ID, .by_uuid = RPC_DOMAIN_LOOKUP_BY_UUID,
	.by_name = RPC_DOMAIN_LOOKUP_BY_NAME, .xml = RPC_DOMAIN_GET_XML_DESC };

const struct object_kind object_networks = { "network", "network", "Network", "",
	.size = sizeof(struct rpc_net), .by_uuid = RPC_NETWORK_LOOKUP_BY_UUID,
	.by_name = RPC_NETWORK_LOOKUP_BY_NAME, .xml = RPC_NETWORK_GET_XML_DESC,
	.autostart = RPC_NETWORK_GET_AUTOSTART, .is_active = RPC_NETWORK_IS_ACTIVE,
	.is_persistent = RPC_NETWORK_IS_PERSISTENT };

const struct object_kind object_pools = { "pool", "pool", "Pool", "",
	.size = sizeof(struct rpc_pool), .by_uuid = RPC_STORAGE_POOL_LOOKUP_BY_UUID,
	.by_name = RPC_STORAGE_POOL_LOOKUP_BY_NAME, .xml = RPC_STORAGE_POOL_GET_XML_DESC,
	.autostart = RPC_STORAGE_POOL_GET_AUTOSTART, .is_active = RPC_STORAGE_POOL_IS_ACTIVE,
	.is_persistent = RPC_STORAGE_POOL_IS_PERSISTENT };

const struct object_kind object_interfaces = { "interface", "interface", "Interface", "",
	.size = sizeof(struct rpc_iface), .by_name = RPC_INTERFACE_LOOKUP_BY_NAME,
	.by_mac = RPC_INTERFACE_LOOKUP_BY_MAC_STRING, .xml = RPC_INTERFACE_GET_XML_DESC,
	.is_active = RPC_INTERFACE_IS_ACTIVE };

const struct object_kind object_devices = { "device", "device", "Device", "",
	.fault = "Could not find matching device", .size = sizeof(struct rpc_nodedev),
	.by_name = RPC_NODE_DEVICE_LOOKUP_BY_NAME, .xml = RPC_NODE_DEVICE_GET_XML_DESC };

const struct object_kind object_filters = { "nwfilter", "network filter", "Network filter", "",
	.fault = "failed to get nwfilter", .size = sizeof(struct rpc_nwf),
	.by_uuid = RPC_NWFILTER_LOOKUP_BY_UUID, .by_name = RPC_NWFILTER_LOOKUP_BY_NAME,
	.xml = RPC_NWFILTER_GET_XML_DESC };

const struct object_kind object_bindings = { "binding", "network filter binding on",
	"Network filter binding on", "", .fault = "failed to get nwfilter binding",
	.size = sizeof(struct rpc_nwfb), .by_name = RPC_NWFILTER_BINDING_LOOKUP_BY_PORT_DEV,
	.xml = RPC_NWFILTER_BINDING_GET_XML_DESC };

/* They have no names. */
const struct object_kind object_secrets = { "secret", "secret", "Secret", "",
	.size = sizeof(struct rpc_secret), .by_uuid = RPC_SECRET_LOOKUP_BY_UUID,
	.xml = RPC_SECRET_GET_XML_DESC };

#define VALIDATE 1u

const struct object_flag object_validate[] = { { "validate", VALIDATE }, { 0 } };

const struct option domain_only[] = { DOMAIN, { 0 } };

static bool is_mac(const char *text)
{
	return strlen(text) == 17 && strspn(text, "0123456789abcdefABCDEF:") == 17 &&
	       text[2] == ':';
}

static bool look_up(struct shell *shell, const struct object_kind *kind, const char *text,
    unsigned int how, struct object_args *ret)
{
	struct rpc_domain_lookup_by_id_args id;
	struct rpc_domain_lookup_by_uuid_args uuid;
	struct rpc_domain_lookup_by_name_args name = { text };

	if (kind->by_id && how & BY_ID && is_number(text)) {
		id.id = (int32_t)strtol(text, NULL, 10);
		if (shell_call(shell, kind->by_id, &id, ret))
			return true;
	}
	if (kind->by_uuid && how & BY_UUID && (strlen(text) == 36 || !kind->by_name) &&
	    uuid_parse_loose(text, uuid.uuid) && shell_call(shell, kind->by_uuid, &uuid, ret))
		return true;
	if (!kind->by_name && !shell->conn->error.code)
		conn_fail(shell->conn, RPC_ERR_INVALID_ARG,
		    "uuidstr in virSecretLookupByUUIDString must be a valid UUID");
	if (kind->by_mac && is_mac(text))
		return how & BY_MAC && shell_call(shell, kind->by_mac, &name, ret);
	return kind->by_name && how & BY_NAME && shell_call(shell, kind->by_name, &name, ret);
}

bool object_find(struct shell *shell, const struct object_kind *kind, const char *text,
    unsigned int how, void *ret_record)
{
	struct object_args found;

	shell_forget_error(shell);
	if (look_up(shell, kind, text, how, &found)) {
		shell_forget_error(shell);
		memcpy(ret_record, &found, kind->size);
		return true;
	}
	if (kind->fault)
		shell_error("%s '%s'", kind->fault, text);
	else
		shell_error("failed to get %s '%s'", kind->noun, text);
	if (kind->missing && !shell->conn->broken && shell->conn->error.code == (int)kind->missing)
		shell_forget_error(shell);
	return false;
}

bool object_given(
    struct shell *shell, const struct object_kind *kind, unsigned int how, void *ret_record)
{
	return object_find(shell, kind, shell_text(shell, kind->option), how, ret_record);
}

bool object_domain(
    struct shell *shell, const char *option, unsigned int how, struct rpc_dom *ret_dom)
{
	return object_find(shell, &object_domains, shell_text(shell, option), how, ret_dom);
}

bool object_volume_of(
    struct shell *shell, const char *text, const char *pool_option, struct rpc_vol *ret_vol)
{
	const char *pool = pool_option ? shell_text(shell, pool_option) : NULL;
	struct rpc_storage_vol_lookup_by_name_args name = { .name = text };
	struct rpc_storage_vol_lookup_by_key_args key = { text };
	struct rpc_storage_vol_lookup_by_path_args path = { text };
	struct rpc_storage_vol_lookup_by_path_ret ret;
	bool found = false;

	if (pool) {
		if (!object_find(shell, &object_pools, pool, BY_ANY, &name.pool))
			return false;
		if (!object_asks(shell, RPC_STORAGE_POOL_IS_ACTIVE, &name.pool))
			return shell_error("pool '%s' is not active", pool);
		found = shell_call(shell, RPC_STORAGE_VOL_LOOKUP_BY_NAME, &name, &ret);
	}
	if (!found)
		found = shell_call(shell, RPC_STORAGE_VOL_LOOKUP_BY_KEY, &key, &ret);
	if (!found)
		found = shell_call(shell, RPC_STORAGE_VOL_LOOKUP_BY_PATH, &path, &ret);
	if (!found) {
		if (pool || !pool_option)
			return shell_error("failed to get vol '%s'", text);
		return shell_error(
		    "failed to get vol '%s', specifying --%s might help", text, pool_option);
	}
	shell_forget_error(shell);
	/* A path leads to any pool. */
	if (pool && strcmp(ret.vol.pool, name.pool.name) != 0)
		return shell_error(
		    "Requested volume '%s' is not in pool '%s'", text, name.pool.name);
	*ret_vol = ret.vol;
	return true;
}

bool object_volume(struct shell *shell, const char *pool_option, struct rpc_vol *ret_vol)
{
	return object_volume_of(shell, shell_text(shell, "vol"), pool_option, ret_vol);
}

int object_compare(const void *one, const void *other)
{
	return strcasecmp(*(const char *const *)one, *(const char *const *)other);
}

void *object_list(struct shell *shell, int32_t procedure, const void *args, size_t size,
    int (*compare)(const void *one, const void *other), uint32_t *ret_count)
{
	struct rpc_connect_list_all_networks_ret ret;
	void *records;

	if (!shell_call(shell, procedure, args, &ret))
		return NULL;
	records = rpc_memory_alloc(&shell->conn->memory, (ret.nets_count + 1) * size);
	if (!records) {
		conn_fail(shell->conn, RPC_ERR_NO_MEMORY, "out of memory");
		return NULL;
	}
	if (ret.nets_count)
		memcpy(records, ret.nets, ret.nets_count * size);
	qsort(records, ret.nets_count, size, compare);
	*ret_count = ret.nets_count;
	return records;
}

uint32_t object_filter(const struct shell *shell)
{
	uint32_t flags = shell_flag(shell, "inactive") ? 1 : 2;

	if (shell_flag(shell, "all"))
		flags = 3;
	return flags | (shell_flag(shell, "persistent") ? 4u : 0) |
	       (shell_flag(shell, "transient") ? 8u : 0) |
	       (shell_flag(shell, "autostart") ? 16u : 0) |
	       (shell_flag(shell, "no-autostart") ? 32u : 0);
}

bool object_asks(struct shell *shell, int32_t procedure, const void *record)
{
	struct rpc_network_is_active_ret ret = { 0 };

	if (shell_call(shell, procedure, record, &ret))
		return ret.active;
	shell_forget_error(shell);
	return false;
}

const char *object_autostart_text(
    struct shell *shell, const struct object_kind *kind, const void *record)
{
	struct rpc_network_get_autostart_ret ret;

	if (shell_call(shell, kind->autostart, record, &ret))
		return ret.autostart ? "yes" : "no";
	shell_forget_error(shell);
	return "no autostart";
}

/* Arguments of a record and a word behind it, as flags are. */
static struct object_args with_word(
    const struct object_kind *kind, const void *record, uint32_t word)
{
	struct object_args args = { .record.room = { 0 } };

	memcpy(&args, record, kind->size);
	memcpy(args.record.room + kind->size, &word, sizeof(word));
	return args;
}

const char *object_xml(
    struct shell *shell, const struct object_kind *kind, const void *record, uint32_t flags)
{
	struct object_args args = with_word(kind, record, flags);
	struct rpc_network_get_xml_desc_ret ret;

	return shell_call(shell, kind->xml, &args, &ret) ? ret.xml : NULL;
}

static const struct object_verb *verb_of(const struct shell *shell)
{
	return shell->command->what;
}

static unsigned int how_of(const struct object_verb *verb)
{
	return verb->how ? verb->how : BY_ANY;
}

uint32_t object_flags(const struct shell *shell, const struct object_flag *flags)
{
	uint32_t given = 0;

	for (; flags && flags->option; flags++)
		if (shell_flag(shell, flags->option))
			given |= flags->flag;
	return given;
}

bool object_run(struct shell *shell)
{
	const struct object_verb *verb = verb_of(shell);
	const struct object_kind *kind = verb->kind;
	const char *name = shell_text(shell, kind->option);
	struct object_args record;
	struct object_args args;

	if (!object_given(shell, kind, how_of(verb), &record))
		return false;
	if (verb->by_name)
		name = record.record.name;
	args = with_word(kind, &record, object_flags(shell, verb->flags));
	if (!shell_call(shell, verb->procedure, &args, NULL))
		return shell_error("Failed to %s %s %s%s%s", verb->verb, kind->noun, kind->quote,
		    name, kind->quote);
	shell_extra(
	    shell, "%s %s%s%s %s\n", kind->capital, kind->quote, name, kind->quote, verb->done);
	return true;
}

bool object_run_autostart(struct shell *shell)
{
	const struct object_verb *verb = verb_of(shell);
	const struct object_kind *kind = verb->kind;
	const char *mark = shell_flag(shell, "disable") ? "unmark" : "mark";
	const char *name = shell_text(shell, kind->option);
	struct object_args record;
	struct object_args args;

	if (!object_given(shell, kind, how_of(verb), &record))
		return false;
	args = with_word(kind, &record, !shell_flag(shell, "disable"));
	if (!shell_call(shell, verb->procedure, &args, NULL))
		return shell_error("%s to %s %s %s%s%s as autostarted", verb->verb, mark,
		    kind->noun, kind->quote, name, kind->quote);
	shell_extra(shell, "%s %s%s%s %sed as autostarted\n", kind->capital, kind->quote, name,
	    kind->quote, mark);
	return true;
}

static bool define(struct shell *shell, const struct object_verb *verb, const char *xml,
    uint32_t flags, struct object_args *ret)
{
	struct rpc_storage_pool_define_xml_args args = { xml, flags };

	return shell_call(
	    shell, flags && verb->with_flags ? verb->with_flags : verb->procedure, &args, ret);
}

bool object_run_file(struct shell *shell)
{
	const struct object_verb *verb = verb_of(shell);
	const struct object_kind *kind = verb->kind;
	const char *file = shell_text(shell, "file");
	struct buf xml = BUF_INIT;
	struct object_args made;
	bool well;

	if (!files_read(file, &xml))
		return false;
	well = define(shell, verb, buf_text(&xml), object_flags(shell, verb->flags), &made);
	buf_done(&xml);
	if (!well)
		return shell_error("Failed to %s %s from %s", verb->verb, kind->noun, file);
	shell_extra(shell, "%s %s%s%s %s from %s\n", kind->capital, kind->quote, made.record.name,
	    kind->quote, verb->done, file);
	return true;
}

struct edited {
	const struct object_verb *verb;
	struct object_args record;
	uint32_t flags;
};

static const char *read_edited(struct shell *shell, const void *context)
{
	const struct edited *edited = context;

	return object_xml(shell, edited->verb->kind, &edited->record, edited->verb->xml_flags);
}

static bool write_edited(struct shell *shell, const void *context, const char *text, bool relaxed)
{
	const struct edited *edited = context;
	struct object_args made;

	return define(shell, edited->verb, text, relaxed ? 0 : edited->flags, &made);
}

bool object_run_edit(struct shell *shell)
{
	const struct object_verb *verb = verb_of(shell);
	const struct object_kind *kind = verb->kind;
	struct edited edited = { .verb = verb,
		.flags = verb->with_flags && !shell_flag(shell, "skip-validate") ? VALIDATE : 0 };
	const struct editor_job job = { read_edited, write_edited, &edited, edited.flags != 0,
		.moves = kind == &object_pools };
	enum editor_outcome outcome;

	if (!object_given(shell, kind, how_of(verb), &edited.record))
		return false;
	outcome = editor_change(shell, &job);
	if (outcome != EDITOR_FAILED)
		shell_extra(shell, "%s %s%s%s XML configuration %s.\n", kind->capital, kind->quote,
		    edited.record.record.name, kind->quote,
		    outcome == EDITOR_SAME ? "not changed" : "edited");
	return outcome != EDITOR_FAILED;
}

bool object_print_name(struct shell *shell)
{
	const struct object_verb *verb = verb_of(shell);
	struct object_args args;

	if (!object_given(shell, verb->kind, how_of(verb), &args))
		return false;
	shell_print("%s\n", args.record.name);
	return true;
}

/* Those that have a UUID have it where networks have it. */
bool object_print_uuid(struct shell *shell)
{
	const struct object_verb *verb = verb_of(shell);
	struct object_args args;
	char text[UUID_TEXT];

	if (!object_given(shell, verb->kind, how_of(verb), &args))
		return false;
	shell_print("%s\n", uuid_text(args.record.net.uuid, text));
	return true;
}

bool object_print_xml(struct shell *shell)
{
	const struct object_verb *verb = verb_of(shell);
	struct object_args record;
	const char *xml;

	if (!object_given(shell, verb->kind, how_of(verb), &record))
		return false;
	xml = object_xml(shell, verb->kind, &record, shell_flag(shell, "inactive"));
	return xml && show_xml(shell, xml);
}
