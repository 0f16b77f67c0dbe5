/* SPDX-License-Identifier: GPL-2.0-only */
/* Volumes made, copied, resized, wiped and removed. */
#include <string.h>

#include "cli/virsh/commands.h"
#include "cli/virsh/files.h"
#include "cli/virsh/markup.h"
#include "cli/virsh/objects.h"
#include "xml/read.h"

/* libvirt: virStorageVolCreateFlags. */
#define PREALLOCATE                                                                                \
	{                                                                                          \
		"prealloc-metadata", OPTION_FLAG, false, "set aside what its format needs"         \
	}
#define REFLINK                                                                                    \
	{                                                                                          \
		"reflink", OPTION_FLAG, false, "share what is not changed"                         \
	}
#define VALIDATE                                                                                   \
	{                                                                                          \
		"validate", OPTION_FLAG, false, "check the XML against the schema"                 \
	}
#define PRINT                                                                                      \
	{                                                                                          \
		"print-xml", OPTION_FLAG, false, "print the XML, and make nothing"                 \
	}

static uint32_t create_flags(const struct shell *shell)
{
	return (shell_flag(shell, "prealloc-metadata") ? 1u : 0) |
	       (shell_flag(shell, "reflink") ? 2u : 0) | (shell_flag(shell, "validate") ? 4u : 0);
}

static bool create(struct shell *shell, const struct rpc_pool *pool, const char *xml,
    struct rpc_storage_vol_create_xml_ret *ret)
{
	struct rpc_storage_vol_create_xml_args args = { *pool, xml, create_flags(shell) };

	return shell_call(shell, RPC_STORAGE_VOL_CREATE_XML, &args, ret);
}

static const struct option create_options[] = {
	POOL,
	{ "file", OPTION_TEXT, true, "file with the volume's XML" },
	PREALLOCATE,
	VALIDATE,
	{ 0 },
};

static bool cmd_create(struct shell *shell)
{
	struct rpc_storage_vol_create_xml_ret ret;
	const char *file = shell_text(shell, "file");
	struct buf xml = BUF_INIT;
	struct rpc_pool pool;
	bool well;

	if (!object_given(shell, &object_pools, BY_ANY, &pool) || !files_read(file, &xml))
		return false;
	well = create(shell, &pool, buf_text(&xml), &ret);
	buf_done(&xml);
	if (!well)
		return shell_error("Failed to create vol from %s", file);
	shell_extra(shell, "Vol %s created from %s\n", ret.vol.name, file);
	return true;
}

static const struct option create_as_options[] = {
	POOL,
	{ "name", OPTION_TEXT, true, "its name" },
	{ "capacity", OPTION_TEXT, true, "its size, bytes without a unit" },
	{ "allocation", OPTION_TEXT, false, "what is set aside at once; all without" },
	{ "format", OPTION_TEXT, false, "format of its content" },
	{ "backing-vol", OPTION_TEXT, false, "volume that it begins as" },
	{ "backing-vol-format", OPTION_TEXT, false, "format of that one" },
	PREALLOCATE,
	PRINT,
	{ 0 },
};

/* Option `option` as an element with its bytes; nothing when it was not given. */
static bool add_size(struct shell *shell, struct buf *xml, const char *option)
{
	const char *text = shell_text(shell, option);
	uint64_t bytes;

	if (!text)
		return true;
	if (!shell_parse_size(shell, text, 1, 1, &bytes))
		return shell_error("Malformed size %s", text);
	buf_printf(xml, "  <%s>%llu</%s>\n", option, (unsigned long long)bytes, option);
	return true;
}

/* The one of option "backing-vol": by name in the pool, else by key or path. */
static bool add_backing(struct shell *shell, struct buf *xml, const struct rpc_pool *pool)
{
	struct rpc_storage_vol_lookup_by_name_args name = { *pool,
		shell_text(shell, "backing-vol") };
	struct rpc_storage_vol_lookup_by_name_ret found;
	struct rpc_storage_vol_get_path_ret path;

	if (!name.name)
		return true;
	if (!shell_call(shell, RPC_STORAGE_VOL_LOOKUP_BY_NAME, &name, &found) &&
	    !object_volume_of(shell, name.name, NULL, &found.vol))
		return false;
	if (!shell_call(shell, RPC_STORAGE_VOL_GET_PATH, &found.vol, &path))
		return false;
	buf_puts(xml, "  <backingStore>\n");
	markup_text(xml, 4, "path", path.name);
	markup_empty(xml, 4, "format", "type", shell_text(shell, "backing-vol-format"));
	buf_puts(xml, "  </backingStore>\n");
	return true;
}

static bool create_as_xml(struct shell *shell, const struct rpc_pool *pool, struct buf *xml)
{
	const char *format = shell_text(shell, "format");

	buf_puts(xml, "<volume>\n");
	markup_text(xml, 2, "name", shell_text(shell, "name"));
	if (!add_size(shell, xml, "capacity") || !add_size(shell, xml, "allocation"))
		return false;
	if (format)
		buf_puts(xml, "  <target>\n");
	markup_empty(xml, 4, "format", "type", format);
	if (format)
		buf_puts(xml, "  </target>\n");
	if (!add_backing(shell, xml, pool))
		return false;
	buf_puts(xml, "</volume>\n");
	return true;
}

static bool cmd_create_as(struct shell *shell)
{
	struct rpc_storage_vol_create_xml_ret ret;
	const char *name = shell_text(shell, "name");
	struct buf xml = BUF_INIT;
	struct rpc_pool pool;
	bool well = object_given(shell, &object_pools, BY_ANY, &pool) &&
		    create_as_xml(shell, &pool, &xml);

	if (well && shell_flag(shell, "print-xml")) {
		shell_print("%s", buf_text(&xml));
	} else if (well) {
		well = create(shell, &pool, buf_text(&xml), &ret);
		if (well)
			shell_extra(shell, "Vol %s created\n", name);
		else
			shell_error("Failed to create vol %s", name);
	}
	buf_done(&xml);
	return well;
}

static const struct option create_from_options[] = {
	POOL,
	{ "file", OPTION_TEXT, true, "file with the volume's XML" },
	{ "vol", OPTION_TEXT, true, "name, key or path of what it is made of" },
	{ "inputpool", OPTION_TEXT, false, "pool of that one" },
	PREALLOCATE,
	REFLINK,
	VALIDATE,
	{ 0 },
};

static bool cmd_create_from(struct shell *shell)
{
	struct rpc_storage_vol_create_xml_from_args args = { .flags = create_flags(shell) };
	struct rpc_storage_vol_create_xml_from_ret ret;
	const char *file = shell_text(shell, "file");
	struct buf xml = BUF_INIT;
	bool well;

	if (!object_given(shell, &object_pools, BY_ANY, &args.pool) ||
	    !object_volume(shell, "inputpool", &args.clonevol) || !files_read(file, &xml))
		return false;
	args.xml = buf_text(&xml);
	well = shell_call(shell, RPC_STORAGE_VOL_CREATE_XML_FROM, &args, &ret);
	buf_done(&xml);
	if (!well)
		return shell_error("Failed to create vol from %s", file);
	shell_extra(shell, "Vol %s created from input vol %s\n", ret.vol.name, args.clonevol.name);
	return true;
}

static const struct option clone_options[] = {
	VOLUME,
	{ "newname", OPTION_TEXT, true, "name of the copy" },
	VOLUME_POOL,
	PREALLOCATE,
	REFLINK,
	PRINT,
	{ 0 },
};

/* The XML of the volume with another name. */
static bool clone_xml(struct shell *shell, const struct rpc_vol *vol, struct buf *ret_xml)
{
	struct rpc_storage_vol_get_xml_desc_args args = { *vol, 0 };
	struct rpc_storage_vol_get_xml_desc_ret ret;
	struct xml_element *root;
	const struct xml_element *name;

	if (!shell_call(shell, RPC_STORAGE_VOL_GET_XML_DESC, &args, &ret))
		return false;
	root = xml_tree_read(ret.xml, strlen(ret.xml));
	name = root ? xml_tree_find(root, "name") : NULL;
	if (name) {
		buf_add(ret_xml, ret.xml, name->begin);
		buf_puts(ret_xml, "<name>");
		markup_escape(ret_xml, shell_text(shell, "newname"));
		buf_puts(ret_xml, "</name>");
		buf_puts(ret_xml, ret.xml + name->end);
	}
	xml_tree_free(root);
	return name || shell_error("the volume's XML has no name");
}

static bool cmd_clone(struct shell *shell)
{
	struct rpc_storage_vol_create_xml_from_args args = { .flags = create_flags(shell) };
	struct rpc_storage_vol_create_xml_from_ret ret;
	struct buf xml = BUF_INIT;
	bool well = true;

	if (!object_volume(shell, "pool", &args.clonevol))
		return false;
	if (!object_find(shell, &object_pools, args.clonevol.pool, BY_NAME, &args.pool))
		return shell_error("failed to get parent pool");
	if (!clone_xml(shell, &args.clonevol, &xml))
		return false;
	args.xml = buf_text(&xml);
	if (shell_flag(shell, "print-xml"))
		shell_print("%s", args.xml);
	else if ((well = shell_call(shell, RPC_STORAGE_VOL_CREATE_XML_FROM, &args, &ret)))
		shell_extra(shell, "Vol %s cloned from %s\n", ret.vol.name, args.clonevol.name);
	else
		shell_error("Failed to clone vol from %s", args.clonevol.name);
	buf_done(&xml);
	return well;
}

static const struct option delete_options[] = {
	VOLUME,
	VOLUME_POOL,
	{ "delete-snapshots", OPTION_FLAG, false, "and its snapshots" },
	{ 0 },
};

static bool cmd_delete(struct shell *shell)
{
	struct rpc_storage_vol_delete_args args = {
		.flags = shell_flag(shell, "delete-snapshots") ? 2u : 0
	};
	const char *name = shell_text(shell, "vol");

	if (!object_volume(shell, "pool", &args.vol))
		return false;
	if (!shell_call(shell, RPC_STORAGE_VOL_DELETE, &args, NULL))
		return shell_error("Failed to delete vol %s", name);
	shell_extra(shell, "Vol %s deleted\n", name);
	return true;
}

static const struct option resize_options[] = {
	VOLUME,
	{ "capacity", OPTION_TEXT, true, "its size, bytes without a unit" },
	VOLUME_POOL,
	{ "allocate", OPTION_FLAG, false, "set aside what it grows by" },
	{ "delta", OPTION_FLAG, false, "by so much, not to so much" },
	{ "shrink", OPTION_FLAG, false, "it may lose what is at its end" },
	{ 0 },
};

static bool cmd_resize(struct shell *shell)
{
	struct rpc_storage_vol_resize_args args = { .flags = 0 };
	const char *capacity = shell_text(shell, "capacity");
	bool shrink = shell_flag(shell, "shrink");
	bool delta = shell_flag(shell, "delta");
	const char *by;

	if (!object_volume(shell, "pool", &args.vol))
		return false;
	capacity += strspn(capacity, " \t");
	if (*capacity == '-') {
		if (!shrink)
			return shell_error("negative size requires --shrink");
		capacity++;
		delta = true;
	}
	/* libvirt: virStorageVolResizeFlags. */
	args.flags = (shell_flag(shell, "allocate") ? 1u : 0) | (delta ? 2u : 0) |
		     (shrink ? 4u : 0);
	by = delta ? "by" : "to";
	if (!shell_parse_size(shell, capacity, 1, 1, &args.capacity))
		return shell_error("Malformed size %s", capacity);
	if (!shell_call(shell, RPC_STORAGE_VOL_RESIZE, &args, NULL))
		return shell_error(
		    "Failed to change size of volume '%s' %s %s", args.vol.name, by, capacity);
	shell_extra(
	    shell, "Size of volume '%s' successfully changed %s %s\n", args.vol.name, by, capacity);
	return true;
}

static const struct option wipe_options[] = {
	VOLUME,
	VOLUME_POOL,
	{ "algorithm", OPTION_TEXT, false, "zero, random, trim and so on" },
	{ 0 },
};

static bool cmd_wipe(struct shell *shell)
{
	/* libvirt: virStorageVolWipeAlgorithm. */
	static const char *const algorithms[] = { "zero", "nnsa", "dod", "bsi", "gutmann",
		"schneier", "pfitzner7", "pfitzner33", "random", "trim" };
	struct rpc_storage_vol_wipe_pattern_args args = { .flags = 0 };
	const char *name = shell_text(shell, "vol");
	const char *algorithm = shell_text(shell, "algorithm");
	size_t count = sizeof(algorithms) / sizeof(algorithms[0]);

	if (!object_volume(shell, "pool", &args.vol))
		return false;
	while (algorithm && args.algorithm < count &&
	       strcmp(algorithms[args.algorithm], algorithm) != 0)
		args.algorithm++;
	if (args.algorithm == count)
		return shell_error("Unsupported algorithm '%s'", algorithm);
	if (!shell_call(shell, RPC_STORAGE_VOL_WIPE_PATTERN, &args, NULL))
		return shell_error("Failed to wipe vol %s", name);
	shell_extra(shell, "Vol %s wiped\n", name);
	return true;
}

const struct command volume_make_commands[] = {
	{ "vol-clone", cmd_clone, clone_options, .help = "copy a volume within its pool" },
	{ "vol-create", cmd_create, create_options, .help = "make a volume from an XML file" },
	{ "vol-create-as", cmd_create_as, create_as_options,
	    .help = "make a volume as options say" },
	{ "vol-create-from", cmd_create_from, create_from_options,
	    .help = "make a volume from an XML file, with another's content" },
	{ "vol-delete", cmd_delete, delete_options, .help = "remove a volume" },
	{ "vol-resize", cmd_resize, resize_options, .help = "change a volume's size" },
	{ "vol-wipe", cmd_wipe, wipe_options, .help = "overwrite a volume's content" },
	{ 0 },
};
