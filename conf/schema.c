/* SPDX-License-Identifier: GPL-2.0-only */
#include "conf/schema.h"

#include <string.h>

#include "conf/values.h"

#define FIELD(type, field) offsetof(struct type, field)
#define WHOLE 0
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct conf_key node_keys[] = {
	{ "hostname", conf_bind_hostname, FIELD(conf_node, hostname), false,
	    "host name, 1 to 63 letters, digits, \"-\"", "berth", CONF_COST_LIVE, "node1" },
	{ "admin-key", conf_bind_ssh_key, FIELD(conf_node, admin_keys), true,
	    "SSH public key, as in authorized_keys", "none: no login over SSH", CONF_COST_LIVE,
	    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA0Qk1rPQ0yFZqL2M4eV1jM7wq9Qm8mK3v2n5x7y9z1b admin@desk" },
	{ "console-password", conf_bind_password_hash, FIELD(conf_node, console_password), false,
	    "crypt(3) hash, SHA-256 or SHA-512 ($5$, $6$)", "none: no login on the console",
	    CONF_COST_LIVE, "$5$berthberth$8Y2Qm5h3rJ0vQm5J1mUe7p2G6mS5uT8Yq1xC0wZ4aB3" },
	{ "timezone", conf_bind_timezone, FIELD(conf_node, timezone), false,
	    "time zone name (tz database) or POSIX TZ string", "UTC", CONF_COST_LIVE,
	    "Europe/Berlin" },
	{ "ntp", conf_bind_server, FIELD(conf_node, ntp), true, "host name or address", "none",
	    CONF_COST_SERVICE, "192.0.2.1" },
	{ "syslog", conf_bind_syslog, FIELD(conf_node, syslog), true,
	    "udp://HOST or udp://HOST:PORT", "none: the log stays in memory", CONF_COST_SERVICE,
	    "udp://192.0.2.5:514" },
};

static const struct conf_key uplink_keys[] = {
	{ "nic", conf_bind_nic, WHOLE, false, "mac:ADDRESS, pci:DOMAIN:BUS:DEVICE.FUNCTION, or any",
	    "required", CONF_COST_NETWORK, "mac:52:54:00:aa:bb:cc" },
	{ "address", conf_bind_uplink_address, WHOLE, true, "dhcp, none, or ADDRESS/PREFIX", "dhcp",
	    CONF_COST_NETWORK, "192.0.2.10/24" },
	{ "gateway", conf_bind_address, FIELD(conf_uplink, gateways), true,
	    "address within a static address's network", "none", CONF_COST_NETWORK, "192.0.2.1" },
	{ "dns", conf_bind_address, FIELD(conf_uplink, dns), true, "address of a name server",
	    "what DHCP gives", CONF_COST_LIVE, "192.0.2.53" },
	{ "mtu", conf_bind_mtu, FIELD(conf_uplink, mtu), false, "bytes, 576 to 9216",
	    "the driver's", CONF_COST_NETWORK, "9000" },
	{ "ipv6", conf_bind_ipv6, WHOLE, false, "auto (router advertisements) or off", "auto",
	    CONF_COST_NETWORK, "off" },
};

static const struct conf_key network_keys[] = {
	{ "mode", conf_bind_mode, WHOLE, false, "nat, routed, isolated, bridge or off", "nat",
	    CONF_COST_NETWORK, "isolated" },
	{ "bridge", conf_bind_interface, FIELD(conf_network, bridge), false,
	    "interface name, 15 characters at most", "virbr0 for \"default\", else br-NAME",
	    CONF_COST_NETWORK, "br-lab" },
	{ "address", conf_bind_network_address, WHOLE, false,
	    "the node's own IPv4 ADDRESS/PREFIX, prefix 8 to 30", "required with nat and routed",
	    CONF_COST_NETWORK, "192.168.100.1/24" },
	{ "dhcp", conf_bind_dhcp_range, WHOLE, false, "FIRST-LAST, addresses of the network",
	    "none: no DHCP", CONF_COST_SERVICE, "192.168.100.100-192.168.100.199" },
	{ "lease", conf_bind_lease, FIELD(conf_network, lease), false,
	    "duration with unit s, m, h or d, 2m to 365d", "1h", CONF_COST_SERVICE, "12h" },
	{ "host", conf_bind_host, FIELD(conf_network, hosts), true, "MAC ADDRESS [NAME]", "none",
	    CONF_COST_SERVICE, "52:54:00:11:22:33 192.168.100.10 web" },
	{ "domain", conf_bind_domain, FIELD(conf_network, domain), false, "domain name", "none",
	    CONF_COST_SERVICE, "lab.example" },
	{ "forward", conf_bind_forward, FIELD(conf_network, forwards), true,
	    "tcp|udp PORT HOST:PORT (mode nat)", "none", CONF_COST_LIVE, "tcp 8080 web:80" },
	{ "uplink", conf_bind_network_uplink, WHOLE, false, "name of an uplink (mode bridge)",
	    "required with bridge", CONF_COST_NETWORK, "lan" },
};

const struct conf_section_type conf_section_types[] = {
	[CONF_SECTION_NODE] = { "node", false, sizeof(struct conf_node), node_keys,
	    COUNT(node_keys) },
	[CONF_SECTION_UPLINK] = { "uplink", true, sizeof(struct conf_uplink), uplink_keys,
	    COUNT(uplink_keys) },
	[CONF_SECTION_NETWORK] = { "network", true, sizeof(struct conf_network), network_keys,
	    COUNT(network_keys) },
};

const size_t conf_section_type_count = COUNT(conf_section_types);

const char *conf_cost_text(enum conf_cost cost)
{
	static const char *const texts[] = { "nothing", "restart of a service",
		"restart of the network" };

	return texts[cost];
}

#define WORD_MAX 32

/* Levenshtein's distance, and a swap of neighbours as one edit; WORD_MAX for words too long to be
 * ours. */
static size_t distance(const char *a, const char *b)
{
	size_t rows[3][WORD_MAX + 1];
	size_t *two_ago = rows[0];
	size_t *last = rows[1];
	size_t *row = rows[2];
	size_t a_length = strlen(a);
	size_t b_length = strlen(b);

	if (a_length > WORD_MAX || b_length > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= b_length; j++) {
		last[j] = j;
		two_ago[j] = j;
	}
	for (size_t i = 1; i <= a_length; i++) {
		size_t *spare = two_ago;

		row[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);

			if (last[j] + 1 < best)
				best = last[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    two_ago[j - 2] + 1 < best)
				best = two_ago[j - 2] + 1;
			row[j] = best;
		}
		two_ago = last;
		last = row;
		row = spare;
	}
	return last[b_length];
}

const char *conf_nearest(const char *word, const char *(*candidate)(const void *list, size_t i),
    const void *list, size_t count)
{
	size_t best = strlen(word) / 3 + 1;
	const char *nearest = NULL;

	for (size_t i = 0; i < count; i++) {
		size_t edits = distance(word, candidate(list, i));

		if (edits <= best && edits < strlen(word)) {
			nearest = candidate(list, i);
			best = edits ? edits - 1 : 0;
		}
	}
	return nearest;
}
