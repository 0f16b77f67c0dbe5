/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Libvirt's domain XML into a section of berth.conf, by the table of node/xml/table. What the file
 * has no key for and does no harm comes out as a document to be kept beside it; what the node
 * cannot do is refused with its path in XML.
 */
#ifndef BERTH_NODE_XML_DEFINE_H
#define BERTH_NODE_XML_DEFINE_H

#include "conf/edit.h"
#include "conf/model.h"
#include "lib/buf.h"
#include "xml/read.h"

struct xml_definition {
	struct xml_element *root;
	struct arena *arena;
	const char *name;
	bool has_uuid;
	uint8_t uuid[16]; /* made up when XML has none */
	struct conf_guest *guest;
	struct buf parts; /* empty: none */
	struct conf_edit *edits;
	size_t edit_count;
	int code; /* of a refusal: enum rpc_error_code */
	struct buf why;
};

/* Read it, as far as its name and UUID. False with `code` and `why`; to be released in any case. */
bool xml_definition_read(struct xml_definition *definition, const char *text);

/* The rest, for `old`, which is the section of that name, or NULL. False as above. */
bool xml_definition_convert(struct xml_definition *definition, const char *text,
    const struct conf_model *model, const struct conf_guest *old);

void xml_definition_done(struct xml_definition *definition);

#endif
