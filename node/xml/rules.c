/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/xml/rules.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/num.h"

#define PATH_MAX_LENGTH 512

static bool matches(const char *rule, const char *path)
{
	size_t length = strlen(rule);

	if (length > 4 && !strcmp(rule + length - 4, "/...")) {
		length -= 4;
		return !strncmp(path, rule, length) && (!path[length] || path[length] == '/');
	}
	return !strcmp(rule, path);
}

static bool is_known(const struct xml_rule *rules, const char *path)
{
	for (; rules->path; rules++)
		if (matches(rules->path, path))
			return true;
	return false;
}

/* False with the path of what is not in the table left in `path`. */
static bool check(const struct xml_element *element, const struct xml_rule *rules, char *path)
{
	size_t length = strlen(path);

	for (size_t i = 0; i < element->count; i++) {
		/* A declaration of a name space says nothing by itself. */
		if (!strncmp(element->attributes[i].name, "xmlns", 5))
			continue;
		snprintf(path + length, PATH_MAX_LENGTH - length, "%s@%s", length ? "/" : "",
		    element->attributes[i].name);
		if (!is_known(rules, path))
			return false;
	}
	for (const struct xml_element *child = element->children; child; child = child->next) {
		snprintf(path + length, PATH_MAX_LENGTH - length, "%s%s", length ? "/" : "",
		    child->name);
		if (!is_known(rules, path) || !check(child, rules, path))
			return false;
	}
	path[length] = '\0';
	return true;
}

int xml_rules_read(const char *text, const char *root, const struct xml_rule *rules,
    bool (*fit)(const struct xml_element *tree, struct buf *why), struct xml_element **ret_tree,
    struct buf *why)
{
	struct xml_element *tree = xml_tree_read(text, strlen(text));
	char path[PATH_MAX_LENGTH] = "";

	if (!tree || strcmp(tree->name, root) != 0) {
		buf_printf(why,
		    tree ? "unexpected root element <%s>, expecting <%s>" : "%s%sthis is no XML",
		    tree ? tree->name : "", tree ? root : "");
		xml_tree_free(tree);
		return -EINVAL;
	}
	if ((fit && !fit(tree, why)) || !check(tree, rules, path)) {
		if (!why->length)
			buf_printf(why, "%s/%s has no counterpart on this node", root, path);
		xml_tree_free(tree);
		return -EBADMSG;
	}
	*ret_tree = tree;
	return 0;
}

const char *xml_rules_text(
    const struct xml_element *tree, const char *path, char *room, size_t size)
{
	const struct xml_element *element = xml_tree_find(tree, path);
	const char *text;
	size_t length;

	if (!element)
		return NULL;
	text = element->text ? element->text : "";
	while (isspace((unsigned char)*text))
		text++;
	length = strlen(text);
	while (length && isspace((unsigned char)text[length - 1]))
		length--;
	if (length >= size)
		return NULL;
	memcpy(room, text, length);
	room[length] = '\0';
	return room;
}

/* libvirt: virScaleInteger. A letter, or with "iB" the same, is of 1024; with "B" of 1000. */
bool xml_rules_size(const char *number, const char *unit, uint64_t usual, uint64_t *ret_bytes)
{
	static const char letters[] = "kmgtpe";
	uint64_t factor = usual;
	uint64_t value;
	const char *letter;

	if (unit && *unit && strcasecmp(unit, "b") != 0 && strcasecmp(unit, "bytes") != 0) {
		uint64_t base = unit[1] && !strcasecmp(unit + 1, "b") ? 1000 : 1024;

		letter = strchr(letters, tolower((unsigned char)*unit));
		if (!letter || (unit[1] && base == 1024 && strcasecmp(unit + 1, "ib") != 0))
			return false;
		factor = 1;
		for (const char *at = letters; at <= letter; at++)
			factor *= base;
	} else if (unit && *unit) {
		factor = 1;
	}
	if (!num_parse(number, INT64_MAX, &value) ||
	    __builtin_mul_overflow(value, factor, ret_bytes))
		return false;
	return *ret_bytes <= INT64_MAX;
}
