/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/native.h"

#include "cli/virsh/commands.h"
#include "cli/virsh/files.h"

const char *native_xml(struct shell *shell, const char *format, const char *path)
{
	struct rpc_connect_domain_xml_from_native_args args = { .native_format = format };
	struct rpc_connect_domain_xml_from_native_ret ret;
	struct buf text = BUF_INIT;
	bool well;

	if (!files_read(path, &text))
		return NULL;
	args.native_config = buf_text(&text);
	well = shell_call(shell, RPC_CONNECT_DOMAIN_XML_FROM_NATIVE, &args, &ret);
	buf_done(&text);
	return well ? ret.domain_xml : NULL;
}

static const struct option from_native_options[] = {
	{ "format", OPTION_TEXT, true, "what wrote it: xen-xm" },
	{ "config", OPTION_TEXT, true, "file with the definition" },
	{ 0 },
};

static bool cmd_domxml_from_native(struct shell *shell)
{
	const char *xml = native_xml(
	    shell, shell_text(shell, "format"), shell_text(shell, "config"));

	if (xml)
		shell_print("%s", xml);
	return xml;
}

static const struct option import_options[] = {
	{ "file", OPTION_TEXT, true, "file with the definition" },
	{ 0 },
};

/* `berth import` and `xm new`. */
static bool cmd_import(struct shell *shell)
{
	struct rpc_domain_define_xml_args args;
	struct rpc_domain_define_xml_ret ret;
	const char *file = shell_text(shell, "file");

	args.xml = native_xml(shell, "xen-xm", file);
	if (!args.xml || !shell_call(shell, RPC_DOMAIN_DEFINE_XML, &args, &ret))
		return shell_error("Failed to define domain from %s", file);
	shell_extra(shell, "Domain '%s' defined from %s\n", ret.dom.name, file);
	return true;
}

const struct command native_commands[] = {
	{ "domxml-from-native", cmd_domxml_from_native, from_native_options,
	    .help = "XML of a definition in another program's words" },
	{ "berth-import", cmd_import, import_options, .hidden = true,
	    .help = "define a guest from a file of Xen's xm" },
	{ 0 },
};
