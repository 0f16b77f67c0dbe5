/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/cmd_save.h"

#include <string.h>

#include "cli/virsh/cmd_job.h"
#include "cli/virsh/editor.h"
#include "cli/virsh/files.h"
#include "cli/virsh/objects.h"
#include "cli/virsh/show.h"

#define RUNNING                                                                                    \
	{                                                                                          \
		"running", OPTION_FLAG, false, "it runs once it is restored"                       \
	}
#define PAUSED                                                                                     \
	{                                                                                          \
		"paused", OPTION_FLAG, false, "it is paused once it is restored"                   \
	}
#define BYPASS                                                                                     \
	{                                                                                          \
		"bypass-cache", OPTION_FLAG, false, "past the file cache"                          \
	}

/* libvirt: virDomainSaveRestoreFlags. */
enum { SAVE_BYPASS_CACHE = 1, SAVE_RUNNING = 2, SAVE_PAUSED = 4, SAVE_RESET_NVRAM = 8 };

static uint32_t flags_of(const struct shell *shell)
{
	static const struct object_flag flags[] = { { "bypass-cache", SAVE_BYPASS_CACHE },
		{ "running", SAVE_RUNNING }, { "paused", SAVE_PAUSED },
		{ "reset-nvram", SAVE_RESET_NVRAM }, { 0 } };

	return object_flags(shell, flags);
}

/* Both at once is not asked for. */
static bool may(struct shell *shell, uint32_t flags)
{
	if ((flags & (SAVE_RUNNING | SAVE_PAUSED)) != (SAVE_RUNNING | SAVE_PAUSED))
		return true;
	conn_fail(shell->conn, RPC_ERR_INVALID_ARG,
	    "Flags 'VIR_DOMAIN_SAVE_RUNNING' and 'VIR_DOMAIN_SAVE_PAUSED' are mutually exclusive");
	return false;
}

/* The file of option "xml", if it was given. */
static bool read_xml(struct shell *shell, struct buf *ret_xml)
{
	const char *file = shell_text(shell, "xml");

	return !file || files_read(file, ret_xml);
}

const struct option save_options[] = {
	DOMAIN,
	{ "file", OPTION_TEXT, true, "where to write it" },
	BYPASS,
	{ "xml", OPTION_TEXT, false, "file with other XML for it" },
	RUNNING,
	PAUSED,
	{ "verbose", OPTION_FLAG, false, "tell how far it is" },
	{ 0 },
};

bool cmd_save(struct shell *shell)
{
	char path[4096];
	struct buf xml = BUF_INIT;
	struct rpc_domain_save_flags_args args = { .to = path, .flags = flags_of(shell) };
	struct rpc_domain_save_args plain = { .to = path };
	bool well;

	if (!object_domain(shell, "domain", BY_ANY, &args.dom) || !job_path(shell, "file", path) ||
	    !read_xml(shell, &xml))
		return false;
	plain.dom = args.dom;
	args.dxml = xml.data;
	well = may(shell, args.flags) &&
	       (args.flags || args.dxml
		       ? job_call(shell, &args.dom, "Save", RPC_DOMAIN_SAVE_FLAGS, &args)
		       : job_call(shell, &args.dom, "Save", RPC_DOMAIN_SAVE, &plain));
	buf_done(&xml);
	if (!well)
		return shell_error(
		    "Failed to save domain '%s' to %s", args.dom.name, shell_text(shell, "file"));
	shell_extra(shell, "\nDomain '%s' saved to %s\n", args.dom.name, shell_text(shell, "file"));
	return true;
}

const struct option restore_options[] = {
	{ "file", OPTION_TEXT, true, "file of a saved guest" },
	BYPASS,
	{ "xml", OPTION_TEXT, false, "file with other XML for it" },
	RUNNING,
	PAUSED,
	{ "reset-nvram", OPTION_FLAG, false, "with the firmware's variables as they first were" },
	{ 0 },
};

bool cmd_restore(struct shell *shell)
{
	char path[4096];
	struct buf xml = BUF_INIT;
	struct rpc_domain_restore_flags_args args = { .from = path, .flags = flags_of(shell) };
	struct rpc_domain_restore_args plain = { .from = path };
	bool well;

	if (!job_path(shell, "file", path) || !read_xml(shell, &xml))
		return false;
	args.dxml = xml.data;
	well = may(shell, args.flags) &&
	       (args.flags || args.dxml ? shell_call(shell, RPC_DOMAIN_RESTORE_FLAGS, &args, NULL)
					: shell_call(shell, RPC_DOMAIN_RESTORE, &plain, NULL));
	buf_done(&xml);
	if (!well)
		return shell_error("Failed to restore domain from %s", shell_text(shell, "file"));
	shell_extra(shell, "Domain restored from %s\n", shell_text(shell, "file"));
	return true;
}

const struct option managedsave_options[] = {
	DOMAIN,
	BYPASS,
	RUNNING,
	PAUSED,
	{ "verbose", OPTION_FLAG, false, "tell how far it is" },
	{ 0 },
};

bool cmd_managedsave(struct shell *shell)
{
	struct rpc_domain_managed_save_args args = { .flags = flags_of(shell) };

	if (!object_domain(shell, "domain", BY_ANY, &args.dom))
		return false;
	if (!may(shell, args.flags) ||
	    !job_call(shell, &args.dom, "Managedsave", RPC_DOMAIN_MANAGED_SAVE, &args))
		return shell_error("Failed to save domain '%s' state", args.dom.name);
	shell_extra(shell, "\nDomain '%s' state saved by libvirt\n", args.dom.name);
	return true;
}

bool cmd_managedsave_remove(struct shell *shell)
{
	struct rpc_domain_has_managed_save_image_args args = { .flags = 0 };
	struct rpc_domain_has_managed_save_image_ret ret;
	struct rpc_domain_managed_save_remove_args remove = { .flags = 0 };

	if (!object_domain(shell, "domain", BY_ANY, &args.dom))
		return false;
	if (!shell_call(shell, RPC_DOMAIN_HAS_MANAGED_SAVE_IMAGE, &args, &ret))
		return shell_error("Failed to check for domain managed save image");
	remove.dom = args.dom;
	if (!ret.result) {
		shell_extra(
		    shell, "Domain '%s' has no manage save image; removal skipped", args.dom.name);
		return true;
	}
	if (!shell_call(shell, RPC_DOMAIN_MANAGED_SAVE_REMOVE, &remove, NULL))
		return shell_error(
		    "Failed to remove managed save image for domain '%s'", args.dom.name);
	shell_extra(shell, "Removed managedsave image for domain '%s'", args.dom.name);
	return true;
}

/* A saved guest: of a file, or of the next start of a guest. */
struct place {
	bool of_file;
	char path[4096];
	struct rpc_dom dom;
};

static bool place_of(struct shell *shell, bool of_file, struct place *ret_place)
{
	ret_place->of_file = of_file;
	return of_file ? job_path(shell, "file", ret_place->path)
		       : object_domain(shell, "domain", BY_ANY, &ret_place->dom);
}

/* Both procedures answer with the same record. */
static bool get_xml(struct shell *shell, const struct place *place, uint32_t flags,
    struct rpc_domain_save_image_get_xml_desc_ret *ret_xml)
{
	struct rpc_domain_save_image_get_xml_desc_args file = { place->path, flags };
	struct rpc_domain_managed_save_get_xml_desc_args managed = { place->dom, flags };

	return place->of_file
		   ? shell_call(shell, RPC_DOMAIN_SAVE_IMAGE_GET_XML_DESC, &file, ret_xml)
		   : shell_call(shell, RPC_DOMAIN_MANAGED_SAVE_GET_XML_DESC, &managed, ret_xml);
}

static bool put_xml(struct shell *shell, const struct place *place, const char *xml, uint32_t flags)
{
	struct rpc_domain_save_image_define_xml_args file = { place->path, xml, flags };
	struct rpc_domain_managed_save_define_xml_args managed = { place->dom, xml, flags };

	return may(shell, flags) &&
	       (place->of_file
		       ? shell_call(shell, RPC_DOMAIN_SAVE_IMAGE_DEFINE_XML, &file, NULL)
		       : shell_call(shell, RPC_DOMAIN_MANAGED_SAVE_DEFINE_XML, &managed, NULL));
}

static bool dump_xml(struct shell *shell, bool of_file)
{
	struct rpc_domain_save_image_get_xml_desc_ret ret;
	struct place place;

	if (!place_of(shell, of_file, &place) ||
	    !get_xml(shell, &place, shell_flag(shell, "security-info"), &ret))
		return false;
	return show_xml(shell, ret.xml);
}

const struct option save_image_dumpxml_options[] = {
	{ "file", OPTION_TEXT, true, "file of a saved guest" },
	{ "security-info", OPTION_FLAG, false, "with passwords" },
	OPTION_XPATH,
	{ 0 },
};

bool cmd_save_image_dumpxml(struct shell *shell)
{
	return dump_xml(shell, true);
}

const struct option managedsave_dumpxml_options[] = {
	DOMAIN,
	{ "security-info", OPTION_FLAG, false, "with passwords" },
	OPTION_XPATH,
	{ 0 },
};

bool cmd_managedsave_dumpxml(struct shell *shell)
{
	return dump_xml(shell, false);
}

const struct option save_image_define_options[] = {
	{ "file", OPTION_TEXT, true, "file of a saved guest" },
	{ "xml", OPTION_TEXT, true, "file with its XML" },
	RUNNING,
	PAUSED,
	{ 0 },
};

static bool define(struct shell *shell, bool of_file)
{
	struct buf xml = BUF_INIT;
	struct place place;
	bool well;

	if (!place_of(shell, of_file, &place) || !read_xml(shell, &xml))
		return false;
	well = put_xml(shell, &place, buf_text(&xml), flags_of(shell));
	buf_done(&xml);
	if (!well && of_file)
		return shell_error("Failed to update %s", shell_text(shell, "file"));
	if (!well)
		return shell_error("Failed to update %s XML configuration", place.dom.name);
	if (of_file)
		shell_extra(shell, "State file %s updated.\n", shell_text(shell, "file"));
	else
		shell_extra(
		    shell, "Managed save state file of domain '%s' updated.\n", place.dom.name);
	return true;
}

bool cmd_save_image_define(struct shell *shell)
{
	return define(shell, true);
}

const struct option managedsave_define_options[] = {
	DOMAIN,
	{ "xml", OPTION_TEXT, true, "file with its XML" },
	RUNNING,
	PAUSED,
	{ 0 },
};

bool cmd_managedsave_define(struct shell *shell)
{
	return define(shell, false);
}

static const char *read_saved(struct shell *shell, const void *context)
{
	struct rpc_domain_save_image_get_xml_desc_ret ret;

	return get_xml(shell, context, 1, &ret) ? ret.xml : NULL;
}

static bool write_saved(struct shell *shell, const void *context, const char *text, bool relaxed)
{
	(void)relaxed;
	return put_xml(shell, context, text, flags_of(shell));
}

static bool edit(struct shell *shell, bool of_file)
{
	struct place place;
	const struct editor_job job = { read_saved, write_saved, &place, .relaxes = false };
	enum editor_outcome outcome = place_of(shell, of_file, &place) ? editor_change(shell, &job)
								       : EDITOR_FAILED;
	const char *name;

	if (outcome == EDITOR_FAILED)
		return false;
	name = of_file ? shell_text(shell, "file") : place.dom.name;
	if (of_file && outcome == EDITOR_SAME)
		shell_extra(shell, "Saved image %s XML configuration not changed.\n", name);
	else if (of_file)
		shell_extra(shell, "State file %s edited.\n", name);
	else if (outcome == EDITOR_SAME)
		shell_extra(shell,
		    "Managed save image of domain '%s' XML configuration not changed.\n", name);
	else
		shell_extra(
		    shell, "Managed save image of Domain '%s' XML configuration edited.\n", name);
	return true;
}

const struct option save_image_edit_options[] = {
	{ "file", OPTION_TEXT, true, "file of a saved guest" },
	RUNNING,
	PAUSED,
	{ 0 },
};

bool cmd_save_image_edit(struct shell *shell)
{
	return edit(shell, true);
}

const struct option managedsave_edit_options[] = { DOMAIN, RUNNING, PAUSED, { 0 } };

bool cmd_managedsave_edit(struct shell *shell)
{
	return edit(shell, false);
}
