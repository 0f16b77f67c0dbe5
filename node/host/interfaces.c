/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/host/interfaces.h"

#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "lib/num.h"

#define ARPHRD_ETHERNET 1
#define ARPHRD_LOOP 772
#define VLAN_FILE_MAX 4096

/* "eth0.5  VID: 5 ..." and "Device: eth0" (Linux: net/8021q/vlanproc.c). */
bool host_vlan(const struct host_roots *roots, const char *name, unsigned int *ret_tag,
    char ret_below[HOST_INTERFACE_NAME])
{
	char path[SYSFS_PATH];
	struct buf text = BUF_INIT;
	static const char tag_word[] = "VID: ";
	static const char below_word[] = "\nDevice: ";
	const char *tag;
	const char *below;
	uint64_t value;
	bool known;

	snprintf(path, sizeof(path), "%s/net/vlan/%s", roots->proc, name);
	known = !file_read(path, VLAN_FILE_MAX, &text);
	tag = known ? strstr(buf_text(&text), tag_word) : NULL;
	below = known ? strstr(buf_text(&text), below_word) : NULL;
	known = false;
	if (tag && below) {
		tag += sizeof(tag_word) - 1;
		below += sizeof(below_word) - 1;
		known = num_take(&tag, 10, 4095, &value);
	}
	if (known) {
		*ret_tag = (unsigned int)value;
		snprintf(ret_below, HOST_INTERFACE_NAME, "%.*s", (int)strcspn(below, " \n"), below);
	}
	buf_done(&text);
	return known;
}

bool host_interface(
    const struct host_roots *roots, const char *name, struct host_interface *ret_interface)
{
	char path[SYSFS_PATH];
	char line[SYSFS_LINE];
	char below[HOST_INTERFACE_NAME];
	unsigned int tag;
	long long kind;

	if (!*name || *name == '.' || strchr(name, '/') || strlen(name) >= HOST_INTERFACE_NAME)
		return false;
	snprintf(path, sizeof(path), "%s/class/net/%s", roots->sys, name);
	kind = sysfs_number(-1, "%s/type", path);
	if ((kind != ARPHRD_ETHERNET && kind != ARPHRD_LOOP) || sysfs_exists("%s/tun_flags", path))
		return false;
	memset(ret_interface, 0, sizeof(*ret_interface));
	strcpy(ret_interface->name, name);
	sysfs_line(line, "%s/address", path);
	snprintf(ret_interface->mac, sizeof(ret_interface->mac), "%.17s", line);
	if (sysfs_line(line, "%s/flags", path))
		ret_interface->active = strtoul(line, NULL, 16) & IFF_UP;
	ret_interface->type = sysfs_exists("%s/bridge", path)	    ? HOST_BRIDGE
			      : sysfs_exists("%s/bonding", path)    ? HOST_BOND
			      : host_vlan(roots, name, &tag, below) ? HOST_VLAN
								    : HOST_ETHERNET;
	return true;
}

struct looking {
	const struct host_roots *roots;
	bool (*each)(void *context, const struct host_interface *interface);
	void *context;
};

static bool look(void *context, const char *name)
{
	struct looking *looking = context;
	struct host_interface interface;

	return !host_interface(looking->roots, name, &interface) ||
	       looking->each(looking->context, &interface);
}

void host_interfaces(const struct host_roots *roots,
    bool (*each)(void *context, const struct host_interface *interface), void *context)
{
	struct looking looking = { roots, each, context };
	char folder[SYSFS_PATH];

	snprintf(folder, sizeof(folder), "%s/class/net", roots->sys);
	sysfs_names(folder, look, &looking);
}
