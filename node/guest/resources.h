/* SPDX-License-Identifier: GPL-2.0-only */
/* All that a guest's process is given: opened, locked, connected, and numbered as it will have
 * them.
 */
#ifndef BERTH_NODE_GUEST_RESOURCES_H
#define BERTH_NODE_GUEST_RESOURCES_H

#include "conf/model.h"
#include "lib/buf.h"
#include "node/guest/paths.h"
#include "node/guest/spawn.h"
#include "node/guest/tap.h"

#define RESOURCE_ID 24
#define RESOURCE_DISKS_MAX 26
#define RESOURCE_NICS_MAX 16
#define RESOURCE_CONSOLES_MAX 5

/* Numbers are those of descriptors in the guest's process; -1: none. */
struct resource_disk {
	const struct conf_disk *conf;
	char id[RESOURCE_ID]; /* vda */
	int number;
	char *path;
};

struct resource_nic {
	const struct conf_nic *conf;
	char id[RESOURCE_ID]; /* net525400112233 */
	char tap[TAP_NAME];
	struct netaddr_mac mac;
	uint64_t mtu; /* 0: not said */
	unsigned int queues;
	int taps[TAP_QUEUES_MAX];
	int vhosts[TAP_QUEUES_MAX]; /* the first is -1 without vhost */
};

struct resource_console {
	char id[RESOURCE_ID]; /* serial0, console0 */
	bool virtio;
	int log;
	uint64_t log_size;
};

struct resources {
	struct spawn_fds fds;
	int definition; /* the first */
	int kvm;
	int outcome;
	int control;
	int kernel;
	int initrd;
	int rng;
	unsigned int disk_count;
	struct resource_disk disks[RESOURCE_DISKS_MAX];
	unsigned int nic_count;
	struct resource_nic nics[RESOURCE_NICS_MAX];
	unsigned int console_count;
	struct resource_console consoles[RESOURCE_CONSOLES_MAX];
};

/* `folder` is the guest's in /run: it gets the control socket, the outcome and an empty definition.
 * 0, or -errno with nothing held and one line in `why`. */
int resources_open(const struct node_paths *paths, const struct conf_model *model,
    const struct conf_guest *guest, const char *folder, struct buf *why,
    struct resources *ret_resources);
/* The last disk, or the last NIC, of a guest that runs already: numbers are counted from 0. */
int resources_open_last(const struct node_paths *paths, const struct conf_model *model,
    const struct conf_guest *guest, bool is_nic, struct buf *why, struct resources *ret_resources);
void resources_done(struct resources *resources);

/* What a NIC is called, by its address. */
void resources_nic_id(const struct netaddr_mac *mac, char id[RESOURCE_ID]);
/* What a disk is called inside: the guest's number `index`, from 0. */
void resources_disk_id(const struct conf_disk *disk, unsigned int index, char id[RESOURCE_ID]);

/* The consoles that a guest has, without opening anything; how many. */
unsigned int resources_consoles(
    const struct conf_guest *guest, struct resource_console ret_consoles[RESOURCE_CONSOLES_MAX]);

#endif
