/* SPDX-License-Identifier: GPL-2.0-only */
#include "xml/read.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 64

struct reading {
	XML_Parser parser;
	struct xml_element *root;
	struct xml_element *open;
	unsigned int depth;
};

static void give_up(struct reading *reading)
{
	XML_StopParser(reading->parser, XML_FALSE);
}

static bool add_attributes(struct xml_element *element, const char **attributes)
{
	size_t count = 0;

	while (attributes[2 * count])
		count++;
	if (!count)
		return true;
	element->attributes = calloc(count, sizeof(*element->attributes));
	if (!element->attributes)
		return false;
	for (; element->count < count; element->count++) {
		struct xml_attribute_read *one = &element->attributes[element->count];

		one->name = strdup(attributes[2 * element->count]);
		one->value = strdup(attributes[2 * element->count + 1]);
		if (!one->name || !one->value) {
			element->count++;
			return false;
		}
	}
	return true;
}

static void begin(void *context, const char *name, const char **attributes)
{
	struct reading *reading = context;
	struct xml_element *element = calloc(1, sizeof(*element));

	if (!element || ++reading->depth > DEPTH_MAX) {
		free(element);
		give_up(reading);
		return;
	}
	element->children_end = &element->children;
	element->parent = reading->open;
	if (reading->open) {
		*reading->open->children_end = element;
		reading->open->children_end = &element->next;
	} else {
		reading->root = element;
	}
	reading->open = element;
	element->begin = (size_t)XML_GetCurrentByteIndex(reading->parser);
	element->name = strdup(name);
	if (!element->name || !add_attributes(element, attributes))
		give_up(reading);
}

static void end(void *context, const char *name)
{
	struct reading *reading = context;

	(void)name;
	reading->depth--;
	reading->open->end = (size_t)XML_GetCurrentByteIndex(reading->parser) +
			     (size_t)XML_GetCurrentByteCount(reading->parser);
	reading->open = reading->open->parent;
}

static void add_text(void *context, const char *text, int length)
{
	struct reading *reading = context;
	size_t old = reading->open->text ? strlen(reading->open->text) : 0;
	char *longer = realloc(reading->open->text, old + (size_t)length + 1);

	if (!longer) {
		give_up(reading);
		return;
	}
	memcpy(longer + old, text, (size_t)length);
	longer[old + (size_t)length] = '\0';
	reading->open->text = longer;
}

/* Documents here have no document type: one that has is refused, and with it all its entities. */
static void refuse_type(
    void *context, const char *name, const char *system, const char *public_id, int internal)
{
	(void)name;
	(void)system;
	(void)public_id;
	(void)internal;
	give_up(context);
}

struct xml_element *xml_tree_read(const char *text, size_t length)
{
	struct reading reading = { .parser = XML_ParserCreate("UTF-8") };
	enum XML_Status status;

	if (!reading.parser)
		return NULL;
	XML_SetUserData(reading.parser, &reading);
	XML_SetElementHandler(reading.parser, begin, end);
	XML_SetCharacterDataHandler(reading.parser, add_text);
	XML_SetStartDoctypeDeclHandler(reading.parser, refuse_type);
	status = length > 1u << 30 ? XML_STATUS_ERROR
				   : XML_Parse(reading.parser, text, (int)length, 1);
	XML_ParserFree(reading.parser);
	if (status == XML_STATUS_OK)
		return reading.root;
	xml_tree_free(reading.root);
	return NULL;
}

static void free_one(struct xml_element *element)
{
	for (size_t i = 0; i < element->count; i++) {
		free(element->attributes[i].name);
		free(element->attributes[i].value);
	}
	free(element->attributes);
	free(element->name);
	free(element->text);
	free(element);
}

void xml_tree_free(struct xml_element *root)
{
	while (root) {
		struct xml_element *next = root->next;

		xml_tree_free(root->children);
		free_one(root);
		root = next;
	}
}

const struct xml_element *xml_tree_find(const struct xml_element *element, const char *path)
{
	while (element && *path) {
		size_t length = strcspn(path, "/");
		const struct xml_element *child = element->children;

		while (child &&
		       (strlen(child->name) != length || strncmp(child->name, path, length) != 0))
			child = child->next;
		element = child;
		path += length;
		path += *path == '/';
	}
	return element;
}

const struct xml_element *xml_tree_next(const struct xml_element *element)
{
	const struct xml_element *next = element->next;

	while (next && strcmp(next->name, element->name) != 0)
		next = next->next;
	return next;
}

struct xml_attribute_read *xml_tree_own(const struct xml_element *element, const char *name)
{
	for (size_t i = 0; i < element->count; i++)
		if (!strcmp(element->attributes[i].name, name))
			return &element->attributes[i];
	return NULL;
}

const char *xml_tree_attribute(
    const struct xml_element *element, const char *path, const char *name)
{
	const struct xml_element *found = xml_tree_find(element, path);
	const struct xml_attribute_read *attribute = found ? xml_tree_own(found, name) : NULL;

	return attribute ? attribute->value : NULL;
}
