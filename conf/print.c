/* SPDX-License-Identifier: GPL-2.0-only */
#include "conf/print.h"

#include <string.h>

#include "conf/schema.h"

static void print_keys(const struct conf_key *key, const void *object, struct buf *buf)
{
	struct buf values = BUF_INIT;

	for (; key->name; key++) {
		/* A guest's template has gone into it. */
		if (!strcmp(key->name, "use"))
			continue;
		buf_cut(&values, 0);
		conf_value_print(key, object, &values);
		for (const char *at = buf_text(&values); *at; at += strcspn(at, "\n") + 1)
			buf_printf(buf, "    %s = %.*s\n", key->name, (int)strcspn(at, "\n"), at);
		if (!buf_ok(&values))
			buf->failed = true;
	}
	buf_done(&values);
}

static const char *nothing(void *context, const struct conf_guest *guest)
{
	(void)context;
	(void)guest;
	return NULL;
}

void conf_print_guest(const struct conf_guest *guest, struct buf *buf)
{
	buf_printf(buf, "[guest \"%s\"]\n", guest->name);
	print_keys(conf_guest_keys, guest, buf);
}

void conf_print(const struct conf_model *model, struct buf *buf)
{
	conf_print_noted(model, nothing, NULL, buf);
}

void conf_print_noted(const struct conf_model *model,
    const char *(*note)(void *context, const struct conf_guest *guest), void *context,
    struct buf *buf)
{
	for (const struct conf_section_type *type = conf_section_types; type->name; type++) {
		if (type->naming == CONF_UNNAMED) {
			buf_printf(buf, "[%s]\n", type->name);
			print_keys(type->keys, (const char *)model + type->offset, buf);
			continue;
		}
		for (const struct conf_object *object = conf_schema_first(type, model); object;
		     object = object->next) {
			const char *text = type->keys == conf_guest_keys
					       ? note(context, (const struct conf_guest *)object)
					       : NULL;

			buf_printf(buf, "\n[%s \"%s\"]\n", type->name, object->name);
			if (text)
				buf_printf(buf, "    # %s\n", text);
			print_keys(type->keys, object, buf);
		}
	}
}
