/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Any text as a domain's XML: it is refused, or it becomes a section that the compiler takes or
 * refuses; what it takes comes out as XML that says the same again.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/guest/identity.h"
#include "node/xml/define.h"
#include "node/xml/domain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void dump(const struct conf *conf, const struct xml_definition *definition, struct buf *out)
{
	struct driver_guest seen = { .conf = conf->model.guests, .id = -1 };

	identity_uuid(seen.conf, seen.uuid);
	xml_domain(
	    &conf->model, &seen, buf_text(&definition->parts), XML_INACTIVE | XML_SECURE, out);
}

static void again(const struct conf *conf, const struct xml_definition *definition)
{
	struct xml_definition second;
	struct buf xml = BUF_INIT;

	dump(conf, definition, &xml);
	if (!xml_definition_read(&second, buf_text(&xml)) ||
	    !xml_definition_convert(&second, buf_text(&xml), &conf->model, conf->model.guests)) {
		fprintf(stderr, "%s\n%s", buf_text(&second.why), buf_text(&xml));
		abort();
	}
	xml_definition_done(&second);
	buf_done(&xml);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct xml_definition definition;
	struct buf input = BUF_INIT;
	struct buf text = BUF_INIT;
	struct conf empty;
	struct conf conf = { 0 };

	buf_add(&input, (const char *)data, size);
	if (conf_load("", 0, &empty))
		abort();
	if (xml_definition_read(&definition, buf_text(&input)) &&
	    xml_definition_convert(&definition, buf_text(&input), &empty.model, NULL)) {
		int error = conf_edit("", 0, definition.edits, definition.edit_count, &text, &conf);

		if (!error && conf.model.guests)
			again(&conf, &definition);
	} else if (!definition.code) {
		abort();
	}
	conf_done(&conf);
	conf_done(&empty);
	xml_definition_done(&definition);
	buf_done(&text);
	buf_done(&input);
	return 0;
}
