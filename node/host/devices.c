/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names are those that libvirt gives (libvirt: src/node_device/node_device_udev.c,
 * udevGenerateDeviceName): the kind, the kernel's name, and a MAC address or a serial number, with
 * "_" for what is neither letter nor digit. A device's parent is the PCI device that it is below.
 */
#include "node/host/devices.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/num.h"

struct listing {
	const struct host_roots *roots;
	struct host_device *devices;
	unsigned int count;
	unsigned int room;
	enum host_device_kind kind;
	const char *folder;
	int error;
};

bool host_pci_parse(const char *text, struct host_pci_address *ret_address)
{
	static const struct {
		unsigned int max;
		char end;
	} parts[] = { { 0xffff, ':' }, { 0xff, ':' }, { 0xff, '.' }, { 0xf, '\0' } };
	uint64_t part[4];

	for (int i = 0; i < 4; i++) {
		if (!num_take(&text, 16, parts[i].max, &part[i]) || *text != parts[i].end)
			return false;
		text++;
	}
	*ret_address = (struct host_pci_address){ (unsigned int)part[0], (unsigned int)part[1],
		(unsigned int)part[2], (unsigned int)part[3] };
	return true;
}

/* "kind_kernel" or "kind_kernel_extra". */
static void set_name(
    char name[HOST_DEVICE_NAME], const char *kind, const char *kernel, const char *extra)
{
	snprintf(name, HOST_DEVICE_NAME, "%s_%s%s%s", kind, kernel, *extra ? "_" : "", extra);
	for (char *at = name; *at; at++)
		if (!isalnum((unsigned char)*at))
			*at = '_';
}

/* The last part of `path` above its own that is a PCI address. */
static void find_parent(struct host_device *device)
{
	char path[SYSFS_PATH];
	struct host_pci_address address;
	char *slash;

	snprintf(device->parent, sizeof(device->parent), "computer");
	snprintf(path, sizeof(path), "%s", device->path);
	slash = strrchr(path, '/');
	while (slash) {
		*slash = '\0';
		slash = strrchr(path, '/');
		if (slash && host_pci_parse(slash + 1, &address)) {
			set_name(device->parent, "pci", slash + 1, "");
			return;
		}
	}
}

static void name_device(struct host_device *device)
{
	char extra[SYSFS_LINE] = "";

	switch (device->kind) {
	case HOST_DEVICE_NET:
		sysfs_line(extra, "%s/address", device->path);
		set_name(device->name, "net", device->kernel, extra);
		break;
	case HOST_DEVICE_STORAGE:
		if (!sysfs_line(extra, "%s/serial", device->path))
			sysfs_line(extra, "%s/device/serial", device->path);
		set_name(device->name, "block", device->kernel, extra);
		break;
	default:
		set_name(device->name, "pci", device->kernel, "");
	}
}

static struct host_device *add_room(struct listing *listing)
{
	if (listing->count == listing->room) {
		unsigned int room = listing->room ? 2 * listing->room : 64;
		struct host_device *devices = reallocarray(
		    listing->devices, room, sizeof(*devices));

		if (!devices) {
			listing->error = -ENOMEM;
			return NULL;
		}
		listing->devices = devices;
		listing->room = room;
	}
	return &listing->devices[listing->count];
}

static bool add(void *context, const char *name)
{
	struct listing *listing = context;
	struct host_device *device = add_room(listing);
	char link[SYSFS_PATH];
	char real[PATH_MAX];

	if (!device)
		return false;
	snprintf(link, sizeof(link), "%s/%s/%s", listing->roots->sys, listing->folder, name);
	/* Files between the links ("bonding_masters"), and disks that are no hardware: loops,
	 * memory disks, volumes. */
	if (strlen(name) >= sizeof(device->kernel) || !realpath(link, real) ||
	    strlen(real) >= sizeof(device->path) || !sysfs_exists("%s/uevent", real) ||
	    (listing->kind == HOST_DEVICE_STORAGE && !sysfs_exists("%s/device", real)))
		return true;
	memset(device, 0, sizeof(*device));
	device->kind = listing->kind;
	strcpy(device->kernel, name);
	strcpy(device->path, real);
	name_device(device);
	find_parent(device);
	listing->count++;
	return true;
}

int host_devices(
    const struct host_roots *roots, struct host_device **ret_devices, unsigned int *ret_count)
{
	static const struct {
		enum host_device_kind kind;
		const char *folder;
	} folders[] = {
		{ HOST_DEVICE_PCI, "bus/pci/devices" },
		{ HOST_DEVICE_NET, "class/net" },
		{ HOST_DEVICE_STORAGE, "block" },
	};
	struct listing listing = { .roots = roots };
	struct host_device *system = add_room(&listing);

	if (!system)
		return listing.error;
	*system = (struct host_device){ .kind = HOST_DEVICE_SYSTEM, .name = "computer" };
	listing.count++;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		char folder[SYSFS_PATH];

		listing.kind = folders[i].kind;
		listing.folder = folders[i].folder;
		snprintf(folder, sizeof(folder), "%s/%s", roots->sys, folders[i].folder);
		sysfs_names(folder, add, &listing);
	}
	if (listing.error) {
		free(listing.devices);
		return listing.error;
	}
	*ret_devices = listing.devices;
	*ret_count = listing.count;
	return 0;
}
