/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Any bytes as XML of clients: the reader, then what becomes of it as a domain and as a volume.
 * What is taken as a domain makes edits that can be made, and a file that loads or is refused with
 * words.
 */
#include <errno.h>
#include <string.h>

#include "conf/load.h"
#include "node/xml/define.h"
#include "node/xml/volume_in.h"
#include "tests/fuzz/script.h"
#include "xml/read.h"

static const char file[] = "[network \"default\"]\naddress = 192.168.122.1/24\n"
			   "[pool \"default\"]\npath = images\n"
			   "[guest \"old\"]\nmemory = 64M\ndisk = default/old.img # kept\n";

/* Elements below a root, each of which knows its parent. */
static void walk(const struct xml_element *element, unsigned int depth)
{
	check(depth <= 64 && element->name && *element->name);
	for (const struct xml_element *child = element->children; child; child = child->next) {
		check(child->parent == element);
		walk(child, depth + 1);
	}
}

static void make_edits(const struct xml_definition *definition)
{
	struct buf text = BUF_INIT;
	struct conf conf;
	int result = conf_edit(
	    file, strlen(file), definition->edits, definition->edit_count, &text, &conf);

	check(!result || result == -EBADMSG || result == -EINVAL || result == -EEXIST ||
	      result == -ENOENT || result == -EOPNOTSUPP);
	if (!result || result == -EBADMSG) {
		check((result == 0) == (conf.diags.count == 0));
		conf_done(&conf);
	}
	buf_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct xml_element *root = xml_tree_read((const char *)data, size);
	struct xml_definition definition;
	struct xml_volume_in volume;
	struct buf why = BUF_INIT;
	char *text = strndup((const char *)data, size);
	struct conf conf;

	if (root)
		walk(root, 1);
	xml_tree_free(root);
	check(text != NULL && !conf_load(file, strlen(file), &conf) && !conf.diags.count);
	if (xml_definition_read(&definition, text) &&
	    xml_definition_convert(&definition, text, &conf.model,
		!strcmp(definition.name, "old") ? conf.model.guests : NULL))
		make_edits(&definition);
	else
		check(definition.code != 0 && definition.why.length > 0);
	xml_definition_done(&definition);
	conf_done(&conf);
	if (xml_volume_in(text, &volume, &why))
		check(why.length > 0);
	buf_done(&why);
	free(text);
	return 0;
}
