/* SPDX-License-Identifier: GPL-2.0-only */
#include "conf/types.h"

#include <inttypes.h>
#include <string.h>

#include "conf/model.h"
#include "lib/num.h"

bool conf_is_interface_name(const char *text)
{
	size_t length = strlen(text);

	if (!length || length > CONF_INTERFACE_MAX || text[0] < 'a' || text[0] > 'z')
		return false;
	for (const char *c = text; *c; c++)
		if (!(*c >= 'a' && *c <= 'z') && !(*c >= '0' && *c <= '9') && *c != '-' &&
		    *c != '.')
			return false;
	return strcmp(text, "lo") && strcmp(text, "all");
}

static void address_print(const struct conf_key *key, const void *field, struct buf *buf)
{
	const struct netaddr *address = field;
	char text[NETADDR_TEXT];

	(void)key;
	if (address->family)
		buf_puts(buf, netaddr_text(address, text));
}

static void prefix_print(const struct conf_key *key, const void *field, struct buf *buf)
{
	const struct netaddr *address = field;
	char text[NETADDR_TEXT];

	(void)key;
	if (address->family)
		buf_puts(buf, netaddr_prefix_text(address, text));
}

static bool address_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);

	(void)key;
	if (!word)
		return false;
	if (!netaddr_parse(word->text, field))
		return conf_value_refuse(bind, word, "not an IPv4 or IPv6 address");
	return true;
}

const struct conf_type conf_type_address = { "address", sizeof(struct netaddr), address_parse,
	address_print };

static bool address4_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);
	struct netaddr address;

	(void)key;
	if (!word)
		return false;
	if (!netaddr_parse(word->text, &address) || address.family != 4)
		return conf_value_refuse(bind, word, "not an IPv4 address");
	*(struct netaddr *)field = address;
	return true;
}

const struct conf_type conf_type_address4 = { "IPv4 address", sizeof(struct netaddr),
	address4_parse, address_print };

static bool subnet_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);
	struct netaddr address;
	struct netaddr base;
	char text[NETADDR_TEXT];

	(void)key;
	if (!word)
		return false;
	if (!netaddr_parse_prefix(word->text, &address) && !netaddr_parse(word->text, &address))
		return conf_value_refuse(
		    bind, word, "not a network with its prefix: 198.51.100.0/24");
	base = netaddr_network(&address);
	if (!netaddr_equal(&base, &address))
		return conf_value_refuse(bind, word,
		    "has bits set behind its prefix; the network is %s",
		    netaddr_prefix_text(&base, text));
	*(struct netaddr *)field = address;
	return true;
}

const struct conf_type conf_type_subnet = { "ADDRESS/PREFIX of a network", sizeof(struct netaddr),
	subnet_parse, prefix_print };

static bool mac_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	static const struct netaddr_mac zero;
	const struct conf_word *word = conf_value_single(bind, entry);
	struct netaddr_mac mac;

	(void)key;
	if (!word)
		return false;
	if (!netaddr_parse_mac(word->text, &mac))
		return conf_value_refuse(
		    bind, word, "a MAC address is six pairs of hex digits: 52:54:00:11:22:33");
	if (mac.bytes[0] & 1 || !memcmp(&mac, &zero, sizeof(mac)))
		return conf_value_refuse(
		    bind, word, "not a MAC address of one machine: 52:54:00:11:22:33");
	*(struct netaddr_mac *)field = mac;
	return true;
}

static void mac_print(const struct conf_key *key, const void *field, struct buf *buf)
{
	static const struct netaddr_mac zero;
	char text[NETADDR_TEXT];

	(void)key;
	if (memcmp(field, &zero, sizeof(zero)))
		buf_puts(buf, netaddr_mac_text(field, text));
}

const struct conf_type conf_type_mac = { "MAC address", sizeof(struct netaddr_mac), mac_parse,
	mac_print };

static bool ports_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);
	const char *dash;
	uint64_t first = 0;
	uint64_t last = 0;

	(void)key;
	if (!word)
		return false;
	dash = strchr(word->text, '-');
	if (!dash) {
		if (num_parse(word->text, 65535, &first))
			last = first;
	} else if (!num_parse(arena_copy(bind->arena, word->text, (size_t)(dash - word->text)),
		       65535, &first) ||
		   !num_parse(dash + 1, 65535, &last)) {
		first = 0;
	}
	if (!first || last < first)
		return conf_value_refuse(
		    bind, word, "a port is a number from 1 to 65535, or two with \"-\" between");
	return conf_type_store(word->text, field);
}

const struct conf_type conf_type_ports = { "PORT or PORT-PORT", sizeof(char *), ports_parse,
	conf_type_print_text };

static bool interface_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);

	(void)key;
	if (!word)
		return false;
	if (!conf_is_interface_name(word->text))
		return conf_value_refuse(bind, word,
		    "an interface name is a lower-case letter, then those, digits, \"-\", \".\"; 15 at most");
	return conf_type_store(word->text, field);
}

const struct conf_type conf_type_interface = { "name", sizeof(char *), interface_parse,
	conf_type_print_text };

static bool endpoint_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);
	struct conf_endpoint *endpoint = field;
	const char *colon;
	uint64_t port;

	(void)key;
	if (!word)
		return false;
	colon = strrchr(word->text, ':');
	if (!colon || colon == word->text || !num_parse(colon + 1, 65535, &port) || !port)
		return conf_value_refuse(bind, word, "use HOST:PORT, with a host of this network");
	endpoint->host = arena_copy(bind->arena, word->text, (size_t)(colon - word->text));
	endpoint->port = port;
	return true;
}

static void endpoint_print(const struct conf_key *key, const void *field, struct buf *buf)
{
	const struct conf_endpoint *endpoint = field;
	struct buf text = BUF_INIT;

	(void)key;
	if (!endpoint->host)
		return;
	buf_printf(&text, "%s:%" PRIu64, endpoint->host, endpoint->port);
	conf_value_print_word(buf_text(&text), buf);
	buf_done(&text);
}

const struct conf_type conf_type_endpoint = { "HOST:PORT", sizeof(struct conf_endpoint),
	endpoint_parse, endpoint_print };

static bool own4_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);
	struct netaddr address;
	struct netaddr base;
	struct netaddr last;

	(void)key;
	if (!word)
		return false;
	if (!netaddr_parse_prefix(word->text, &address) || address.family != 4 ||
	    address.prefix < 8 || address.prefix > 30)
		return conf_value_refuse(
		    bind, word, "use an IPv4 address with a prefix of 8 to 30: 192.168.100.1/24");
	base = netaddr_network(&address);
	last = netaddr_broadcast(&address);
	if (netaddr_equal(&base, &address) || netaddr_equal(&last, &address))
		return conf_value_refuse(bind, word,
		    "this is the network's own or its broadcast address; use one between");
	*(struct netaddr *)field = address;
	return true;
}

const struct conf_type conf_type_own4 = { "ADDRESS/PREFIX", sizeof(struct netaddr), own4_parse,
	prefix_print };

static bool selector_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);
	struct conf_selector *selector = field;

	(void)key;
	if (!word)
		return false;
	if (!strcmp(word->text, "any")) {
		selector->kind = CONF_NIC_ANY;
	} else if (!strncmp(word->text, "mac:", 4)) {
		if (!netaddr_parse_mac(word->text + 4, &selector->mac))
			return conf_value_refuse(bind, word,
			    "a MAC address is six pairs of hex digits: mac:52:54:00:aa:bb:cc");
		selector->kind = CONF_NIC_MAC;
	} else if (!strncmp(word->text, "pci:", 4)) {
		if (!conf_has_shape(word->text + 4, CONF_PCI_SHAPE))
			return conf_value_refuse(
			    bind, word, "a PCI address looks like pci:0000:01:00.0");
		selector->kind = CONF_NIC_PCI;
		selector->pci = word->text + 4;
	} else {
		return conf_value_refuse(bind, word,
		    "a port is named by mac:ADDRESS or pci:ADDRESS, or any; kernel names change");
	}
	return true;
}

static void selector_print(const struct conf_key *key, const void *field, struct buf *buf)
{
	const struct conf_selector *selector = field;
	char text[NETADDR_TEXT];

	(void)key;
	if (selector->kind == CONF_NIC_ANY)
		buf_puts(buf, "any");
	else if (selector->kind == CONF_NIC_MAC)
		buf_printf(buf, "mac:%s", netaddr_mac_text(&selector->mac, text));
	else if (selector->kind == CONF_NIC_PCI)
		buf_printf(buf, "pci:%s", selector->pci);
}

const struct conf_type conf_type_selector = { "mac:ADDRESS, pci:ADDRESS or any", 0, selector_parse,
	selector_print };

static bool uplink_address_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);
	struct conf_uplink_address *own = field;

	(void)key;
	if (!word)
		return false;
	if (!strcmp(word->text, "dhcp"))
		own->how = CONF_HOW_DHCP;
	else if (!strcmp(word->text, "none"))
		own->how = CONF_HOW_NONE;
	else if (netaddr_parse_prefix(word->text, &own->address) && own->address.prefix)
		own->how = CONF_HOW_STATIC;
	else
		return conf_value_refuse(
		    bind, word, "use dhcp, none, or an address with its prefix: 192.0.2.10/24");
	return true;
}

static void uplink_address_print(const struct conf_key *key, const void *field, struct buf *buf)
{
	const struct conf_uplink_address *own = field;

	if (own->how == CONF_HOW_STATIC)
		prefix_print(key, &own->address, buf);
	else
		buf_puts(buf, own->how == CONF_HOW_DHCP ? "dhcp" : "none");
}

const struct conf_type conf_type_uplink_address = { "dhcp, none or ADDRESS/PREFIX", 0,
	uplink_address_parse, uplink_address_print };

static bool network_prefix_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);
	struct conf_network_prefix prefix = { .how = CONF_NET6_GIVEN };

	(void)key;
	if (!word)
		return false;
	prefix.pos = word->pos;
	if (!strcmp(word->text, "off"))
		prefix.how = CONF_NET6_OFF;
	else if (!strcmp(word->text, "ula"))
		prefix.how = CONF_NET6_ULA;
	else if (!netaddr_parse_prefix(word->text, &prefix.address) || prefix.address.family != 6 ||
		 prefix.address.prefix < 64 || prefix.address.prefix > 120)
		return conf_value_refuse(bind, word,
		    "use off, ula, or the node's IPv6 address with a prefix of 64 to 120: "
		    "2001:db8:1::1/64");
	*(struct conf_network_prefix *)field = prefix;
	return true;
}

static void network_prefix_print(const struct conf_key *key, const void *field, struct buf *buf)
{
	const struct conf_network_prefix *prefix = field;

	if (prefix->how == CONF_NET6_GIVEN)
		prefix_print(key, &prefix->address, buf);
	else
		buf_puts(buf, prefix->how == CONF_NET6_ULA ? "ula" : "off");
}

const struct conf_type conf_type_network_prefix = { "off, ula or ADDRESS/PREFIX", 0,
	network_prefix_parse, network_prefix_print };

static bool parse_range(struct conf_bind *bind, const struct conf_entry *entry, uint8_t family,
    const char *example, struct conf_range *range)
{
	const struct conf_word *word = conf_value_single(bind, entry);
	const char *dash;

	if (!word)
		return false;
	dash = strchr(word->text, '-');
	if (!dash ||
	    !netaddr_parse(
		arena_copy(bind->arena, word->text, (size_t)(dash - word->text)), &range->first) ||
	    !netaddr_parse(dash + 1, &range->last) || range->first.family != family ||
	    range->last.family != family)
		return conf_value_refuse(bind, word, "use FIRST-LAST: %s", example);
	if (netaddr_compare(&range->first, &range->last) > 0)
		return conf_value_refuse(bind, word, "the first address comes after the last");
	return true;
}

static void range_print(const struct conf_key *key, const void *field, struct buf *buf)
{
	const struct conf_range *range = field;

	if (!range->first.family)
		return;
	address_print(key, &range->first, buf);
	buf_puts(buf, "-");
	address_print(key, &range->last, buf);
}

static bool range4_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	(void)key;
	return parse_range(bind, entry, 4, "192.168.100.100-192.168.100.199", field);
}

const struct conf_type conf_type_range4 = { "FIRST-LAST", 0, range4_parse, range_print };

static bool range6_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	(void)key;
	return parse_range(bind, entry, 6, "2001:db8:1::100-2001:db8:1::1ff", field);
}

const struct conf_type conf_type_range6 = { "FIRST-LAST", 0, range6_parse, range_print };

/* RFC 2132, and what is in common use of later ones; anything else by its number. */
static const struct {
	const char *name;
	uint64_t number;
} dhcp_options[] = {
	{ "router", 3 },
	{ "dns-server", 6 },
	{ "log-server", 7 },
	{ "domain-name", 15 },
	{ "mtu", 26 },
	{ "static-route", 33 },
	{ "ntp-server", 42 },
	{ "netbios-ns", 44 },
	{ "tftp-server", 66 },
	{ "bootfile-name", 67 },
	{ "domain-search", 119 },
	{ "classless-static-route", 121 },
};

static bool dhcp_option_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);
	uint64_t number = 0;

	(void)key;
	if (!word)
		return false;
	for (size_t i = 0; i < sizeof(dhcp_options) / sizeof(dhcp_options[0]); i++)
		if (!strcmp(dhcp_options[i].name, word->text))
			number = dhcp_options[i].number;
	if (!number && (!num_parse(word->text, 254, &number) || !number))
		return conf_value_refuse(bind, word,
		    "a DHCP option is a number from 1 to 254, or a name such as ntp-server");
	*(uint64_t *)field = number;
	return true;
}

static void dhcp_option_print(const struct conf_key *key, const void *field, struct buf *buf)
{
	uint64_t number = *(const uint64_t *)field;

	(void)key;
	for (size_t i = 0; i < sizeof(dhcp_options) / sizeof(dhcp_options[0]); i++) {
		if (dhcp_options[i].number == number) {
			buf_puts(buf, dhcp_options[i].name);
			return;
		}
	}
	if (number)
		buf_printf(buf, "%" PRIu64, number);
}

const struct conf_type conf_type_dhcp_option = { "number or name", sizeof(uint64_t),
	dhcp_option_parse, dhcp_option_print };

/* Goes into a line of dnsmasq's configuration: no quotes, no backslashes, no control characters. */
static bool dhcp_value_parse(
    struct conf_bind *bind, const struct conf_entry *entry, const struct conf_key *key, void *field)
{
	const struct conf_word *word = conf_value_single(bind, entry);

	(void)key;
	if (!word)
		return false;
	if (!*word->text || strlen(word->text) > 255)
		return conf_value_refuse(bind, word, "an option's value has 1 to 255 characters");
	for (const char *c = word->text; *c; c++)
		if ((unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f || strchr("\"\\#", *c))
			return conf_value_refuse(bind, word,
			    "an option's value is plain ASCII without quotes, \"\\\" and \"#\"");
	return conf_type_store(word->text, field);
}

const struct conf_type conf_type_dhcp_value = { "value", sizeof(char *), dhcp_value_parse,
	conf_type_print_text };
