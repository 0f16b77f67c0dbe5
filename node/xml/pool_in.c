/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/xml/pool_in.h"

#include <errno.h>
#include <string.h>

#include "node/xml/rules.h"

static const struct xml_rule pool_rules[] = {
	{ "@type", "dir; another is refused by its name" },
	{ "name", "the section's" },
	{ "uuid", "uuid, when it is not the one made from the name" },
	{ "capacity/...", "ignored" },
	{ "allocation/...", "ignored" },
	{ "available/...", "ignored" },
	{ "source", "ignored: a folder has none" },
	{ "target", "as follows" },
	{ "target/path", "path: a folder of the data volume" },
	{ "target/permissions/...", "ignored: the folder's are 0711, root's" },
	{ 0 },
};

static bool can_be_defined(const struct xml_element *tree, struct buf *why)
{
	const char *type = xml_tree_attribute(tree, "", "type");

	if (type && strcmp(type, "dir") != 0)
		buf_printf(
		    why, "pool/@type: a pool of type %s is not run by this node yet; dir is", type);
	return !why->length;
}

static int missing(struct buf *why, const char *text)
{
	buf_puts(why, text);
	return -EINVAL;
}

static int read_all(const struct xml_element *tree, struct xml_pool_in *pool, struct buf *why)
{
	if (!xml_tree_attribute(tree, "", "type"))
		return missing(why, "missing pool type attribute");
	if (!xml_rules_text(tree, "name", pool->name, sizeof(pool->name)) || !*pool->name)
		return missing(why, "missing pool source name element");
	if (!xml_rules_text(tree, "target/path", pool->path, sizeof(pool->path)) || !*pool->path)
		return missing(why, "missing storage pool target path");
	if (*pool->path != '/')
		return missing(why, "the target path of a pool is absolute");
	if (xml_tree_find(tree, "uuid") &&
	    !xml_rules_text(tree, "uuid", pool->uuid, sizeof(pool->uuid)))
		return missing(why, "malformed uuid element");
	return 0;
}

int xml_pool_in(const char *text, struct xml_pool_in *ret_pool, struct buf *why)
{
	struct xml_element *tree;
	int error = xml_rules_read(text, "pool", pool_rules, can_be_defined, &tree, why);

	if (error)
		return error;
	memset(ret_pool, 0, sizeof(*ret_pool));
	error = read_all(tree, ret_pool, why);
	xml_tree_free(tree);
	return error;
}
