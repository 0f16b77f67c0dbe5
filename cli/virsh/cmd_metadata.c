/* SPDX-License-Identifier: GPL-2.0-only */
/* What a guest's definition says about it: title, description, elements of others. */
#include <string.h>

#include "cli/virsh/affect.h"
#include "cli/virsh/commands.h"
#include "cli/virsh/editor.h"
#include "cli/virsh/objects.h"

enum metadata { METADATA_DESCRIPTION, METADATA_TITLE, METADATA_ELEMENT };

static const struct option desc_options[] = {
	DOMAIN,
	OPTION_LIVE,
	OPTION_CONFIG,
	OPTION_CURRENT,
	{ "title", OPTION_FLAG, false, "the title in the place of the description" },
	{ "edit", OPTION_FLAG, false, "in an editor" },
	{ "new-desc", OPTION_REST, false, "what it is to be" },
	{ 0 },
};

/* The words that are given, with blanks between; false when there are none. */
static bool new_text(const struct shell *shell, struct buf *text)
{
	bool any = false;

	for (unsigned int i = 0; i < shell->count; i++) {
		if (shell->arguments[i].option->kind != OPTION_REST)
			continue;
		buf_printf(text, "%s%s", any ? " " : "", shell->arguments[i].value);
		any = true;
	}
	return any;
}

/* What there is; NULL when there is none, or when it cannot be had, which is the connection's
 * error then. */
static const char *get(struct shell *shell, const struct rpc_domain_get_metadata_args *args)
{
	struct rpc_domain_get_metadata_ret ret;

	if (shell_call(shell, RPC_DOMAIN_GET_METADATA, args, &ret))
		return ret.metadata;
	if (shell->conn->error.code == RPC_ERR_NO_DOMAIN_METADATA)
		shell_forget_error(shell);
	return NULL;
}

static bool set(struct shell *shell, const struct rpc_domain_get_metadata_args *where,
    const char *text, const char *key)
{
	struct rpc_domain_set_metadata_args args = { .dom = where->dom,
		.type = where->type,
		.metadata = text,
		.key = key,
		.uri = where->uri,
		.flags = where->flags };

	return shell_call(shell, RPC_DOMAIN_SET_METADATA, &args, NULL);
}

/* `text` becomes what the user makes of it; `*ret_same` tells whether that is the same. Line ends
 * behind it are the editor's. */
static bool edit(struct buf *text, bool *ret_same)
{
	struct buf after = BUF_INIT;

	if (!editor_edit(buf_text(text), &after))
		return false;
	while (after.length && after.data[after.length - 1] == '\n')
		buf_cut(&after, after.length - 1);
	*ret_same = !strcmp(buf_text(text), buf_text(&after));
	buf_done(text);
	*text = after;
	return true;
}

static bool change_text(
    struct shell *shell, const struct rpc_domain_get_metadata_args *args, struct buf *text)
{
	const char *what = args->type ? "title" : "description";
	bool same = false;

	if (shell_flag(shell, "edit") && !edit(text, &same))
		return false;
	if (same) {
		shell_extra(shell, "Domain %s not changed\n", what);
		return true;
	}
	if (!set(shell, args, buf_text(text), NULL))
		return shell_error("Failed to set new domain %s", what);
	shell_extra(shell, "Domain %s updated successfully", what);
	return true;
}

static bool cmd_desc(struct shell *shell)
{
	struct rpc_domain_get_metadata_args args = {
		.type = shell_flag(shell, "title") ? METADATA_TITLE : METADATA_DESCRIPTION
	};
	struct buf text = BUF_INIT;
	const char *now = NULL;
	bool well;

	if (!affect_flags(shell, NULL, &args.flags) ||
	    !object_domain(shell, "domain", BY_ANY, &args.dom))
		return false;
	well = new_text(shell, &text);
	if (!well) {
		now = get(shell, &args);
		if (!now && shell->conn->error.code)
			return false;
	}
	if (!well && !shell_flag(shell, "edit")) {
		if (now)
			shell_print("%s", now);
		else
			shell_extra(shell, "No %s for domain: %s",
			    args.type ? "title" : "description", args.dom.name);
		return true;
	}
	if (now)
		buf_puts(&text, now);
	well = change_text(shell, &args, &text);
	buf_done(&text);
	return well;
}

static const struct option metadata_options[] = {
	DOMAIN,
	{ "uri", OPTION_TEXT, true, "namespace of the element" },
	OPTION_LIVE,
	OPTION_CONFIG,
	OPTION_CURRENT,
	{ "edit", OPTION_FLAG, false, "in an editor" },
	{ "key", OPTION_TEXT, false, "prefix of the namespace" },
	{ "set", OPTION_TEXT, false, "what it is to be" },
	{ "remove", OPTION_FLAG, false, "take it away" },
	{ 0 },
};

/* Of --edit, --set and --remove there is one at most. */
static bool one_way(struct shell *shell)
{
	if (!shell_exclusive(shell, "edit", "set") || !shell_exclusive(shell, "remove", "set") ||
	    !shell_exclusive(shell, "remove", "edit"))
		return false;
	if ((shell_flag(shell, "edit") || shell_flag(shell, "set")) && !shell_text(shell, "key"))
		return shell_error("namespace key is required when modifying metadata");
	return true;
}

static const char *read_element(struct shell *shell, const void *context)
{
	const char *now = get(shell, context);

	return now || shell->conn->error.code ? now : "";
}

/* Line ends behind it are the editor's. */
static bool write_element(struct shell *shell, const void *context, const char *text, bool relaxed)
{
	size_t length = strlen(text);
	struct buf element = BUF_INIT;
	bool well;

	(void)relaxed;
	while (length && text[length - 1] == '\n')
		length--;
	buf_add(&element, text, length);
	well = set(shell, context, buf_text(&element), shell_text(shell, "key"));
	buf_done(&element);
	return well;
}

static bool edit_element(struct shell *shell, const struct rpc_domain_get_metadata_args *args)
{
	const struct editor_job job = { read_element, write_element, args, .relaxes = false };
	enum editor_outcome outcome = editor_change(shell, &job);

	if (outcome == EDITOR_SAME)
		shell_extra(shell, "Metadata not changed");
	else if (outcome == EDITOR_CHANGED)
		shell_extra(shell, "Metadata modified\n");
	return outcome != EDITOR_FAILED;
}

static bool cmd_metadata(struct shell *shell)
{
	struct rpc_domain_get_metadata_args args = { .type = METADATA_ELEMENT };
	struct rpc_domain_get_metadata_ret ret;
	const char *uri = shell_text(shell, "uri");
	const char *text = shell_text(shell, "set");
	bool remove = shell_flag(shell, "remove");

	args.uri = uri;
	if (!affect_flags(shell, NULL, &args.flags) || !one_way(shell) ||
	    !object_domain(shell, "domain", BY_ANY, &args.dom))
		return false;
	if (shell_flag(shell, "edit"))
		return edit_element(shell, &args);
	if (text || remove) {
		if (!set(shell, &args, text, shell_text(shell, "key")))
			return false;
		shell_extra(shell, "Metadata %s\n", remove ? "removed" : "modified");
		return true;
	}
	if (!shell_call(shell, RPC_DOMAIN_GET_METADATA, &args, &ret))
		return false;
	shell_print("%s\n", ret.metadata);
	return true;
}

const struct command metadata_commands[] = {
	{ "desc", cmd_desc, desc_options, .help = "a guest's description or title" },
	{ "metadata", cmd_metadata, metadata_options, .help = "what others keep about a guest" },
	{ 0 },
};
