/* SPDX-License-Identifier: GPL-2.0-only */
#include "conf/types.h"

#include <string.h>

#include "lib/netaddr.h"
#include "lib/num.h"

/* What a module can be called. */
#define DRIVER_MAX 55

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool conf_is_label(const char *text, size_t length)
{
	if (!length || length > 63 || !is_alnum(text[0]) || !is_alnum(text[length - 1]))
		return false;
	for (size_t i = 0; i < length; i++)
		if (!is_alnum(text[i]) && text[i] != '-')
			return false;
	return true;
}

bool conf_is_domain(const char *text)
{
	if (strlen(text) > 253)
		return false;
	for (;;) {
		size_t length = strcspn(text, ".");

		if (!conf_is_label(text, length))
			return false;
		if (!text[length])
			return true;
		text += length + 1;
	}
}

static bool is_server(const char *text)
{
	struct netaddr address;

	return conf_is_domain(text) || netaddr_parse(text, &address);
}

static bool hostname_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);

	(void)key;
	if (!word)
		return false;
	if (!conf_is_label(word->text, strlen(word->text)))
		return conf_value_refuse(
		    bind, word, "a host name is 1 to 63 letters, digits and inner \"-\"");
	return conf_type_store(word->text, field);
}

const struct conf_type conf_type_hostname = { "host name", sizeof(char *), hostname_parse,
	conf_type_print_text };

static bool domain_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);

	(void)key;
	if (!word)
		return false;
	if (!conf_is_domain(word->text))
		return conf_value_refuse(
		    bind, word, "a domain is names of letters, digits and inner \"-\", with dots");
	return conf_type_store(word->text, field);
}

const struct conf_type conf_type_domain = { "domain", sizeof(char *), domain_parse,
	conf_type_print_text };

/* Names are looked up on the node; here only what could never be one is refused. */
static bool timezone_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);
	bool good;

	(void)key;
	if (!word)
		return false;
	good = *word->text && strlen(word->text) <= 63 && !strstr(word->text, "..");
	for (const char *c = word->text; *c; c++)
		good = good && (is_alnum(*c) || strchr("/_+-<>,.:", *c));
	if (!good)
		return conf_value_refuse(
		    bind, word, "not a time zone; use a name like Europe/Berlin");
	return conf_type_store(word->text, field);
}

const struct conf_type conf_type_timezone = { "time zone", sizeof(char *), timezone_parse,
	conf_type_print_text };

/* crypt(5): $5$ and $6$, an optional rounds field, salt, hash. Weaker schemes are refused. */
static bool password_hash_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./$=";
	const char *text = entry->words[0].text;

	(void)key;
	if (entry->word_count > 1 || strlen(text) < 20 || strlen(text) > 200 ||
	    (strncmp(text, "$5$", 3) && strncmp(text, "$6$", 3)) ||
	    strspn(text, digits) != strlen(text)) {
		/* The text may be a password in clear: it is not repeated. */
		conf_diag_add(bind->diags, entry->words[0].pos,
		    "not a SHA-256 or SHA-512 hash; make one with: openssl passwd -6 (never the "
		    "password itself)");
		return false;
	}
	return conf_type_store(text, field);
}

const struct conf_type conf_type_password_hash = { "password hash", sizeof(char *),
	password_hash_parse, conf_type_print_text };

static bool is_key_type(const char *text)
{
	static const char *const types[] = { "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256",
		"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "sk-ssh-ed25519@openssh.com",
		"sk-ecdsa-sha2-nistp256@openssh.com" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(types[i], text))
			return true;
	return false;
}

/* sshd(8), AUTHORIZED_KEYS FILE FORMAT: type, base64, comment. Options before the type are not
 * taken. */
static bool ssh_key_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
	const struct conf_word *type = &entry->words[0];
	struct conf_word *words;
	const struct conf_word *blob;
	struct conf_entry split = *entry;

	/* The whole line may stand in quotes: a program wrote it so. */
	if (entry->word_count == 1 && strchr(type->text, ' ')) {
		const char *at = type->text;

		words = arena_alloc(bind->arena, 3 * sizeof(*words));
		for (split.word_count = 0; *at && split.word_count < 3; at += *at == ' ') {
			size_t length = split.word_count < 2 ? strcspn(at, " ") : strlen(at);

			words[split.word_count].text = arena_copy(bind->arena, at, length);
			words[split.word_count++].pos = type->pos;
			at += length;
		}
		split.words = words;
	}
	type = &split.words[0];
	blob = &split.words[split.word_count > 1];
	if (!is_key_type(type->text))
		return conf_value_refuse(
		    bind, type, "not a kind of SSH key; copy the whole line of your .pub file");
	if (split.word_count < 2 || strlen(blob->text) < 60 ||
	    strspn(blob->text, digits) != strlen(blob->text)) {
		conf_diag_add(bind->diags, blob->pos,
		    "the key itself (AAAA...) is missing or cut; copy the whole line of your .pub "
		    "file");
		return false;
	}
	return conf_type_text.parse(bind, &split, key, field);
}

/* As it stands in the .pub file, where that needs no quotes. */
static void ssh_key_print(const struct conf_key *key, const void *field, struct buf *buf)
{
	const char *text = *(const char *const *)field;

	if (text && !strpbrk(text, "#;\"\\") && !strstr(text, "  ") &&
	    text[strlen(text) - 1] != ' ')
		buf_puts(buf, text);
	else
		conf_type_print_text(key, field, buf);
}

const struct conf_type conf_type_ssh_key = { "SSH public key", sizeof(char *), ssh_key_parse,
	ssh_key_print };

/* What stands between the first and the last line of a PEM file, on one line: a
 * SubjectPublicKeyInfo (RFC 5280 section 4.1), which is a SEQUENCE of more than 127 bytes, or of 64
 * to 127. */
static bool update_key_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const struct conf_word *word = conf_value_single(bind, entry);
	size_t length;

	(void)key;
	if (!word)
		return false;
	length = strspn(word->text, digits);
	length += strspn(word->text + length, "=");
	if (word->text[0] != 'M' || length != strlen(word->text) || length % 4 || length < 100 ||
	    length > 1000)
		return conf_value_refuse(bind, word,
		    "not a public key; openssl pkey -in KEY -pubout -outform DER | base64 -w0 prints "
		    "it");
	return conf_type_store(word->text, field);
}

const struct conf_type conf_type_update_key = { "public key", sizeof(char *), update_key_parse,
	conf_type_print_text };

static bool server_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);

	(void)key;
	if (!word)
		return false;
	if (!is_server(word->text))
		return conf_value_refuse(bind, word, "not a host name or an address");
	return conf_type_store(word->text, field);
}

const struct conf_type conf_type_server = { "host name or address", sizeof(char *), server_parse,
	conf_type_print_text };

static bool syslog_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);
	const char *host;
	const char *colon;
	uint64_t port = 514;

	(void)key;
	if (!word)
		return false;
	if (strncmp(word->text, "udp://", 6))
		return conf_value_refuse(bind, word, "use udp://HOST or udp://HOST:PORT");
	host = word->text + 6;
	colon = strchr(host, ':');
	if (colon) {
		if (!num_parse(colon + 1, 65535, &port) || !port)
			return conf_value_refuse(
			    bind, word, "the port is a number from 1 to 65535");
		host = arena_copy(bind->arena, host, (size_t)(colon - host));
	}
	if (!is_server(host))
		return conf_value_refuse(
		    bind, word, "not a host name or an IPv4 address after udp://");
	return conf_type_store(arena_printf(bind->arena, "%s:%u", host, (unsigned int)port), field);
}

static void syslog_print(const struct conf_key *key, const void *field, struct buf *buf)
{
	(void)key;
	buf_printf(buf, "udp://%s", *(const char *const *)field);
}

const struct conf_type conf_type_syslog = { "udp://HOST:PORT", sizeof(char *), syslog_parse,
	syslog_print };

/* Names of modules: letters, digits, "_" and "-". */
static bool driver_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);
	size_t length = word ? strlen(word->text) : 0;

	(void)key;
	if (!word)
		return false;
	for (size_t i = 0; i < length; i++)
		if (!is_alnum(word->text[i]) && !strchr("_-", word->text[i]))
			length = 0;
	if (!length || length > DRIVER_MAX)
		return conf_value_refuse(
		    bind, word, "use auto, off, or the name of a driver, such as iTCO_wdt");
	return conf_type_store(word->text, field);
}

const struct conf_type conf_type_driver = { "auto, off or a driver", sizeof(char *), driver_parse,
	conf_type_print_text };
