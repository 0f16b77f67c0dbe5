/* SPDX-License-Identifier: GPL-2.0-only */
#include "conf/values.h"

#include <string.h>

#include "lib/num.h"

#define MTU_MIN 576
#define MTU_MAX 9216
#define LEASE_MIN 120
#define LEASE_MAX (365 * 86400)

static const struct conf_word *word(const struct conf_entry *entry, size_t i)
{
	return &entry->words[i];
}

/* Exactly `count` words; else the first one too many, or the key, is named. */
static bool has_words(struct conf_bind *bind, const struct conf_entry *entry, size_t count)
{
	if (entry->word_count > count) {
		conf_diag_add(bind->diags, word(entry, count)->pos,
		    "\"%s\" is one word too many for \"%s\"", word(entry, count)->text, entry->key);
		return false;
	}
	if (entry->word_count < count) {
		conf_diag_add(bind->diags, entry->pos, "\"%s\" takes %zu words", entry->key, count);
		return false;
	}
	return true;
}

static bool refuse(struct conf_bind *bind, const struct conf_word *w, const char *why)
{
	conf_diag_add(bind->diags, w->pos, "\"%s\": %s", w->text, why);
	return false;
}

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* RFC 1123 section 2.1: letters, digits and inner hyphens. */
static bool is_label(const char *text, size_t length)
{
	if (!length || length > 63 || !is_alnum(text[0]) || !is_alnum(text[length - 1]))
		return false;
	for (size_t i = 0; i < length; i++)
		if (!is_alnum(text[i]) && text[i] != '-')
			return false;
	return true;
}

static bool is_domain(const char *text)
{
	if (strlen(text) > 253)
		return false;
	for (;;) {
		size_t length = strcspn(text, ".");

		if (!is_label(text, length))
			return false;
		if (!text[length])
			return true;
		text += length + 1;
	}
}

static bool is_server(const char *text)
{
	struct netaddr address;

	return is_domain(text) || netaddr_parse(text, &address);
}

bool conf_is_interface_name(const char *text)
{
	size_t length = strlen(text);

	if (!length || length > CONF_INTERFACE_MAX || text[0] < 'a' || text[0] > 'z')
		return false;
	for (const char *c = text; *c; c++)
		if (!(*c >= 'a' && *c <= 'z') && !(*c >= '0' && *c <= '9') && *c != '-' &&
		    *c != '.')
			return false;
	return strcmp(text, "lo") != 0;
}

static bool store_word(const struct conf_entry *entry, void *field)
{
	*(const char **)field = word(entry, 0)->text;
	return true;
}

static bool append_text(struct conf_bind *bind, const char *text, struct conf_pos pos, void *field)
{
	struct conf_text **end = field;
	struct conf_text *item = arena_alloc(bind->arena, sizeof(*item));

	item->text = text;
	item->pos = pos;
	while (*end)
		end = &(*end)->next;
	*end = item;
	return true;
}

static bool append_address(
    struct conf_bind *bind, struct netaddr address, struct conf_pos pos, struct conf_address **end)
{
	struct conf_address *item = arena_alloc(bind->arena, sizeof(*item));

	item->address = address;
	item->pos = pos;
	while (*end)
		end = &(*end)->next;
	*end = item;
	return true;
}

bool conf_bind_hostname(struct conf_bind *bind, const struct conf_entry *entry, void *field)
{
	if (!has_words(bind, entry, 1))
		return false;
	if (!is_label(word(entry, 0)->text, strlen(word(entry, 0)->text)))
		return refuse(
		    bind, word(entry, 0), "a host name is 1 to 63 letters, digits and inner \"-\"");
	return store_word(entry, field);
}

bool conf_bind_domain(struct conf_bind *bind, const struct conf_entry *entry, void *field)
{
	if (!has_words(bind, entry, 1))
		return false;
	if (!is_domain(word(entry, 0)->text))
		return refuse(bind, word(entry, 0),
		    "a domain is names of letters, digits and inner \"-\", with dots");
	return store_word(entry, field);
}

bool conf_bind_interface(struct conf_bind *bind, const struct conf_entry *entry, void *field)
{
	if (!has_words(bind, entry, 1))
		return false;
	if (!conf_is_interface_name(word(entry, 0)->text))
		return refuse(bind, word(entry, 0),
		    "an interface name is a lower-case letter, then those, digits, \"-\", \".\"; 15 at most");
	return store_word(entry, field);
}

/* Names are looked up on the node; here only what could never be one is refused. */
bool conf_bind_timezone(struct conf_bind *bind, const struct conf_entry *entry, void *field)
{
	const char *text = word(entry, 0)->text;

	if (!has_words(bind, entry, 1))
		return false;
	if (strlen(text) > 63 || strstr(text, ".."))
		return refuse(
		    bind, word(entry, 0), "not a time zone; use a name like Europe/Berlin");
	for (const char *c = text; *c; c++)
		if (!is_alnum(*c) && !strchr("/_+-<>,.:", *c))
			return refuse(
			    bind, word(entry, 0), "not a time zone; use a name like Europe/Berlin");
	return store_word(entry, field);
}

/* crypt(5): $5$ and $6$, an optional rounds field, salt, hash. Weaker schemes are refused. */
bool conf_bind_password_hash(struct conf_bind *bind, const struct conf_entry *entry, void *field)
{
	const char *text = word(entry, 0)->text;

	if (!has_words(bind, entry, 1))
		return false;
	if (strlen(text) < 20 || (strncmp(text, "$5$", 3) && strncmp(text, "$6$", 3)) ||
	    strpbrk(text, ":\n")) {
		/* The text may be a password in clear: it is not repeated. */
		conf_diag_add(bind->diags, word(entry, 0)->pos,
		    "not a SHA-256 or SHA-512 hash; make one with: mkpasswd -m sha-512 (never the password "
		    "itself)");
		return false;
	}
	return store_word(entry, field);
}

/* sshd(8), AUTHORIZED_KEYS FILE FORMAT: type, base64, comment. Options before the type are not
 * taken. */
bool conf_bind_ssh_key(struct conf_bind *bind, const struct conf_entry *entry, void *field)
{
	static const char *const types[] = { "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256",
		"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "sk-ssh-ed25519@openssh.com",
		"sk-ecdsa-sha2-nistp256@openssh.com" };
	const char *line = "";
	bool known = false;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		known = known || !strcmp(types[i], word(entry, 0)->text);
	if (!known)
		return refuse(bind, word(entry, 0),
		    "not a kind of SSH key; copy the whole line of your .pub file");
	if (entry->word_count < 2 || strlen(word(entry, 1)->text) < 60 ||
	    strspn(word(entry, 1)->text,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") !=
		strlen(word(entry, 1)->text)) {
		conf_diag_add(bind->diags, word(entry, entry->word_count > 1)->pos,
		    "the key itself (AAAA...) is missing or cut; copy the whole line of your .pub file");
		return false;
	}
	for (size_t i = 0; i < entry->word_count; i++)
		line = arena_printf(
		    bind->arena, "%s%s%s", line, i ? " " : "", word(entry, i)->text);
	if (strchr(line, '\n'))
		return refuse(bind, word(entry, 0), "a key is one line");
	return append_text(bind, line, word(entry, 0)->pos, field);
}

bool conf_bind_server(struct conf_bind *bind, const struct conf_entry *entry, void *field)
{
	if (!has_words(bind, entry, 1))
		return false;
	if (!is_server(word(entry, 0)->text))
		return refuse(bind, word(entry, 0), "not a host name or an address");
	return append_text(bind, word(entry, 0)->text, word(entry, 0)->pos, field);
}

bool conf_bind_syslog(struct conf_bind *bind, const struct conf_entry *entry, void *field)
{
	const char *text = word(entry, 0)->text;
	const char *host;
	const char *colon;
	uint64_t port = 514;

	if (!has_words(bind, entry, 1))
		return false;
	if (strncmp(text, "udp://", 6))
		return refuse(bind, word(entry, 0), "use udp://HOST or udp://HOST:PORT");
	host = text + 6;
	colon = strchr(host, ':');
	if (colon) {
		if (!num_parse(colon + 1, 65535, &port) || !port)
			return refuse(bind, word(entry, 0), "the port is a number from 1 to 65535");
		host = arena_copy(bind->arena, host, (size_t)(colon - host));
	}
	if (!is_server(host))
		return refuse(
		    bind, word(entry, 0), "not a host name or an IPv4 address after udp://");
	return append_text(bind, arena_printf(bind->arena, "%s:%u", host, (unsigned int)port),
	    word(entry, 0)->pos, field);
}

/* 0000:01:00.0 */
static bool is_pci_address(const char *text)
{
	static const char shape[] = "hhhh:hh:hh.h";

	if (strlen(text) != strlen(shape))
		return false;
	for (size_t i = 0; shape[i]; i++)
		if (shape[i] == 'h' ? !strchr("0123456789abcdef", text[i]) : text[i] != shape[i])
			return false;
	return true;
}

bool conf_bind_nic(struct conf_bind *bind, const struct conf_entry *entry, void *field)
{
	struct conf_uplink *uplink = field;
	const char *text = word(entry, 0)->text;

	if (!has_words(bind, entry, 1))
		return false;
	if (!strcmp(text, "any")) {
		uplink->selector = CONF_NIC_ANY;
	} else if (!strncmp(text, "mac:", 4)) {
		if (!netaddr_parse_mac(text + 4, &uplink->mac))
			return refuse(bind, word(entry, 0),
			    "a MAC address is six pairs of hex digits: 52:54:00:aa:bb:cc");
		uplink->selector = CONF_NIC_MAC;
	} else if (!strncmp(text, "pci:", 4)) {
		if (!is_pci_address(text + 4))
			return refuse(
			    bind, word(entry, 0), "a PCI address looks like 0000:01:00.0");
		uplink->selector = CONF_NIC_PCI;
		uplink->pci = text + 4;
	} else {
		return refuse(bind, word(entry, 0),
		    "a port is named by mac:ADDRESS or pci:ADDRESS, or any; kernel names change");
	}
	return true;
}

bool conf_bind_uplink_address(struct conf_bind *bind, const struct conf_entry *entry, void *field)
{
	struct conf_uplink *uplink = field;
	const char *text = word(entry, 0)->text;
	struct netaddr address;

	if (!has_words(bind, entry, 1))
		return false;
	if (!strcmp(text, "dhcp")) {
		uplink->dhcp = true;
		return true;
	}
	if (!strcmp(text, "none"))
		return true;
	if (!netaddr_parse_prefix(text, &address))
		return refuse(bind, word(entry, 0),
		    "use dhcp, none, or an address with its prefix: 192.0.2.10/24");
	return append_address(bind, address, word(entry, 0)->pos, &uplink->addresses);
}

bool conf_bind_ipv6(struct conf_bind *bind, const struct conf_entry *entry, void *field)
{
	struct conf_uplink *uplink = field;

	if (!has_words(bind, entry, 1))
		return false;
	if (strcmp(word(entry, 0)->text, "auto") && strcmp(word(entry, 0)->text, "off"))
		return refuse(bind, word(entry, 0), "use auto or off");
	uplink->ipv6 = !strcmp(word(entry, 0)->text, "auto");
	return true;
}

bool conf_bind_mode(struct conf_bind *bind, const struct conf_entry *entry, void *field)
{
	static const char *const modes[] = { "nat", "routed", "isolated", "bridge", "off" };
	struct conf_network *network = field;

	if (!has_words(bind, entry, 1))
		return false;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (!strcmp(modes[i], word(entry, 0)->text)) {
			network->mode = (enum conf_mode)i;
			return true;
		}
	}
	return refuse(bind, word(entry, 0), "use nat, routed, isolated, bridge or off");
}

bool conf_bind_network_address(struct conf_bind *bind, const struct conf_entry *entry, void *field)
{
	struct conf_network *network = field;
	struct netaddr address;
	struct netaddr base;
	struct netaddr last;

	network->address_pos = word(entry, 0)->pos;
	if (!has_words(bind, entry, 1))
		return false;
	if (!netaddr_parse_prefix(word(entry, 0)->text, &address) || address.family != 4 ||
	    address.prefix < 8 || address.prefix > 30)
		return refuse(bind, word(entry, 0),
		    "use an IPv4 address with a prefix of 8 to 30: 192.168.100.1/24");
	base = netaddr_network(&address);
	last = netaddr_broadcast(&address);
	if (netaddr_equal(&base, &address) || netaddr_equal(&last, &address))
		return refuse(bind, word(entry, 0),
		    "this is the network's own or its broadcast address; use one between");
	network->address = address;
	return true;
}

bool conf_bind_dhcp_range(struct conf_bind *bind, const struct conf_entry *entry, void *field)
{
	struct conf_network *network = field;
	const char *text = word(entry, 0)->text;
	const char *dash = strchr(text, '-');
	struct netaddr first;
	struct netaddr last;

	if (!has_words(bind, entry, 1))
		return false;
	if (!dash || !netaddr_parse(arena_copy(bind->arena, text, (size_t)(dash - text)), &first) ||
	    !netaddr_parse(dash + 1, &last) || first.family != 4 || last.family != 4)
		return refuse(
		    bind, word(entry, 0), "use FIRST-LAST: 192.168.100.100-192.168.100.199");
	if (netaddr_compare(&first, &last) > 0)
		return refuse(bind, word(entry, 0), "the first address comes after the last");
	network->dhcp_first = first;
	network->dhcp_last = last;
	network->dhcp_pos = word(entry, 0)->pos;
	return true;
}

bool conf_bind_network_uplink(struct conf_bind *bind, const struct conf_entry *entry, void *field)
{
	struct conf_network *network = field;

	if (!has_words(bind, entry, 1))
		return false;
	network->uplink_name = word(entry, 0)->text;
	network->uplink_pos = word(entry, 0)->pos;
	return true;
}

bool conf_bind_address(struct conf_bind *bind, const struct conf_entry *entry, void *field)
{
	struct netaddr address;

	if (!has_words(bind, entry, 1))
		return false;
	if (!netaddr_parse(word(entry, 0)->text, &address))
		return refuse(bind, word(entry, 0), "not an IPv4 or IPv6 address");
	return append_address(bind, address, word(entry, 0)->pos, field);
}

bool conf_bind_host(struct conf_bind *bind, const struct conf_entry *entry, void *field)
{
	struct conf_host **end = field;
	struct conf_host host = { .pos = entry->pos };
	struct conf_host *item;

	if (entry->word_count < 2 || entry->word_count > 3) {
		conf_diag_add(bind->diags, entry->pos, "\"host\" takes MAC ADDRESS [NAME]");
		return false;
	}
	if (!netaddr_parse_mac(word(entry, 0)->text, &host.mac) || host.mac.bytes[0] & 1)
		return refuse(
		    bind, word(entry, 0), "not a MAC address of one machine: 52:54:00:11:22:33");
	if (!netaddr_parse(word(entry, 1)->text, &host.address) || host.address.family != 4)
		return refuse(bind, word(entry, 1), "not an IPv4 address");
	if (entry->word_count == 3) {
		host.name = word(entry, 2)->text;
		if (!is_label(host.name, strlen(host.name)))
			return refuse(bind, word(entry, 2),
			    "a host name is 1 to 63 letters, digits and inner \"-\"");
	}
	item = arena_alloc(bind->arena, sizeof(*item));
	*item = host;
	item->pos = word(entry, 0)->pos;
	while (*end)
		end = &(*end)->next;
	*end = item;
	return true;
}

bool conf_bind_forward(struct conf_bind *bind, const struct conf_entry *entry, void *field)
{
	struct conf_forward **end = field;
	struct conf_forward forward = { 0 };
	struct conf_forward *item;
	const char *colon;

	if (!has_words(bind, entry, 3))
		return false;
	forward.protocol = word(entry, 0)->text;
	forward.pos = word(entry, 0)->pos;
	if (strcmp(forward.protocol, "tcp") && strcmp(forward.protocol, "udp"))
		return refuse(bind, word(entry, 0), "use tcp or udp");
	if (!num_parse(word(entry, 1)->text, 65535, &forward.port) || !forward.port)
		return refuse(bind, word(entry, 1), "a port is a number from 1 to 65535");
	colon = strchr(word(entry, 2)->text, ':');
	if (!colon || !num_parse(colon + 1, 65535, &forward.target_port) || !forward.target_port)
		return refuse(bind, word(entry, 2), "use HOST:PORT, with a host of this network");
	forward.target = arena_copy(
	    bind->arena, word(entry, 2)->text, (size_t)(colon - word(entry, 2)->text));
	item = arena_alloc(bind->arena, sizeof(*item));
	*item = forward;
	while (*end)
		end = &(*end)->next;
	*end = item;
	return true;
}

bool conf_bind_mtu(struct conf_bind *bind, const struct conf_entry *entry, void *field)
{
	uint64_t mtu;

	if (!has_words(bind, entry, 1))
		return false;
	if (!num_parse(word(entry, 0)->text, MTU_MAX, &mtu) || mtu < MTU_MIN)
		return refuse(bind, word(entry, 0), "an MTU is a number from 576 to 9216");
	*(uint64_t *)field = mtu;
	return true;
}

bool conf_bind_lease(struct conf_bind *bind, const struct conf_entry *entry, void *field)
{
	uint64_t seconds;

	if (!has_words(bind, entry, 1))
		return false;
	if (!num_parse_duration(word(entry, 0)->text, LEASE_MAX, &seconds) || seconds < LEASE_MIN)
		return refuse(
		    bind, word(entry, 0), "use a duration with its unit, 2m to 365d: 12h");
	*(uint64_t *)field = seconds;
	return true;
}
