/* SPDX-License-Identifier: GPL-2.0-only */
/* An XML document as a tree, read with expat. Entities of the document's own are not expanded. */
#ifndef BERTH_XML_READ_H
#define BERTH_XML_READ_H

#include <stdbool.h>
#include <stddef.h>

struct xml_attribute_read {
	char *name;
	char *value;
	bool used; /* the caller's, as of an element: nothing here looks at it */
};

struct xml_element {
	struct xml_element *next; /* of the same parent */
	struct xml_element *parent;
	struct xml_element *children;
	struct xml_element **children_end;
	char *name;
	char *text; /* of its own, without its children's; or NULL */
	struct xml_attribute_read *attributes;
	size_t count;
	bool used;
	size_t begin; /* of the text that was read: from its start tag to behind its end tag */
	size_t end;
};

/* The root of a document in UTF-8, or NULL when it is none. xml_tree_free takes NULL. */
struct xml_element *xml_tree_read(const char *text, size_t length);
void xml_tree_free(struct xml_element *root);

/* The first child below `path` ("source/address"); NULL when there is none. */
const struct xml_element *xml_tree_find(const struct xml_element *element, const char *path);

/* The next sibling of the same name, or NULL. */
const struct xml_element *xml_tree_next(const struct xml_element *element);

/* The attribute itself, or NULL. */
struct xml_attribute_read *xml_tree_own(const struct xml_element *element, const char *name);

/* Of the element at `path` ("" is itself); NULL when there is none. */
const char *xml_tree_attribute(
    const struct xml_element *element, const char *path, const char *name);

#endif
