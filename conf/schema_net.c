/* SPDX-License-Identifier: GPL-2.0-only */
/* The keys of [node], [uplink] and [network]. */
#include "conf/schema.h"

#include "conf/types.h"

#define AT(of, field) .offset = offsetof(struct conf_##of, field)
#define LIST_OF(of) .flags = CONF_LIST, .record_size = sizeof(struct conf_##of)
#define RECORD(of, rows)                                                                           \
	.type = &conf_type_record, .fields = rows, .record_size = sizeof(struct conf_##of)
#define WORD (CONF_POSITIONAL | CONF_REQUIRED)
#define DAY 86400u

static const char *const protocols[] = { "tcp", "udp", NULL };

static const struct conf_key allow_fields[] = {
	{ "protocol", &conf_type_choice, AT(allow, protocol), .flags = WORD, .choices = protocols },
	{ "ports", &conf_type_ports, AT(allow, ports), .flags = WORD },
	{ "from", &conf_type_subnet, AT(allow, from) },
	{ 0 },
};

static const struct conf_key metrics_fields[] = {
	{ "listen", &conf_type_endpoint, AT(metrics, listen), .flags = WORD },
	{ "from", &conf_type_subnet, AT(metrics, from) },
	{ 0 },
};

static const struct conf_key watchdog_fields[] = {
	{ "device", &conf_type_driver, AT(node_watchdog, device), .flags = WORD },
	{ "timeout", &conf_type_duration, AT(node_watchdog, timeout), .min = 10, .max = 600,
	    .initial = "60s" },
	{ 0 },
};

static const char *const data_formats[] = { "never", "if-blank", NULL };

static const struct conf_key data_fields[] = {
	{ "disk", &conf_type_data_disk, AT(data, disk), .flags = WORD },
	{ "format", &conf_type_choice, AT(data, format), .choices = data_formats,
	    .initial = "never" },
	{ "overwrite", &conf_type_bool, AT(data, overwrite), .initial = "no" },
	{ 0 },
};

static const struct conf_key fetch_fields[] = {
	{ "url", &conf_type_fetch_url, AT(fetch, url), .flags = WORD },
	{ "key", &conf_type_public_key, AT(fetch, key) },
	{ "ca", &conf_type_certificate, AT(fetch, ca) },
	{ 0 },
};

static const struct conf_key tls_fields[] = {
	{ "certificate", &conf_type_config_file, AT(tls, certificate), .flags = WORD },
	{ "key", &conf_type_config_file, AT(tls, key), .flags = CONF_REQUIRED },
	{ "ca", &conf_type_config_file, AT(tls, ca), .flags = CONF_REQUIRED },
	{ "crl", &conf_type_config_file, AT(tls, crl) },
	{ 0 },
};

static const char *const leaves[] = { "shutdown", "suspend", NULL };

const struct conf_key conf_node_keys[] = {
	{ "hostname", &conf_type_hostname, AT(node, hostname), .initial = "berth",
	    .cost = CONF_COST_LIVE, .help = "the node's name: 1 to 63 letters, digits, inner \"-\"",
	    .example = "node1" },
	{ "admin-key", &conf_type_ssh_key, AT(node, admin_keys), .flags = CONF_LIST,
	    .fallback = "none: no login over SSH", .cost = CONF_COST_LIVE,
	    .help = "SSH public key of an administrator, as in authorized_keys",
	    .example = "ssh-ed25519 "
		       "AAAAC3NzaC1lZDI1NTE5AAAAIA0Qk1rPQ0yFZqL2M4eV1jM7wq9Qm8mK3v2n5x7y9z1b "
		       "admin@desk" },
	{ "console-password", &conf_type_password_hash, AT(node, console_password),
	    .flags = CONF_SECRET, .fallback = "none: no login on the console",
	    .cost = CONF_COST_LIVE, .help = "crypt(3) hash of root's password on the console",
	    .example = "$5$berthberth$8Y2Qm5h3rJ0vQm5J1mUe7p2G6mS5uT8Yq1xC0wZ4aB3" },
	{ "update-key", &conf_type_update_key, AT(node, update_keys), .flags = CONF_LIST,
	    .fallback = "none: only keys in the image", .cost = CONF_COST_LIVE,
	    .help = "public key that update files are signed for, base64 of its DER",
	    .example = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEJx8f4Fp0OjdvbeT1J93Cw6bfqJkaRCTp"
		       "a9DO4CR9dSPFtDdsfXsRmpKQdBb8kvBzPZqCSwFtb/YH+B8KZCXF0g==" },
	{ "timezone", &conf_type_timezone, AT(node, timezone), .fallback = "UTC",
	    .cost = CONF_COST_LIVE, .help = "zone of the tz database, or a POSIX TZ string",
	    .example = "Europe/Berlin" },
	{ "ntp", &conf_type_server, AT(node, ntp), .flags = CONF_LIST, .fallback = "none",
	    .cost = CONF_COST_SERVICE, .help = "time server", .example = "192.0.2.1" },
	{ "syslog", &conf_type_syslog, AT(node, syslog), .flags = CONF_LIST,
	    .fallback = "none: the log stays in memory", .cost = CONF_COST_SERVICE,
	    .help = "log server: udp://HOST or udp://HOST:PORT", .example = "udp://192.0.2.5:514" },
	{ "ssh-from", &conf_type_subnet, AT(node, ssh_from), .flags = CONF_LIST,
	    .fallback = "anywhere", .cost = CONF_COST_LIVE,
	    .help = "network that may reach the node over SSH", .example = "192.0.2.0/24" },
	{ "allow", AT(node, allows), RECORD(allow, allow_fields), .flags = CONF_LIST,
	    .fallback = "none", .cost = CONF_COST_LIVE, .help = "port of the node that is open",
	    .usage = "tcp|udp PORT[-PORT] [from=NETWORK]",
	    .example = "tcp 16514 from=192.0.2.0/24" },
	{ "tls", AT(node, tls), RECORD(tls, tls_fields), .fallback = "none: nothing over TLS",
	    .cost = CONF_COST_SERVICE,
	    .help = "libvirt's clients over TLS: the node's certificate, PEM like the others",
	    .usage = "CERTIFICATE key=FILE ca=FILE [crl=FILE]",
	    .example = "tls/node.pem key=tls/node.key ca=tls/ca.pem crl=tls/crl.pem" },
	{ "tls-allow", &conf_type_text, AT(node, tls_allow), .flags = CONF_LIST,
	    .fallback = "every certificate of the CA", .cost = CONF_COST_SERVICE,
	    .help = "subject that may, with * for any text", .example = "CN=desk*" },
	{ "data", AT(node, data), RECORD(data, data_fields), .fallback = "none",
	    .cost = CONF_COST_SERVICE, .help = "disk or partition that holds the data volume",
	    .usage = "DISK|config-medium [format=never|if-blank] [overwrite=yes|no]",
	    .example = "serial:S4EVNF0M123456 format=if-blank" },
	{ "config-url", AT(node, fetch), RECORD(fetch, fetch_fields), .fallback = "none",
	    .cost = CONF_COST_LIVE, .help = "where the configuration is fetched from",
	    .usage = "URL [key=sha256//BASE64] [ca=BASE64]",
	    .example = "https://192.0.2.5/{mac}.conf "
		       "key=sha256//EbBbKUoBPJGDhlJetXmAbCb1fUg8FCLgjgK8FReFYMo=" },
	{ "config-pull", &conf_type_duration, AT(node, config_pull), .min = 10, .max = 7 * DAY,
	    .fallback = "at boot and by hand only", .cost = CONF_COST_LIVE,
	    .help = "how often the configuration is fetched again", .example = "15m" },
	{ "watchdog", AT(node, watchdog), RECORD(node_watchdog, watchdog_fields),
	    .fallback = "auto timeout=60s", .cost = CONF_COST_LIVE,
	    .help = "what resets a node that hangs: the machine's own watchdog, else the kernel's",
	    .usage = "auto|off|DRIVER [timeout=10s..10m]", .example = "iTCO_wdt timeout=2m" },
	{ "metrics", AT(node, metrics), RECORD(metrics, metrics_fields), .fallback = "none",
	    .cost = CONF_COST_SERVICE,
	    .help = "where Prometheus gets the figures of the node, its networks and guests",
	    .usage = "ADDRESS:PORT [from=NETWORK]",
	    .example = "192.0.2.10:9177 from=192.0.2.0/24" },
	{ "guests", &conf_type_choice, AT(node, guests), .choices = leaves, .initial = "shutdown",
	    .cost = CONF_COST_NOTHING,
	    .help =
		"what guests do when the node goes down; suspend: go on where they were afterwards",
	    .example = "suspend" },
	{ 0 },
};

static const char *const bond_modes[] = { "", "active-backup", "802.3ad", NULL };
static const char *const bond_rates[] = { "slow", "fast", NULL };
static const char *const bond_hashes[] = { "layer2", "layer2+3", "layer3+4", NULL };
static const char *const ipv6_choices[] = { "auto", "static", "off", NULL };

static const struct conf_key bond_fields[] = {
	{ "mode", &conf_type_choice, AT(bond, mode), .flags = WORD, .choices = bond_modes },
	{ "rate", &conf_type_choice, AT(bond, rate), .choices = bond_rates, .initial = "slow" },
	{ "hash", &conf_type_choice, AT(bond, hash), .choices = bond_hashes, .initial = "layer2" },
	{ 0 },
};

static const struct conf_key vlan_fields[] = {
	{ "id", &conf_type_number, AT(vlan, id), .flags = WORD, .min = 1, .max = 4094 },
	{ "on", &conf_type_interface, AT(vlan, on) },
	{ 0 },
};

static const struct conf_key route_fields[] = {
	{ "to", &conf_type_subnet, AT(route, to), .flags = WORD },
	{ "via", &conf_type_address, AT(route, via), .flags = WORD },
	{ "metric", &conf_type_number, AT(route, metric), .min = 1, .max = 9999 },
	{ 0 },
};

const struct conf_key conf_uplink_keys[] = {
	{ "nic", &conf_type_selector, AT(uplink, nics), LIST_OF(selector),
	    .fallback = "required, but with vlan", .cost = CONF_COST_NETWORK,
	    .help = "port: mac:ADDRESS, pci:DOMAIN:BUS:DEVICE.FUNCTION or any; several with bond",
	    .example = "mac:52:54:00:aa:bb:cc" },
	{ "bond", AT(uplink, bond), RECORD(bond, bond_fields), .fallback = "none",
	    .cost = CONF_COST_NETWORK, .help = "several ports as one",
	    .usage = "active-backup|802.3ad [rate=slow|fast] "
		     "[hash=layer2|layer2+3|layer3+4]",
	    .example = "802.3ad rate=fast hash=layer3+4" },
	{ "vlan", AT(uplink, vlan), RECORD(vlan, vlan_fields), .fallback = "none",
	    .cost = CONF_COST_NETWORK, .help = "tagged network on another uplink",
	    .usage = "ID on=UPLINK", .example = "20 on=lan" },
	{ "address", &conf_type_uplink_address, AT(uplink, addresses), LIST_OF(uplink_address),
	    .fallback = "dhcp", .cost = CONF_COST_NETWORK,
	    .help = "dhcp, none, or ADDRESS/PREFIX, IPv4 or IPv6", .example = "192.0.2.10/24" },
	{ "gateway", &conf_type_address, AT(uplink, gateways), .flags = CONF_LIST,
	    .fallback = "none, or what DHCP gives", .cost = CONF_COST_NETWORK,
	    .help = "default route, inside a static address's network", .example = "192.0.2.1" },
	{ "dns", &conf_type_address, AT(uplink, dns), .flags = CONF_LIST,
	    .fallback = "what DHCP and routers give", .cost = CONF_COST_LIVE, .help = "name server",
	    .example = "192.0.2.53" },
	{ "route", AT(uplink, routes), RECORD(route, route_fields), .flags = CONF_LIST,
	    .fallback = "none", .cost = CONF_COST_NETWORK, .help = "static route",
	    .usage = "NETWORK/PREFIX GATEWAY [metric=N]",
	    .example = "198.51.100.0/24 192.0.2.254" },
	{ "mtu", &conf_type_number, AT(uplink, mtu), .min = 576, .max = 9216,
	    .fallback = "the driver's", .cost = CONF_COST_NETWORK, .help = "bytes in a frame",
	    .example = "9000" },
	{ "ipv6", &conf_type_choice, AT(uplink, ipv6), .choices = ipv6_choices, .initial = "auto",
	    .cost = CONF_COST_NETWORK,
	    .help = "auto: from router advertisements; static: addresses of this file only; off",
	    .example = "static" },
	{ 0 },
};

static const char *const network_modes[] = { "nat", "routed", "isolated", "bridge", "off", NULL };
static const char *const archs[] = { "any", "bios", "uefi", "uefi-http", NULL };

static const struct conf_key host_fields[] = {
	{ "mac", &conf_type_mac, AT(host, mac), .flags = WORD },
	{ "address", &conf_type_address4, AT(host, address), .flags = WORD },
	{ "name", &conf_type_hostname, AT(host, name), .flags = CONF_POSITIONAL },
	{ 0 },
};

static const struct conf_key record_fields[] = {
	{ "name", &conf_type_domain, AT(record, name), .flags = WORD },
	{ "address", &conf_type_address, AT(record, address), .flags = WORD },
	{ 0 },
};

static const struct conf_key option_fields[] = {
	{ "option", &conf_type_dhcp_option, AT(dhcp_option, number), .flags = WORD },
	{ "value", &conf_type_dhcp_value, AT(dhcp_option, value), .flags = WORD },
	{ 0 },
};

static const struct conf_key boot_file_fields[] = {
	{ "file", &conf_type_word, AT(boot_file, file), .flags = WORD, .max = 255 },
	{ "arch", &conf_type_choice, AT(boot_file, arch), .choices = archs, .initial = "any" },
	{ "server", &conf_type_address4, AT(boot_file, server) },
	{ 0 },
};

static const struct conf_key forward_fields[] = {
	{ "protocol", &conf_type_choice, AT(forward, protocol), .flags = WORD,
	    .choices = protocols },
	{ "port", &conf_type_number, AT(forward, port), .flags = WORD, .min = 1, .max = 65535 },
	{ "target", &conf_type_endpoint, AT(forward, target), .flags = WORD },
	{ "from", &conf_type_subnet, AT(forward, from) },
	{ 0 },
};

const struct conf_key conf_network_keys[] = {
	{ "mode", &conf_type_choice, AT(network, mode), .choices = network_modes, .initial = "nat",
	    .cost = CONF_COST_NETWORK,
	    .help = "nat: behind the node's address; routed; isolated; bridge: on the uplink's "
		    "network; off",
	    .example = "isolated" },
	{ "bridge", &conf_type_interface, AT(network, bridge),
	    .fallback = "virbr0 for \"default\", else br-NAME", .cost = CONF_COST_NETWORK,
	    .help = "the bridge's interface name, 15 characters at most", .example = "br-lab" },
	{ "address", &conf_type_own4, AT(network, address),
	    .fallback = "required with nat and routed", .cost = CONF_COST_NETWORK,
	    .help = "the node's own IPv4 address and prefix, 8 to 30",
	    .example = "192.168.100.1/24" },
	{ "ipv6", &conf_type_network_prefix, AT(network, ipv6), .initial = "off",
	    .cost = CONF_COST_NETWORK,
	    .help = "off, ula (a prefix made from the node's and the network's name), or the "
		    "node's own address",
	    .example = "2001:db8:1::1/64" },
	{ "dhcp", &conf_type_range4, AT(network, ranges), LIST_OF(range),
	    .fallback = "none: only static hosts get an address", .cost = CONF_COST_SERVICE,
	    .help = "addresses that DHCP gives out", .example = "192.168.100.100-192.168.100.199" },
	{ "dhcp6", &conf_type_range6, AT(network, ranges6), LIST_OF(range),
	    .fallback = "none: guests make their own from the prefix", .cost = CONF_COST_SERVICE,
	    .help = "addresses that DHCPv6 gives out",
	    .example = "2001:db8:1::100-2001:db8:1::1ff" },
	{ "lease", &conf_type_duration, AT(network, lease), .min = 120, .max = 365 * DAY,
	    .initial = "1h", .cost = CONF_COST_SERVICE, .help = "how long a lease holds",
	    .example = "12h" },
	{ "domain", &conf_type_domain, AT(network, domain), .fallback = "none",
	    .cost = CONF_COST_SERVICE, .help = "domain of the guests' names",
	    .example = "lab.example" },
	{ "dns", &conf_type_address, AT(network, dns), .flags = CONF_LIST,
	    .fallback = "the node's own name servers", .cost = CONF_COST_SERVICE,
	    .help = "name server that the guests' questions go on to", .example = "192.0.2.53" },
	{ "host", AT(network, hosts), RECORD(host, host_fields), .flags = CONF_LIST,
	    .fallback = "none", .cost = CONF_COST_SERVICE,
	    .help = "fixed address and name of a guest", .usage = "MAC ADDRESS [NAME]",
	    .example = "52:54:00:11:22:33 192.168.100.10 web" },
	{ "record", AT(network, records), RECORD(record, record_fields), .flags = CONF_LIST,
	    .fallback = "none", .cost = CONF_COST_SERVICE, .help = "a further name",
	    .usage = "NAME ADDRESS", .example = "gw.lab.example 192.168.100.1" },
	{ "option", AT(network, options), RECORD(dhcp_option, option_fields), .flags = CONF_LIST,
	    .fallback = "none", .cost = CONF_COST_SERVICE,
	    .help = "DHCP option; several values with commas", .usage = "NUMBER|NAME VALUE",
	    .example = "ntp-server 192.168.100.1" },
	{ "tftp", &conf_type_path, AT(network, tftp), .fallback = "none", .cost = CONF_COST_SERVICE,
	    .help = "folder of the data volume that guests may read over TFTP",
	    .example = "tftp/" },
	{ "boot-file", AT(network, boot_files), RECORD(boot_file, boot_file_fields),
	    .flags = CONF_LIST, .fallback = "none", .cost = CONF_COST_SERVICE,
	    .help = "file for PXE",
	    .usage = "FILE|URL [arch=any|bios|uefi|uefi-http] [server=ADDRESS]",
	    .example = "pxelinux.0 arch=bios" },
	{ "forward", AT(network, forwards), RECORD(forward, forward_fields), .flags = CONF_LIST,
	    .fallback = "none", .cost = CONF_COST_LIVE, .help = "port forward (mode nat)",
	    .usage = "tcp|udp PORT HOST:PORT [from=NETWORK]", .example = "tcp 8080 web:80" },
	{ "route", AT(network, routes), RECORD(route, route_fields), .flags = CONF_LIST,
	    .fallback = "none", .cost = CONF_COST_NETWORK, .help = "network behind a guest",
	    .usage = "NETWORK/PREFIX GUEST [metric=N]", .example = "10.9.0.0/16 192.168.100.20" },
	{ "guest-servers", &conf_type_bool, AT(network, guest_servers), .initial = "no",
	    .cost = CONF_COST_LIVE,
	    .help = "guests may answer DHCP and announce themselves as routers", .example = "yes" },
	{ "uplink", &conf_type_interface, AT(network, uplink_name),
	    .fallback = "required with bridge", .cost = CONF_COST_NETWORK,
	    .help = "name of the uplink that the bridge joins (mode bridge)", .example = "lan" },
	{ "out", &conf_type_interface, AT(network, out), .fallback = "any", .cost = CONF_COST_LIVE,
	    .help = "the only uplink by which guests reach what is outside (mode nat or routed)",
	    .example = "lan" },
	{ "stp", &conf_type_bool, AT(network, stp), .initial = "no", .cost = CONF_COST_NETWORK,
	    .help = "spanning tree protocol", .example = "yes" },
	{ "forward-delay", &conf_type_duration, AT(network, forward_delay), .max = 30,
	    .initial = "0s", .cost = CONF_COST_NETWORK,
	    .help = "how long a port listens before it forwards; 2s to 30s with stp",
	    .example = "4s" },
	{ "mtu", &conf_type_number, AT(network, mtu), .min = 576, .max = 9216,
	    .fallback = "1500, or the uplink's", .cost = CONF_COST_NETWORK,
	    .help = "bytes in a frame", .example = "9000" },
	{ "autostart", &conf_type_bool, AT(network, autostart), .initial = "yes",
	    .cost = CONF_COST_NETWORK, .help = "start the network with the node", .example = "no" },
	{ "uuid", &conf_type_uuid, AT(network, uuid), .fallback = "made from the name",
	    .cost = CONF_COST_NOTHING, .help = "identity of the network",
	    .example = "6f4d2b9e-1c0a-4f53-9a52-0d4c7e1b8f23" },
	{ 0 },
};
