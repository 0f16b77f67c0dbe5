/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/rpc/object_change.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/uuid.h"
#include "node/rpc/guest.h"

#define EDITS (3 * XML_SECTION_LINES)

/* Edits of one section, and what follows when they are in force. */
struct edits {
	struct conf_edit list[EDITS];
	size_t count;
	bool overflow;
	const char *section;
	const char *name;
};

struct outcome {
	struct server_call *call;
	const struct object_kind *kind;
	char *name;
	struct rpc_net record; /* of one that is to go */
	int event;	       /* -1: none */
	bool returned;	       /* the record is the answer */
	object_then then;      /* who answers in its place, or NULL */
};

static const struct conf_object *next_of(struct server_call *call, const struct conf_object *object)
{
	return object ? object->next
		      : call->kind->first(call->core->ops->model(call->core->driver));
}

/* Also one that the file says is not there. */
static const struct conf_object *any_named(struct server_call *call, const char *name)
{
	const struct conf_object *object = next_of(call, NULL);

	while (object && strcmp(object->name, name) != 0)
		object = object->next;
	return object;
}

bool object_may_be(struct server_call *call, const char *name, const char *uuid, bool started)
{
	const struct conf_object *now = object_named(call, call->kind, name);
	uint8_t wanted[16];
	char text[UUID_TEXT];

	if (uuid && !uuid_parse(uuid, wanted)) {
		call_fail_xml(call, call->kind->from, -EINVAL, "malformed uuid element");
		return false;
	}
	for (const struct conf_object *object = next_of(call, NULL); uuid && object;
	     object = object->next) {
		struct rpc_net record = object_record(call->kind, object);
		bool same_name = !strcmp(object->name, name);
		bool same_uuid = !memcmp(record.uuid, wanted, sizeof(wanted));

		if (!call->kind->traits(call, object) || same_name == same_uuid)
			continue;
		call_fail(call, RPC_ERR_OPERATION_FAILED, call->kind->from,
		    "operation failed: %s '%s' %s with uuid %s", call->kind->section, object->name,
		    same_name ? "is already defined" : "already exists",
		    uuid_text(record.uuid, text));
		return false;
	}
	if (!started || !now || !(call->kind->traits(call, now) & OBJECT_ACTIVE))
		return true;
	call_fail(call, RPC_ERR_OPERATION_FAILED, call->kind->from,
	    "operation failed: %s '%s' is already active", call->kind->section, name);
	return false;
}

void object_say_uuid(struct server_call *call, struct xml_section *section)
{
	const struct conf_object *now = object_named(call, call->kind, section->name);
	char text[UUID_TEXT];
	uint8_t made[16];

	uuid_of_name(call->kind->section, section->name, made);
	if (section->uuid && strcasecmp(section->uuid, uuid_text(made, text)) != 0)
		xml_section_say(section, "uuid", "%s", section->uuid);
	else if (!section->uuid && now && call->kind->uuid(now))
		xml_section_say(section, "uuid", "%s", call->kind->uuid(now));
}

static void add(struct edits *edits, enum conf_edit_verb verb, const char *key, const char *value)
{
	if (edits->count == EDITS)
		edits->overflow = true;
	else
		edits->list[edits->count++] = (struct conf_edit){ verb, edits->section, edits->name,
			key, value };
}

static void changed(void *context, int result, const char *message)
{
	struct outcome *outcome = context;
	struct server_call *call = outcome->call;
	const struct conf_object *object = result ? NULL : any_named(call, outcome->name);
	struct rpc_net record = outcome->record;

	if (object)
		record = object_record(outcome->kind, object);
	record.name = outcome->name;
	if (!result && outcome->event >= 0)
		events_send_object(
		    call->core, outcome->kind, &record, (enum object_event)outcome->event);
	if (result)
		call_fail_errno(call, result, message);
	else if (object && outcome->then)
		outcome->then(call, object);
	else
		call_reply(call, outcome->returned ? &record : NULL);
	free(outcome->name);
	free(outcome);
}

static void make(struct server_call *call, const struct edits *edits,
    const struct conf_object *object, int event, bool returned, object_then then)
{
	struct outcome *outcome = calloc(1, sizeof(*outcome));

	if (!outcome || edits->overflow) {
		free(outcome);
		call_fail_errno(call, -ENOMEM, NULL);
		return;
	}
	*outcome = (struct outcome){ .call = call,
		.kind = call->kind,
		.name = strdup(edits->name),
		.event = event,
		.returned = returned,
		.then = then };
	if (!outcome->name || !call->core->ops->edit) {
		free(outcome->name);
		free(outcome);
		call_unsupported(call);
		return;
	}
	if (object)
		outcome->record = object_record(call->kind, object);
	call->core->ops->edit(call->core->driver, edits->list, edits->count, NULL,
	    (struct driver_done){ changed, outcome });
}

/* The canonical values that an object has of a key, one a line, as lines of the file. */
static void said(const struct conf_object *object, const struct conf_key *key, struct buf *out)
{
	if (object)
		conf_value_print(key, object, out);
}

/* The same that is wanted of a key. */
static void wanted(const struct xml_section *section, const char *key, struct buf *out)
{
	for (size_t i = 0; i < section->count; i++)
		if (!strcmp(section->lines[i].key, key))
			buf_printf(out, "%s\n", section->lines[i].value);
}

static void change_key(struct edits *edits, const struct xml_section *section,
    const struct conf_object *object, const struct conf_key *key)
{
	struct buf before = BUF_INIT;
	struct buf after = BUF_INIT;

	said(object, key, &before);
	wanted(section, key->name, &after);
	/* What is the default is not said. */
	if (key->initial && !(key->flags & CONF_LIST) && after.length == strlen(key->initial) + 1 &&
	    !strncmp(buf_text(&after), key->initial, strlen(key->initial)))
		buf_cut(&after, 0);
	if (strcmp(buf_text(&before), buf_text(&after)) != 0) {
		if (object && conf_schema_says(object, key->name))
			add(edits, CONF_EDIT_REMOVE, key->name, NULL);
		for (size_t i = 0; after.length && i < section->count; i++)
			if (!strcmp(section->lines[i].key, key->name))
				add(edits, CONF_EDIT_ADD, key->name, section->lines[i].value);
	}
	buf_done(&before);
	buf_done(&after);
}

static bool is_among(const char *const *names, const char *name)
{
	while (*names && strcmp(*names, name) != 0)
		names++;
	return *names;
}

void object_define(struct server_call *call, const struct xml_section *section,
    const char *const *known, object_then then)
{
	const struct conf_section_type *type = conf_schema_section(call->kind->section);
	const struct conf_object *object = any_named(call, section->name);
	struct edits *edits = calloc(1, sizeof(*edits));

	if (!edits) {
		call_fail_errno(call, -ENOMEM, NULL);
		return;
	}
	edits->section = call->kind->section;
	edits->name = section->name;
	/* A built-in one has no lines to keep. */
	if (object && !object->section)
		object = NULL;
	add(edits, CONF_EDIT_ADD_SECTION, NULL, NULL);
	for (const struct conf_key *key = type->keys; key->name; key++)
		if (is_among(known, key->name))
			change_key(edits, section, object, key);
	make(call, edits, NULL, OBJECT_DEFINED, true, then);
	free(edits);
}

/* A guest of the file cannot do without what it names. False with the call failed. */
static bool is_unused(struct server_call *call, const struct conf_object *object)
{
	const struct conf_guest *guest = call->core->ops->model(call->core->driver)->guests;

	while (guest && !call->kind->used_by(guest, object->name))
		guest = guest->next;
	if (guest)
		call_fail(call, RPC_ERR_OPERATION_INVALID, call->kind->from,
		    "Requested operation is not valid: %s '%s' is used by guest '%s': take it out of the guest's definition first (virsh edit %s)",
		    call->kind->section, object->name, guest->name, guest->name);
	return !guest;
}

void object_undefine(struct server_call *call, const struct conf_object *object,
    const char *off_key, const char *off_value)
{
	struct edits *edits;

	if (!is_unused(call, object))
		return;
	edits = calloc(1, sizeof(*edits));
	if (!edits) {
		call_fail_errno(call, -ENOMEM, NULL);
		return;
	}
	edits->section = call->kind->section;
	edits->name = object->name;
	add(edits, CONF_EDIT_ADD_SECTION, NULL, NULL);
	add(edits, CONF_EDIT_REMOVE_SECTION, NULL, NULL);
	if (!strcmp(object->name, "default"))
		add(edits, CONF_EDIT_ADD, off_key, off_value);
	make(call, edits, object, OBJECT_UNDEFINED, false, NULL);
	free(edits);
}

/* Lines that say what a built-in object is. */
static void spell_out(struct server_call *call, const struct conf_object *object,
    struct edits *edits, struct buf *lines)
{
	const struct conf_section_type *type = conf_schema_section(call->kind->section);

	for (const struct conf_key *key = type->keys; key->name; key++) {
		size_t begin = lines->length;

		conf_value_print(key, object, lines);
		if (lines->length > begin)
			add(edits, CONF_EDIT_ADD, key->name,
			    rpc_memory_copy(
				&call->memory, buf_text(lines) + begin, lines->length - begin - 1));
	}
}

void object_edit(struct server_call *call, const struct conf_object *object,
    const struct conf_edit *edits, size_t count)
{
	struct edits *all = calloc(1, sizeof(*all));
	struct buf lines = BUF_INIT;

	if (!all) {
		call_fail_errno(call, -ENOMEM, NULL);
		return;
	}
	all->section = call->kind->section;
	all->name = object->name;
	if (!object->section)
		spell_out(call, object, all, &lines);
	for (size_t i = 0; i < count; i++)
		add(all, edits[i].verb, edits[i].key, edits[i].value);
	make(call, all, NULL, -1, false, NULL);
	buf_done(&lines);
	free(all);
}

void object_set(
    struct server_call *call, const struct conf_object *object, const char *key, const char *value)
{
	const struct conf_edit edit = { CONF_EDIT_SET, NULL, NULL, key, value };

	object_edit(call, object, &edit, 1);
}
