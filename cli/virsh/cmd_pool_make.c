/* SPDX-License-Identifier: GPL-2.0-only */
/* Pools defined, started and built. */
#include "cli/virsh/commands.h"
#include "cli/virsh/markup.h"
#include "cli/virsh/objects.h"

#define OVERWRITE                                                                                  \
	{ "no-overwrite", OPTION_FLAG, false, "only where there is nothing" },                     \
	{                                                                                          \
		"overwrite", OPTION_FLAG, false, "whatever is there"                               \
	}
#define BUILD { "build", OPTION_FLAG, false, "make what it is kept in first" }, OVERWRITE
#define FILE_OPTION                                                                                \
	{                                                                                          \
		"file", OPTION_TEXT, true, "file with the pool's XML"                              \
	}

/* libvirt: virStoragePoolBuildFlags, virStoragePoolCreateFlags. */
static const struct object_flag build_flags[] = { { "no-overwrite", 4 }, { "overwrite", 8 },
	{ 0 } };
static const struct object_flag create_flags[] = { { "build", 1 }, { "overwrite", 2 },
	{ "no-overwrite", 4 }, { 0 } };

static const struct option build_options[] = { POOL, OVERWRITE, { 0 } };
static const struct option create_options[] = { FILE_OPTION, BUILD, { 0 } };
static const struct option start_options[] = { POOL, BUILD, { 0 } };

static const struct option define_options[] = {
	FILE_OPTION,
	{ "validate", OPTION_FLAG, false, "check the XML against the schema" },
	{ 0 },
};

#define AS_OPTIONS                                                                                 \
	{ "name", OPTION_TEXT, true, "its name" }, { "type", OPTION_TEXT, true, "its type" },      \
	    { "print-xml", OPTION_FLAG, false, "print the XML, and do nothing" },                  \
	    { "source-host", OPTION_TEXT, false, "host that has it" },                             \
	    { "source-path", OPTION_TEXT, false, "path there" },                                   \
	    { "source-dev", OPTION_TEXT, false, "device that it is on" },                          \
	    { "source-name", OPTION_TEXT, false, "name there" },                                   \
	    { "target", OPTION_TEXT, false, "path on the node" },                                  \
	    { "source-format", OPTION_TEXT, false, "format there" },                               \
	    { "auth-type", OPTION_TEXT, false, "kind of authentication" },                         \
	    { "auth-username", OPTION_TEXT, false, "name for it" },                                \
	    { "secret-usage", OPTION_TEXT, false, "use of the secret for it" },                    \
	    { "secret-uuid", OPTION_TEXT, false, "UUID of the secret for it" },                    \
	    { "adapter-name", OPTION_TEXT, false, "SCSI adapter" },                                \
	    { "adapter-wwnn", OPTION_TEXT, false, "its WWNN" },                                    \
	    { "adapter-wwpn", OPTION_TEXT, false, "its WWPN" },                                    \
	    { "adapter-parent", OPTION_TEXT, false, "its parent" },                                \
	    { "adapter-parent-wwnn", OPTION_TEXT, false, "its parent's WWNN" },                    \
	    { "adapter-parent-wwpn", OPTION_TEXT, false, "its parent's WWPN" },                    \
	    { "adapter-parent-fabric-wwn", OPTION_TEXT, false, "its parent's fabric" },            \
	    { "source-protocol-ver", OPTION_TEXT, false, "version of NFS" },                       \
	{                                                                                          \
		"source-initiator", OPTION_TEXT, false, "IQN of the initiator"                     \
	}

static const struct option define_as_options[] = { AS_OPTIONS, { 0 } };
static const struct option create_as_options[] = { AS_OPTIONS, BUILD, { 0 } };

static void add_adapter(const struct shell *shell, struct buf *xml)
{
	static const char *const parents[][2] = { { "adapter-parent", "parent" },
		{ "adapter-parent-wwnn", "parent_wwnn" }, { "adapter-parent-wwpn", "parent_wwpn" },
		{ "adapter-parent-fabric-wwn", "parent_fabric_wwn" } };
	const char *wwnn = shell_text(shell, "adapter-wwnn");
	const char *wwpn = shell_text(shell, "adapter-wwpn");
	const char *name = shell_text(shell, "adapter-name");

	if (!wwnn && !wwpn && !name)
		return;
	buf_puts(xml, "    <adapter");
	markup_attribute(xml, "type", wwnn || wwpn ? "fc_host" : "scsi_host");
	if (wwnn || wwpn) {
		/* The first way in which the parent is told is the one that is meant. */
		for (size_t i = 0; i < 4; i++) {
			markup_attribute(xml, parents[i][1], shell_text(shell, parents[i][0]));
			if (shell_text(shell, parents[i][0]) && i != 1)
				break;
		}
		markup_attribute(xml, "wwnn", wwnn);
		markup_attribute(xml, "wwpn", wwpn);
	} else {
		markup_attribute(xml, "name", name);
	}
	buf_puts(xml, "/>\n");
}

static void add_authentication(const struct shell *shell, struct buf *xml)
{
	const char *usage = shell_text(shell, "secret-usage");

	if (!shell_text(shell, "auth-type") || !shell_text(shell, "auth-username"))
		return;
	buf_puts(xml, "    <auth");
	markup_attribute(xml, "type", shell_text(shell, "auth-type"));
	markup_attribute(xml, "username", shell_text(shell, "auth-username"));
	buf_puts(xml, ">\n");
	markup_empty(xml, 6, "secret", "usage", usage);
	markup_empty(xml, 6, "secret", "uuid", usage ? NULL : shell_text(shell, "secret-uuid"));
	buf_puts(xml, "    </auth>\n");
}

static void add_source(const struct shell *shell, struct buf *xml)
{
	const char *initiator = shell_text(shell, "source-initiator");
	struct buf source = BUF_INIT;

	markup_empty(&source, 4, "host", "name", shell_text(shell, "source-host"));
	markup_empty(&source, 4, "dir", "path", shell_text(shell, "source-path"));
	markup_empty(&source, 4, "device", "path", shell_text(shell, "source-dev"));
	if (initiator)
		buf_puts(&source, "    <initiator>\n");
	markup_empty(&source, 6, "iqn", "name", initiator);
	if (initiator)
		buf_puts(&source, "    </initiator>\n");
	add_adapter(shell, &source);
	add_authentication(shell, &source);
	markup_empty(&source, 4, "format", "type", shell_text(shell, "source-format"));
	markup_text(&source, 4, "name", shell_text(shell, "source-name"));
	markup_empty(&source, 4, "protocol", "ver", shell_text(shell, "source-protocol-ver"));
	if (source.length)
		buf_printf(xml, "  <source>\n%s  </source>\n", buf_text(&source));
	buf_done(&source);
}

static void add_pool(const struct shell *shell, struct buf *xml)
{
	const char *target = shell_text(shell, "target");

	buf_puts(xml, "<pool");
	markup_attribute(xml, "type", shell_text(shell, "type"));
	buf_puts(xml, ">\n");
	markup_text(xml, 2, "name", shell_text(shell, "name"));
	add_source(shell, xml);
	if (target)
		buf_puts(xml, "  <target>\n");
	markup_text(xml, 4, "path", target);
	if (target)
		buf_puts(xml, "  </target>\n");
	buf_puts(xml, "</pool>\n");
}

/* As object_run_file, with XML of the options. */
static bool cmd_as(struct shell *shell)
{
	const struct object_verb *verb = shell->command->what;
	struct rpc_storage_pool_define_xml_args args = { .flags = object_flags(
							     shell, verb->flags) };
	struct rpc_storage_pool_define_xml_ret ret;
	const char *name = shell_text(shell, "name");
	struct buf xml = BUF_INIT;
	bool well = true;

	add_pool(shell, &xml);
	args.xml = buf_text(&xml);
	if (shell_flag(shell, "print-xml"))
		shell_print("%s", args.xml);
	else if ((well = shell_call(shell, verb->procedure, &args, &ret)))
		shell_extra(shell, "Pool %s %s\n", name, verb->done);
	else
		shell_error("Failed to %s pool %s", verb->verb, name);
	buf_done(&xml);
	return well;
}

const struct command pool_make_commands[] = {
	{ "pool-build", object_run, build_options, .help = "make what a pool is kept in",
	    OBJECT_VERB(pools, RPC_STORAGE_POOL_BUILD, "build", "built", .flags = build_flags) },
	{ "pool-create", object_run_file, create_options,
	    .help = "start a pool from an XML file, undefined",
	    OBJECT_VERB(
		pools, RPC_STORAGE_POOL_CREATE_XML, "create", "created", .flags = create_flags) },
	{ "pool-create-as", cmd_as, create_as_options,
	    .help = "start a pool as options say, undefined",
	    OBJECT_VERB(
		pools, RPC_STORAGE_POOL_CREATE_XML, "create", "created", .flags = create_flags) },
	{ "pool-define", object_run_file, define_options, .help = "define a pool from an XML file",
	    OBJECT_VERB(pools, RPC_STORAGE_POOL_DEFINE_XML, "define", "defined",
		.flags = object_validate) },
	{ "pool-define-as", cmd_as, define_as_options, .help = "define a pool as options say",
	    OBJECT_VERB(pools, RPC_STORAGE_POOL_DEFINE_XML, "define", "defined") },
	{ "pool-start", object_run, start_options, .help = "start a defined pool",
	    OBJECT_VERB(
		pools, RPC_STORAGE_POOL_CREATE, "start", "started", .flags = create_flags) },
	{ 0 },
};
