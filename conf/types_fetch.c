/* SPDX-License-Identifier: GPL-2.0-only */
/* Values that say where the configuration is fetched from. */
#include "conf/types.h"

#include <string.h>

#include "lib/url.h"

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* RFC 4648, section 4: digits, then padding to a multiple of four. */
static bool is_base64(const char *text)
{
	size_t digits = strspn(text, base64);
	size_t padding = strspn(text + digits, "=");

	return digits && !text[digits + padding] && padding < 3 && (digits + padding) % 4 == 0;
}

static bool fetch_url_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);
	const char *problem = word ? url_problem(word->text) : NULL;

	(void)key;
	if (!word)
		return false;
	if (problem)
		return conf_value_refuse(bind, word, "%s", problem);
	return conf_type_store(word->text, field);
}

const struct conf_type conf_type_fetch_url = { "URL", sizeof(char *), fetch_url_parse,
	conf_type_print_text };

/* 32 bytes are 43 digits and one "=". */
static bool public_key_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);

	(void)key;
	if (!word)
		return false;
	if (strncmp(word->text, "sha256//", 8) || strlen(word->text) != 8 + 44 ||
	    !is_base64(word->text + 8))
		return conf_value_refuse(bind, word,
		    "use sha256// and the SHA-256 of the server's public key in base64, 44 characters; berth.conf(5) "
		    "says how to get it");
	return conf_type_store(word->text, field);
}

const struct conf_type conf_type_public_key = { "sha256//BASE64", sizeof(char *), public_key_parse,
	conf_type_print_text };

/* DER of a certificate is a sequence of more than 127 bytes: 30 81 or 30 82, which is "MI". */
static bool certificate_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);

	(void)key;
	if (!word)
		return false;
	if (strncmp(word->text, "MI", 2) || !is_base64(word->text))
		return conf_value_refuse(bind, word,
		    "use what is between the BEGIN and END lines of the CA's PEM file, as one line");
	return conf_type_store(word->text, field);
}

const struct conf_type conf_type_certificate = { "certificate in base64", sizeof(char *),
	certificate_parse, conf_type_print_text };
