/* SPDX-License-Identifier: GPL-2.0-only */
/* Secrets and network filters. */
#include <string.h>

#include "cli/virsh/commands.h"
#include "cli/virsh/files.h"
#include "cli/virsh/objects.h"
#include "cli/virsh/show.h"
#include "cli/virsh/table.h"

static const char *const usages[] = { "none", "volume", "ceph", "iscsi", "tls", "vtpm" };

static const struct option list_options[] = {
	{ "ephemeral", OPTION_FLAG, false, "secrets that are not kept" },
	{ "no-ephemeral", OPTION_FLAG, false, "secrets that are" },
	{ "private", OPTION_FLAG, false, "secrets that are not told" },
	{ "no-private", OPTION_FLAG, false, "secrets that are" },
	{ 0 },
};

/* libvirt: virConnectListAllSecretsFlags. */
static uint32_t secrets_wanted(const struct shell *shell)
{
	uint32_t flags = 0;

	for (unsigned int i = 0; list_options[i].name; i++)
		if (shell_flag(shell, list_options[i].name))
			flags |= 1u << i;
	return flags;
}

static bool cmd_secret_list(struct shell *shell)
{
	static const char *const titles[] = { "UUID", "Usage", NULL };
	struct rpc_connect_list_all_secrets_args args = { 1, secrets_wanted(shell) };
	struct rpc_connect_list_all_secrets_ret ret;
	struct table *table;
	char text[UUID_TEXT];

	if (!shell_call(shell, RPC_CONNECT_LIST_ALL_SECRETS, &args, &ret))
		return shell_error("Failed to list secrets");
	table = table_create(titles);
	for (uint32_t i = 0; i < ret.secrets_count; i++) {
		const struct rpc_secret *secret = &ret.secrets[i];
		size_t known = sizeof(usages) / sizeof(usages[0]);
		const char *usage = secret->usage_type >= 0 && (size_t)secret->usage_type < known
					? usages[secret->usage_type]
					: "unknown";

		table_add(table, uuid_text(secret->uuid, text));
		if (secret->usage_type)
			table_add_format(table, "%s %s", usage, secret->usage_id);
		else
			table_add(table, "Unused");
	}
	table_print(table, shell->quiet);
	table_free(table);
	return true;
}

static const struct option secret_only[] = {
	{ "secret", OPTION_TEXT, true, "UUID" },
	{ 0 },
};

static const struct option secret_dumpxml_options[] = {
	{ "secret", OPTION_TEXT, true, "UUID" },
	OPTION_XPATH,
	{ 0 },
};

static bool cmd_secret_undefine(struct shell *shell)
{
	struct rpc_secret secret;

	if (!object_given(shell, &object_secrets, BY_UUID, &secret))
		return false;
	if (!shell_call(shell, RPC_SECRET_UNDEFINE, &secret, NULL))
		return shell_error("Failed to delete secret %s", shell_text(shell, "secret"));
	shell_extra(shell, "Secret %s deleted\n", shell_text(shell, "secret"));
	return true;
}

static const struct option file_options[] = {
	{ "file", OPTION_TEXT, true, "file with its XML" },
	{ "validate", OPTION_FLAG, false, "check the XML against the schema" },
	{ 0 },
};

static bool cmd_secret_define(struct shell *shell)
{
	struct rpc_secret_define_xml_args args = { .flags = object_flags(shell, object_validate) };
	struct rpc_secret_define_xml_ret ret;
	const char *file = shell_text(shell, "file");
	struct buf xml = BUF_INIT;
	char text[UUID_TEXT];
	bool well;

	if (!files_read(file, &xml))
		return false;
	args.xml = buf_text(&xml);
	well = shell_call(shell, RPC_SECRET_DEFINE_XML, &args, &ret);
	buf_done(&xml);
	if (!well)
		return shell_error("Failed to set attributes from %s", file);
	shell_extra(shell, "Secret %s created\n", uuid_text(ret.secret.uuid, text));
	return true;
}

static bool cmd_filter_list(struct shell *shell)
{
	static const char *const titles[] = { "UUID", "Name", NULL };
	struct rpc_connect_list_all_nwfilters_args args = { 1, 0 };
	struct rpc_connect_list_all_nwfilters_ret ret;
	struct table *table;
	char text[UUID_TEXT];

	if (!shell_call(shell, RPC_CONNECT_LIST_ALL_NWFILTERS, &args, &ret))
		return shell_error("Failed to list network filters");
	table = table_create(titles);
	for (uint32_t i = 0; i < ret.filters_count; i++) {
		table_add(table, uuid_text(ret.filters[i].uuid, text));
		table_add(table, ret.filters[i].name);
	}
	table_print(table, shell->quiet);
	table_free(table);
	return true;
}

static bool cmd_binding_list(struct shell *shell)
{
	static const char *const titles[] = { "Port Dev", "Filter", NULL };
	struct rpc_connect_list_all_nwfilter_bindings_args args = { 1, 0 };
	struct rpc_connect_list_all_nwfilter_bindings_ret ret;
	struct table *table;

	if (!shell_call(shell, RPC_CONNECT_LIST_ALL_NWFILTER_BINDINGS, &args, &ret))
		return shell_error("Failed to list network filter bindings");
	table = table_create(titles);
	for (uint32_t i = 0; i < ret.bindings_count; i++) {
		table_add(table, ret.bindings[i].portdev);
		table_add(table, ret.bindings[i].filter_name);
	}
	table_print(table, shell->quiet);
	table_free(table);
	return true;
}

static const struct option filter_only[] = {
	{ "nwfilter", OPTION_TEXT, true, "name or UUID" },
	{ 0 },
};

static const struct option filter_dumpxml_options[] = {
	{ "nwfilter", OPTION_TEXT, true, "name or UUID" },
	OPTION_XPATH,
	{ 0 },
};

const struct command secret_commands[] = {
	{ "secret-define", cmd_secret_define, file_options,
	    .help = "define a secret from an XML file" },
	{ "secret-dumpxml", object_print_xml, secret_dumpxml_options, .help = "a secret's XML",
	    OBJECT_VERB(secrets, 0, NULL) },
	{ "secret-list", cmd_secret_list, list_options, .help = "the secrets" },
	{ "secret-undefine", cmd_secret_undefine, secret_only, .help = "remove a secret" },
	{ 0 },
};

static const struct option binding_only[] = {
	{ "binding", OPTION_TEXT, true, "interface that it is of" },
	{ 0 },
};

static const struct option binding_dumpxml_options[] = {
	{ "binding", OPTION_TEXT, true, "interface that it is of" },
	OPTION_XPATH,
	{ 0 },
};

const struct command filter_commands[] = {
	{ "nwfilter-binding-delete", object_run, binding_only,
	    .help = "take a network filter off an interface",
	    OBJECT_VERB(bindings, RPC_NWFILTER_BINDING_DELETE, "delete", "deleted") },
	{ "nwfilter-binding-dumpxml", object_print_xml, binding_dumpxml_options,
	    .help = "XML of a network filter on an interface", OBJECT_VERB(bindings, 0, NULL) },
	{ "nwfilter-binding-list", cmd_binding_list, NULL,
	    .help = "interfaces with a network filter" },
	{ "nwfilter-define", object_run_file, file_options,
	    .help = "define a network filter from an XML file",
	    OBJECT_VERB(filters, RPC_NWFILTER_DEFINE_XML, "define", "defined",
		.flags = object_validate, .with_flags = RPC_NWFILTER_DEFINE_XML_FLAGS) },
	{ "nwfilter-dumpxml", object_print_xml, filter_dumpxml_options,
	    .help = "a network filter's XML", OBJECT_VERB(filters, 0, NULL) },
	{ "nwfilter-edit", object_run_edit, filter_only,
	    .help = "a network filter's XML in an editor",
	    OBJECT_VERB(filters, RPC_NWFILTER_DEFINE_XML, NULL) },
	{ "nwfilter-list", cmd_filter_list, NULL, .help = "the network filters" },
	{ "nwfilter-undefine", object_run, filter_only, .help = "remove a network filter",
	    OBJECT_VERB(filters, RPC_NWFILTER_UNDEFINE, "undefine", "undefined") },
	{ 0 },
};
