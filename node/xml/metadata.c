/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Prefixes are put before names and taken away in the text itself, so that everything else of a
 * client's note stays as it was written.
 */
#include "node/xml/metadata.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "xml/read.h"
#include "xml/write.h"

#define DECLARATION 256 /* of a name that declares a prefix */

/* `domain` with what stands from `begin` to `end` replaced. */
static int replace(
    const char *domain, size_t begin, size_t end, const struct buf *text, struct buf *ret_domain)
{
	buf_add(ret_domain, domain, begin);
	buf_puts(ret_domain, buf_text(text));
	buf_puts(ret_domain, domain + end);
	return buf_ok(text) && buf_ok(ret_domain) ? 0 : -ENOMEM;
}

/* Where its end tag begins; of one without, where it begins itself. */
static size_t end_tag(const char *text, const struct xml_element *element)
{
	size_t at = element->end - 1;

	while (text[at] != '<')
		at--;
	return at;
}

int xml_metadata_text(const char *domain, const char *name, struct buf *ret_text)
{
	struct xml_element *root = xml_tree_read(domain, strlen(domain));
	const struct xml_element *element = root ? xml_tree_find(root, name) : NULL;

	if (element)
		buf_puts(ret_text, element->text ? element->text : "");
	xml_tree_free(root);
	return element ? 0 : root ? -ENOENT : -EINVAL;
}

int xml_metadata_set_text(
    const char *domain, const char *name, const char *text, struct buf *ret_domain)
{
	struct xml_element *root = xml_tree_read(domain, strlen(domain));
	const struct xml_element *old = root ? xml_tree_find(root, name) : NULL;
	struct buf element = BUF_INIT;
	struct xml xml = { .out = &element };
	int error = -EINVAL;

	if (text)
		xml_text(&xml, name, text);
	if (old)
		error = replace(domain, old->begin, old->end, &element, ret_domain);
	else if (root)
		error = replace(
		    domain, end_tag(domain, root), end_tag(domain, root), &element, ret_domain);
	buf_done(&element);
	xml_tree_free(root);
	return error;
}

/* The attribute that declares a prefix, or with "" what names without one are of. */
static const char *declaration(const char *prefix, size_t length, char name[DECLARATION])
{
	snprintf(name, DECLARATION, length ? "xmlns:%.*s" : "xmlns", (int)length, prefix);
	return name;
}

static size_t prefix_length(const char *name)
{
	size_t length = strcspn(name, ":");

	return name[length] ? length : 0;
}

/* What the element's name is of, or NULL. */
static const char *namespace_of(const struct xml_element *element)
{
	char name[DECLARATION];
	const char *uri = NULL;

	declaration(element->name, prefix_length(element->name), name);
	for (; element && !uri; element = element->parent)
		uri = xml_tree_attribute(element, "", name);
	return uri;
}

static const struct xml_element *find_note(const struct xml_element *root, const char *uri)
{
	const struct xml_element *metadata = root ? xml_tree_find(root, "metadata") : NULL;
	const struct xml_element *note = metadata ? metadata->children : NULL;

	for (; note; note = note->next) {
		const char *own = namespace_of(note);

		if (own && !strcmp(own, uri))
			break;
	}
	return note;
}

/* How the names of a note change: `from` (with its colon) goes, `to` comes. */
struct renaming {
	const char *text;
	const char *from;
	const char *to;
	const char *declaration; /* of the outermost element, which goes; or NULL */
	const char *uri;	 /* declared there; or NULL */
};

/* Behind the attribute at `at`, which begins with blanks. */
static const char *past_attribute(const char *at)
{
	char quote;

	at += strcspn(at, "'\"");
	quote = *at++;
	return strchr(at, quote) + 1;
}

/* The rest of a start tag, from behind its name to its '>'. */
static size_t copy_attributes(
    const struct renaming *renaming, size_t at, bool outermost, struct buf *out)
{
	const char *text = renaming->text + at;

	for (;;) {
		const char *name = text + strspn(text, " \t\r\n");
		const char *end;

		if (*name == '>' || *name == '/')
			break;
		end = past_attribute(name);
		if (!outermost || !renaming->declaration ||
		    strncmp(name, renaming->declaration, strlen(renaming->declaration)) != 0 ||
		    !strchr(" \t\r\n=", name[strlen(renaming->declaration)]))
			buf_add(out, text, (size_t)(end - text));
		text = end;
	}
	return (size_t)(text - renaming->text);
}

/* A tag from its '<' or "</" on, as far as behind its name. */
static size_t copy_name(
    const struct renaming *renaming, size_t at, const char *name, bool renamed, struct buf *out)
{
	size_t mark = renaming->text[at + 1] == '/' ? 2 : 1;
	size_t gone = renamed ? strlen(renaming->from) : 0;

	buf_add(out, renaming->text + at, mark);
	if (renamed)
		buf_puts(out, renaming->to);
	buf_puts(out, name + gone);
	return at + mark + strlen(name);
}

static void rename_element(const struct renaming *renaming, const struct xml_element *element,
    bool outermost, struct buf *out)
{
	/* Those in a namespace of their own keep it. */
	bool renamed = *renaming->from
			   ? !strncmp(element->name, renaming->from, strlen(renaming->from))
			   : !prefix_length(element->name) && !namespace_of(element);
	size_t close = end_tag(renaming->text, element);
	size_t at = copy_name(renaming, element->begin, element->name, renamed, out);

	if (outermost && renaming->uri) {
		/* Written apart for its quotes. */
		struct xml xml = { .out = out, .unfinished = true, .tag = out->length };
		char name[DECLARATION];

		xml_attribute(&xml, declaration(renaming->to, prefix_length(renaming->to), name),
		    renaming->uri);
	}
	at = copy_attributes(renaming, at, outermost, out);
	for (const struct xml_element *child = element->children; child; child = child->next) {
		buf_add(out, renaming->text + at, child->begin - at);
		rename_element(renaming, child, false, out);
		at = child->end;
	}
	if (close != element->begin) {
		buf_add(out, renaming->text + at, close - at);
		at = copy_name(renaming, close, element->name, renamed, out);
	}
	buf_add(out, renaming->text + at, element->end - at);
}

int xml_metadata_note(const char *domain, const char *uri, struct buf *ret_note)
{
	struct xml_element *root = xml_tree_read(domain, strlen(domain));
	const struct xml_element *note = find_note(root, uri);
	struct renaming renaming = { .text = domain, .to = "" };
	char from[DECLARATION];
	char name[DECLARATION];

	if (note) {
		size_t length = prefix_length(note->name);

		snprintf(from, sizeof(from), "%.*s", (int)(length ? length + 1 : 0), note->name);
		renaming.from = from;
		renaming.declaration = declaration(note->name, length, name);
		rename_element(&renaming, note, true, ret_note);
	}
	xml_tree_free(root);
	if (!note)
		return root ? -ENOENT : -EINVAL;
	return buf_ok(ret_note) ? 0 : -ENOMEM;
}

static bool is_prefix(const char *prefix)
{
	size_t length = 0;

	if (!prefix || !(isalpha((unsigned char)*prefix) || *prefix == '_'))
		return false;
	while (isalnum((unsigned char)prefix[length]) ||
	       (prefix[length] && strchr("_.-", prefix[length])))
		length++;
	return !prefix[length] && length < DECLARATION / 4;
}

/* The note, in its namespace. */
static int bring_in(const char *note, const char *prefix, const char *uri, struct buf *ret_note)
{
	struct xml_element *tree = is_prefix(prefix) ? xml_tree_read(note, strlen(note)) : NULL;
	struct renaming renaming = { .text = note, .from = "", .uri = uri };
	char to[DECLARATION];

	if (tree) {
		snprintf(to, sizeof(to), "%s:", prefix);
		renaming.to = to;
		rename_element(&renaming, tree, true, ret_note);
	}
	xml_tree_free(tree);
	return tree ? 0 : -EINVAL;
}

int xml_metadata_set_note(const char *domain, const char *note, const char *prefix, const char *uri,
    struct buf *ret_domain)
{
	struct xml_element *root = xml_tree_read(domain, strlen(domain));
	const struct xml_element *metadata = root ? xml_tree_find(root, "metadata") : NULL;
	const struct xml_element *old = find_note(root, uri);
	struct buf text = BUF_INIT;
	size_t begin = 0;
	size_t end = 0;
	int error = root ? 0 : -EINVAL;
	/* Without notes there is no element for them either. */
	bool alone = !metadata || !metadata->children ||
		     (old && metadata->children == old && !old->next);

	if (!error && note) {
		if (alone)
			buf_puts(&text, "<metadata>");
		error = bring_in(note, prefix, uri, &text);
		if (alone)
			buf_puts(&text, "</metadata>");
	}
	if (!error) {
		begin = alone && metadata ? metadata->begin
			: old		  ? old->begin
					  : end_tag(domain, metadata ? metadata : root);
		end = alone && metadata ? metadata->end : old ? old->end : begin;
		error = replace(domain, begin, end, &text, ret_domain);
	}
	buf_done(&text);
	xml_tree_free(root);
	return error;
}
