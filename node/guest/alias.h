/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What clients call the devices of a guest that runs, in its XML and in events: as libvirt does,
 * but that a NIC has the number of its tap, which stays when one before it goes.
 */
#ifndef BERTH_NODE_GUEST_ALIAS_H
#define BERTH_NODE_GUEST_ALIAS_H

#define ALIAS_MAX 32

/* "virtio-disk0" of "vda". */
const char *alias_of_disk(const char *target, char alias[ALIAS_MAX]);

/* "net3" of "vnet3". */
const char *alias_of_nic(const char *tap, char alias[ALIAS_MAX]);

#endif
