/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/xml/volume_in.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/num.h"
#include "node/xml/rules.h"

static const struct xml_rule volume_rules[] = {
	{ "@type", "file; another is refused" },
	{ "name", "the file's name" },
	{ "key", "ignored: it is the path" },
	{ "source", "ignored" },
	{ "capacity", "the size" },
	{ "capacity/@unit", "bytes without one" },
	{ "allocation", "what is set aside at once; the capacity without one" },
	{ "allocation/@unit", "bytes without one" },
	{ "physical", "ignored" },
	{ "physical/@unit", "ignored" },
	{ "target", "as follows" },
	{ "target/path", "ignored: the pool's folder and the name" },
	{ "target/format", "as follows" },
	{ "target/format/@type", "raw; another is refused" },
	{ "target/permissions", "as follows" },
	{ "target/permissions/mode", "the file's; 0600 without one" },
	{ "target/permissions/owner", "the file's" },
	{ "target/permissions/group", "the file's" },
	{ "target/permissions/label", "ignored: labels are the node's own" },
	{ "target/timestamps/...", "ignored" },
	{ 0 },
};

static int refuse(struct buf *why, int error, const char *text)
{
	buf_puts(why, text);
	return error;
}

static bool read_size(const struct xml_element *tree, const char *path, uint64_t *ret_bytes)
{
	char room[64];
	const char *text = xml_rules_text(tree, path, room, sizeof(room));

	return text && xml_rules_size(text, xml_tree_attribute(tree, path, "unit"), 1, ret_bytes);
}

static int read_sizes(const struct xml_element *tree, struct xml_volume_in *volume, struct buf *why)
{
	if (xml_tree_find(tree, "capacity")) {
		if (!read_size(tree, "capacity", &volume->capacity))
			return refuse(why, -EINVAL, "malformed capacity element");
		volume->has_capacity = true;
	}
	volume->allocation = volume->capacity;
	if (xml_tree_find(tree, "allocation") &&
	    !read_size(tree, "allocation", &volume->allocation))
		return refuse(why, -EINVAL, "malformed allocation element");
	return 0;
}

/* libvirt: -1 is whoever makes it. */
static bool read_id(const struct xml_element *tree, const char *path, int64_t *ret_id)
{
	char room[32];
	const char *text = xml_rules_text(tree, path, room, sizeof(room));
	uint64_t id;

	*ret_id = -1;
	if (!text || !strcmp(text, "-1"))
		return true;
	if (!num_parse(text, UINT32_MAX - 1u, &id))
		return false;
	*ret_id = (int64_t)id;
	return true;
}

static int read_permissions(
    const struct xml_element *tree, struct xml_volume_in *volume, struct buf *why)
{
	char room[32];
	const char *mode = xml_rules_text(tree, "target/permissions/mode", room, sizeof(room));

	volume->mode = 0600;
	if (mode) {
		char *end;
		unsigned long value = strtoul(mode, &end, 8);

		if (!*mode || *end || value > 0777)
			return refuse(why, -EINVAL, "malformed octal mode");
		volume->mode = (unsigned int)value;
	}
	if (!read_id(tree, "target/permissions/owner", &volume->owner))
		return refuse(why, -EINVAL, "malformed owner element");
	if (!read_id(tree, "target/permissions/group", &volume->group))
		return refuse(why, -EINVAL, "malformed group element");
	return 0;
}

static bool can_be_made(const struct xml_element *tree, struct buf *why)
{
	const char *type = xml_tree_attribute(tree, "", "type");
	const char *format = xml_tree_attribute(tree, "target/format", "type");

	if (type && strcmp(type, "file") != 0)
		buf_printf(why, "volume/@type: a volume of type %s cannot be made; file can", type);
	else if (format && strcmp(format, "raw") != 0)
		buf_printf(why,
		    "volume/target/format/@type: a volume of format %s cannot be made; raw can",
		    format);
	return !why->length;
}

static int read_all(const struct xml_element *tree, struct xml_volume_in *volume, struct buf *why)
{
	int error;

	if (!xml_rules_text(tree, "name", volume->name, sizeof(volume->name)) || !*volume->name)
		return refuse(why, -EINVAL, "missing volume name element");
	error = read_sizes(tree, volume, why);
	return error ? error : read_permissions(tree, volume, why);
}

int xml_volume_in(const char *text, struct xml_volume_in *ret_volume, struct buf *why)
{
	struct xml_element *tree;
	int error = xml_rules_read(text, "volume", volume_rules, can_be_made, &tree, why);

	if (error)
		return error;
	memset(ret_volume, 0, sizeof(*ret_volume));
	error = read_all(tree, ret_volume, why);
	xml_tree_free(tree);
	return error;
}
