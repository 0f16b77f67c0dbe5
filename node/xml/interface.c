/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/xml/interface.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <string.h>

#include "node/xml/device.h"
#include "xml/write.h"

static const char *const types[] = { "ethernet", "bridge", "bond", "vlan" };

struct writing {
	struct xml *xml;
	const struct host_roots *roots;
	char path[SYSFS_PATH];
};

static unsigned int prefix_of(const struct sockaddr *mask)
{
	const uint8_t *bytes =
	    mask->sa_family == AF_INET
		? (const uint8_t *)&((const struct sockaddr_in *)mask)->sin_addr
		: (const uint8_t *)&((const struct sockaddr_in6 *)mask)->sin6_addr;
	unsigned int length = mask->sa_family == AF_INET ? 4 : 16;
	unsigned int prefix = 0;

	for (unsigned int i = 0; i < length; i++)
		prefix += (unsigned int)__builtin_popcount(bytes[i]);
	return prefix;
}

static void address(struct xml *xml, const struct ifaddrs *one)
{
	const void *bytes =
	    one->ifa_addr->sa_family == AF_INET
		? (const void *)&((const struct sockaddr_in *)one->ifa_addr)->sin_addr
		: &((const struct sockaddr_in6 *)one->ifa_addr)->sin6_addr;
	char text[INET6_ADDRSTRLEN];

	if (!inet_ntop(one->ifa_addr->sa_family, bytes, text, sizeof(text)))
		return;
	xml_begin(xml, "ip");
	xml_attribute(xml, "address", text);
	if (one->ifa_netmask)
		xml_attribute_format(xml, "prefix", "%u", prefix_of(one->ifa_netmask));
	xml_end(xml);
}

static void addresses(struct xml *xml, const char *name)
{
	static const struct {
		int family;
		const char *name;
	} families[] = { { AF_INET, "ipv4" }, { AF_INET6, "ipv6" } };
	struct ifaddrs *all;

	if (getifaddrs(&all))
		return;
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		bool begun = false;

		for (const struct ifaddrs *one = all; one; one = one->ifa_next) {
			if (!one->ifa_addr || one->ifa_addr->sa_family != families[i].family ||
			    strcmp(one->ifa_name, name) != 0)
				continue;
			if (!begun) {
				xml_begin(xml, "protocol");
				xml_attribute(xml, "family", families[i].name);
			}
			begun = true;
			address(xml, one);
		}
		if (begun)
			xml_end(xml);
	}
	freeifaddrs(all);
}

static void inside(struct writing *writing, const struct host_interface *interface);

/* What is below a bridge or a bond: the same without addresses. */
static void below(struct writing *writing, const char *name)
{
	struct host_interface interface;
	struct writing part = { .xml = writing->xml, .roots = writing->roots };

	if (!host_interface(writing->roots, name, &interface) || interface.type == HOST_BRIDGE)
		return;
	snprintf(part.path, sizeof(part.path), "%s/class/net/%s", writing->roots->sys, name);
	xml_begin(writing->xml, "interface");
	xml_attribute(writing->xml, "type", types[interface.type]);
	xml_attribute(writing->xml, "name", name);
	inside(&part, &interface);
	xml_end(writing->xml);
}

static bool bridge_port(void *writing, const char *name)
{
	below(writing, name);
	return true;
}

static void bridge(struct writing *writing)
{
	char folder[SYSFS_PATH + 8];
	long long delay = sysfs_number(0, "%s/bridge/forward_delay", writing->path);

	xml_begin(writing->xml, "bridge");
	xml_attribute(writing->xml, "stp",
	    sysfs_number(0, "%s/bridge/stp_state", writing->path) ? "on" : "off");
	/* In hundredths of a second, and in seconds. */
	xml_attribute_format(writing->xml, "delay", "%lld", delay / 100);
	snprintf(folder, sizeof(folder), "%s/brif", writing->path);
	sysfs_names(folder, bridge_port, writing);
	xml_end(writing->xml);
}

/* "active-backup 1" and "eth0 eth1". */
static void bond(struct writing *writing)
{
	char line[SYSFS_LINE];
	long long freq = sysfs_number(0, "%s/bonding/miimon", writing->path);
	char *rest;

	xml_begin(writing->xml, "bond");
	if (sysfs_line(line, "%s/bonding/mode", writing->path)) {
		line[strcspn(line, " ")] = '\0';
		xml_attribute(writing->xml, "mode", line);
	}
	if (freq > 0) {
		xml_begin(writing->xml, "miimon");
		xml_attribute_format(writing->xml, "freq", "%lld", freq);
		xml_end(writing->xml);
	}
	sysfs_line(line, "%s/bonding/slaves", writing->path);
	for (char *name = strtok_r(line, " ", &rest); name; name = strtok_r(NULL, " ", &rest))
		below(writing, name);
	xml_end(writing->xml);
}

static void vlan(struct writing *writing, const char *name)
{
	char device[HOST_INTERFACE_NAME];
	unsigned int tag;

	if (!host_vlan(writing->roots, name, &tag, device))
		return;
	xml_begin(writing->xml, "vlan");
	xml_attribute_format(writing->xml, "tag", "%u", tag);
	xml_empty(writing->xml, "interface", "name", device);
	xml_end(writing->xml);
}

static void inside(struct writing *writing, const struct host_interface *interface)
{
	switch (interface->type) {
	case HOST_ETHERNET:
		xml_empty(writing->xml, "mac", "address", interface->mac);
		xml_link(writing->xml, writing->path);
		break;
	case HOST_BRIDGE:
		bridge(writing);
		break;
	case HOST_BOND:
		xml_link(writing->xml, writing->path);
		bond(writing);
		break;
	case HOST_VLAN:
		xml_link(writing->xml, writing->path);
		vlan(writing, interface->name);
		break;
	}
}

void xml_interface(
    const struct host_roots *roots, const struct host_interface *interface, struct buf *out)
{
	struct xml xml = { .out = out };
	struct writing writing = { .xml = &xml, .roots = roots };
	long long mtu;

	snprintf(
	    writing.path, sizeof(writing.path), "%s/class/net/%s", roots->sys, interface->name);
	mtu = sysfs_number(0, "%s/mtu", writing.path);
	xml_begin(&xml, "interface");
	xml_attribute(&xml, "type", types[interface->type]);
	xml_attribute(&xml, "name", interface->name);
	if (mtu > 0) {
		xml_begin(&xml, "mtu");
		xml_attribute_format(&xml, "size", "%lld", mtu);
		xml_end(&xml);
	}
	addresses(&xml, interface->name);
	inside(&writing, interface);
	xml_end(&xml);
}
