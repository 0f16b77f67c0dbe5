/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/xpath.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "xml/read.h"

#define DEPTH 32 /* of predicates in predicates */

/* An element, one of its attributes, or its text; the document has no element. */
struct node {
	const struct xml_element *element;
	size_t part; /* 0: itself; up to its count: an attribute; then its text */
};

struct nodes {
	struct node *items;
	size_t count;
	size_t room;
};

struct query {
	const struct xml_element *root;
	const char *at; /* what is read next */
	unsigned int depth;
	int fault; /* of the path, or of memory: the first one stays */
};

static void fail(struct query *query, int fault)
{
	if (!query->fault)
		query->fault = fault;
}

static void add(struct query *query, struct nodes *nodes, struct node node)
{
	for (size_t i = 0; i < nodes->count; i++)
		if (nodes->items[i].element == node.element && nodes->items[i].part == node.part)
			return;
	if (nodes->count == nodes->room) {
		size_t room = nodes->room ? nodes->room * 2 : 16;
		struct node *items = realloc(nodes->items, room * sizeof(*items));

		if (!items) {
			fail(query, -ENOMEM);
			return;
		}
		nodes->items = items;
		nodes->room = room;
	}
	nodes->items[nodes->count++] = node;
}

static bool is_text(struct node node)
{
	return node.element && node.part > node.element->count;
}

static bool is_element(struct node node)
{
	return node.element && !node.part;
}

static const struct xml_element *children_of(const struct query *query, struct node node)
{
	return !node.element ? query->root : node.part ? NULL : node.element->children;
}

static const char *string_of(struct node node)
{
	if (is_element(node) || is_text(node))
		return node.element->text ? node.element->text : "";
	return node.element ? node.element->attributes[node.part - 1].value : "";
}

static void skip_blanks(struct query *query)
{
	query->at += strspn(query->at, " \t\r\n");
}

/* Whether `text` comes next, which is then behind. */
static bool take(struct query *query, const char *text)
{
	size_t length = strlen(text);

	skip_blanks(query);
	if (strncmp(query->at, text, length) != 0)
		return false;
	query->at += length;
	return true;
}

static size_t name_length(const char *text)
{
	size_t length = 0;

	if (!isalpha((unsigned char)*text) && *text != '_')
		return 0;
	while (
	    isalnum((unsigned char)text[length]) || (text[length] && strchr("_-.:", text[length])))
		length++;
	return length;
}

/* A step: what of `from` it takes. */
enum axis { AXIS_CHILD, AXIS_ATTRIBUTE, AXIS_TEXT, AXIS_SELF, AXIS_PARENT };

struct step {
	enum axis axis;
	const char *name; /* NULL: any */
	size_t length;
};

static bool parse_step(struct query *query, struct step *ret_step)
{
	*ret_step = (struct step){ .axis = AXIS_CHILD };
	if (take(query, "..")) {
		ret_step->axis = AXIS_PARENT;
		return true;
	}
	if (take(query, ".")) {
		ret_step->axis = AXIS_SELF;
		return true;
	}
	if (take(query, "text()")) {
		ret_step->axis = AXIS_TEXT;
		return true;
	}
	if (take(query, "@"))
		ret_step->axis = AXIS_ATTRIBUTE;
	if (take(query, "*"))
		return true;
	ret_step->name = query->at;
	ret_step->length = name_length(query->at);
	query->at += ret_step->length;
	return ret_step->length && *query->at != '(';
}

static bool is_called(const struct step *step, const char *name)
{
	return !step->name ||
	       (strlen(name) == step->length && !strncmp(name, step->name, step->length));
}

static void walk(
    struct query *query, const struct step *step, struct node from, struct nodes *found)
{
	const struct xml_element *element = from.element;

	switch (step->axis) {
	case AXIS_SELF:
		add(query, found, from);
		break;
	case AXIS_PARENT:
		if (element)
			add(query, found,
			    (struct node){ from.part ? element : element->parent, 0 });
		break;
	case AXIS_TEXT:
		if (is_element(from) && element->text && *element->text)
			add(query, found, (struct node){ element, element->count + 1 });
		break;
	case AXIS_ATTRIBUTE:
		for (size_t i = 0; is_element(from) && i < element->count; i++)
			if (is_called(step, element->attributes[i].name))
				add(query, found, (struct node){ element, i + 1 });
		break;
	case AXIS_CHILD:
		for (element = children_of(query, from); element; element = element->next)
			if (is_called(step, element->name))
				add(query, found, (struct node){ element, 0 });
		break;
	}
}

/* `from` and all elements below. */
static void add_below(struct query *query, struct node from, struct nodes *found)
{
	add(query, found, from);
	for (const struct xml_element *child = children_of(query, from); child; child = child->next)
		add_below(query, (struct node){ child, 0 }, found);
}

static void evaluate_path(struct query *query, struct node from, struct nodes *ret_found);
static bool evaluate_or(struct query *query, struct node node);

/* 'text' or "text"; NULL when it is none. */
static char *parse_literal(struct query *query)
{
	char quote;
	const char *end;
	char *text;

	skip_blanks(query);
	quote = *query->at;
	end = quote == '\'' || quote == '"' ? strchr(query->at + 1, quote) : NULL;
	if (!end)
		return NULL;
	text = strndup(query->at + 1, (size_t)(end - query->at - 1));
	if (!text)
		fail(query, -ENOMEM);
	query->at = end + 1;
	return text;
}

static bool is_equal(const char *one, const char *other)
{
	return !strcmp(one, other);
}

static bool is_unequal(const char *one, const char *other)
{
	return strcmp(one, other) != 0;
}

static bool has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

static bool begins(const char *text, const char *part)
{
	return !strncmp(text, part, strlen(part));
}

/* Whether `compare` says so of one of the nodes and the literal that comes next. */
static bool compare_any(struct query *query, const struct nodes *nodes,
    bool (*compare)(const char *one, const char *other))
{
	char *literal = parse_literal(query);
	bool is = false;

	if (!literal)
		fail(query, -EINVAL);
	for (size_t i = 0; literal && i < nodes->count; i++)
		is = is || compare(string_of(nodes->items[i]), literal);
	free(literal);
	return is;
}

static bool evaluate_comparison(struct query *query, struct node node)
{
	static const struct {
		const char *word;
		bool (*compare)(const char *one, const char *other);
	} functions[] = { { "contains(", has }, { "starts-with(", begins } };
	bool (*function)(const char *one, const char *other) = NULL;
	struct nodes found = { 0 };
	bool is;

	for (size_t i = 0; !function && i < sizeof(functions) / sizeof(functions[0]); i++)
		if (take(query, functions[i].word))
			function = functions[i].compare;
	evaluate_path(query, node, &found);
	if (function && !take(query, ","))
		fail(query, -EINVAL);
	if (function)
		is = compare_any(query, &found, function);
	else if (take(query, "!="))
		is = compare_any(query, &found, is_unequal);
	else if (take(query, "="))
		is = compare_any(query, &found, is_equal);
	else
		is = found.count > 0;
	if (function && !take(query, ")"))
		fail(query, -EINVAL);
	free(found.items);
	return is;
}

static bool evaluate_term(struct query *query, struct node node)
{
	bool negative = take(query, "not(");
	bool is;

	if (!negative && !take(query, "("))
		return evaluate_comparison(query, node);
	is = evaluate_or(query, node);
	if (!take(query, ")"))
		fail(query, -EINVAL);
	return is != negative;
}

static bool evaluate_and(struct query *query, struct node node)
{
	bool is = evaluate_term(query, node);

	while (!query->fault && take(query, "and "))
		is = evaluate_term(query, node) && is;
	return is;
}

static bool evaluate_or(struct query *query, struct node node)
{
	bool is = false;

	if (++query->depth > DEPTH)
		fail(query, -EINVAL);
	else
		is = evaluate_and(query, node);
	while (!query->fault && take(query, "or "))
		is = evaluate_and(query, node) || is;
	query->depth--;
	return is;
}

/* "[2]", "[last()]" and "[@type='file']" of the nodes that one step found from one node. */
static void filter(struct query *query, struct nodes *found)
{
	const char *begin = query->at;
	size_t kept = 0;
	size_t place = 0;
	char *end;

	skip_blanks(query);
	if (take(query, "last()")) {
		place = found->count;
	} else if (isdigit((unsigned char)*query->at)) {
		place = strtoul(query->at, &end, 10);
		query->at = end;
	} else {
		/* Read once more for each; once at least, to know where it ends. */
		for (size_t i = 0; i < found->count || !i; i++) {
			query->at = begin;
			if (evaluate_or(query,
				i < found->count ? found->items[i] : (struct node){ NULL, 0 }) &&
			    i < found->count)
				found->items[kept++] = found->items[i];
			if (query->fault)
				return;
		}
		found->count = kept;
		goto end;
	}
	if (place && place <= found->count)
		found->items[kept++] = found->items[place - 1];
	found->count = kept;
end:
	if (!take(query, "]"))
		fail(query, -EINVAL);
}

/* One step from every node of `from`; the path is read once more for each of them. */
static void evaluate_step(struct query *query, const struct nodes *from, struct nodes *ret_found)
{
	const char *begin = query->at;

	for (size_t i = 0; !query->fault && (i < from->count || !i); i++) {
		struct nodes found = { 0 };
		struct step step;

		query->at = begin;
		if (!parse_step(query, &step)) {
			fail(query, -EINVAL);
			return;
		}
		if (i < from->count)
			walk(query, &step, from->items[i], &found);
		while (!query->fault && take(query, "["))
			filter(query, &found);
		for (size_t part = 0; part < found.count; part++)
			add(query, ret_found, found.items[part]);
		free(found.items);
	}
}

static void evaluate_path(struct query *query, struct node from, struct nodes *ret_found)
{
	struct nodes now = { 0 };
	bool below = take(query, "//");
	bool absolute = below || take(query, "/");
	bool more;

	add(query, &now, absolute ? (struct node){ NULL, 0 } : from);
	skip_blanks(query);
	more = !absolute || below || (*query->at && !strchr("|]),=", *query->at));
	while (more && !query->fault) {
		struct nodes next = { 0 };

		for (size_t i = 0, count = now.count; below && i < count; i++)
			add_below(query, now.items[i], &now);
		evaluate_step(query, &now, &next);
		free(now.items);
		now = next;
		below = take(query, "//");
		more = below || take(query, "/");
	}
	for (size_t i = 0; i < now.count; i++)
		add(query, ret_found, now.items[i]);
	free(now.items);
}

/* As they stand in the document, which is first itself. */
static int compare_places(const void *one, const void *other)
{
	const struct node *a = one;
	const struct node *b = other;

	if (!a->element || !b->element)
		return (a->element != NULL) - (b->element != NULL);
	if (a->element != b->element)
		return a->element->begin < b->element->begin ? -1 : 1;
	return (a->part > b->part) - (a->part < b->part);
}

static void write_escaped(struct buf *out, const char *text, bool attribute)
{
	for (; *text; text++)
		if (*text == '&')
			buf_puts(out, "&amp;");
		else if (*text == '<')
			buf_puts(out, "&lt;");
		else if (*text == '>')
			buf_puts(out, "&gt;");
		else if (attribute && *text == '"')
			buf_puts(out, "&quot;");
		else
			buf_add(out, text, 1);
}

static void write_attribute(struct buf *out, const struct xml_attribute_read *attribute)
{
	buf_printf(out, " %s=\"", attribute->name);
	write_escaped(out, attribute->value, true);
	buf_puts(out, "\"");
}

static bool is_blank(const char *text)
{
	return !text || !text[strspn(text, " \t\r\n")];
}

/* Two blanks a level; an element with a text of its own is on one line. */
static void write_element(struct buf *out, const struct xml_element *element, int level)
{
	bool lines = is_blank(element->text);

	buf_printf(out, "<%s", element->name);
	for (size_t i = 0; i < element->count; i++)
		write_attribute(out, &element->attributes[i]);
	if (lines && !element->children) {
		buf_puts(out, "/>");
		return;
	}
	buf_puts(out, ">");
	if (!lines)
		write_escaped(out, element->text, false);
	for (const struct xml_element *child = element->children; child; child = child->next) {
		if (lines)
			buf_printf(out, "\n%*s", 2 * (level + 1), "");
		write_element(out, child, level + 1);
	}
	if (lines)
		buf_printf(out, "\n%*s", 2 * level, "");
	buf_printf(out, "</%s>", element->name);
}

/* Of two of a name the later one is what an element can have. */
static bool is_said_again(const struct nodes *nodes, size_t at)
{
	struct node node = nodes->items[at];
	const char *name = node.element->attributes[node.part - 1].name;

	while (++at < nodes->count) {
		struct node next = nodes->items[at];

		if (next.element && next.part && !is_text(next) &&
		    !strcmp(next.element->attributes[next.part - 1].name, name))
			return true;
	}
	return false;
}

static void write_node(struct buf *out, const struct query *query, struct node node, int level)
{
	if (is_element(node))
		write_element(out, node.element, level);
	else if (is_text(node))
		write_escaped(out, node.element->text, false);
	else if (node.element)
		write_attribute(out, &node.element->attributes[node.part - 1]);
	else {
		buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
		write_element(out, query->root, 0);
		buf_puts(out, "\n");
	}
}

/* Attributes are those of <nodes>; a text among the rest keeps all of it on one line. */
static void write_wrapped(struct buf *out, const struct query *query, const struct nodes *nodes)
{
	bool lines = true;
	bool empty = true;

	buf_puts(out, "<nodes");
	for (size_t i = 0; i < nodes->count; i++) {
		struct node node = nodes->items[i];
		bool plain = !node.element || is_element(node) || is_text(node);

		if (!plain && !is_said_again(nodes, i))
			write_node(out, query, node, 0);
		lines = lines && !is_text(node);
		empty = empty && !plain;
	}
	buf_puts(out, empty ? "/>\n" : ">");
	if (empty)
		return;
	for (size_t i = 0; i < nodes->count; i++) {
		struct node node = nodes->items[i];

		if (node.element && !is_element(node) && !is_text(node))
			continue;
		if (lines)
			buf_puts(out, "\n  ");
		if (node.element)
			write_node(out, query, node, 1);
		else
			write_element(out, query->root, 1);
	}
	buf_puts(out, lines ? "\n</nodes>\n" : "</nodes>\n");
}

int xpath_select(const char *xml, const char *path, bool wrap, struct buf *ret_text)
{
	struct xml_element *root = xml_tree_read(xml, strlen(xml));
	struct query query = { .root = root, .at = path };
	struct nodes nodes = { 0 };

	if (!query.root)
		fail(&query, -EINVAL);
	do
		if (!query.fault)
			evaluate_path(&query, (struct node){ NULL, 0 }, &nodes);
	while (!query.fault && take(&query, "|"));
	skip_blanks(&query);
	if (*query.at)
		fail(&query, -EINVAL);
	if (!query.fault) {
		if (nodes.count)
			qsort(nodes.items, nodes.count, sizeof(*nodes.items), compare_places);
		if (wrap)
			write_wrapped(ret_text, &query, &nodes);
		for (size_t i = 0; !wrap && i < nodes.count; i++) {
			write_node(ret_text, &query, nodes.items[i], 0);
			buf_puts(ret_text, "\n");
		}
	}
	free(nodes.items);
	xml_tree_free(root);
	return query.fault ? query.fault : buf_ok(ret_text) ? 0 : -ENOMEM;
}
