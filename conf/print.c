/* SPDX-License-Identifier: GPL-2.0-only */
#include "conf/print.h"

#include <string.h>

/* A word as the parser takes it; only comments of keys and time zones can hold what needs quotes.
 */
static void word(const char *text, size_t length, struct buf *buf)
{
	bool quote = !length;

	for (size_t i = 0; i < length; i++)
		quote = quote || strchr("#;\"\\\t", text[i]);
	if (quote)
		buf_puts(buf, "\"");
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '"' || text[i] == '\\')
			buf_puts(buf, "\\");
		if (text[i] == '\t')
			buf_puts(buf, "\\t");
		else
			buf_add(buf, text + i, 1);
	}
	if (quote)
		buf_puts(buf, "\"");
}

/* A text that was joined from words, as words again. */
static void words(const char *text, struct buf *buf)
{
	for (;;) {
		size_t length = strcspn(text, " ");

		word(text, length, buf);
		if (!text[length])
			return;
		buf_puts(buf, " ");
		text += length + 1;
	}
}

static void key(const char *name, const char *value, struct buf *buf)
{
	buf_printf(buf, "    %s = ", name);
	word(value, strlen(value), buf);
	buf_puts(buf, "\n");
}

static void texts(
    const char *name, const struct conf_text *list, const char *prefix, struct buf *buf)
{
	for (; list; list = list->next) {
		buf_printf(buf, "    %s = %s", name, prefix);
		words(list->text, buf);
		buf_puts(buf, "\n");
	}
}

static void addresses(
    const char *name, const struct conf_address *list, bool prefix, struct buf *buf)
{
	char text[NETADDR_TEXT];

	for (; list; list = list->next)
		buf_printf(buf, "    %s = %s\n", name,
		    prefix ? netaddr_prefix_text(&list->address, text)
			   : netaddr_text(&list->address, text));
}

static void print_node(const struct conf_node *node, struct buf *buf)
{
	buf_puts(buf, "[node]\n");
	key("hostname", node->hostname, buf);
	texts("admin-key", node->admin_keys, "", buf);
	if (node->console_password)
		key("console-password", node->console_password, buf);
	if (node->timezone)
		key("timezone", node->timezone, buf);
	texts("ntp", node->ntp, "", buf);
	texts("syslog", node->syslog, "udp://", buf);
}

static void print_uplink(const struct conf_uplink *uplink, struct buf *buf)
{
	char text[NETADDR_TEXT];

	buf_printf(buf, "\n[uplink \"%s\"]\n", uplink->name);
	if (uplink->selector == CONF_NIC_ANY)
		buf_puts(buf, "    nic = any\n");
	else if (uplink->selector == CONF_NIC_MAC)
		buf_printf(buf, "    nic = mac:%s\n", netaddr_mac_text(&uplink->mac, text));
	else
		buf_printf(buf, "    nic = pci:%s\n", uplink->pci);
	if (uplink->dhcp)
		buf_puts(buf, "    address = dhcp\n");
	else if (!uplink->addresses)
		buf_puts(buf, "    address = none\n");
	addresses("address", uplink->addresses, true, buf);
	addresses("gateway", uplink->gateways, false, buf);
	addresses("dns", uplink->dns, false, buf);
	if (uplink->mtu)
		buf_printf(buf, "    mtu = %u\n", (unsigned int)uplink->mtu);
	if (!uplink->ipv6)
		buf_puts(buf, "    ipv6 = off\n");
}

static void print_lists(const struct conf_network *network, struct buf *buf)
{
	char mac[NETADDR_TEXT];
	char text[NETADDR_TEXT];

	for (const struct conf_host *host = network->hosts; host; host = host->next)
		buf_printf(buf, "    host = %s %s%s%s\n", netaddr_mac_text(&host->mac, mac),
		    netaddr_text(&host->address, text), host->name ? " " : "",
		    host->name ? host->name : "");
	for (const struct conf_forward *forward = network->forwards; forward;
	     forward = forward->next)
		buf_printf(buf, "    forward = %s %u %s:%u\n", forward->protocol,
		    (unsigned int)forward->port, forward->target,
		    (unsigned int)forward->target_port);
}

static void print_network(const struct conf_network *network, struct buf *buf)
{
	static const char *const modes[] = { "nat", "routed", "isolated", "bridge", "off" };
	char text[NETADDR_TEXT];

	buf_printf(buf, "\n[network \"%s\"]\n    mode = %s\n", network->name, modes[network->mode]);
	key("bridge", network->bridge, buf);
	if (network->uplink_name)
		key("uplink", network->uplink_name, buf);
	if (network->address.family)
		buf_printf(buf, "    address = %s\n", netaddr_prefix_text(&network->address, text));
	if (network->dhcp_first.family) {
		buf_printf(buf, "    dhcp = %s", netaddr_text(&network->dhcp_first, text));
		buf_printf(buf, "-%s\n", netaddr_text(&network->dhcp_last, text));
		buf_printf(buf, "    lease = %us\n", (unsigned int)network->lease);
	}
	if (network->domain)
		key("domain", network->domain, buf);
	print_lists(network, buf);
}

void conf_print(const struct conf_model *model, struct buf *buf)
{
	print_node(&model->node, buf);
	for (const struct conf_uplink *uplink = model->uplinks; uplink; uplink = uplink->next)
		print_uplink(uplink, buf);
	for (const struct conf_network *network = model->networks; network; network = network->next)
		print_network(network, buf);
}
