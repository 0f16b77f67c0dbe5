/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/xml/writing.h"

#include <stdio.h>
#include <string.h>

/* Parts of a child that is about to be written; none twice. */
static const struct xml_element *kept_child(
    const struct xml_element *kept, const char *name, const char *identity)
{
	for (struct xml_element *child = kept ? kept->children : NULL; child; child = child->next) {
		const char *of = xml_tree_attribute(child, "", "of");

		if (child->used || strcmp(child->name, name) != 0)
			continue;
		if ((identity && of && !strcmp(of, identity)) || (!identity && !of) ||
		    (of && !strcmp(of, "-"))) {
			child->used = true;
			return child;
		}
	}
	return NULL;
}

void xml_writing_kept(struct xml_writing *writing, struct xml_element *child)
{
	child->used = true;
	if (!xml_tree_own(child, "of"))
		xml_raw(&writing->xml, writing->parts + child->begin, child->end - child->begin);
}

void xml_writing_close(struct xml_writing *writing, unsigned int depth)
{
	while (writing->depth > depth) {
		const struct xml_element *kept = writing->kept[writing->depth];

		for (struct xml_element *child = kept ? kept->children : NULL; child;
		     child = child->next)
			if (!child->used)
				xml_writing_kept(writing, child);
		xml_end(&writing->xml);
		writing->depth--;
	}
}

void xml_writing_begin(struct xml_writing *writing, const char *name, const char *identity)
{
	const struct xml_element *kept = kept_child(writing->kept[writing->depth], name, identity);

	writing->depth++;
	writing->kept[writing->depth] = kept;
	snprintf(writing->open[writing->depth], XML_NAME, "%s", name);
	xml_begin(&writing->xml, writing->open[writing->depth]);
	for (size_t i = 0; kept && i < kept->count; i++)
		if (strcmp(kept->attributes[i].name, "of") != 0)
			xml_attribute(
			    &writing->xml, kept->attributes[i].name, kept->attributes[i].value);
}

/* Open the element at `path` below depth `base`: what is open already stays, and with `fresh` the
 * last is another of its name. */
void xml_writing_open(struct xml_writing *writing, unsigned int base, const char *path,
    const char *identity, bool fresh)
{
	unsigned int depth = base;
	bool same = true;

	while (*path && *path != '@') {
		size_t length = strcspn(path, "/@");
		bool last = path[length] != '/';
		char name[XML_NAME];

		snprintf(name, sizeof(name), "%.*s", (int)length, path);
		same = same && depth < writing->depth && !strcmp(writing->open[depth + 1], name) &&
		       !(last && fresh);
		if (!same) {
			xml_writing_close(writing, depth);
			xml_writing_begin(writing, name, last ? identity : NULL);
		}
		depth++;
		path += length + !last;
	}
	xml_writing_close(writing, depth);
}

bool xml_writing_back(struct xml_writing *writing, const char *path)
{
	unsigned int depth = writing->base;

	while (*path && depth < writing->depth) {
		size_t length = strcspn(path, "/");
		const char *open = writing->open[++depth];

		if (strlen(open) != length || strncmp(open, path, length) != 0)
			return false;
		path += length + (path[length] == '/');
	}
	if (*path)
		return false;
	xml_writing_close(writing, depth);
	return true;
}

void xml_domain_open(struct xml_writing *writing, const char *path)
{
	xml_writing_open(writing, writing->base, path, NULL, true);
}
