/* SPDX-License-Identifier: GPL-2.0-only */
/* The machine's devices: itself, what is on PCI, network interfaces, disks. Read anew each time. */
#ifndef BERTH_NODE_HOST_DEVICES_H
#define BERTH_NODE_HOST_DEVICES_H

#include "node/host/sysfs.h"

#define HOST_DEVICE_NAME 128

enum host_device_kind {
	HOST_DEVICE_SYSTEM,
	HOST_DEVICE_PCI,
	HOST_DEVICE_NET,
	HOST_DEVICE_STORAGE,
};

struct host_device {
	enum host_device_kind kind;
	char name[HOST_DEVICE_NAME];   /* as libvirt makes them: pci_0000_00_1f_2 */
	char parent[HOST_DEVICE_NAME]; /* "" of the system */
	char kernel[64];	       /* 0000:00:1f.2, eth0, vda */
	char path[SYSFS_PATH];	       /* below /sys/devices; "" of the system */
};

struct host_pci_address {
	unsigned int domain, bus, slot, function;
};

/* All of them, to be given to free(). 0 or -ENOMEM. */
int host_devices(
    const struct host_roots *roots, struct host_device **ret_devices, unsigned int *ret_count);

/* "0000:00:1f.2"; false when it is none. */
bool host_pci_parse(const char *text, struct host_pci_address *ret_address);

#endif
