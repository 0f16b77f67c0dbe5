/* SPDX-License-Identifier: GPL-2.0-only */
#include "conf/types.h"

#include <string.h>

#include "lib/uuid.h"

#define PATH_TEXT_MAX 1023

/* What is wrong with a path, or NULL. A path of the node that leaves its folder is never meant. */
static const char *path_fault(const char *text)
{
	const char *at = text;

	if (!*text || strlen(text) > PATH_TEXT_MAX)
		return "a path has 1 to 1023 characters";
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return "a path has no control characters";
	while (*at) {
		size_t length = strcspn(at, "/");

		if (length == 2 && !strncmp(at, "..", 2))
			return "a path may not climb with \"..\"";
		at += length + (at[length] == '/');
	}
	return NULL;
}

static bool path_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);
	const char *fault;

	(void)key;
	if (!word)
		return false;
	fault = path_fault(word->text);
	if (fault)
		return conf_value_refuse(bind, word, "%s", fault);
	return conf_type_store(word->text, field);
}

const struct conf_type conf_type_path = { "path", sizeof(char *), path_parse,
	conf_type_print_text };

static bool config_file_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);
	const char *fault;

	(void)key;
	if (!word)
		return false;
	fault = path_fault(word->text);
	if (!fault && *word->text == '/')
		fault = "it is a path on the config partition, without \"/\" before it";
	if (fault)
		return conf_value_refuse(bind, word, "%s", fault);
	return conf_type_store(word->text, field);
}

const struct conf_type conf_type_config_file = { "path on the config partition", sizeof(char *),
	config_file_parse, conf_type_print_text };

/* Never a kernel name and never a label: the one changes, the other a guest may write. */
static bool is_disk_selector(const char *text)
{
	static const char *const kinds[] = { "serial:", "wwn:", "partuuid:", "pci:" };
	const char *rest = NULL;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strncmp(text, kinds[i], strlen(kinds[i])))
			rest = text + strlen(kinds[i]);
	if (!rest || !*rest || strlen(rest) > 127)
		return false;
	if (!strncmp(text, "pci:", 4))
		return conf_has_shape(rest, CONF_PCI_SHAPE);
	for (; *rest; rest++)
		if ((unsigned char)*rest <= 0x20 || (unsigned char)*rest >= 0x7f || *rest == '/')
			return false;
	return true;
}

static bool disk_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);

	(void)key;
	if (!word)
		return false;
	if (!is_disk_selector(word->text))
		return conf_value_refuse(bind, word,
		    "a disk is named by serial:, wwn:, partuuid: or pci:; kernel names and labels change");
	return conf_type_store(word->text, field);
}

static bool data_disk_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	if (entry->word_count == 1 && !strcmp(entry->words[0].text, CONF_DATA_MEDIUM))
		return conf_type_store(CONF_DATA_MEDIUM, field);
	return disk_parse(bind, entry, key, field);
}

const struct conf_type conf_type_data_disk = { "serial:, wwn:, partuuid:, pci: or config-medium",
	sizeof(char *), data_disk_parse, conf_type_print_text };

const struct conf_type conf_type_disk = { "serial:, wwn:, partuuid: or pci:", sizeof(char *),
	disk_parse, conf_type_print_text };

static bool source_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);
	const char *slash;
	const char *fault;

	(void)key;
	if (!word)
		return false;
	if (!strcmp(word->text, "empty") || is_disk_selector(word->text))
		return conf_type_store(word->text, field);
	slash = strchr(word->text, '/');
	if (!slash || !slash[1])
		return conf_value_refuse(bind, word,
		    "use POOL/VOLUME, an absolute path, or a disk by serial:, wwn:, partuuid: or pci:");
	fault = path_fault(word->text);
	if (!fault && !strncmp(word->text, "/dev/", 5))
		fault = "kernel names change; use serial:, wwn:, partuuid: or pci:";
	if (fault)
		return conf_value_refuse(bind, word, "%s", fault);
	return conf_type_store(word->text, field);
}

const struct conf_type conf_type_source = { "POOL/VOLUME, /PATH or a disk", sizeof(char *),
	source_parse, conf_type_print_text };

/* RFC 9562: hex digits, kept in lower case. */
static bool identity_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);
	uint8_t uuid[16];
	char text[UUID_TEXT];

	(void)key;
	if (!word)
		return false;
	if (!uuid_parse(word->text, uuid))
		return conf_value_refuse(
		    bind, word, "a UUID looks like 6f4d2b9e-1c0a-4f53-9a52-0d4c7e1b8f21");
	return conf_type_store(
	    arena_copy(bind->arena, uuid_text(uuid, text), UUID_TEXT - 1), field);
}

const struct conf_type conf_type_uuid = { "UUID", sizeof(char *), identity_parse,
	conf_type_print_text };

static bool device_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);

	(void)key;
	if (!word)
		return false;
	if (!conf_has_shape(word->text, "pci:" CONF_PCI_SHAPE) &&
	    !conf_has_shape(word->text, "usb:hhhh:hhhh"))
		return conf_value_refuse(
		    bind, word, "use pci:0000:03:00.0 or usb:VENDOR:PRODUCT, in hex digits");
	return conf_type_store(word->text, field);
}

const struct conf_type conf_type_device = { "pci:ADDRESS or usb:VENDOR:PRODUCT", sizeof(char *),
	device_parse, conf_type_print_text };

static bool boot_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	static const char *const kinds[] = { "disk", "cdrom", "network", "floppy" };
	bool seen[sizeof(kinds) / sizeof(kinds[0])] = { false };
	const char *all = "";

	(void)key;
	for (size_t i = 0; i < entry->word_count; i++) {
		const struct conf_word *word = &entry->words[i];
		size_t k = 0;

		while (k < sizeof(kinds) / sizeof(kinds[0]) && strcmp(kinds[k], word->text))
			k++;
		if (k == sizeof(kinds) / sizeof(kinds[0]))
			return conf_value_refuse(bind, word, "use disk, cdrom, network or floppy");
		if (seen[k])
			return conf_value_refuse(bind, word, "stands twice");
		seen[k] = true;
		all = arena_printf(bind->arena, "%s%s%s", all, i ? " " : "", kinds[k]);
	}
	return conf_type_store(all, field);
}

static void boot_print(const struct conf_key *key, const void *field, struct buf *buf)
{
	(void)key;
	if (*(const char *const *)field)
		buf_puts(buf, *(const char *const *)field);
}

const struct conf_type conf_type_boot = { "disk, cdrom, network, floppy in order", sizeof(char *),
	boot_parse, boot_print };

static bool feature_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);
	size_t length;

	(void)key;
	if (!word)
		return false;
	length = strlen(word->text);
	if ((word->text[0] != '+' && word->text[0] != '-') || length < 2 || length > 32 ||
	    strspn(word->text + 1, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != length - 1)
		return conf_value_refuse(bind, word, "use +NAME or -NAME: +x2apic");
	return conf_type_store(word->text, field);
}

const struct conf_type conf_type_feature = { "+NAME or -NAME", sizeof(char *), feature_parse,
	conf_type_print_text };

/* RFC 6143 section 7.2.2: a DES key made of the first eight characters; more would be an illusion.
 */
static bool vnc_password_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const char *text = entry->words[0].text;
	size_t length = strlen(text);

	(void)key;
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f)
			length = 0;
	if (!length || length > 8) {
		conf_diag_add(bind->diags, entry->words[0].pos,
		    "a VNC password has 1 to 8 ASCII characters: the protocol uses no more");
		return false;
	}
	return conf_type_store(text, field);
}

const struct conf_type conf_type_vnc_password = { "1 to 8 characters", sizeof(char *),
	vnc_password_parse, conf_type_print_text };

/* A switch with two names of its own: key->choices, the "on" one last. */
static bool link_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	unsigned int index;

	if (!conf_type_choice.parse(bind, entry, key, &index))
		return false;
	*(bool *)field = index == 1;
	return true;
}

static void link_print(const struct conf_key *key, const void *field, struct buf *buf)
{
	buf_puts(buf, key->choices[*(const bool *)field]);
}

const struct conf_type conf_type_link = { "up or down", 0, link_parse, link_print };
